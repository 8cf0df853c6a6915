"""The consignment shop: tidy product pages with JSON-LD, a sitemap, departments, ETag and Last-Modified.

/robots.txt · /sitemap.xml · / · /department/<word> · /products/<words>/<number>
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from demo.goods import slug
from demo.offer import Offer
from demo.people import people
from demo.sites.server import Answer, Asked, missing, page, robots
from demo.town import Town

NAME = "Second Turn Consignment"


def site(town: Town, day: date, asked: Asked) -> Answer:
    """What the shop answers on a day. Goods that are gone are 404; goods sold that day say so once."""
    stock = town.visible("shop", day)
    if asked.path == "/robots.txt":
        return robots(asked, "Disallow: /cart", "Allow: /", f"Sitemap: {asked.base}/sitemap.xml")
    if asked.path == "/sitemap.xml":
        return _sitemap(stock, day, asked)
    if asked.path == "/":
        return page(
            "shop_list.html", site=NAME, heading="All goods", goods=_cards(stock, day), departments=_words(stock)
        )
    if asked.path.startswith("/department/"):
        word = asked.path.removeprefix("/department/")
        goods = [offer for offer in stock if slug(offer.category or "curiosities") == word]
        if goods:
            heading = goods[0].category or "curiosities"
            return page(
                "shop_list.html", site=NAME, heading=heading, goods=_cards(goods, day), departments=_words(stock)
            )
    for offer in stock:
        if asked.path == address(offer):
            return _product(offer, day, asked)
    return missing(NAME, asked)


def address(offer: Offer) -> str:
    """The path of a good's page."""
    return f"/products/{slug(offer.title, 8)}/{offer.number}"


def _words(stock: list[Offer]) -> list[tuple[str, str]]:
    words = sorted({offer.category or "curiosities" for offer in stock})
    return [(f"/department/{slug(word)}", word) for word in words]


def _cards(stock: list[Offer], day: date) -> list[dict[str, Any]]:
    return [{"href": address(offer), "title": offer.title, "price": money(offer.price_on(day))} for offer in stock]


def money(price: Decimal | None) -> str:
    """A price as a page shows it."""
    return "call for price" if price is None else f"${price:,.2f}"


def _sitemap(stock: list[Offer], day: date, asked: Asked) -> Answer:
    rows = "".join(
        f"<url><loc>{escape(asked.base + address(offer))}</loc><lastmod>{offer.changed_on(day)}</lastmod></url>\n"
        for offer in stock
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    return Answer(text.encode(), "application/xml; charset=utf-8")


def _product(offer: Offer, day: date, asked: Asked) -> Answer:
    data = json_ld(offer, day, asked.base)
    return page(
        "shop_product.html",
        changed=offer.changed_on(day),
        site=NAME,
        offer=offer,
        price=money(offer.price_on(day)),
        sold=offer.sold_out(day),
        json_ld=json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c"),
    )


def json_ld(offer: Offer, day: date, base: str) -> dict[str, Any]:
    """The good as schema.org/Product with one Offer; identifiers only where the shop knows them."""
    sold = offer.sold_out(day)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": offer.title,
        "sku": str(offer.number),
        "description": f"{offer.condition or 'Good'}. On the shelf since {offer.first_day:%B %d, %Y}.",
        "image": f"{base}/static/thing.svg",
    }
    if offer.category:
        data["category"] = offer.category
    if offer.brand:
        data["brand"] = {"@type": "Brand", "name": offer.brand}
    if offer.model:
        data["model"] = offer.model
    if offer.gtin:
        data["gtin13"] = offer.gtin
    data["offers"] = {
        "@type": "Offer",
        "url": base + address(offer),
        "price": str(offer.price_on(day)),
        "priceCurrency": "USD",
        "availability": f"https://schema.org/{'SoldOut' if sold else 'InStock'}",
        "itemCondition": f"https://schema.org/{people().grades[offer.grade].schema}",
        "seller": {"@type": "Person", "name": offer.seller.name},
        "availableAtOrFrom": {"@type": "Place", "address": postal(offer)},
    }
    return data


def postal(offer: Offer) -> dict[str, str]:
    """Where the thing is, as schema.org/PostalAddress."""
    return {
        "@type": "PostalAddress",
        "addressLocality": offer.place.name,
        "addressRegion": people().regions[offer.region].state,
        "addressCountry": "US",
    }

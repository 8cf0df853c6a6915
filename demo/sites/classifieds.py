"""The classified ads: plain HTML and a JSON-LD list in the format of a Craigslist search page, in several pages.

/robots.txt · /search/sss?s=<offset> · /for-sale/d/<words>/<number>.html

As on the real thing the JSON-LD carries no address of an ad: it is joined to the links by order and title, and ads
without a price stand in the list of links alone.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from demo.goods import slug
from demo.offer import Offer
from demo.sites.server import Answer, Asked, missing, page, robots
from demo.sites.shop import postal
from demo.town import Town

NAME = "River Ads"
PER_PAGE = 100


def site(town: Town, day: date, asked: Asked) -> Answer:
    """What the ads' site answers on a day; an ad that was taken down is 404."""
    if asked.path == "/robots.txt":
        return robots(asked, "Disallow: /reply", "Allow: /")
    ads = town.visible("classifieds", day)
    if asked.path in ("/", "/search/sss"):
        return _search(ads, day, asked)
    for ad in ads:
        if asked.path == address(ad):
            return page("classifieds_item.html", site=NAME, ad=ad, price=dollars(ad, day))
    return missing(NAME, asked)


def address(ad: Offer) -> str:
    """The path of an ad's page."""
    return f"/for-sale/d/{slug(ad.title, 7) or 'item'}/{ad.number}.html"


def dollars(ad: Offer, day: date) -> str:
    """The asking price as the page shows it, empty where none is named."""
    price = ad.price_on(day)
    return "" if price is None else f"${price:,}"


def _search(ads: list[Offer], day: date, asked: Asked) -> Answer:
    start = min(asked.number("s", 0), len(ads))
    shown = ads[start : start + PER_PAGE]
    rows = [
        {"href": asked.base + address(ad), "title": ad.title, "price": dollars(ad, day), "place": ad.place.name}
        for ad in shown
    ]
    following = start + PER_PAGE if start + PER_PAGE < len(ads) else None
    return page(
        "classifieds_search.html",
        site=NAME,
        rows=rows,
        total=len(ads),
        first=start + 1 if shown else 0,
        last=start + len(shown),
        next=None if following is None else f"/search/sss?s={following}",
        previous=None if start == 0 else f"/search/sss?s={max(start - PER_PAGE, 0)}",
        json_ld=json.dumps(_list(shown, day), ensure_ascii=False).replace("<", "\\u003c"),
    )


def _list(shown: list[Offer], day: date) -> dict[str, Any]:
    priced = [ad for ad in shown if ad.price_on(day) is not None]
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": str(place), "item": _item(ad, day)} for place, ad in enumerate(priced)
        ],
    }


def _item(ad: Offer, day: date) -> dict[str, Any]:
    where = {
        "@type": "Place",
        "address": {**postal(ad), "streetAddress": "", "postalCode": ""},
        "geo": {"@type": "GeoCoordinates", "latitude": ad.place.latitude, "longitude": ad.place.longitude},
    }
    return {
        "@context": "http://schema.org",
        "@type": "Product",
        "name": ad.title,
        "description": "",
        "image": [],
        "offers": {
            "@type": "Offer",
            "price": f"{ad.price_on(day):.2f}",
            "priceCurrency": "USD",
            "availableAtOrFrom": where,
        },
    }

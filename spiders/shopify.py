"""The catalogue of any shop that runs on Shopify: /products.json, page by page, a row for each variant.

A variant is an offer of one new article by a shop: a listing with an asking price, and `compare_at_price`, where it is
higher, as its list price. The payload names no currency; a visit must say it.

Traps: no currency in the payload; `compare_at_price` null, "", "0.00" or below the price; "Default Title" where there
are no options; option names like those of fields; fewer on a page than asked for, and a last page that repeats for
ever; a product without variants is quarantined; a page in place of the list (no such shop, or closed).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlsplit

from spiders.files.plan import FIELDS
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Row, Unreadable, texts
from spiders.source import Source
from warehouse.reading.words import clean_text

SOURCE = Source(
    name="shopify",
    title="Any shop on Shopify: its products.json",
    records=("listing",),
    reader="spiders.shopify:ShopifyReader",
    licence_note="The shop's own terms hold; what its robots.txt forbids is not read",
    follows="https://shopify.dev/docs/api/admin-rest/latest/resources/product",
    cadence=timedelta(days=1),
    fields={
        "kind": "asking, always",
        "id": "products[].id # variants[].id",
        "title": "products[].title, variants[].title",
        "price": "variants[].price",
        "list_price": "variants[].compare_at_price, where it is above the price",
        "currency": "variants[].price_currency, where it is there; else the visit's",
        "brand": "products[].vendor",
        "category": "products[].product_type",
        "gtin": "variants[].barcode, where it is there",
        "condition": "the option named Condition",
        "url": "products[].handle, variants[].id",
        "image": "variants[].featured_image.src, images[].src",
        "description": "products[].body_html, without its tags",
        "attributes": "options by name, sku, availability, tags, grams",
    },
    target_note="a part of the shop, by its handle (“collections/tools”); the whole shop without one",
    delay=2.0,
    largest=32 * 1024 * 1024,
)
_PAGE = 250
# Shopify answers no further: page × limit may not pass 25,000.
_MOST_PAGES = 100
# What a product without options has in place of one.
_NO_OPTION = ("title", "default title")
_DEFAULT = "default title"


class ShopifyReader(Reader):
    """Page after page until one is empty: a shop may give fewer on a page than it was asked for."""

    def start(self) -> Iterator[Ask]:
        if self.visit.saved:
            yield Ask(self.visit.base)
            return
        for part in dict.fromkeys(one.strip("/ ") for one in self.visit.targets or ("",)):
            yield self._page(part, 1, "")

    def _page(self, part: str, page: int, last: str) -> Ask:
        """A base may be the shop, a part of it, or a products.json itself."""
        parts = urlsplit(self.visit.base)
        path = parts.path.rstrip("/").removesuffix("/products.json").removesuffix("/products")
        inner = f"/{part}" if part else ""
        url = f"{parts.scheme}://{parts.netloc}{path}{inner}/products.json?limit={_PAGE}&page={page}"
        return Ask(url, told={"part": part, "page": page, "last": last}, worth=-float(page))

    def parse(self, answer: Answer) -> Iterator[Item]:
        said = answer.json()
        products = said.get("products") if isinstance(said, dict) else None
        if products is None and isinstance(said, dict) and isinstance(said.get("product"), dict):
            products = [said["product"]]
        if not isinstance(products, list):
            raise Unreadable("it has no list of products: this is no shop on Shopify, or it is closed")
        for product in products:
            if isinstance(product, dict):
                yield from self._product(product)
            else:
                yield Note(f"an entry of the products is none: {str(product)[:60]}")
        yield from self._following(products, answer.ask.told)

    def _following(self, products: list[Any], told: Mapping[str, Any]) -> Iterator[Item]:
        if self.visit.saved or "page" not in told:
            return
        page = int(told["page"])
        if not products:
            if page == 1:
                yield Note("the shop shows no products")
            return
        seen = "\n".join(str(one.get("id")) if isinstance(one, dict) else "" for one in products)
        sign = hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:16]
        if sign == told["last"]:
            yield Note(f"page {page} repeats the one before it; no more are asked for")
        elif page >= _MOST_PAGES:
            yield Note(f"{_MOST_PAGES} pages were read; Shopify shows no more. Name parts of the shop as targets")
        else:
            yield self._page(str(told["part"]), page + 1, sign)

    def _product(self, product: dict[str, Any]) -> Iterator[Found]:
        variants = [one for one in _several(product.get("variants")) if isinstance(one, dict)]
        shared = self._shared(product)
        if not variants:
            row = shared | texts(id=product.get("id"), title=product.get("title"))
            yield Found("listing", row, "variants[].price", "no_price", "the product has no variants")
        for variant in variants:
            row = shared | self._variant(product, variant)
            # The canonical address of a listing has no query; the one a person follows has.
            at = f"{row['url']}?variant={variant.get('id')}" if "url" in row else None
            yield Found("listing", row, "variants[].price", found_at=at)

    def _shared(self, product: dict[str, Any]) -> Row:
        handle, tags = product.get("handle"), product.get("tags")
        parts = urlsplit(self.visit.base)
        shop = "" if self.visit.saved else f"{parts.scheme}://{parts.netloc}"
        return texts(
            kind="asking",
            brand=product.get("vendor"),
            category=product.get("product_type"),
            url=f"{shop}/products/{quote(str(handle), safe='')}" if shop and handle else None,
            description=clean_text(str(product.get("body_html") or "")),
            tags=", ".join(map(str, tags)) if isinstance(tags, list) else tags,
            published_at=product.get("published_at"),
            updated_at=product.get("updated_at"),
        )

    def _variant(self, product: dict[str, Any], variant: dict[str, Any]) -> Row:
        title, own = str(product.get("title") or ""), str(variant.get("title") or "")
        price, before = variant.get("price"), variant.get("compare_at_price")
        available = variant.get("available")
        row = texts(
            id=f"{product.get('id')}#{variant.get('id')}",
            title=title if own.casefold() in {"", _DEFAULT, title.casefold()} else f"{title} - {own}",
            price=price,
            currency=variant.get("price_currency"),
            gtin=variant.get("barcode"),
            image=_image(product, variant),
            sku=variant.get("sku"),
            grams=variant.get("grams"),
            availability={True: "InStock", False: "OutOfStock"}.get(available) if isinstance(available, bool) else None,
        )
        if _above(before, price):
            row["list_price"] = str(before)
        elif before is not None and str(before).strip(" 0.,"):
            row["compare_at_price"] = str(before)
        return _options(product, variant) | row


def _options(product: dict[str, Any], variant: dict[str, Any]) -> Row:
    """option1…3 by their names ("Size": "M"). "Title: Default Title" stands where there are none."""
    found: Row = {}
    for place, option in enumerate(_several(product.get("options")), 1):
        # Older answers give the names alone.
        name = str(option.get("name") if isinstance(option, dict) else option).strip()
        value = variant.get(f"option{place}")
        if value in (None, "") or (name.casefold(), str(value).casefold()) == _NO_OPTION:
            continue
        folded = name.casefold()
        # A field of a listing is not an option's to fill, but for its condition.
        found[folded if folded == "condition" else f"option {name}" if folded in FIELDS else name] = str(value)
    return found


def _above(before: Any, price: Any) -> bool:
    try:
        return Decimal(str(before)) > Decimal(str(price)) > 0
    except InvalidOperation:
        return False


def _image(product: dict[str, Any], variant: dict[str, Any]) -> Any:
    """The variant's own picture, else the product's first."""
    own = variant.get("featured_image")
    pictures = [one for one in _several(product.get("images")) if isinstance(one, dict)]
    meant = [one for one in pictures if variant.get("id") in _several(one.get("variant_ids"))]
    first = own if isinstance(own, dict) else next(iter(meant or pictures), {})
    src = first.get("src")
    return f"https:{src}" if isinstance(src, str) and src.startswith("//") else src


def _several(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []

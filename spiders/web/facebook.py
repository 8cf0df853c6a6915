"""Facebook Marketplace, in pages that a person saved: its data stands in JSON scripts that fill the page.

Katy never asks that site for anything and logs in nowhere. In a saved item page or list of items each listing is an
object with `marketplace_listing_title` and `listing_price`, said in parts at several places of the scripts. Of people
nothing is taken but the seller's number, which becomes a pseudonym.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from spiders.web.offer import Offer, Row
from spiders.web.pages import Page
from warehouse.reading.price import read_price

_HOST = re.compile(r"https?://(?:[\w-]+\.)*facebook\.com/")
_ITEM = re.compile(r"/marketplace/item/(\d+)")
_TITLES = ("marketplace_listing_title", "custom_title", "base_marketplace_listing_title")
_ATTRIBUTES = {
    "marketplace_listing_category_name": "category",
    "vehicle_make_display_name": "brand",
    "vehicle_model_display_name": "model",
    "vehicle_trim_display_name": "trim",
    "vehicle_exterior_color": "color",
    "vehicle_fuel_type": "fueltype",
    "vehicle_transmission_type": "vehicletransmission",
    "vehicle_title_status": "title_status",
}
_DEEPEST = 200

Node = dict[str, Any]


def is_facebook(page: Page) -> bool:
    """Whether a page is of this site; a saved one may have lost its address."""
    return _HOST.match(page.url) is not None or ('"marketplace_listing_title"' in page.body and "fbcdn" in page.body)


def read_facebook(page: Page) -> list[Offer]:
    """The listings of a saved page: the one it is about where its address names one, else all, in page order."""
    by_number: dict[str, list[Node]] = {}
    for node in _listings(page):
        by_number.setdefault(str(node["id"]), []).append(node)
    asked = _ITEM.search(page.url)
    if asked and asked[1] in by_number:
        by_number = {asked[1]: by_number[asked[1]]}
    offers = [_offer(number, nodes) for number, nodes in by_number.items()]
    return [offer for offer in offers if offer.row.get("title")]


def _listings(page: Page) -> Iterator[Node]:
    for script in page.tree.iter("script"):
        text = script.text or ""
        if any(f'"{part}"' in text for part in _PARTS):
            try:
                value = json.loads(text, parse_float=str, parse_int=str)
            except (ValueError, RecursionError):
                continue
            yield from _inside(value)


def _inside(value: Any) -> Iterator[Node]:
    """Every object with a listing's number and something of a listing, in the order of the page."""
    waiting = [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(node, dict):
            number = node.get("id")
            if isinstance(number, str) and number.isdigit() and not _PARTS.isdisjoint(node):
                yield node
        inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        waiting += [(item, depth + 1) for item in reversed(inner) if isinstance(item, dict | list)]


_PARTS = frozenset({*_TITLES, "listing_price", "redacted_description", "attribute_data", "listing_photos"})


def _offer(number: str, nodes: list[Node]) -> Offer:
    """One listing from all that is said of it."""
    row: Row = {"url": f"https://www.facebook.com/marketplace/item/{number}/"}
    prices: list[str] = []
    for node in nodes:
        for name, text in _told(node).items():
            row.setdefault(name, text)
        prices += [text for text in _prices(node) if text not in prices]
    if row.pop("is_sold", "") == "true":
        row["kind"] = "sold"
    path = "json listing_price" if prices else ""
    if prices:
        # Lists of items name the currency in the shown text alone.
        row["price"] = prices[0] if "currency" in row else next(filter(_is_shown, prices), prices[0])
    if len(_amounts(prices)) > 1:
        row["price"] = " | ".join(prices)
        return Offer(row, path, "ambiguous_price", f"listing {number} names {row['price']}")
    return Offer(row, path)


def _told(node: Node) -> Row:
    row: dict[str, str | None] = {name: _text(node.get(key)) for key, name in _ATTRIBUTES.items()}
    row["title"] = next((text for key in _TITLES if (text := _text(node.get(key)))), None)
    row["description"] = _text(_within(node, "redacted_description", "text"))
    row["currency"] = _text(_within(node, "listing_price", "currency"))
    row["list_price"] = _text(_within(node, "strikethrough_price", "amount")) or None
    row["image"] = _text(_within(node, "primary_listing_photo", "image", "uri")) or _photo(node)
    row["seller"] = _text(_within(node, "marketplace_listing_seller", "id"))
    row["is_sold"] = "true" if node.get("is_sold") is True else None
    row["listed_at"] = _moment(node.get("creation_time"))
    row = {name: text for name, text in (row | _place(node)).items() if text}
    for one in node.get("attribute_data") or []:
        if isinstance(one, dict) and _text(one.get("attribute_name")):
            name = str(one["attribute_name"]).strip().lower()
            row.setdefault(name, _text(one.get("label")) or _text(one.get("value")))
    row.setdefault("condition", _text(node.get("condition")))
    return {name: text for name, text in row.items() if text}


def _prices(node: Node) -> list[str]:
    """The price as a number and as it is shown; a price in hundredths says not of what, and is not read."""
    found = [_within(node, "listing_price", "amount"), _within(node, "listing_price", "formatted_amount")]
    found += [
        _within(node, "listing_price", "formatted_amount_zeros_stripped"),
        _within(node, "formatted_price", "text"),
    ]
    found += [_within(node, bound, "amount") for bound in ("min_listing_price", "max_listing_price")]
    return list(dict.fromkeys(text for one in found if (text := _text(one))))


def _amounts(prices: list[str]) -> set[object]:
    """What the prices amount to; "Free" is 0."""
    read = [read_price(text) for text in prices]
    return {one.amount.normalize() for one in read if one}


def _is_shown(text: str) -> bool:
    """Whether a text is one for people: with a currency, or without a digit ("FREE")."""
    read = read_price(text)
    return read is not None and (bool(read.currency or read.sign) or not re.search(r"\d", text))


def _place(node: Node) -> dict[str, str | None]:
    where = node.get("location")
    geocode = _within(node, "location", "reverse_geocode")
    city, state = (_text(geocode.get(key)) for key in ("city", "state")) if isinstance(geocode, dict) else (None, None)
    named = ", ".join(part for part in (city, state) if part) or _text(
        _within(node, "location", "reverse_geocode", "city_page", "display_name")
    )
    found: dict[str, str | None] = {"place": _text(_within(node, "location_text", "text")) or named or None}
    if isinstance(where, dict):
        found |= {name: _text(where.get(name)) for name in ("latitude", "longitude")}
    return found


def _photo(node: Node) -> str | None:
    photos = node.get("listing_photos")
    links = (_text(_within(one, "image", "uri")) for one in photos) if isinstance(photos, list) else iter(())
    return next(filter(None, links), None)


def _moment(value: Any) -> str | None:
    try:
        return datetime.fromtimestamp(int(value), UTC).isoformat() if value else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _within(node: Any, *keys: str) -> Any:
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None

"""The market that only exists after JavaScript has run: an empty shell, a script, and the JSON that it fetches.

/robots.txt · /browse?page=<n> · /item/<number> · /api/items?page=<n> · /api/items/<number> · /static/market.js

The script builds the page with schema.org microdata: in lists the price is text ("$1,180"), on an item's page it stands
in <meta itemprop="price" content="1180.00">.
"""

from __future__ import annotations

import json
from datetime import date
from http import HTTPStatus
from typing import Any

from demo.offer import Offer
from demo.people import people
from demo.sites.server import Answer, Asked, missing, page, robots
from demo.sites.shop import postal
from demo.town import Town

NAME = "Trail Market"
PER_PAGE = 32
JSON = "application/json; charset=utf-8"


def site(town: Town, day: date, asked: Asked) -> Answer:
    """What the market answers on a day; without its script a page shows nothing but a request to turn scripts on."""
    if asked.path == "/robots.txt":
        return robots(asked, "Allow: /")
    things = town.visible("market", day)
    if asked.path == "/api/items":
        return _list(things, day, asked)
    if asked.path.startswith("/api/items/"):
        return _one(things, day, asked.path.removeprefix("/api/items/"))
    if asked.path in ("/", "/browse"):
        return page("market_shell.html", site=NAME)
    if asked.path.startswith("/item/") and any(asked.path == address(thing) for thing in things):
        return page("market_shell.html", site=NAME)
    return missing(NAME, asked)


def address(thing: Offer) -> str:
    """The path of an item's page."""
    return f"/item/{thing.number}"


def _list(things: list[Offer], day: date, asked: Asked) -> Answer:
    number = max(asked.number("page", 1), 1)
    start = (number - 1) * PER_PAGE
    following = number + 1 if start + PER_PAGE < len(things) else None
    shown = [_item(thing, day) for thing in things[start : start + PER_PAGE]]
    return _json({"page": number, "next": following, "total": len(things), "items": shown})


def _one(things: list[Offer], day: date, number: str) -> Answer:
    for thing in things:
        if str(thing.number) == number:
            return _json(_item(thing, day))
    return _json({"error": "no such item"}, HTTPStatus.NOT_FOUND)


def _item(thing: Offer, day: date) -> dict[str, Any]:
    price = thing.price_on(day)
    said = [thing.condition, thing.note, f"Pick up in {thing.place.name}."]
    return {
        "id": thing.number,
        "url": address(thing),
        "title": thing.title,
        "description": ". ".join(part for part in said if part),
        "category": thing.category,
        "brand": thing.brand,
        "model": thing.model,
        "gtin": thing.gtin,
        "price": None if price is None else f"{price:.2f}",
        "shown": "" if price is None else f"${price:,}",
        "currency": "USD",
        "condition": people().grades[thing.grade].schema,
        "availability": "InStock",
        "seller": thing.seller.name,
        "address": {name: value for name, value in postal(thing).items() if name != "@type"},
        "listed": thing.first_day.isoformat(),
    }


def _json(content: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode(), JSON, status)

"""Classified ads in Craigslist's search pages: a JSON-LD list without addresses beside a plain list with them.

The two are joined by order and title. An ad that only one of them has is read from that one. Each search page names the
next; ads' own pages are not visited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from spiders.jsonld import Node, listed, nodes, text, types
from spiders.links import next_page
from spiders.pages import Page
from spiders.products import Offer, Row, read_product
from spiders.source import Source
from spiders.visit import SiteSpider
from warehouse.reading.price import read_price

SOURCE = Source(
    name="craigslist",
    title="Classified ads in Craigslist's search page format",
    record="listing",
    spider="spiders.craigslist:CraigslistSpider",
    licence_note="The site's own terms hold; search pages only, and only what robots.txt allows",
    cadence=timedelta(hours=12),
)
_WANTED = re.compile(r"^\W*(?:wanted|wtb|iso|in search of|looking for|looking to buy|buying|suche)\b", re.IGNORECASE)


class CraigslistSpider(SiteSpider):
    """Reads search pages, from the base on to the last one."""

    def parse(self, response: Response) -> Iterator[Any]:
        page = self.page(response)
        if page is None:
            yield self.unread(response)
            return
        ads = read_ads(page)
        yield from self.told(response, page, ads)
        following = next_page(page)
        if following and ads:
            yield self.ask(following, self.parse)


def read_ads(page: Page) -> list[Offer]:
    """The ads of a search page, in its order."""
    items = _items(page)
    entries = [
        _entry(element, page.url) for element in page.tree.xpath('//li[contains(@class, "cl-static-search-result")]')
    ]
    entries = [entry for entry in entries if entry]
    taken: set[int] = set()
    ads = []
    for place, entry in enumerate(entries):
        match = _matching(entry, place, items, taken)
        if match is not None:
            taken.add(match)
        ads.append(_joined(entry, items[match] if match is not None else None, match))
    ads += [_joined({}, item, place) for place, item in enumerate(items) if place not in taken]
    return ads


def _items(page: Page) -> list[Node]:
    """The products of the page's ItemList, in order."""
    for node in nodes(page.jsonld):
        if "itemlist" in types(node):
            elements = listed(node.get("itemlistelement"))
            inner = [element.get("item", element) for element in elements if isinstance(element, dict)]
            return [item for item in inner if isinstance(item, dict)]
    return []


def _entry(element: Any, base: str) -> Row:
    """One `li` of the plain list: link, title, price, location."""
    links = element.xpath('.//a[contains(@href, "/d/")]/@href') or element.xpath(".//a/@href")

    def words(name: str) -> str:
        found = element.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]')
        return " ".join(found[0].text_content().split()) if found else ""

    row = {
        "title": words("title") or (element.get("title") or "").strip(),
        "price": words("price"),
        "place": words("location"),
    }
    if links:
        row["url"] = urljoin(base, links[0])
    return {key: value for key, value in row.items() if value} if row["title"] else {}


def _matching(entry: Row, place: int, items: list[Node], taken: set[int]) -> int | None:
    """The item at the same place if its title is the same, else the first untaken one of that title."""
    title = _folded(entry["title"])
    free = [at for at in (place, *range(len(items))) if at < len(items) and at not in taken]
    return next((at for at in free if _folded(text(items[at].get("name")) or "") == title), None)


def _folded(title: str) -> str:
    return " ".join(title.split()).casefold()


def _joined(entry: Row, item: Node | None, place: int | None) -> Offer:
    """One ad from both lists; where they name different prices, neither is believed."""
    offer = next(iter(read_product(item, f"jsonld itemListElement[{place}]", "")), None) if item else None
    stated = offer.row if offer else {}
    row = {**stated, **{k: v for k, v in entry.items() if k not in {"price", "place"}}}
    row["title"] = entry.get("title") or stated.get("title", "")
    row["place"] = stated.get("place") or entry.get("place", "")
    path = offer.price_path if offer and "price" in stated else "selector .price" if "price" in entry else ""
    row["price"] = stated.get("price") or entry.get("price", "")
    if _WANTED.search(row["title"]):
        row["kind"] = "wanted"
    row = {key: value for key, value in row.items() if value}
    if offer and offer.reason:
        return Offer(row, path, offer.reason, offer.message)
    if _differ(stated.get("price"), entry.get("price")):
        message = f"{path} says {stated['price']}, the list shows {entry['price']}"
        return Offer(row, path, "ambiguous_price", message)
    return Offer(row, path)


def _differ(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    first, second = read_price(one), read_price(other)
    return first is not None and second is not None and first.amount != second.amount

"""Classified ads in Craigslist's pages: search pages, and an ad's own page where somebody saved one.

A search page holds a JSON-LD list without addresses beside a plain list with them. The two are joined by order and
title; an ad that only one of them has is read from that one. Each search page names the next; ads' own pages are not
visited.

Traps: addresses stand in one list and currencies in the other; one title several times on a page; two prices for one
ad (not believed); who looks for something does not offer it; a last page that is given again and again; a page of
blocking with status 200.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from spiders.reader import Answer, Ask, Item
from spiders.source import Source
from spiders.web.jsonld import Node, listed, nodes, text, types
from spiders.web.offer import Offer, Row
from spiders.web.page_offers import read_page
from spiders.web.page_reader import PageReader
from spiders.web.pages import Page, join, words
from spiders.web.paging import following
from spiders.web.products import read_product
from warehouse.reading.price import read_price

SOURCE = Source(
    name="craigslist",
    title="Classified ads in Craigslist's search page format",
    records=("listing",),
    reader="spiders.craigslist:CraigslistReader",
    follows="https://schema.org/ItemList",
    licence_note="The site's own terms hold; search pages only, and only what robots.txt allows",
    cadence=timedelta(hours=12),
    fields={
        "id": "the number in the address of the ad",
        "title": "ItemList.itemListElement.item.name = li.cl-static-search-result .title",
        "price": "ItemList.itemListElement.item.offers.price, else li .price",
        "currency": "ItemList.itemListElement.item.offers.priceCurrency",
        "kind": "wanted where the title says so",
        "place": "ItemList.itemListElement.item.offers.availableAtOrFrom.address, else li .location",
        "url": "li a[href*='/d/']",
        "image": "ItemList.itemListElement.item.image",
        "condition": ".attrgroup .condition, on an ad's own page",
    },
)
_WANTED = re.compile(r"^\W*(?:wanted|wtb|iso|in search of|looking for|looking to buy|buying|suche)\b", re.IGNORECASE)
_ENTRIES = '//li[contains(@class, "cl-static-search-result")]'
_POSTING = '//*[@id="postingbody" or @id="titletextonly"]'
_ATTRIBUTES = {"condition": "condition", "make / manufacturer": "brand", "model name / number": "model"}


class CraigslistReader(PageReader):
    """Reads search pages, from the base on to the last one."""

    def parse(self, answer: Answer) -> Iterator[Item]:
        page = self.page(answer)
        ads = self.offers(page)
        yield from self.told(answer, page, ads)
        shown = [ad.row.get("url") or ad.row["title"] for ad in ads]
        after = following(page, answer.ask.told, shown, step="parse") if ads else None
        if after is not None and not (isinstance(after, Ask) and self.visit.saved):
            yield after

    def offers(self, page: Page) -> list[Offer]:
        return read_ads(page) or read_posting(page)


def is_craigslist(page: Page) -> bool:
    """Whether a page is built like one of Craigslist's."""
    return bool(page.tree.xpath(f'{_ENTRIES} | {_POSTING} | //script[starts-with(@id, "ld_searchpage")]'))


def read_ads(page: Page) -> list[Offer]:
    """The ads of a search page, in its order."""
    items = _items(page)
    entries = [_entry(element, page.base) for element in page.tree.xpath(_ENTRIES)]
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


def read_posting(page: Page) -> list[Offer]:
    """The ad of a page of its own, with what its list of attributes says."""
    if not page.tree.xpath(_POSTING):
        return []
    said: Row = {}
    for element in page.tree.xpath('//*[contains(@class, "attrgroup")]//*[contains(@class, "labl")]'):
        label, value = words(element).rstrip(":").lower(), element.getnext()
        if value is not None and label:
            said.setdefault(_ATTRIBUTES.get(label, label), words(value))
    return [_wanted(Offer({**said, **ad.row}, ad.price_path, ad.reason, ad.message)) for ad in read_page(page)]


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

    def part(name: str) -> str:
        found = element.xpath(f'.//*[contains(concat(" ", @class, " "), " {name} ")]')
        return words(found[0]) if found else ""

    row = {
        "title": part("title") or (element.get("title") or "").strip(),
        "price": part("price"),
        "place": part("location"),
    }
    if links:
        row["url"] = join(base, links[0])
    return {key: value for key, value in row.items() if value} if row["title"] else {}


def _matching(entry: Row, place: int, items: list[Node], taken: set[int]) -> int | None:
    """The item at the same place if its title is the same, else the first untaken one of that title."""
    title = _folded(entry["title"])
    free = [at for at in (place, *range(len(items))) if at < len(items) and at not in taken]
    return next((at for at in free if _folded(text(items[at].get("name")) or "") == title), None)


def _folded(title: str) -> str:
    return " ".join(html.unescape(title).split()).casefold()


def _joined(entry: Row, item: Node | None, place: int | None) -> Offer:
    """One ad from both lists; where they name different prices, neither is believed."""
    offer = next(iter(read_product(item, f"jsonld itemListElement[{place}]", "")), None) if item else None
    stated = offer.row if offer else {}
    row = {**stated, **{k: v for k, v in entry.items() if k not in {"price", "place"}}}
    row["title"] = entry.get("title") or stated.get("title", "")
    row["place"] = stated.get("place") or entry.get("place", "")
    path = offer.price_path if offer and "price" in stated else "selector .price" if "price" in entry else ""
    row["price"] = stated.get("price") or entry.get("price", "")
    row = _wanted(Offer({key: value for key, value in row.items() if value}, path)).row
    if offer and offer.reason:
        return Offer(row, path, offer.reason, offer.message)
    if _differ(stated.get("price"), entry.get("price")):
        message = f"{path} says {stated['price']}, the list shows {entry['price']}"
        return Offer(row, path, "ambiguous_price", message)
    return Offer(row, path)


def _wanted(offer: Offer) -> Offer:
    """What somebody looks for is not offered."""
    if not _WANTED.search(offer.row.get("title", "")):
        return offer
    return Offer({**offer.row, "kind": "wanted"}, offer.price_path, offer.reason, offer.message)


def _differ(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    first, second = read_price(one), read_price(other)
    return first is not None and second is not None and first.amount != second.amount

"""Sitemaps (sitemaps.org 0.9): XML, an index of others, plain text, RSS and Atom, all of them also compressed.

https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from spiders.reader import Answer, Unreadable
from warehouse.reading.dates import read_instant

# "All must be no larger than 50 MB uncompressed"; some are a little.
_LARGEST = 60 * 1024 * 1024
_XML_NAMES = (".xml", ".xml.gz", ".txt.gz", "sitemap.txt")
_ROOTS = {"urlset": "url", "sitemapindex": "sitemap", "rss": "item", "feed": "entry"}
_CHANGED = frozenset({"lastmod", "pubdate", "updated"})
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_CENTURY = timedelta(days=36_525)


@dataclass(frozen=True, slots=True)
class Place:
    """An address in a sitemap, and what a look at it is worth: more the later it was changed, between 0 and 1."""

    link: str
    worth: float = 0.0


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The addresses of a sitemap, last changed first; `index` means that they are sitemaps themselves."""

    places: list[Place]
    index: bool = False


def sitemap_address(url: str) -> str:
    """Where a site's sitemap is by custom."""
    return urljoin(url, "/sitemap.xml")


def is_sitemap(answer: Answer) -> bool:
    """Whether an answer is meant to be a sitemap and not a page."""
    path = answer.url.split("?")[0].lower()
    if path.endswith(_XML_NAMES) or answer.body[:2] == b"\x1f\x8b":
        return True
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    xml = kind in {"application/xml", "text/xml"} or answer.body.lstrip()[:5] == b"<?xml"
    return xml and re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex|rss|feed)\b", answer.body[:2_000]) is not None


def read_sitemap(answer: Answer, now: datetime) -> Sitemap:
    """The addresses of a sitemap, each once. Raises Unreadable where the answer is none.

    `now` is the moment of the visit: a change in the future is no news.
    """
    body, _ = answer.unpacked()
    if len(body) > _LARGEST:
        raise Unreadable(f"a sitemap of {len(body)} bytes; sitemaps have no more than 50 MB")
    found: dict[str, Place] = {}
    root = _root(body)
    index = root is not None and _name(root) == "sitemapindex"
    for link, changed in _lines(body) if root is None else _entries(root):
        worth = _worth(changed, now)
        if link not in found or worth > found[link].worth:
            found[link] = Place(link, worth)
    return Sitemap(sorted(found.values(), key=lambda place: -place.worth), index)


def _root(body: bytes) -> Any:
    """The root of an XML sitemap, None for a text of addresses. Entities and other files are not followed."""
    if re.match(rb"(?:\xef\xbb\xbf)?\s*https?://\S+(?:\s|$)", body):
        return None
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(body.strip() or b"<empty/>", parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or _name(root) not in _ROOTS:
        raise Unreadable("it is no sitemap")
    return root


def _entries(root: Any) -> list[tuple[str, str]]:
    """(address, when it was last changed, as written) of each entry; one without an address leads nowhere."""
    entries = []
    for entry in root.iter(f"{{*}}{_ROOTS[_name(root)]}"):
        link = changed = ""
        for part in entry:
            name, words = _name(part), (part.text or "").strip()
            if name in {"loc", "link"} and not link:
                link = words or (part.get("href") or "").strip()
            elif name in _CHANGED:
                changed = words
        if link:
            entries.append((link, changed))
    return entries


def _lines(body: bytes) -> list[tuple[str, str]]:
    lines = (line.strip() for line in body.decode("utf-8-sig", "replace").splitlines())
    return [(line, "") for line in lines if line.startswith(("http://", "https://"))]


def _name(element: Any) -> str:
    """A tag's name without its namespace, in lower case."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _worth(changed: str, now: datetime) -> float:
    moment = read_instant(changed) if changed else None
    if moment is None or not _EPOCH < moment <= now + timedelta(days=1):
        return 0.0
    return round((moment - _EPOCH) / _CENTURY, 7)

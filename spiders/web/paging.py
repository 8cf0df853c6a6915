"""The next page of a list, however a site marks it, and when to stop."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlsplit

from spiders.reader import Ask, Note
from spiders.web.links import same_site
from spiders.web.pages import Page, join, words

_NEXT_WORDS = frozenset(
    {"next", "next page", "›", "»", "→", ">", "next ›", "next »", "next →", "next >", "older", "weiter", "nächste"}
    | {"nächste seite", "suivant", "page suivante", "siguiente", "successiva", "volgende"}
)
# Query parameters that count pages, and those that count items.
_PAGES = frozenset({"page", "p", "pg", "paged", "pagenumber", "page_number", "pageno", "_pgn", "seite", "pagina"})
_OFFSETS = frozenset({"start", "offset", "s", "from", "skip", "first"})
_PAGE_PATH = re.compile(r"(.*)/page[/-](\d{1,6})/?")
_NUMBER = re.compile(r"\d{1,7}")
# No list that people look at is longer.
_MOST_PAGES = 300
_MOST_LINKS = 10_000


def following(page: Page, told: Mapping[str, Any], found: Iterable[str], step: str = "listing") -> Ask | Note | None:
    """The ask for the next page of a list, the note that it was not followed, or None where there is none.

    `told` is what the ask for this page was told, `found` what the page lists: a server that gives its last page for
    every number that is asked for, or that numbers its pages without end, is left alone. Pages that lead in a circle
    end by themselves, for no address is asked for twice.
    """
    link = next_page(page)
    number = int(told.get("page", 1)) + 1
    if link is None:
        return None
    print_of_this = hashlib.sha256("\n".join(found).encode("utf-8", "replace")).hexdigest()[:16]
    if told.get("before") == print_of_this:
        return Note(f"{page.url} lists the same as the page before it; its next page was not followed")
    if number > _MOST_PAGES:
        return Note(f"{page.url} is page {number - 1} of its list; no more were followed")
    return Ask(link, step=step, told={"page": number, "before": print_of_this})


def next_page(page: Page) -> str | None:
    """The address of the next page of a list, where the page leads to one on its own site."""
    anchors = [anchor for anchor in itertools.islice(page.tree.iter("a"), _MOST_LINKS) if anchor.get("href")]
    marked = _marked(page, anchors)
    link = urldefrag(join(page.base, marked))[0] if marked else _numbered(page, anchors)
    return link if link and same_site(link, page.url) and link != urldefrag(page.url)[0] else None


def _marked(page: Page, anchors: list[Any]) -> str | None:
    """What the page itself calls the next one."""
    for element in (*page.tree.iter("link"), *anchors):
        if "next" in element.get("rel", "").lower().split() and element.get("href"):
            return str(element.get("href"))
    for anchor in anchors:
        label = " ".join(anchor.get("aria-label", "").lower().split())
        classes = re.split(r"[\s_-]+", anchor.get("class", "").lower())
        if anchor.get("aria-disabled") == "true" or "disabled" in classes:
            continue
        if words(anchor).lower() in _NEXT_WORDS or label in _NEXT_WORDS or "next" in classes:
            return str(anchor.get("href"))
    return None


def _numbered(page: Page, anchors: list[Any]) -> str | None:
    """The link that differs from this page's address in the number alone: the next page, or the nearest later item."""
    rest, name, number = _place(page.url)
    nearest: tuple[int, str] | None = None
    for anchor in anchors:
        link = urldefrag(join(page.base, anchor.get("href")))[0]
        if not link:
            continue
        its_rest, its_name, its_number = _place(link)
        if its_rest != rest or not its_name or name not in {"", its_name}:
            continue
        by_item = its_name in _OFFSETS
        here = number if name else 0 if by_item else 1
        fits = its_number > here if by_item else its_number == here + 1
        if fits and (nearest is None or its_number < nearest[0]):
            nearest = its_number, link
    return nearest[1] if nearest else None


def _place(url: str) -> tuple[tuple[str, ...], str, int]:
    """An address without the number of its page, that number's name ("" where there is none), and it."""
    parts = urlsplit(url)
    name, number, kept = "", 0, []
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if not name and key.lower() in _PAGES | _OFFSETS and _NUMBER.fullmatch(value):
            name, number = key.lower(), int(value)
        else:
            kept.append(f"{key}={value}")
    path = parts.path
    numbered = None if name else _PAGE_PATH.fullmatch(path)
    if numbered:
        path, name, number = numbered[1], "path", int(numbered[2])
    return (parts.netloc, f"{path.rstrip('/')}/", "&".join(kept)), name, number

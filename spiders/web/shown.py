"""The prices a page shows to people: what its markup calls a price, near its heading, and not struck out.

They are compared with what the page says to machines, and are the last resort where it says nothing to them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from spiders.web.pages import Page

# The quick way for nearly all pages; capital letters and ids are looked at only where one of them may be it.
_BY_CLASS = etree.XPath('descendant::*[contains(@class, "rice")]')
_BY_CLASS_OR_ID = etree.XPath(
    'descendant::*[contains(@class, "rice") or contains(@id, "rice")'
    ' or contains(@class, "RICE") or contains(@id, "RICE")]'
)
_ID = re.compile(r"""id\s*=\s*["']?[\w.:-]*[pP]rice""")
_PRICE = re.compile(r"price", re.IGNORECASE)
# Names of elements that hold a price that is not asked (any more); they may stand a few levels above it.
_OLD_NAME = re.compile(
    r"\b(?:was|old|list ?price|strike|striked|strikethrough|regular|rrp|msrp|before|original|compared?|crossed)\b",
    re.IGNORECASE,
)
# Names of elements that hold the price of something else.
_OTHER_NAME = re.compile(
    r"\b(?:save|saving|savings|percent|shipping|delivery|installments?|monthly|unit|per|deposit|excluding|filter|range|alert|"
    r"match|history|points)\b",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(
    r"^\W*(?:was|old price|list price|rrp|msrp|regular price|reg\.|original|compare at|before|save|you save|shipping|"
    r"delivery|deposit|statt|uvp|bisher|instead of)\b"
    r"|\b(?:off|shipping|delivery|saved)\W*$|%"
    r"|(?:/|\bper |\ba |\bpro )\s?(?:mo|mth|month|monat|week|day|year)\b|\bmonthly\b|\bpayments?\b|\binstallments?\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:sale|special|now|current|final|deal|reduced|promo|discount(?:ed)?|today)\b", re.IGNORECASE)
# Parts of one price that are marked up one by one ("$", "19", "99").
_PART = re.compile(
    r"\b(?:whole|fraction|symbol|currency|cents?|decimals?|integer|sup|sign|prefix|suffix|label|title)\b", re.IGNORECASE
)
_CENTS = re.compile(r"\b(?:fraction|cents?|decimals?)\b", re.IGNORECASE)
_OUTSIDE = frozenset(
    {"del", "s", "strike", "a", "aside", "nav", "script", "style", "template", "noscript", "li", "footer"}
)
_UNSEEN = frozenset({"del", "s", "strike", "script", "style", "template"})
_LINES = frozenset({"br", "div", "p", "li", "td", "sup", "dd", "dt", "tr"})
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_LONGEST = 40
_MOST = 400
_MOST_ABOVE = 5
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A price as it stands on the page. `now` is for one that calls itself the price of today ("sale", "now")."""

    text: str
    now: bool = False


def shown_prices(page: Page) -> list[Shown]:
    """The prices shown for what the page is about, each text once, in page order.

    Where the page has one heading, those nearest to it. Struck-out and "was" prices are left out, and so is what stands
    in lists and links: those are other things.
    """
    find = _BY_CLASS_OR_ID if "PRICE" in page.body or _ID.search(page.body) else _BY_CLASS
    called = [element for element in find(page.tree)[:_MOST] if _is_price(element)]
    whole = [element for element in called if not _PART.search(_names(element))] or called
    outer = _around(whole)
    found: list[tuple[Any, Shown]] = []
    for element in whole:
        if element not in outer:
            shown = _shown(element)
            if shown and all(shown.text != other.text for _, other in found):
                found.append((element, shown))
    return _nearest(found, page)


def _is_price(element: Any) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return isinstance(element.tag, str) and _PRICE.search(names) is not None


def _names(element: Any) -> str:
    """Class and id as words: "price-item--sale" is "price item  sale", "salePrice" is "sale Price"."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return re.sub(r"[-_]|(?<=[a-z])(?=[A-Z])", " ", names)


def _around(elements: list[Any]) -> set[Any]:
    """Those elements that have another one of them inside."""
    among = set(elements)
    outer = set()
    for element in elements:
        above = next((one for one in element.iterancestors() if one in among), None)
        if above is not None:
            outer.add(above)
    return outer


def _shown(element: Any) -> Shown | None:
    around = [element, *itertools.islice(element.iterancestors(), _MOST_ABOVE)]
    if any(one.tag in _OUTSIDE for one in around) or any(map(_is_hidden, around)):
        return None
    names = " ".join(_names(one) for one in around[:2])
    if _OTHER_NAME.search(names) or _OLD_NAME.search(" ".join(_names(one) for one in around[:4])):
        return None
    text = _text(element)
    if not re.search(r"\d", text) or len(text) > _LONGEST or _OTHER_WORDS.search(text):
        return None
    return Shown(text, now=bool(_NOW.search(names) or _NOW.search(text)))


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")) is not None


def _text(element: Any) -> str:
    """What a person sees of an element. What is there twice, for the eye and for the ear, is taken once."""
    heard = " ".join("".join(_pieces(element, quiet=True)).split())
    return heard if re.search(r"\d", heard) else " ".join("".join(_pieces(element, quiet=False)).split())


def _pieces(element: Any, *, quiet: bool, depth: int = 0) -> Iterator[str]:
    """The texts inside an element, in order; `quiet` leaves out what is hidden from screen readers."""
    yield element.text or ""
    for child in element:
        if depth < _DEEPEST and _is_seen(child) and not (quiet and child.get("aria-hidden") == "true"):
            lines = " " if child.tag in _LINES else ""
            yield " " if lines or _CENTS.search(_names(child)) else ""
            yield from _pieces(child, quiet=quiet, depth=depth + 1)
            yield lines
        yield child.tail or ""


def _is_seen(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or _is_hidden(element):
        return False
    names = _names(element)
    return not (_OLD_NAME.search(names) or _OTHER_NAME.search(names))


def _nearest(found: list[tuple[Any, Shown]], page: Page) -> list[Shown]:
    """Those that share the innermost part of the page with its only heading."""
    if len(page.headings) != 1 or len(found) < 2:
        return [shown for _, shown in found]
    depth = {above: at for at, above in enumerate(reversed(list(page.headings[0].iterancestors())))}
    shared = [next((depth[above] for above in element.iterancestors() if above in depth), -1) for element, _ in found]
    return [shown for (_, shown), at in zip(found, shared, strict=True) if at == max(shared)]

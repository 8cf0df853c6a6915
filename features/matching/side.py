"""What the features of a pair read in one of its sides: words, codes, numbers and measures, read once per item."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from features.matching.item import Item
from features.title import measures, plain

# Longer descriptions repeat themselves, and a hostile one must not cost more than a long one.
DESCRIPTION_SIGNS = 2000
MANY = 400

_WORD = re.compile(r"\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+")
_CHUNK = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Mixed tokens that tell a size, a speed or a technique, and so are shared by many models.
_TECHNIQUE = re.compile(
    r"\d+(?:st|nd|rd|th|x|k|p|i|g|s|d|u|w|v|a|m|n|c|f|pk|ct|pc|pcs|gb|tb|mb|kb|ghz|mhz|khz|hz|mah|wh|in|cm|mm|ft|kg|lb|lbs|oz|l|ml|mp|cc|hp|ah|qt|"
    r"way|pack|piece|port|inch|watt|watts|volt|min|hr|fps|bit|dpi|ppm|user|users|channel|btu)"
    r"|(?:ddr|usb|mp|gen|win|vol|ver|mk|ps|cs|os)\d{1,4}|\d{1,4}x\d{1,4}|802\.?11[abgn]*"
)


@dataclass(frozen=True, slots=True)
class Side:
    """An item as the features of a pair read it; words in order of appearance, sets without order."""

    title: str
    words: tuple[str, ...]
    word_set: frozenset[str]
    squeezed: str
    """The title's letters and digits alone: "kx-tg4323b" and "kxtg4323b" are one there."""
    whole: str
    """Title, brand, description and attributes as one plain text."""
    whole_set: frozenset[str]
    whole_squeezed: str
    codes: tuple[str, ...]
    numbers: frozenset[str]
    years: frozenset[str]
    sizes: dict[str, frozenset[float]]
    whole_sizes: dict[str, frozenset[float]]
    price: float
    """NaN where unknown."""
    fields: dict[str, str]
    """Brand, category, description, mpn, gtin and the attributes by name, plain, where not empty."""


@lru_cache(maxsize=60_000)
def read_side(item: Item) -> Side:
    """Read an item's words for the features of a pair."""
    title = plain(item.title)[:DESCRIPTION_SIGNS]
    fields = {name: plain(text)[:DESCRIPTION_SIGNS] for name, text in _named(item) if text}
    fields = {name: text for name, text in fields.items() if text}
    rest = " ".join(text for name, text in fields.items() if name != "gtin")
    words = tuple(split(title)[:MANY])
    whole = f"{title} {rest}".strip()
    whole_words = split(whole)[:MANY]
    return Side(
        title=title,
        words=words,
        word_set=frozenset(words),
        squeezed=squeeze(title),
        whole=whole,
        whole_set=frozenset(whole_words),
        whole_squeezed=squeeze(whole),
        codes=codes_of(title),
        numbers=frozenset(word for word in words if _NUMBER.fullmatch(word)),
        years=frozenset(word for word in words if _YEAR.fullmatch(word)),
        sizes=_by_unit(title),
        whole_sizes=_by_unit(whole),
        price=item.price if item.price is not None and item.price > 0 else float("nan"),
        fields=fields,
    )


def split(text: str) -> list[str]:
    """Split a plain text into words and numbers: "7.0" is "7", "1,080" is "1080", hyphens separate."""
    return [_number(word) if word[0].isdigit() else word for word in _WORD.findall(text)]


def squeeze(text: str) -> str:
    """Keep letters and digits alone."""
    return "".join(sign for sign in text if sign.isalnum())


def codes_of(text: str) -> tuple[str, ...]:
    """Return what may name a model: mixed tokens of 4 signs and more, runs of 5 digits and more; hyphens gone."""
    found: dict[str, None] = {}
    for chunk in _CHUNK.findall(text):
        whole = squeeze(chunk)
        parts = [whole] if len(whole) <= 16 and "/" not in chunk else re.split(r"[-/.]", chunk)
        for part in parts:
            if 4 <= len(part) <= 20 and _is_code(part):
                found[part] = None
    return tuple(found)


def _is_code(part: str) -> bool:
    digits = sum(sign.isdigit() for sign in part)
    if digits == len(part):
        return digits >= 5
    return digits > 0 and not _TECHNIQUE.fullmatch(part)


def _number(word: str) -> str:
    if "," in word:
        word = word.replace(",", "")
    if "." in word and word.count(".") == 1:
        word = word.rstrip("0").rstrip(".")
    return word


def _by_unit(text: str) -> dict[str, frozenset[float]]:
    sizes: dict[str, set[float]] = {}
    for value, unit in measures(text):
        sizes.setdefault(unit, set()).add(value)
    return {unit: frozenset(values) for unit, values in sizes.items()}


def _named(item: Item) -> list[tuple[str, str | None]]:
    fixed = [("brand", item.brand), ("category", item.category), ("description", item.description)]
    return [*fixed, ("mpn", item.mpn), ("gtin", item.gtin), *item.attributes]

"""What headers say beside a column's name: a title's parts, a currency, a scale, or that a column only counts rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from warehouse.reading.currency import ISO_4217, meanings
from warehouse.reading.words import fold_header

_BRANDS = ("brand", "brandname", "make", "manufacturer", "maker")
_MODELS = ("model", "modelname", "series", "modelseries", "variant", "trim", "version", "edition")
# Headers that say "this is what the thing is called", the clearest first.
_TITLES = re.compile(r"(?:product|item|listing|ad|offer|article|goods)?(?:title|name)|headline|heading|product|item")
_HEADER_SCALES = {
    **{"lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5, "crore": 7, "crores": 7, "thousand": 3, "thousands": 3},
    **{"million": 6, "millions": 6},
}
# Columns that number rows, as data frames and sheets write them.
_COUNTER = re.compile(
    r"(?:column|unnamed:?)\d+(?:\(\d+\))?|rownames?|index|#|no\.?|s\.?no\.?|sr\.?no\.?|rownumber|rowid"
)
_OTHER_NAMES = re.compile(
    r"(?:brand|seller|user|shop|store|category|model|file|host|first|last|owner|buyer|customer).*"
)
# Codes that are no English words, so that they count in lower case too ("price_all", "top_price").
_SAFE = frozenset(
    {"usd", "eur", "gbp", "inr", "cad", "aud", "jpy", "chf", "cny", "sek", "nok", "dkk", "pln", "brl", "mxn"}
)


def title_columns(
    places: Mapping[str, tuple[int, ...]], attributes: Mapping[str, int], sample: list[Sequence[str]]
) -> tuple[int, ...]:
    """The columns a title is made of where none is called so; () where nothing could be one.

    A column called a name or title; else brand and model; else the brand and what words the other columns hold.
    """
    folded = {fold_header(column): place for column, place in attributes.items()}
    named = [name for name in folded if _TITLES.fullmatch(name)] or [
        name for name in folded if name.endswith(("name", "title")) and not _OTHER_NAMES.fullmatch(name)
    ]
    if named:
        return (folded[named[0]],)
    brand = places.get("brand") or tuple(folded[name] for name in _BRANDS if name in folded)[:1]
    model = tuple(folded[name] for name in _MODELS if name in folded) or places.get("mpn", ())
    words = () if model else tuple(_wordy(attributes, brand, sample))[:3]
    return (*brand, *model, *words) if brand or model else ()


def _wordy(attributes: Mapping[str, int], but: tuple[int, ...], sample: list[Sequence[str]]) -> Iterable[int]:
    """Columns that hold words, not numbers or yes and no."""
    for place in attributes.values():
        cells = {row[place].strip().casefold() for row in sample if row[place].strip()}
        words = [
            cell for cell in cells if any(sign.isalpha() for sign in cell) and not cell[0].isdigit() and len(cell) < 40
        ]
        if place not in but and len(words) == len(cells) > 0 and not cells <= {"yes", "no", "true", "false", "y", "n"}:
            yield place


def header_currency(headers: list[str]) -> str | None:
    """The currency that a price's header names: "price_usd", "Price (EUR)", "Preis €"."""
    for header in headers:
        words = re.findall(r"[A-Za-z]+|[$€£¥₹]", header)
        if len(words) > 1:
            for word in words[1:]:
                code = word.upper() if word.upper() in ISO_4217 and (word.isupper() or word.lower() in _SAFE) else None
                sign = None if word.isalpha() or word == "$" else next(iter(meanings(word)), None)
                if code or sign:
                    return code or sign
    return None


def header_scales(places: Mapping[str, tuple[int, ...]], columns: Sequence[str]) -> dict[str, int]:
    """The powers of ten that the headers of prices name: "Price (lakh)", "price in thousands"."""
    scales: dict[str, int] = {}
    for name in ("price", "list_price"):
        for place in places.get(name, ()):
            for word in re.findall(r"[a-z]+", columns[place].casefold()):
                if word in _HEADER_SCALES:
                    scales[name] = _HEADER_SCALES[word]
    return scales


def row_numbers(columns: Sequence[str], sample: list[Sequence[str]]) -> Iterable[int]:
    """Columns that only count the rows: an unnamed or so named one, with one more in each row."""
    for place, column in enumerate(columns):
        if _COUNTER.fullmatch(fold_header(column)) and len(sample) > 1:
            cells = [row[place].strip().removesuffix(".0") for row in sample]
            if all(cell.isdecimal() for cell in cells):
                first = int(cells[0])
                if [int(cell) - first for cell in cells] == list(range(len(cells))):
                    yield place

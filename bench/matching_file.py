"""Files of labelled pairs: `COL name VAL value COL … <tab> COL name VAL value … <tab> 0/1`, a pair a line."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.matching.item import Item
from warehouse.errors import BadInput

Record = tuple[tuple[str, str], ...]

# A column starts where COL, a name and VAL follow each other; a COL without VAL is a word of the value before.
_COLUMN = re.compile(r"(?:^|\s)COL\s+(\S(?:(?!\sCOL\s).){0,80}?)\s+VAL(?=\s|$)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# The field of an item → the names its column may have, likeliest first; "*word" is any name that has the word in it.
_NAMES = {
    "title": ("title", "name", "product name", "product title", "song name", "beer name", "*title", "*name"),
    "brand": ("brand", "manufacturer", "maker", "make", "vendor", "brand name", "*brand", "*manufactur"),
    "description": ("description", "desc", "details", "short description", "long description", "*descr"),
    "category": ("category", "product category", "product type", "*categ"),
    "price": ("price", "list price", "offer price", "sale price", "*price"),
    "mpn": ("modelno", "model number", "model no", "mpn", "part number", "partno", "model", "*mpn", "*modelno"),
    "gtin": ("gtin", "ean", "upc", "gtin13", "gtin14", "barcode", "*gtin", "*ean13", "*upc"),
}


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs in the order of the file; `label` is 1 where both sides are the same thing."""

    left: list[Record]
    right: list[Record]
    label: list[int]


def read_pairs(path: Path) -> Pairs:
    """Read a file of labelled pairs; a line that is none is an error that names file and line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text (byte {error.start}); save it as UTF-8") from error
    pairs = Pairs([], [], [])
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parts = line.split("\t")
        place = f"{path}, line {number}"
        if len(parts) != 3:
            raise BadInput(f"{place}: {len(parts)} parts where left, right and 0 or 1 belong, parted by tabs")
        if parts[2].strip() not in ("0", "1"):
            raise BadInput(f'{place}: the label is "{parts[2].strip()[:40]}" where 0 or 1 belongs')
        pairs.left.append(_record(parts[0], place))
        pairs.right.append(_record(parts[1], place))
        pairs.label.append(int(parts[2]))
    if not pairs.label:
        raise BadInput(f"{path} has no pairs")
    return pairs


def _record(text: str, place: str) -> Record:
    before, *pieces = _COLUMN.split(text)
    if before.strip() or not pieces:
        raise BadInput(f'{place}: a side starts with "{text.strip()[:40]}" where "COL name VAL value" belongs')
    return tuple((name.strip(), value.strip()) for name, value in zip(pieces[::2], pieces[1::2], strict=True))


@dataclass(frozen=True)
class Columns:
    """Which column holds which field of an item; the others become attributes."""

    field_of: dict[str, str]

    def item(self, record: Record) -> Item:
        """Make an item of a record; its key is the hash of what it says."""
        held: dict[str, str] = {}
        others = []
        for name, value in record:
            field = self.field_of.get(name)
            if field is not None and field not in held:
                held[field] = value
            elif value:
                others.append((name.casefold(), value))
        digest = hashlib.sha256(repr(record).encode()).hexdigest()[:16]
        return Item(
            key=digest,
            title=held.get("title", ""),
            brand=held.get("brand") or None,
            description=held.get("description") or None,
            category=held.get("category") or None,
            price=_price(held.get("price", "")),
            gtin=held.get("gtin") or None,
            mpn=held.get("mpn") or None,
            attributes=tuple(others),
        )


def find_columns(records: Iterable[Record]) -> Columns:
    """Find out by names, and by what the values look like, which column is title, brand, price and so on."""
    values: dict[str, Counter[str]] = {}
    for record in records:
        for name, value in record:
            values.setdefault(name, Counter())[value] += 1
    field_of: dict[str, str] = {}
    for field, names in _NAMES.items():
        fitting = [name for name in values if name not in field_of and _fits(field, values[name])]
        found = _named(fitting, names)
        if found is None and field == "title" and fitting:
            # No column has a title's name: the one that tells most things apart has its place.
            found = max(fitting, key=lambda name: (len(values[name]), name))
        if found is not None:
            field_of[found] = field
    return Columns(field_of)


def _named(columns: Sequence[str], names: Sequence[str]) -> str | None:
    plain = {re.sub(r"[\s_\-]+", " ", column).strip().casefold(): column for column in columns}
    for name in names:
        for spelled, column in plain.items():
            if spelled == name or (name[0] == "*" and name[1:] in spelled):
                return column
    return None


def _fits(field: str, values: Counter[str]) -> bool:
    filled = [value for value in values if value]
    numeric = sum(_price(value) is not None and len(value) <= 20 for value in filled)
    if field == "price":
        return numeric >= 0.8 * len(filled)
    if field == "title":
        return numeric <= 0.5 * len(filled)
    return True


def _price(text: str) -> float | None:
    found = _NUMBER.search(text.replace(",", ""))
    return float(found[0]) if found else None

"""One row of an inventory becomes what is said of a thing: texts read strictly, and refused in words otherwise.

What is only a detail (a barcode, a day) and cannot be read stays with the thing as an attribute; an amount or a
quantity that cannot be read refuses the row, because it would be wrong silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledger.owned.thing_terms import LONGEST_ATTRIBUTE, MOST_ATTRIBUTES, MOST_PIECES
from spiders.files.headers import header_currency
from spiders.files.table import Table
from warehouse.reading.currency import read_currency
from warehouse.reading.dates import Order, date_order, read_day
from warehouse.reading.gtin import read_gtin
from warehouse.reading.numbers import Mark, decimal_mark, read_number
from warehouse.reading.price import read_price
from warehouse.reading.words import clean_text, is_no_price

FIELDS = (
    *("title", "external_id", "brand", "gtin", "mpn", "category", "condition", "quantity", "paid", "worth", "paid_on"),
    *("region", "currency"),
)
MONEY = ("paid", "worth")
_TEXTS = ("title", "external_id", "brand", "mpn", "category", "condition", "region")
_HIGHEST = Decimal(10) ** 12
_PLACES = 6
_NONE_THERE = frozenset({"not stocked", "none", "out of stock", "sold out"})


class RowRefused(Exception):
    """Why a row is not taken: a reason to be counted, and a message with the way out."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns make up a field, and which are attributes."""

    names: list[str]
    places: dict[str, tuple[int, ...]]
    attributes: dict[str, int]

    def text(self, name: str, cells: Sequence[str]) -> str:
        return " ".join(filter(None, (cells[at].strip() for at in self.places[name])))


@dataclass(slots=True)
class Units:
    """What the columns as a whole say: the currency of bare numbers, decimal marks, the order of dates.

    `currencies` are those that the headers of amounts name. `dropped` counts attributes that were too long or too many.
    """

    currency: str | None
    currencies: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    order: Order | None = None
    dropped: Counter[str] = field(default_factory=Counter)

    def notes(self) -> list[str]:
        return [
            f'column "{name}": {count} cells are not kept ({LONGEST_ATTRIBUTE["value"]} characters and '
            f"{MOST_ATTRIBUTES} attributes at most)"
            for name, count in self.dropped.items()
        ]


def reading_units(table: Table, columns: Columns, currency: str | None) -> Units:
    """What the whole table says about how to read its cells."""
    watched = [name for name in (*MONEY, "quantity", "paid_on") if name in columns.places]
    texts: dict[str, set[str]] = {name: set() for name in watched}
    for row in table.rows():
        if row.cells is not None:
            for name in watched:
                texts[name].add(columns.text(name, row.cells))
    found = {name: decimal_mark(texts[name]) for name in watched if name != "paid_on"}
    named = {
        name: header_currency([columns.names[at] for at in columns.places[name]]) for name in MONEY if name in texts
    }
    return Units(
        currency,
        currencies={name: code for name, code in named.items() if code is not None},
        marks={name: mark for name, mark in found.items() if mark is not None},
        order=date_order(texts.get("paid_on", ())),
    )


def said_of(texts: Mapping[str, str], attributes: Mapping[str, str], units: Units) -> dict[str, Any]:
    """What a row says of a thing, by the fields of `Owned`; fields that it says nothing of are not there.

    Raises `RowRefused`: no_title, bad_currency, no_currency, bad_amount, bad_quantity.
    """
    said: dict[str, Any] = {name: plain for name in _TEXTS if (plain := clean_text(texts.get(name, "")))}
    if "title" not in said:
        raise RowRefused("no_title", "it has no title; say which column it is with --map title=COLUMN")
    kept = dict(attributes)
    if "gtin" in texts:
        code = read_gtin(texts["gtin"])
        kept |= {"barcode": texts["gtin"]} if code is None else {}
        said |= {} if code is None else {"gtin": code}
    if "paid_on" in texts:
        day = read_day(clean_text(texts["paid_on"]), units.order)
        kept |= {"paid on": texts["paid_on"]} if day is None else {}
        said |= {} if day is None else {"paid_on": day.isoformat()}
    if "quantity" in texts:
        said["quantity"] = read_pieces(texts["quantity"], units.marks.get("quantity"))
    said |= _money(texts, units)
    fitting = _fitting(kept, units)
    return {**said, "attributes": fitting} if fitting else said


def _money(texts: Mapping[str, str], units: Units) -> dict[str, str]:
    stated = None
    if texts.get("currency", "").strip():
        stated = read_currency(clean_text(texts["currency"]), units.currency)
        if stated is None:
            raise RowRefused("bad_currency", f'currency "{_short(texts["currency"])}" is none that is known')
    amounts: dict[str, str] = {}
    found: set[str] = {stated} if stated else set()
    for name in MONEY:
        text = clean_text(texts.get(name, ""))
        if is_no_price(text):
            continue
        hint = stated or units.currencies.get(name) or units.currency
        price = read_price(text, hint, units.marks.get(name))
        if price is None or price.why or price.per or not 0 <= price.amount < _HIGHEST:
            why = price.why if price is not None and price.why else "it is no amount for one piece"
            raise RowRefused("bad_amount", f'{name} "{_short(text)}": {why}; write a number such as 49.90')
        if price.amount == 0:
            # A sheet's zero is a cell that nobody filled in.
            continue
        amounts[name] = _plain(price.amount)
        found |= {code for code in (price.currency or units.currencies.get(name),) if code}
    if len(found) > 1:
        raise RowRefused("bad_currency", f"its amounts are in {' and '.join(sorted(found))}; one currency for a thing")
    currency = next(iter(found), units.currency)
    if amounts and currency is None:
        raise RowRefused("no_currency", "an amount needs its currency; say one for all rows, such as currency USD")
    return {**amounts, "currency": currency} if currency is not None else amounts


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text if len(text.partition(".")[2]) <= _PLACES else f"{round(amount, _PLACES):f}"


def read_pieces(text: str, mark: Mark | None) -> int:
    """How many there are. Raises `RowRefused` (bad_quantity)."""
    plain = clean_text(text)
    if plain.casefold() in _NONE_THERE:
        return 0
    negative = plain[:1] in {"-", "−"}
    number = read_number(plain.lstrip("-− "), mark)
    if number is None or number != number.to_integral_value() or number > MOST_PIECES:
        raise RowRefused("bad_quantity", f'quantity "{_short(text)}" is no whole number of pieces up to {MOST_PIECES}')
    # A shop that has sold more than it had counts below zero.
    return 0 if negative else int(number)


def _fitting(attributes: Mapping[str, str], units: Units) -> dict[str, str]:
    """The attributes that a thing can have; the others are counted."""
    kept: dict[str, str] = {}
    for name, text in attributes.items():
        plain, called = clean_text(text), clean_text(name)
        if not plain or not called:
            continue
        long = len(plain) > LONGEST_ATTRIBUTE["value"] or len(called) > LONGEST_ATTRIBUTE["name"]
        if long or len(kept) >= MOST_ATTRIBUTES:
            units.dropped[called[: LONGEST_ATTRIBUTE["name"]]] += 1
        else:
            kept[called] = plain
    return kept


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"

"""One row becomes a Listing, or is Quarantined with the reason: a pure function of the row and the table's plan."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from spiders.files.identity import digest, listing_id
from spiders.files.plan import FIELDS, Plan
from spiders.files.table import flat
from warehouse.reading.currency import read_currency
from warehouse.reading.dates import read_instant
from warehouse.reading.gtin import read_gtin
from warehouse.reading.price import PriceRead, read_price
from warehouse.reading.quantity import read_quantity
from warehouse.reading.urls import canonical, is_safe
from warehouse.reading.words import clean_text, is_blank, is_no_price
from warehouse.records import KINDS, Listing, Quarantined

# A price for the whole of what is offered; beyond this it is a mistake or a joke.
HIGHEST_PRICE = Decimal(10) ** 9
_PLAIN_FIELDS = ("condition", "category", "brand", "mpn", "seller", "region", "place", "description")
_MOST_JSON = 20_000
_AGGREGATES = frozenset(
    {"total", "totals", "grand total", "subtotal", "sum", "average", "mean", "median", "count", "summe", "gesamt"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row was found: in words for a person, and its number in the run."""

    found_at: str
    run: str
    row: int
    read_at: datetime


class _RefusedError(Exception):
    """Why a row is not believed: a reason to be counted, and a message with the way out."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_row(
    plan: Plan, cells: Sequence[str], place: Place, seen: dict[str, int] | None = None
) -> Listing | Quarantined:
    """Read one row, persons in it already hidden.

    `seen` counts equal rows of the file, so that genuinely equal sales stay two; it is changed.
    Reasons of refusal: no_price, bad_price, ambiguous_price, price_out_of_range, bad_currency, no_title, bad_date,
    date_in_future, bad_kind, aggregate_row.
    """
    try:
        return _Row(plan, cells, place).listing({} if seen is None else seen)
    except _RefusedError as refused:
        row = {column: cell for column, cell in zip(plan.columns, cells, strict=True) if cell.strip()}
        return refuse(plan, row, place, refused.reason, str(refused))


def refuse(plan: Plan, row: dict[str, str], place: Place, reason: str, message: str) -> Quarantined:
    """A row set aside whole. Its id is a hash of what it says and how it was read: met again, it is the same."""
    # A lone surrogate stands for a byte that was no text; it can neither be hashed nor kept.
    row_json = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode()
    identity = "\n".join((plan.source, row_json, plan.options_json()))
    return Quarantined(
        id=digest(identity),
        source=plan.source,
        of_record=Listing.record,
        reason=reason,
        message=f"{place.found_at}: {message}",
        found_at=place.found_at,
        row_json=row_json,
        reading_json=plan.to_json(),
        quarantined_at=place.read_at,
        run=place.run,
        row=place.row,
    )


class _Row:
    """The reading of one row."""

    def __init__(self, plan: Plan, cells: Sequence[str], place: Place) -> None:
        self.plan, self.cells, self.place = plan, cells, place
        # What was written where a field was to be, and could not be read as one.
        self.unread: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """A field's text: the value said for all rows, or the column's; where both are there, the column's first."""
        places = self.plan.places.get(name)
        if places is None:
            return self.plan.fixed.get(name, "")
        cells = self.cells
        text = cells[places[0]] if len(places) == 1 else _joined(cells[i] for i in places)
        return text if name not in self.plan.fixed or not is_blank(text) else self.plan.fixed[name]

    def text(self, name: str) -> str | None:
        """A field as one line of plain text, or None where it says nothing."""
        text = self.raw(name)
        return None if not text or is_blank(text) else clean_text(text) or None

    def listing(self, seen: dict[str, int]) -> Listing:
        plan = self.plan
        if is_aggregate(self.cells):
            raise _RefusedError("aggregate_row", "the row sums the others up; it is no thing by itself")
        price, currency = self._price()
        title = " ".join(filter(None, (plan.called, self.text("title")))) or None
        if title is None:
            raise _RefusedError("no_title", f"{self._named('title')} is blank; say it with --set title=…")
        fields: dict[str, Any] = {name: self.text(name) for name in _PLAIN_FIELDS}
        quantity, unit = self._quantity(price)
        url = self._url()
        fields |= {
            "kind": self._kind(),
            "title": title,
            "price": price.amount,
            "currency": currency,
            "list_price": self._list_price(currency),
            "observed_at": self._observed_at(),
            "ended_at": self._ended_at(),
            "gtin": self._code("gtin"),
            "quantity": quantity,
            "unit": unit,
            "url": url,
            "image": self._image(),
        }
        fields["attributes"] = self._attributes()
        return Listing(
            source=plan.source,
            id=listing_id(plan, self.cells, self.text("id"), fields, seen),
            run=self.place.run,
            row=self.place.row,
            found_at=self.place.found_at,
            price_path=f"column {plan.column_of('price')}" if "price" in plan.places else "--set price",
            **fields,
        )

    def _named(self, name: str) -> str:
        column = self.plan.column_of(name)
        return f'{name} (column "{column}")' if column and column != name else name

    def _price(self) -> tuple[PriceRead, str]:
        text = clean_text(self.raw("price"))
        named = self._named("price")
        if is_no_price(text):
            raise _RefusedError("no_price", f"{named} is {repr(text) if text else 'blank'}; say it with --set price=…")
        stated = self._stated_currency()
        price = self._scaled("price", text, stated or self.plan.currency)
        if price is None:
            raise _RefusedError("bad_price", f'{named} "{_short(text)}" is not a number; correct it with --set price=…')
        if not 0 < price.amount < HIGHEST_PRICE or (price.upper or 0) >= HIGHEST_PRICE:
            raise _RefusedError(
                "price_out_of_range",
                f'{named} "{_short(text)}" is not between 0 and 1e9; correct it with --set price=…',
            )
        if price.why:
            raise _RefusedError("ambiguous_price", f'{named} "{_short(text)}": {price.why}; say one with --set price=…')
        return price, self._currency(price, stated, text)

    def _scaled(self, name: str, text: str, hint: str) -> PriceRead | None:
        """A price; one without words is of the scale that its column's header names ("Price (lakh)")."""
        price = read_price(text, hint, self.plan.marks.get(name))
        scale = self.plan.scales.get(name)
        if price is None or scale is None or any(sign.isalpha() for sign in text):
            return price
        return replace(price, amount=price.amount.scaleb(scale))

    def _stated_currency(self) -> str | None:
        """The currency that the row's own field, or a value said for all rows, names."""
        text = self.raw("currency").strip()
        if not text or is_blank(text):
            return None
        currency = read_currency(clean_text(text), self.plan.currency)
        if currency is None:
            raise _RefusedError(
                "bad_currency",
                f'{self._named("currency")} "{_short(text)}" is no currency; say it with --set currency=USD',
            )
        return currency

    def _currency(self, price: PriceRead, stated: str | None, text: str) -> str:
        if "currency" in self.plan.fixed and "currency" not in self.plan.places and stated:
            # A person says so for all rows: that is the way to put a wrong sign right.
            return stated
        if stated and price.currency and price.currency != stated:
            raise _RefusedError(
                "bad_currency",
                f'price "{_short(text)}" is in {price.currency}, the currency is {stated}; say --set currency=…',
            )
        if price.sign and not price.currency and not stated:
            raise _RefusedError(
                "bad_currency",
                f'"{price.sign}" in price "{_short(text)}" may be several currencies; say --set currency=…',
            )
        return price.currency or stated or self.plan.currency

    def _list_price(self, currency: str) -> Decimal | None:
        text = clean_text(self.raw("list_price"))
        if is_no_price(text):
            return None
        price = self._scaled("list_price", text, currency)
        if price is not None and price.amount == 0:
            return None
        foreign = price is not None and price.currency not in (None, currency) and "currency" not in self.plan.fixed
        if price is None or foreign or price.why or price.per or not 0 < price.amount < HIGHEST_PRICE:
            self._unread("list_price", text)
            return None
        return price.amount

    def _unread(self, name: str, text: str) -> None:
        """Keep what cannot be read as the field under the field's name among the attributes."""
        self.unread[name] = text

    def _quantity(self, price: PriceRead) -> tuple[Decimal | None, str | None]:
        """How much is offered. A price per unit is the price of one unit, unless the row says another amount."""
        text, unit = self.text("quantity"), self.text("unit")
        read = read_quantity(text, self.plan.marks.get("quantity")) if text else None
        if text and (read is None or read.number <= 0):
            self._unread("quantity", text)
            read = None
        if price.per:
            if read is not None and read.number != 1:
                raise _RefusedError(
                    "ambiguous_price",
                    f'the price is per {price.per} and the quantity is "{text}"; say --set price=… for all',
                )
            return Decimal(1), price.per
        return (Decimal(str(read.number)), read.unit or unit) if read else (None, unit)

    def _url(self) -> str | None:
        text = self.raw("url").strip()
        url = canonical(clean_text(text)) if text else None
        if text and url is None and ":" not in text and not is_blank(text):
            self._unread("url", clean_text(text))
        return url

    def _image(self) -> str | None:
        text = clean_text(self.raw("image"))
        return text if text and is_safe(text) else None

    def _code(self, name: str) -> str | None:
        text = self.text(name)
        code = read_gtin(text) if text else None
        if text and code is None:
            self._unread(name, text)
        return code

    def _kind(self) -> str:
        text = (self.text("kind") or self.plan.kind).casefold()
        if text not in KINDS:
            raise _RefusedError("bad_kind", f'{self._named("kind")} "{_short(text)}" is none of {", ".join(KINDS)}')
        return text

    def _observed_at(self) -> datetime:
        if not self.plan.dated:
            return self.plan.imported_at
        text, named = self.raw("observed_at"), self._named("observed_at")
        if is_blank(text):
            raise _RefusedError("bad_date", f"{named} is blank; say it with --set observed_at=2026-01-31")
        moment = read_instant(clean_text(text), self.plan.order)
        if moment is None:
            raise _RefusedError(
                "bad_date", f'{named} "{_short(text)}" is no date; say it with --set observed_at=2026-01-31'
            )
        if moment > self.plan.latest:
            raise _RefusedError(
                "date_in_future", f'{named} "{_short(text)}" is in the future; correct it with --set observed_at=…'
            )
        return moment

    def _ended_at(self) -> datetime | None:
        text = self.text("ended_at")
        moment = read_instant(text, self.plan.order) if text else None
        if text and moment is None:
            self._unread("ended_at", text)
        return moment

    def _attributes(self) -> dict[str, str]:
        attributes: dict[str, str] = {}
        for name, place in self.plan.attributes.items():
            cell = self.cells[place]
            if not cell or is_blank(cell):
                continue
            inner = json_cell(cell) if cell[0] == "{" else None
            if inner is None:
                attributes[name] = clean_text(cell)
            else:
                attributes.update({f"{name}.{key}": text for key, text in inner.items()})
        for name, value in self.plan.fixed.items():
            if name not in FIELDS:
                attributes.setdefault(name, clean_text(value))
        return attributes | self.unread


@functools.lru_cache(maxsize=1 << 12)
def json_cell(cell: str) -> dict[str, str] | None:
    """A JSON object inside a cell, flat, as text; None where it is none. Kept for equal cells, so not to be changed."""
    if len(cell) > _MOST_JSON:
        return None
    try:
        columns = flat(json.loads(cell, parse_float=str, parse_int=str))
    except (ValueError, RecursionError):
        return None
    return {clean_text(key): clean_text(text) for key, text in columns.items() if not is_blank(text)} or None


def is_aggregate(cells: Sequence[str]) -> bool:
    """Whether a row is a footer: its first words are "Total", "Average" and their like, and most of it is blank."""
    said = [cell.strip() for cell in cells if not is_blank(cell)]
    first = said[0].rstrip(":").casefold() if said else ""
    return first in _AGGREGATES and len(cells) > 3 and 2 * len(said) <= len(cells) + 1


def _joined(cells: Iterable[str]) -> str:
    """The cells that say something, as one text."""
    return " ".join(cell.strip() for cell in cells if not is_blank(cell))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"

"""From a row of texts to a record that Katy believes, or to the quarantine with a reason: every record but listings.

What a field must be follows from the record's type hints, so that a new record needs nothing here. Listings have a
reader of their own (`agent.listings`), shared with imported tables.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from warehouse.checks import fault
from warehouse.reading.currency import read_currency
from warehouse.reading.dates import Order, read_instant
from warehouse.reading.numbers import Mark, read_number
from warehouse.reading.price import read_price
from warehouse.reading.words import clean_text, is_blank
from warehouse.records import RECORDS, Quarantined, Record

# Clocks differ, and a time without a zone may be that of any zone.
_AHEAD = timedelta(hours=14)
_PLAIN = re.compile(r"[+-]?\d{1,28}(?:\.\d{1,28})?(?:[eE][+-]?\d{1,3})?")
# Given by the visit, not by the row.
_GIVEN = frozenset({"source", "run", "row", "found_at", "price_path"})
# The days these fields name may lie ahead: a forecast, an alert, the end of a declaration.
_MAY_BE_AHEAD = frozenset({"weather_observation", "hazard_event"})
_CODE = re.compile(r"[A-Z]{3}")
# What a landing file can keep, and more than anything costs.
_LARGEST = Decimal(10) ** 18
_MOST_ATTRIBUTES = 80
_LONGEST_TEXT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How rows are read: whose they are, what holds where they say nothing, and what their columns showed.

    `defaults` are texts by field name; `marks` the decimal mark of a column of numbers, `order` that of its dates.
    """

    source: str
    run: str
    now: datetime
    defaults: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    order: Order | None = None

    def to_json(self) -> str:
        """All that is needed to read one of these rows again."""
        said = {"defaults": dict(self.defaults), "marks": dict(self.marks), "order": self.order}
        return _canonical({**said, "now": self.now.isoformat()})

    @classmethod
    def from_json(cls, text: str, source: str, run: str, now: datetime) -> Reading:
        said = json.loads(text or "{}")
        then = datetime.fromisoformat(said["now"]) if "now" in said else now
        return cls(
            source=source,
            run=run,
            now=then,
            defaults=said.get("defaults") or {},
            marks=said.get("marks") or {},
            order=said.get("order"),
        )


class _RefusedError(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def read_record(
    name: str, row: Mapping[str, str], reading: Reading, *, found_at: str, number: int, price_path: str = ""
) -> Record:
    """The record of that name which a row of texts says, or Quarantined.

    Names that the record does not have become attributes, where it has any. Reasons of refusal: `no_<field>` where a
    field that must be there is blank, `bad_<field>` where it cannot be read (bad_date and bad_currency for all dates
    and currencies), date_in_future, ambiguous_price, and unlikely for what `warehouse.checks` refuses.
    """
    try:
        record = _read(name, row, reading, found_at, number, price_path)
    except _RefusedError as refused:
        return set_aside(name, row, reading, refused.reason, str(refused), found_at=found_at, number=number)
    wrong = fault(record)
    if wrong:
        return set_aside(name, row, reading, "unlikely", wrong, found_at=found_at, number=number)
    return record


def set_aside(
    name: str, row: Mapping[str, str], reading: Reading, reason: str, message: str, *, found_at: str, number: int
) -> Quarantined:
    """A row that is not believed, whole; met again, it is the same."""
    kept = {key: text[:_LONGEST_TEXT] for key, text in row.items()}
    row_json = json.dumps(kept, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace").decode()
    identity = "\n".join((reading.source, name, reason, row_json))
    return Quarantined(
        id=hashlib.sha256(identity.encode()).hexdigest()[:24],
        source=reading.source,
        of_record=name,
        reason=reason,
        message=f"{found_at}: {message}",
        found_at=found_at,
        row_json=row_json,
        reading_json=reading.to_json(),
        quarantined_at=reading.now,
        run=reading.run,
        row=number,
    )


def fields_of(name: str) -> tuple[str, ...]:
    """The fields of a record that a row can fill, in their order; `attributes` is not among them."""
    return tuple(one for one in _hints(name) if one not in _GIVEN and one not in {"attributes", "geocodes"})


def _read(name: str, row: Mapping[str, str], reading: Reading, found_at: str, number: int, path: str) -> Record:
    hints = _hints(name)
    values: dict[str, Any] = {"source": reading.source, "run": reading.run, "row": number, "found_at": found_at}
    if "price_path" in hints:
        values["price_path"] = path
    for one, (kind, optional) in hints.items():
        if one in values or kind is dict:
            continue
        text = row.get(one, "")
        text = reading.defaults.get(one, "") if is_blank(text) else text
        if is_blank(text):
            if one == "observed_at":
                values[one] = reading.now
            elif not optional and not _has_default(name, one):
                raise _RefusedError(f"no_{one}", f"{one} is blank; say it with --set {one}=…")
            continue
        values[one] = _value(one, kind, text, reading)
        if kind in (date, datetime) and name not in _MAY_BE_AHEAD:
            _not_ahead(one, values[one], text, reading.now)
    values |= _extras(hints, row)
    return RECORDS[name](**values)


def _extras(hints: Mapping[str, Any], row: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`geocodes.SAME` and its like go to the field they name; what has no field is an attribute."""
    found: dict[str, dict[str, str]] = {}
    for key, text in row.items():
        field_name, dot, inner = key.partition(".")
        if key in hints or is_blank(text):
            continue
        if dot and field_name in hints and hints[field_name][0] is dict:
            found.setdefault(field_name, {})[inner] = clean_text(text)[:_LONGEST_TEXT]
        elif "attributes" in hints and len(found.get("attributes", ())) < _MOST_ATTRIBUTES:
            found.setdefault("attributes", {})[key] = clean_text(text)[:_LONGEST_TEXT]
    return found


def _value(name: str, kind: Any, text: str, reading: Reading) -> Any:
    if kind is str:
        if name in {"base", "quote"} and _CODE.fullmatch(text):
            # Rates reach back to currencies that are no more.
            return text
        return _currency(text) if name in {"currency", "base", "quote"} else clean_text(text)[:_LONGEST_TEXT]
    if kind in (Decimal, int, float):
        number = _decimal(name, text, reading.marks.get(name))
        if abs(number) >= _LARGEST:
            raise _RefusedError(
                f"bad_{name}", f'{name} "{_short(text)}" is beyond all measure; correct it with --set {name}=…'
            )
        if kind is Decimal:
            return number
        if kind is int and number != number.to_integral_value():
            raise _RefusedError(f"bad_{name}", f'{name} "{_short(text)}" is not a whole number')
        return kind(number)
    if kind is bool:
        return text == "true"
    moment = read_instant(clean_text(text), reading.order)
    if moment is None:
        raise _RefusedError("bad_date", f'{name} "{_short(text)}" is no date; say it with --set {name}=2026-01-31')
    # A day has no zone: it is the day that was written, wherever it was written.
    return moment if kind is datetime else (_day(text) or moment.date())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _decimal(name: str, text: str, mark: Mark | None) -> Decimal:
    text = text.strip()
    if _PLAIN.fullmatch(text) and (mark is None or "." not in text or mark == "."):
        return Decimal(text)
    sign, bare = (-1, text[1:]) if text[:1] in "-−" else (1, text)
    number = read_number(bare, mark)
    if number is not None:
        return sign * number
    price = read_price(text, None, mark)
    if price is None:
        raise _RefusedError(f"bad_{name}", f'{name} "{_short(text)}" is not a number; correct it with --set {name}=…')
    if price.why:
        raise _RefusedError("ambiguous_price", f'{name} "{_short(text)}": {price.why}; say one with --set {name}=…')
    return price.amount


def _currency(text: str) -> str:
    code = read_currency(clean_text(text))
    if code is None:
        raise _RefusedError("bad_currency", f'"{_short(text)}" is no currency; say it with --set currency=USD')
    return code


def _not_ahead(name: str, value: date | datetime, text: str, now: datetime) -> None:
    latest = now + _AHEAD
    ahead = value > latest if isinstance(value, datetime) else value > latest.astimezone(UTC).date()
    if ahead:
        raise _RefusedError(
            "date_in_future", f'{name} "{_short(text)}" is in the future; correct it with --set {name}=…'
        )


@functools.cache
def _hints(name: str) -> dict[str, tuple[Any, bool]]:
    """A record's fields: (bare type, whether it may be None); `dict` for the ones that hold several values."""
    found: dict[str, tuple[Any, bool]] = {}
    for one, hint in typing.get_type_hints(RECORDS[name]).items():
        if typing.get_origin(hint) is typing.ClassVar:
            continue
        optional = typing.get_origin(hint) in (types.UnionType, typing.Union)
        bare = next(a for a in typing.get_args(hint) if a is not type(None)) if optional else hint
        found[one] = (dict if typing.get_origin(bare) is dict else bare, optional)
    return found


@functools.cache
def _has_default(name: str, field_name: str) -> bool:
    one = next(one for one in dataclasses.fields(RECORDS[name]) if one.name == field_name)
    return one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

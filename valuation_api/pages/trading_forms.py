"""An offer as a person fills it in: rows for what each side gives, and one amount that evens it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ledger.books.units import k_text, rails
from ledger.trading.legs import LegDraft
from warehouse.errors import BadInput

Side = Literal["give", "get"]
SIDES: tuple[Side, Side] = ("give", "get")
KINDS = {"goods": "a thing", "service": "a service", "time": "hours of work"}
UNITS = {"K": "K", "min": "hours of time credit", "cash": "cash"}
MOST_ROWS = 8
_ROW = ("thing", "what", "kind", "count", "condition", "declared", "why", "valuation")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, service or time that a side gives, as typed. `thing` names a registered thing, `valuation` the value
    that was shown for it; `declared` is another value for all of it in K, and `why` it holds."""

    side: Side
    number: int
    thing: str = ""
    what: str = ""
    kind: str = "goods"
    count: str = ""
    condition: str = ""
    declared: str = ""
    why: str = ""
    valuation: str = ""

    @property
    def name(self) -> str:
        """What its fields are called by, such as "give1"."""
        return f"{self.side}{self.number}"

    @property
    def is_empty(self) -> bool:
        return not (self.thing or self.what or (self.kind == "time" and self.count))

    def minutes(self) -> int:
        """The minutes of hours of work. Raises `BadInput`."""
        return minutes_of(self.count)

    def draft(self, giver: Literal["proposer", "counterparty"], valuation: str | None) -> LegDraft:
        """The leg it makes. Raises `BadInput`."""
        said: dict[str, Any] = {"giver": giver, "kind": self.kind, "description": self.what}
        if self.kind == "time":
            return LegDraft(**said, minutes=self.minutes())
        if self.declared or self.why:
            said |= {"declared": rails(self.declared) if self.declared else None, "attestation": self.why or None}
        return LegDraft(**said, valuation=valuation, quantity=_quantity(self.count))


@dataclass(frozen=True, slots=True)
class OfferForm:
    """Everything that was typed. `even_by` is "me" or "other"; `terms` the offer that this one answers."""

    to: str = ""
    rows: tuple[Row, ...] = ()
    even: str = ""
    even_unit: str = "K"
    even_by: str = "me"
    region: str = ""
    miles: str = ""
    deliver_by: str = ""
    reason: str = ""
    key: str = ""
    terms: str = ""
    more: Side | None = None

    @classmethod
    def read(cls, said: Mapping[str, str], key: str) -> OfferForm:
        """The form as it was sent; an unknown choice becomes the first."""
        rows = []
        for side in SIDES:
            for number in range(1, MOST_ROWS + 1):
                fields = {name: said.get(f"{side}{number}_{name}", "").strip() for name in _ROW}
                if f"{side}{number}_what" in said:
                    fields["kind"] = fields["kind"] if fields["kind"] in KINDS else "goods"
                    rows.append(Row(side, number, **fields))
        plain: dict[str, Any] = {
            name: said.get(name, "").strip()
            for name in ("to", "even", "region", "miles", "deliver_by", "reason", "terms")
        }
        unit, by = said.get("even_unit", "K"), said.get("even_by", "me")
        return cls(
            rows=tuple(rows),
            even_unit=unit if unit in UNITS else "K",
            even_by=by if by in {"me", "other"} else "me",
            key=key,
            **plain,
        )

    def filled(self) -> tuple[Row, ...]:
        """The rows in which something stands."""
        return tuple(row for row in self.rows if not row.is_empty)

    def shown(self, side: Side) -> tuple[Row, ...]:
        """The rows of a side as they are shown: what stands there, closed up, and an empty one if asked for."""
        kept = [row for row in self.rows if row.side == side and not row.is_empty]
        if self.more == side or not kept:
            kept.append(Row(side, 0))
        return tuple(replace(row, number=number) for number, row in enumerate(kept[:MOST_ROWS], start=1))

    def closed_up(self) -> OfferForm:
        """The same with its rows as they are shown."""
        return replace(self, rows=tuple(row for side in SIDES for row in self.shown(side)))

    def even_draft(self, me: Literal["proposer", "counterparty"]) -> LegDraft | None:
        """The leg that evens it out; None where none was typed. Raises `BadInput`."""
        if not self.even or self.even.strip("0.,") == "":
            return None
        other: Literal["proposer", "counterparty"] = "counterparty" if me == "proposer" else "proposer"
        giver = me if self.even_by == "me" else other
        if self.even_unit == "K":
            return LegDraft(giver=giver, kind="k", amount=rails(self.even))
        if self.even_unit == "min":
            return LegDraft(giver=giver, kind="minutes", minutes=minutes_of(self.even))
        return LegDraft(giver=giver, kind="cash", cash=_decimal(self.even, "an amount of cash such as 12.50"))

    def day(self) -> date | None:
        """The day by which both deliver. Raises `BadInput`."""
        if not self.deliver_by:
            return None
        try:
            return date.fromisoformat(self.deliver_by)
        except ValueError as error:
            raise BadInput(f'"{self.deliver_by}" is not a day such as 2026-03-31') from error

    def hundredths_of_miles(self) -> int | None:
        """The distance. Raises `BadInput`."""
        if not self.miles:
            return None
        miles = _decimal(self.miles, "a distance in miles such as 2.5") * 100
        if miles != int(miles) or miles < 0:
            raise BadInput(f'"{self.miles}" is not a distance in miles such as 2.5')
        return int(miles)

    def evened(self, gives: int, gets: int) -> OfferForm:
        """The same with K for the difference of both sides, in rails."""
        gap = gives - gets
        return replace(self, even=k_text(abs(gap)) if gap else "", even_unit="K", even_by="other" if gap > 0 else "me")


def minutes_of(hours: str) -> int:
    """Whole minutes from hours such as "1.5". Raises `BadInput`."""
    minutes = _decimal(hours, "a number of hours such as 1.5") * 60
    if minutes != int(minutes) or minutes <= 0:
        raise BadInput(f'"{hours}" hours are no whole minutes above zero: write 0.25, 0.5, 1.5 …')
    return int(minutes)


def _quantity(text: str) -> Decimal:
    return Decimal(1) if not text else _decimal(text, "how many, such as 7")


def _decimal(text: str, what: str) -> Decimal:
    plain = text.strip()
    try:
        if not plain.isascii() or len(plain) > 20 or not plain[:1].isdigit():
            raise InvalidOperation
        number = Decimal(plain)
    except InvalidOperation as error:
        raise BadInput(f'"{text[:40]}" is not {what}') from error
    if not number.is_finite():
        raise BadInput(f'"{text[:40]}" is not {what}')
    return number

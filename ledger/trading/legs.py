"""Legs: the things a trade consists of, each with the frozen record of its fair market value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, insert, select

from ledger.books.errors import Unknown
from ledger.books.store import UnitOfWork, insert_new
from ledger.books.units import LARGEST_MINUTES, MINUTES, K, checked_rails, k_text
from ledger.policy.dated import Policy
from ledger.tables import fmv_record, leg
from ledger.trading import fmv, given
from ledger.trading.fairness import Worth
from ledger.trading.fmv import Fair, FmvRecord
from warehouse.errors import BadInput
from warehouse.valuation import minor_unit

LegKind = Literal["goods", "service", "time", "k", "minutes", "cash"]
# The field that says what a leg is, by kind. Time is labour, valued and not moved; minutes are time credits that move.
_SAYS = {
    "goods": "valuation",
    "service": "valuation",
    "time": "minutes",
    "k": "amount",
    "minutes": "minutes",
    "cash": "cash",
}
# What evens a trade out. K and minutes move in the books; cash changes hands outside them.
MONEY = ("k", "minutes", "cash")
UNIT_OF = {"k": K, "minutes": MINUTES}
Giver = Literal["proposer", "counterparty"]
LONGEST_TEXT = 500
_MOST = Decimal(1_000_000)
_FINEST = Decimal("0.001")
_MOST_CASH = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDraft:
    """What a party wants a leg to be.

    Goods and services name a `valuation` that was given out (of one piece) and a `quantity`; time (labour) and minutes
    (time credits) have `minutes`, K has `amount` in rails, cash has `cash` in the policy's currency. `declared` is
    another value for the whole leg, in rails, and needs an `attestation`.
    """

    giver: Giver
    kind: LegKind
    description: str = ""
    quantity: Decimal = Decimal(1)
    valuation: str | None = None
    amount: int | None = None
    minutes: int | None = None
    cash: Decimal | None = None
    declared: int | None = None
    attestation: str | None = None

    def said(self) -> dict[str, Any]:
        """The draft as part of a request. A field that came later is told only where it says something."""
        return {
            "giver": self.giver,
            "kind": self.kind,
            "description": self.description,
            "quantity": str(self.quantity.normalize()),
            "valuation": self.valuation,
            "amount": self.amount,
            "minutes": self.minutes,
            "declared": self.declared,
            "attestation": self.attestation,
        } | ({} if self.cash is None else {"cash": str(self.cash)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg with its frozen record. `amount` is rails of K, minutes, or the smallest parts of cash; None for goods and
    services."""

    position: int
    giver: str
    receiver: str
    kind: str
    description: str
    quantity: str
    amount: int | None
    record: FmvRecord
    fair: Fair
    declared: int | None
    attestation: str | None

    @property
    def worth(self) -> Worth:
        return Worth(
            description=self.description,
            fair=self.fair.value,
            low=self.fair.low,
            high=self.fair.high,
            declared=self.declared,
        )

    def row(self) -> dict[str, Any]:
        """The leg as its row in the books, without the trade it belongs to."""
        return {
            "position": self.position,
            "giver": self.giver,
            "receiver": self.receiver,
            "kind": self.kind,
            "description": self.description,
            "quantity": self.quantity,
            "amount": self.amount,
            "fmv_sha256": self.record.sha256,
            "fair": self.fair.value,
            "low": self.fair.low,
            "high": self.fair.high,
            "declared": self.declared,
            "attestation": self.attestation,
        }


def freeze(connection: Connection, draft: LegDraft, *, position: int, giver: str, receiver: str, policy: Policy) -> Leg:
    """Check a draft and freeze its value. Raises `BadInput` or `Unknown`, naming the leg."""
    place = f"leg {position}"
    _check(draft, place)
    quantity = draft.quantity.normalize()
    record, amount, described = _frozen(connection, draft, place, policy)
    fair = fmv.fair(record, quantity, policy)
    for figure in (fair.value, fair.high):
        checked_rails(figure or 0)
    if fair.value is None and draft.declared is None:
        raise BadInput(f"{place}: no fair market value is known for it; declare a value and attest it")
    return Leg(
        position=position,
        giver=giver,
        receiver=receiver,
        kind=draft.kind,
        description=(draft.description.strip() or described)[:LONGEST_TEXT],
        quantity=f"{quantity:f}",
        amount=amount,
        record=record,
        fair=fair,
        declared=draft.declared,
        attestation=draft.attestation.strip() if draft.attestation is not None else None,
    )


def _frozen(connection: Connection, draft: LegDraft, place: str, policy: Policy) -> tuple[FmvRecord, int | None, str]:
    """The record of a checked draft, its amount and how it is called where nobody says otherwise."""
    if draft.kind == "k":
        return fmv.of_k(draft.amount or 0, policy), draft.amount, f"{k_text(draft.amount or 0)} K"
    if draft.kind in {"time", "minutes"}:
        what = "minutes" if draft.kind == "time" else "minutes of time credit"
        return fmv.of_time(draft.minutes or 0, policy), draft.minutes, f"{draft.minutes} {what}"
    if draft.kind == "cash":
        parts = (draft.cash or Decimal(0)) / minor_unit(policy.currency)
        if parts != int(parts):
            raise BadInput(f"{place}: {draft.cash} {policy.currency} cannot be paid: that currency has no such parts")
        cash = (int(parts) * minor_unit(policy.currency)).quantize(minor_unit(policy.currency))
        return fmv.of_cash(cash, policy), int(parts), f"{cash} {policy.currency} in cash"
    content = given.content_of(connection, draft.valuation or "")
    if content is None:
        raise Unknown(f"{place}: no valuation {draft.valuation} was given out here; ask for one first")
    record, valuation = fmv.of_valuation(content, policy)
    return record, None, valuation.subject.asked.text


def _check(draft: LegDraft, place: str) -> None:
    if draft.kind not in _SAYS:
        raise BadInput(f'{place}: a leg is {", ".join(_SAYS)}, not "{draft.kind}"')
    for name in ("valuation", "minutes", "amount", "cash"):
        if (getattr(draft, name) is None) == (name == _SAYS[draft.kind]):
            raise BadInput(f"{place}: a leg of {draft.kind} has {_SAYS[draft.kind]}, and none of the others")
    if draft.cash is not None and not (draft.cash.is_finite() and 0 < draft.cash <= _MOST_CASH):
        raise BadInput(f"{place}: an amount of cash is above zero and at most {_MOST_CASH}")
    if draft.amount is not None and checked_rails(draft.amount) <= 0:
        raise BadInput(f"{place}: an amount of K is above zero")
    if draft.minutes is not None and not 0 < draft.minutes <= LARGEST_MINUTES:
        raise BadInput(f"{place}: minutes are above zero and at most {LARGEST_MINUTES}")
    quantity = draft.quantity
    if not quantity.is_finite() or not 0 < quantity <= _MOST or quantity % _FINEST != 0:
        raise BadInput(f"{place}: a quantity is above zero, at most {_MOST}, with at most three places")
    if _SAYS[draft.kind] != "valuation" and (quantity != 1 or draft.declared is not None):
        raise BadInput(f"{place}: a leg of {draft.kind} has neither a quantity nor a declared value")
    if any("\x00" in text or len(text) > LONGEST_TEXT for text in (draft.description, draft.attestation or "")):
        raise BadInput(f"{place}: a text has at most {LONGEST_TEXT} characters")
    attested = bool(draft.attestation and draft.attestation.strip())
    if (draft.declared is not None) != attested:
        raise BadInput(f"{place}: a declared value and its attestation come together; state in words why it holds")
    if draft.declared is not None and checked_rails(draft.declared) < 0:
        raise BadInput(f"{place}: a declared value is not below zero")


def write(unit: UnitOfWork, trade: str, legs: Sequence[Leg], offer: int = 1) -> None:
    """Write the legs of a trade's offer and their records."""
    write_records(unit, legs)
    unit.connection.execute(insert(leg), [{"trade": trade, "offer": offer, **each.row()} for each in legs])


def write_records(unit: UnitOfWork, legs: Sequence[Leg]) -> None:
    """Write the frozen records of legs. One that is kept already is not kept twice."""
    # In the order of their hashes, so that two writers of the same records cannot wait for each other in a circle.
    for each in sorted(legs, key=lambda each: each.record.sha256):
        record = {
            "sha256": each.record.sha256,
            "kind": each.record.kind,
            "content": each.record.content,
            "snapshot": each.record.snapshot,
            "frozen_at": unit.now,
        }
        insert_new(unit.connection, fmv_record, [record])


def of_trade(connection: Connection, trade: str, offer: int) -> list[Leg]:
    """The legs of one offer of a trade, in their order."""
    return [of_row(row) for row in connection.execute(_OF_TRADE, {"of": trade, "number": offer})]


RECORD = (fmv_record.c.kind.label("record_kind"), fmv_record.c.content, fmv_record.c.snapshot)
_OF_TRADE = (
    select(leg, *RECORD)
    .join(fmv_record, fmv_record.c.sha256 == leg.c.fmv_sha256)
    .where(leg.c.trade == bindparam("of"), leg.c.offer == bindparam("number"))
    .order_by(leg.c.position)
)


def of_row(row: Row[Any]) -> Leg:
    """A leg from its row, joined with the columns of its record."""
    return Leg(
        position=row.position,
        giver=row.giver,
        receiver=row.receiver,
        kind=row.kind,
        description=row.description,
        quantity=row.quantity,
        amount=row.amount,
        record=FmvRecord(row.record_kind, bytes(row.content), row.snapshot),
        fair=Fair(row.fair, row.low, row.high),
        declared=row.declared,
        attestation=row.attestation,
    )

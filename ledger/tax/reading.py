"""The trades that were done in a year, as the tax papers read them. Everything they know of trading's tables is here.

A trade counts in the year in which it was done (both confirmed, and the K moved): the day on which property, services
or credits were received (Treas. Reg. §1.6045-1(f)(3)), by the community's own time zone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from ledger.books.canonical import sha256
from ledger.books.store import instant_text
from ledger.books.units import K, rounded
from ledger.policy.dated import Policies
from ledger.tables import account, entry, fmv_record, leg, offer, schedule, trade, transfer
from ledger.tax import money
from ledger.tax.errors import DoesNotTie
from ledger.trading.audit import KINDS
from ledger.trading.fmv import FmvRecord, read_valuation
from ledger.trading.legs import MONEY, UNIT_OF


@dataclass(frozen=True, slots=True)
class DoneLeg:
    """A leg of a finished trade. `cents` is its worth by its frozen record for the whole quantity, or, where the record
    says "unknown", the value its giver declared; `declared_cents` the declared one wherever there is one. `amount` is
    rails or minutes, `moved` how much of them moved (less only where a dispute ended with a part)."""

    position: int
    giver: str
    receiver: str
    kind: str
    description: str
    quantity: str
    amount: int | None
    moved: int | None
    cents: int
    known: bool
    declared_cents: int | None
    attestation: str | None
    fmv_sha256: str
    record: FmvRecord
    row: dict[str, Any]

    @property
    def provided(self) -> bool:
        """Whether this is property or a service, and not credits or cash."""
        return self.kind not in MONEY


@dataclass(frozen=True, slots=True)
class Moved:
    """One entry of a trade's transfers with what its hash covers."""

    entry: dict[str, Any]
    transfer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DoneTrade:
    """A finished trade: its legs, what its transfers moved, and what each party paid the community, in rails:
    `fees`, of which `insured` went to the insurance."""

    id: str
    day: date
    done_at: str
    frozen_on: date
    proposer: str
    counterparty: str
    names: dict[str, str]
    reason: str | None
    deliver_by: str | None
    terms_sha256: str
    transfer: str | None
    currency: str
    fees: dict[str, int]
    fee_to: str | None
    escrow: str | None
    legs: tuple[DoneLeg, ...]
    moved: tuple[Moved, ...]
    insured: Mapping[str, int] = field(default_factory=dict)
    insurance_to: str | None = None

    @property
    def parties(self) -> tuple[str, str]:
        return self.proposer, self.counterparty

    def other(self, party: str) -> str:
        """The party on the other side."""
        return self.counterparty if party == self.proposer else self.proposer


def year_bounds(year: int, timezone: str) -> tuple[str, str]:
    """The first moment of a calendar year in a time zone and the first one after it, as the books write them."""
    zone = ZoneInfo(timezone)
    start, end = (datetime(each, 1, 1, tzinfo=zone).astimezone(UTC) for each in (year, year + 1))
    return instant_text(start), instant_text(end)


def last_day(year: int) -> date:
    """The last day of a calendar year: what holds on it holds for the year's papers."""
    return date(year, 12, 31)


def day_in(moment: str, timezone: str) -> date:
    """The calendar day of a moment of the books in a time zone."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).date()


def done_in(
    connection: Connection, policies: Policies, year: int, timezone: str, of: str | None = None
) -> list[DoneTrade]:
    """The trades done in a year, the earliest first; only those of the account `of` where it is given.

    Raises `DoesNotTie` where a frozen record is not as it was frozen.
    """
    start, end = year_bounds(year, timezone)
    which = and_(trade.c.state == "done", trade.c.done_at >= start, trade.c.done_at < end)
    if of is not None:
        which = and_(which, (trade.c.proposer == of) | (trade.c.counterparty == of))
    legs, moved = _legs(connection, which), _moved(connection, which)
    names = {row.id: row.name for row in connection.execute(select(account.c.id, account.c.name))}
    rows = connection.execute(
        select(trade, offer.c.made_at, offer.c.deliver_by, schedule.c.proposed_at.label("agreed_at"))
        .outerjoin(schedule, schedule.c.id == trade.c.schedule)
        .outerjoin(offer, and_(offer.c.trade == trade.c.id, offer.c.number == trade.c.offer))
        .where(which)
        .order_by(trade.c.done_at, trade.c.id)
    )
    return [_done(row, legs[row.id], moved[row.id], policies, timezone, names) for row in rows]


def payments_in(connection: Connection, year: int, timezone: str) -> tuple[int, int]:
    """How many payments in K were made in a year outside trades, and how many rails they come to; those that were taken
    back are not counted. What they were for no record says."""
    start, end = year_bounds(year, timezone)
    back = select(transfer.c.reverses).where(transfer.c.reverses.is_not(None))
    row = connection.execute(
        select(func.count(func.distinct(transfer.c.id)), func.coalesce(func.sum(entry.c.amount), 0))
        .select_from(entry)
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(transfer.c.kind == "payment", entry.c.unit == K, entry.c.amount > 0, transfer.c.id.not_in(back))
        .where(transfer.c.created_at >= start, transfer.c.created_at < end)
    ).one()
    return int(row[0]), int(row[1])


def is_party(connection: Connection, trade_id: str, of: str) -> bool:
    """Whether an account is one of a trade's two parties."""
    row = connection.execute(select(trade.c.proposer, trade.c.counterparty).where(trade.c.id == trade_id)).first()
    return row is not None and of in tuple(row)


def has_leg(connection: Connection, trade_id: str, position: int) -> bool:
    """Whether a trade's newest offer has a leg of this number."""
    query = (
        select(leg.c.position)
        .join(trade, and_(trade.c.id == leg.c.trade, trade.c.offer == leg.c.offer))
        .where(leg.c.trade == trade_id, leg.c.position == position)
    )
    return connection.execute(query).first() is not None


def _legs(connection: Connection, which: ColumnElement[bool]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    query = (
        select(leg, fmv_record.c.kind.label("record_kind"), fmv_record.c.content, fmv_record.c.snapshot)
        .join(trade, and_(trade.c.id == leg.c.trade, trade.c.offer == leg.c.offer))
        .join(fmv_record, fmv_record.c.sha256 == leg.c.fmv_sha256)
        .where(which)
        .order_by(leg.c.trade, leg.c.position)
    )
    for row in connection.execute(query):
        found[row.trade].append(row)
    return found


def _moved(connection: Connection, which: ColumnElement[bool]) -> defaultdict[str, list[Moved]]:
    found: defaultdict[str, list[Moved]] = defaultdict(list)
    said = [column.label(f"transfer_{column.name}") for column in transfer.c]
    query = (
        select(entry, *said)
        .join(transfer, transfer.c.id == entry.c.transfer)
        .join(trade, trade.c.id == transfer.c.reference)
        .where(which, transfer.c.kind.in_(KINDS))
        .order_by(entry.c.seq)
    )
    for row in connection.execute(query).mappings():
        own = {column.name: row[column.name] for column in entry.c}
        of = {column.name: row[f"transfer_{column.name}"] for column in transfer.c}
        found[of["reference"]].append(Moved(own, of))
    return found


def _done(
    row: Row[Any], legs: list[Row[Any]], moved: list[Moved], policies: Policies, timezone: str, names: dict[str, str]
) -> DoneTrade:
    # The legs of a schedule's trade were frozen when the schedule was proposed.
    frozen_on = date.fromisoformat((row.agreed_at or row.made_at or row.proposed_at)[:10])
    policy = policies.on(frozen_on)
    share = 100 if row.share_percent is None else row.share_percent

    def worth(declared: int | None) -> int | None:
        if declared is None:
            return None
        return money.cents(Fraction(declared, 100) * Fraction(policy.currency_per_k), policy.currency)

    return DoneTrade(
        id=row.id,
        day=day_in(row.done_at, timezone),
        done_at=row.done_at,
        frozen_on=frozen_on,
        proposer=row.proposer,
        counterparty=row.counterparty,
        names={party: names[party] for party in (row.proposer, row.counterparty)},
        reason=row.reason,
        deliver_by=row.deliver_by,
        terms_sha256=row.terms_sha256,
        transfer=row.transfer,
        currency=policy.currency,
        fees={
            row.proposer: row.fee_proposer + row.insurance_proposer,
            row.counterparty: row.fee_counterparty + row.insurance_counterparty,
        },
        fee_to=row.fee_to,
        escrow=row.escrow,
        legs=tuple(_leg(each, share, worth(each.declared)) for each in legs),
        moved=tuple(moved),
        insured={row.proposer: row.insurance_proposer, row.counterparty: row.insurance_counterparty},
        insurance_to=row.insurance_to,
    )


def _leg(row: Row[Any], share: int, declared_cents: int | None) -> DoneLeg:
    record = FmvRecord(row.record_kind, bytes(row.content), row.snapshot)
    if sha256(record.content) != row.fmv_sha256:
        raise DoesNotTie(f"{row.trade}, leg {row.position}: its FMV record {row.fmv_sha256} does not give its hash")
    moved = rounded(Fraction(row.amount * share, 100)) if row.kind in UNIT_OF else row.amount
    known = recorded_cents(record, Decimal(row.quantity))
    if known is not None and row.amount and moved != row.amount:
        known = rounded(Fraction(known * moved, row.amount))
    worth = known if known is not None else declared_cents
    return DoneLeg(
        position=row.position,
        giver=row.giver,
        receiver=row.receiver,
        kind=row.kind,
        description=row.description,
        quantity=row.quantity,
        amount=row.amount,
        moved=moved,
        cents=worth or 0,
        known=known is not None,
        declared_cents=declared_cents,
        attestation=row.attestation,
        fmv_sha256=row.fmv_sha256,
        record=record,
        row={column.name: getattr(row, column.name) for column in leg.c},
    )


def recorded_cents(record: FmvRecord, quantity: Decimal) -> int | None:
    """What a frozen record says a leg is worth, in minor units of its own currency; None where it says "unknown"."""
    if record.kind != "valuation":
        said = json.loads(record.content)
        return money.cents(Decimal(said["fmv"]), said["currency"])
    valuation = read_valuation(record.content)
    if valuation.fmv is None:
        return None
    return money.cents(Fraction(valuation.fmv) * Fraction(quantity), valuation.currency)

"""Settling a schedule: what was delivered becomes an ordinary finished trade, with everything that belongs to one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.books import accounts, standings, transfers
from ledger.books.canonical import new_id
from ledger.books.lines import Line, net
from ledger.books.store import UnitOfWork
from ledger.books.units import LARGEST_RAILS, K, k_text
from ledger.policy.dated import Policies, Policy
from ledger.tables import fmv_record, schedule, schedule_due, schedule_leg, trade
from ledger.trading import fmv, holding, money, offers, periods, reading, schedule_signing
from ledger.trading import legs as leg_rows
from ledger.trading.fmv import Fair
from ledger.trading.legs import UNIT_OF, Leg
from ledger.trading.periods import Due, Rhythm
from ledger.trading.terms import terms_hash


@dataclass(frozen=True, slots=True)
class Paid:
    """The rails that leave a party at once: for legs of K (below zero: more comes in), as fee, into the insurance."""

    moved: int = 0
    fee: int = 0
    insured: int = 0

    @property
    def total(self) -> int:
        return self.moved + self.fee + self.insured


def times(leg: Leg, number: int, policy: Policy) -> Leg:
    """A leg given `number` times, by the policy that froze it: pieces are counted, amounts are more of the same."""
    if leg.amount is None:
        quantity = Decimal(leg.quantity) * number
        value, record, amount = fmv.fair(leg.record, quantity, policy), leg.record, None
    else:
        quantity, amount = Decimal(1), leg.amount * number
        record = fmv.times(leg.record, number)
        value = fmv.fair(record, quantity, policy)
    declared = None if leg.declared is None else leg.declared * number
    return replace(leg, quantity=f"{quantity:f}", amount=amount, record=record, fair=value, declared=declared)


def finish_period(unit: UnitOfWork, row: Row[Any], period: int, by: str) -> None:
    """Where everything of a period is received, make it a trade; where it was the last one, the schedule is done."""
    own = {each.position: each for each in _legs(unit.connection, row.id)}
    of_period = [each for each in dues_of(unit.connection, row.id) if each.period == period]
    if any(each.received_at is None and own[each.position].kind not in UNIT_OF for each in of_period):
        return
    legs = _counted(own.values(), (each.position for each in of_period), _frozen_by(unit.policies, row))
    _settle(unit, row, legs, of_period, by)
    if all(each.trade is not None for each in dues_of(unit.connection, row.id)):
        change(unit, row.id, state="done", ended_at=unit.now)


def settle_open(unit: UnitOfWork, row: Row[Any], by: str) -> int:
    """Make what was received and is in no trade yet a last trade without a fee, whoever gave less adding the difference
    in K within the limits; the rails that are left open. Nothing is paid into the insurance for it either."""
    own = {each.position: each for each in _legs(unit.connection, row.id)}
    received = [
        each
        for each in dues_of(unit.connection, row.id)
        if each.received_at is not None and each.trade is None and own[each.position].kind not in UNIT_OF
    ]
    if not received:
        return 0
    policy = _frozen_by(unit.policies, row)
    legs = _counted(own.values(), (each.position for each in received), policy)
    gave: Counter[str] = Counter()
    for each in legs:
        gave[each.giver] += each.worth.counted
    less, more = sorted((row.proposer, row.counterparty), key=lambda side: gave[side])
    owed = gave[more] - gave[less]
    paid = min(owed, schedule_signing.unsigned_at_most(unit, row, less, _may_move(unit, less, more)))
    if paid:
        legs.append(_difference(less, more, paid, len(legs) + 1, policy))
    _settle(unit, row, legs, received, by, cause="default")
    return owed - paid


def overdue(connection: Connection, row: Row[Any], today: str, *, giver: str) -> list[Row[Any]]:
    """What a party should have delivered before the days of grace, and the other has not received."""
    last = (date.fromisoformat(today) - timedelta(days=row.grace_days)).isoformat()
    own = {each.position: each for each in leg_rows_of(connection, row.id)}
    return [
        each
        for each in dues_of(connection, row.id)
        if each.received_at is None
        and each.day < last
        and own[each.position].giver == giver
        and own[each.position].kind not in UNIT_OF
    ]


def dues_of(connection: Connection, schedule_id: str) -> list[Row[Any]]:
    """Every time that a schedule's legs fall due, by day."""
    query = select(schedule_due).where(schedule_due.c.schedule == schedule_id)
    return list(connection.execute(query.order_by(schedule_due.c.day, schedule_due.c.position)).all())


def foreseen(connection: Connection, schedule_id: str) -> list[Due]:
    """The same by the legs' rhythms, also while nobody has accepted the schedule."""
    rows = leg_rows_of(connection, schedule_id)
    return periods.dues(
        [Rhythm(each.giver, date.fromisoformat(each.first_day), each.every_days, each.times) for each in rows]
    )


def leg_rows_of(connection: Connection, schedule_id: str) -> list[Row[Any]]:
    """The rows of a schedule's legs, in their order."""
    query = select(schedule_leg).where(schedule_leg.c.schedule == schedule_id).order_by(schedule_leg.c.position)
    return list(connection.execute(query).all())


def change(unit: UnitOfWork, schedule_id: str, **values: Any) -> None:
    """Write a locked schedule's new values."""
    changed = unit.connection.execute(update(schedule).where(schedule.c.id == schedule_id).values(**values))
    assert changed.rowcount == 1, "the schedule was locked before"


def _settle(
    unit: UnitOfWork,
    row: Row[Any],
    legs: Sequence[Leg],
    dues: Sequence[Row[Any]],
    by: str,
    cause: str | None = None,
) -> None:
    trade_id, reason = new_id("trade"), f"schedule {row.id}"
    terms = terms_hash(trade_id, row.proposer, row.counterparty, reason, [each.row() for each in legs])
    pool, fee = (None, (0, 0)) if cause else holding.fee_for(unit, row, legs)
    fund, insured = (None, (0, 0)) if cause else holding.insurance_for(unit, row, legs)
    lines = _lines(row, legs, (pool, fee), (fund, insured))
    schedule_signing.check(unit, row, net(lines))
    unit.connection.execute(
        insert(trade).values(
            id=trade_id,
            proposer=row.proposer,
            counterparty=row.counterparty,
            state="done",
            reason=reason,
            terms_sha256=terms,
            proposed_at=unit.now,
            accepted_at=unit.now,
            done_at=unit.now,
            offer=1,
            cause=cause,
            schedule=row.id,
            **holding.taken(pool, fee, fund, insured),
        )
    )
    made = {"trade": trade_id, "number": 1, "made_by": row.proposer, "reason": reason, "terms_sha256": terms}
    offers.write(unit, {**made, "deliver_by": None, "miles": None, "made_at": unit.now}, legs)
    _mark(unit, row.id, dues, trade_id)
    posted = transfers.post(unit, kind="trade", made_by=by, lines=lines, reference=trade_id, terms_sha256=terms)
    unit.connection.execute(update(trade).where(trade.c.id == trade_id).values(transfer=posted.id))


def check_signed(unit: UnitOfWork, row: Row[Any]) -> None:
    """Raise `WrongState` where some period of the schedule will need signatures that are missing today."""
    tiers = [unit.policy.tier(accounts.one(unit.connection, each).tier) for each in (row.proposer, row.counterparty)]
    if all(tier.signatures <= 1 for tier in tiers):
        return
    most = paid_at_most(unit.connection, row, unit.policy, unit.policies)
    schedule_signing.check(unit, row, {(side, K): -paid.total for side, paid in most.items()})


def paid_at_most(connection: Connection, row: Row[Any], today: Policy, policies: Policies) -> dict[str, Paid]:
    """The most K that leaves each side of a schedule in one of the periods that are not settled yet, with fee and
    insurance by `today`'s policy. Nothing is written."""
    own, frozen = _legs(connection, row.id), _frozen_by(policies, row)
    settled = {(each.position, each.occurrence) for each in dues_of(connection, row.id) if each.trade is not None}
    open_periods: defaultdict[int, list[int]] = defaultdict(list)
    for due in foreseen(connection, row.id):
        if (due.position, due.occurrence) not in settled:
            open_periods[due.period].append(due.position)
    # Most periods are alike, and what is alike is worked out once.
    alike = sorted({tuple(sorted(positions)) for positions in open_periods.values()})
    found = [_paid(row, _counted(own, positions, frozen), today) for positions in alike]
    sides = ((side, [each[place] for each in found]) for place, side in enumerate((row.proposer, row.counterparty)))
    return {side: max(each, key=lambda paid: paid.total, default=Paid()) for side, each in sides}


def _paid(row: Row[Any], legs: Sequence[Leg], policy: Policy) -> tuple[Paid, Paid]:
    """What leaves the proposer and the counterparty in a period."""
    by_proposer, by_other = reading.sides(legs, row.proposer)
    moved = money.k_moved(by_proposer) - money.k_moved(by_other)
    fee, insured = reading.fee_by(policy, row, legs, "the pool"), reading.insured_by(policy, row, legs)
    return Paid(moved, fee[0], insured[0]), Paid(-moved, fee[1], insured[1])


def _lines(row: Row[Any], legs: Sequence[Leg], *charged: tuple[str | None, Sequence[int]]) -> tuple[Line, ...]:
    """What a period moves: its legs, and what each side pays to accounts of the community."""
    lines = [*money.moved(legs)]
    for house, (mine, other) in charged:
        lines += money.fee_again(row.proposer, row.counterparty, house or "", mine, other)
    return tuple(lines) or (Line(account=row.proposer, amount=0), Line(account=row.counterparty, amount=0))


def _mark(unit: UnitOfWork, schedule_id: str, dues: Sequence[Row[Any]], trade_id: str) -> None:
    """Keep which trade settled what fell due; K and minutes are received with it."""
    for each in dues:
        unit.connection.execute(
            update(schedule_due)
            .where(
                schedule_due.c.schedule == schedule_id,
                schedule_due.c.position == each.position,
                schedule_due.c.occurrence == each.occurrence,
            )
            .values(trade=trade_id, received_at=each.received_at or unit.now)
        )


def _counted(own: Iterable[Leg], positions: Iterable[int], policy: Policy) -> list[Leg]:
    """The legs of a trade: each leg as often as its position is there, numbered anew."""
    often = Counter(positions)
    legs = [times(leg, often[leg.position], policy) for leg in own if often[leg.position]]
    return [replace(leg, position=number) for number, leg in enumerate(legs, start=1)]


def _may_move(unit: UnitOfWork, payer: str, payee: str) -> int:
    """The rails that may go from one account to another now, by all limits."""
    found = standings.locked(unit, {(payer, K), (payee, K)})
    out, coming = found[payer, K], found[payee, K]
    limits = [each for each in (out.spendable, out.left_on(unit.today), coming.room) if each is not None]
    return max(min(limits), 0) if limits else LARGEST_RAILS


def _difference(giver: str, receiver: str, amount: int, position: int, policy: Policy) -> Leg:
    return Leg(
        position=position,
        giver=giver,
        receiver=receiver,
        kind="k",
        description=f"{k_text(amount)} K",
        quantity="1",
        amount=amount,
        record=fmv.of_k(amount, policy),
        fair=Fair(amount, amount, amount),
        declared=None,
        attestation=None,
    )


def _frozen_by(policies: Policies, row: Row[Any]) -> Policy:
    return policies.on(date.fromisoformat(row.proposed_at[:10]))


def _legs(connection: Connection, schedule_id: str) -> list[Leg]:
    rows = connection.execute(
        select(schedule_leg, *leg_rows.RECORD)
        .join(fmv_record, fmv_record.c.sha256 == schedule_leg.c.fmv_sha256)
        .where(schedule_leg.c.schedule == schedule_id)
        .order_by(schedule_leg.c.position)
    )
    return [leg_rows.of_row(row) for row in rows]

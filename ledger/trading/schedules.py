"""Schedules: deliveries that repeat ("a haircut a month for bread every week"), or of which one comes much later than
the other ("now for harvest").

    proposed ──accept──▶ running ──everything received──▶ done
        └──────cancel──────┤ ├──both cancel──────────▶ cancelled
                           └─┴──default──────────────▶ defaulted

The values of all legs are frozen when the schedule is proposed. Each party confirms what it receives. When everything
of a period is there, the period becomes an ordinary finished trade: with its own FMV records, its fee, its transfer in
the chain. A schedule holds no K in advance: the receipt that finishes a period is refused while a limit stands in its
way. A business whose tier asks for signatures has the schedule's terms signed before it is accepted
(`schedule_signing`). Where something is missing after its day and the days of grace, the other party may call the
default: what was delivered and not settled yet becomes a last trade, in which whoever gave less adds the difference in
K, as far as the limits go; what is left open is kept as the shortfall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from ledger.books import accounts
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.tables import schedule, schedule_due, schedule_leg
from ledger.trading import legs as leg_rows
from ledger.trading import offers, periods, schedule_view, settling
from ledger.trading.legs import Leg, LegDraft
from ledger.trading.periods import Rhythm
from ledger.trading.reading import fairness_of
from ledger.trading.rows import checked_text
from ledger.trading.schedule_view import Schedule, ScheduleList, listing, view
from ledger.trading.terms import schedule_hash
from warehouse.errors import BadInput

__all__ = ["ScheduleList", "ScheduledDraft", "accept", "cancel", "default", "listing", "propose", "receive", "view"]

MOST_GRACE = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledDraft:
    """A leg and its rhythm: what is given each time, the first day, how many days between two, how often."""

    leg: LegDraft
    first_day: date
    every_days: int | None = None
    times: int = 1

    def said(self) -> dict[str, Any]:
        """The draft as part of a request."""
        rhythm = {"first_day": self.first_day.isoformat(), "every_days": self.every_days, "times": self.times}
        return {**self.leg.said(), **rhythm}


def propose(
    ledger: Ledger,
    *,
    key: str,
    proposer: str,
    counterparty: str,
    legs: Sequence[ScheduledDraft],
    grace_days: int = 7,
    reason: str | None = None,
) -> Schedule:
    """Propose a schedule to `counterparty` (an id or a name). The value of each leg is frozen here.

    Raises `BadInput` for legs that make no schedule, and where all of them together are so far from fair that they ask
    for a `reason` and none is stated.
    """
    stated = checked_text(reason, "a reason")
    request = {
        "operation": "propose schedule",
        "counterparty": counterparty,
        "legs": [each.said() for each in legs],
        "grace_days": grace_days,
        "reason": stated,
    }

    def work(unit: UnitOfWork) -> Schedule:
        return _open(unit, proposer, counterparty, legs, grace_days, stated)

    return once(ledger, account=proposer, key=key, request=request, answer=Schedule, work=work)


def accept(ledger: Ledger, *, key: str, by: str, schedule_id: str) -> Schedule:
    """The counterparty agrees; from now on the legs fall due on their days."""

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        if row.counterparty != by:
            raise NotAllowed("a schedule is accepted by the party it was proposed to")
        _expect(row, "accept", "proposed")
        unit.connection.execute(
            insert(schedule_due),
            [
                {
                    "schedule": row.id,
                    "position": each.position,
                    "occurrence": each.occurrence,
                    "period": each.period,
                    "day": each.day.isoformat(),
                }
                for each in settling.foreseen(unit.connection, row.id)
            ],
        )
        settling.check_signed(unit, row)
        settling.change(unit, row.id, state="running", accepted_at=unit.now)

    return _step(ledger, key, by, schedule_id, "accept", work)


def receive(ledger: Ledger, *, key: str, by: str, schedule_id: str, position: int, occurrence: int) -> Schedule:
    """A party confirms that it received a leg this time. What completes a period finishes it as a trade.

    K and minutes of a schedule need no receipt: they move with their period. Raises `WrongState` for what was received
    before, `NotAllowed` for what goes to the other, `LimitReached` where the period's K finds no room.
    """

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        _expect(row, "receive from", "running")
        leg = next((each for each in settling.leg_rows_of(unit.connection, row.id) if each.position == position), None)
        due = next(
            (
                each
                for each in settling.dues_of(unit.connection, row.id)
                if (each.position, each.occurrence) == (position, occurrence)
            ),
            None,
        )
        if leg is None or due is None:
            raise Unknown(f"this schedule has no occurrence {occurrence} of a leg {position}")
        if leg.receiver != by:
            raise NotAllowed("a receipt is confirmed by the one who receives")
        if leg.kind in leg_rows.UNIT_OF:
            raise WrongState("K and minutes move by themselves when their period is complete")
        if due.received_at is not None:
            raise WrongState(f"this was received on {due.received_at[:10]} already")
        unit.connection.execute(
            update(schedule_due)
            .where(
                schedule_due.c.schedule == row.id,
                schedule_due.c.position == position,
                schedule_due.c.occurrence == occurrence,
            )
            .values(received_at=unit.now)
        )
        settling.finish_period(unit, row, due.period, by)

    said = {"position": position, "occurrence": occurrence}
    return _step(ledger, key, by, schedule_id, "receive", work, **said)


def default(ledger: Ledger, *, key: str, by: str, schedule_id: str) -> Schedule:
    """What the other party should have delivered is missing after the days of grace: the schedule ends, what was
    delivered and is open is settled, and it is said through whom. Raises `WrongState` where nothing is overdue."""

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        _expect(row, "call the default of", "running")
        other = row.counterparty if by == row.proposer else row.proposer
        overdue = settling.overdue(unit.connection, row, unit.today, giver=other)
        if not overdue:
            raise WrongState(
                f"nothing that the other party delivers is overdue by more than {row.grace_days} days of grace"
            )
        if settling.overdue(unit.connection, row, unit.today, giver=by):
            raise WrongState("what you deliver is overdue as well: end the schedule together")
        short = settling.settle_open(unit, row, by)
        settling.change(unit, row.id, state="defaulted", at_fault=other, shortfall=short, ended_at=unit.now)

    return _step(ledger, key, by, schedule_id, "default", work)


def cancel(ledger: Ledger, *, key: str, by: str, schedule_id: str) -> Schedule:
    """A party wants to end it. A proposal ends at once; a running schedule once both have asked, and what was delivered
    and is open is settled as in a default, through nobody's fault."""

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        _expect(row, "cancel", "proposed", "running")
        if row.state == "proposed":
            settling.change(unit, row.id, state="cancelled", ended_at=unit.now)
            return
        if row.cancel_asked_by == by:
            raise WrongState("you have asked to end this schedule already; it waits for the other party")
        if row.cancel_asked_by is None:
            settling.change(unit, row.id, cancel_asked_by=by)
            return
        short = settling.settle_open(unit, row, by)
        settling.change(unit, row.id, state="cancelled", shortfall=short, ended_at=unit.now)

    return _step(ledger, key, by, schedule_id, "cancel", work)


def _open(
    unit: UnitOfWork,
    proposer: str,
    counterparty: str,
    legs: Sequence[ScheduledDraft],
    grace_days: int,
    stated: str | None,
) -> Schedule:
    """Freeze the legs of a schedule and write it."""
    other = accounts.named(unit.connection, counterparty)
    if other.id == proposer or other.kind not in accounts.KINDS:
        raise BadInput("a schedule has two parties, each a member or a business")
    _check(legs, grace_days, unit.today)
    frozen = offers.freeze(unit, [each.leg for each in legs], proposer=proposer, counterparty=other.id)
    rhythms = [Rhythm(each.leg.giver, each.first_day, each.every_days, each.times) for each in legs]
    whole = [settling.times(leg, rhythm.times, unit.policy) for leg, rhythm in zip(frozen, rhythms, strict=True)]
    fairness = fairness_of(whole, proposer, unit.policy.reason_above_percent)
    if fairness.asks_reason and stated is None:
        raise BadInput(f"{' '.join(fairness.notices)} State a reason for this schedule.")
    said = {
        "id": new_id("schedule"),
        "proposer": proposer,
        "counterparty": other.id,
        "reason": stated,
        "grace_days": grace_days,
        "period_days": periods.period_days(rhythms),
    }
    _write(unit, said, frozen, legs)
    return schedule_view.read(unit.connection, str(said["id"]))


def _write(unit: UnitOfWork, said: dict[str, Any], frozen: Sequence[Leg], legs: Sequence[ScheduledDraft]) -> None:
    rows = [
        {
            **leg.row(),
            "first_day": each.first_day.isoformat(),
            "every_days": each.every_days,
            "times": each.times,
        }
        for leg, each in zip(frozen, legs, strict=True)
    ]
    leg_rows.write_records(unit, frozen)
    unit.connection.execute(
        insert(schedule).values(**said, state="proposed", terms_sha256=schedule_hash(said, rows), proposed_at=unit.now)
    )
    unit.connection.execute(insert(schedule_leg), [{"schedule": said["id"], **row} for row in rows])


def _step(ledger: Ledger, key: str, by: str, schedule_id: str, operation: str, work: Any, **said: Any) -> Schedule:
    request = {"operation": f"{operation} schedule", "schedule": schedule_id, **said}

    def taken(unit: UnitOfWork) -> Schedule:
        query = select(schedule).where(schedule.c.id == schedule_id).with_for_update()
        row = unit.connection.execute(query).one_or_none()
        if row is None or by not in (row.proposer, row.counterparty):
            raise Unknown(f'there is no schedule "{schedule_id}" among yours')
        work(unit, row)
        return schedule_view.read(unit.connection, schedule_id)

    return once(ledger, account=by, key=key, request=request, answer=Schedule, work=taken)


def _expect(row: Row[Any], verb: str, *states: str) -> None:
    if row.state not in states:
        raise WrongState(f"this schedule is {row.state}; one can {verb} one that is {' or '.join(states)}")


def _check(legs: Sequence[ScheduledDraft], grace_days: int, today: str) -> None:
    if not 0 <= grace_days <= MOST_GRACE:
        raise BadInput(f"days of grace are 0 to {MOST_GRACE}")
    for number, each in enumerate(legs, start=1):
        repeats = each.every_days is not None
        if not 1 <= each.times <= periods.MOST_TIMES or repeats != (each.times > 1):
            raise BadInput(
                f"leg {number}: a leg falls due once, or up to {periods.MOST_TIMES} times every so many days"
            )
        if each.every_days is not None and not 1 <= each.every_days <= 366:
            raise BadInput(f"leg {number}: days between two deliveries are 1 to 366")
        first = each.first_day
        last = list(Rhythm(each.leg.giver, first, each.every_days, each.times).days())[-1]
        if first.isoformat() < today or last - date.fromisoformat(today) > periods.LONGEST:
            raise BadInput(f"leg {number}: it begins today or later and ends within ten years")
    if all(each.times == 1 for each in legs) and len({each.first_day for each in legs}) == 1:
        raise BadInput("everything is due on one day and once: that is a trade, not a schedule")

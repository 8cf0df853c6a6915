"""A schedule as its two parties see it, and a party's list of them. Amounts are rails."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, and_, or_, select

from ledger.books import accounts
from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from ledger.tables import fmv_record, schedule, schedule_due, schedule_leg
from ledger.trading import legs as leg_rows
from ledger.trading.trade_view import LegView, Party
from warehouse.errors import BadInput

State = Literal["proposed", "running", "done", "defaulted", "cancelled"]
MOST_LISTED = 100


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ScheduledLeg(_Frozen):
    """What is given each time, and when."""

    each: LegView
    first_day: str
    every_days: int | None
    times: int


class DueView(_Frozen):
    """One time that a leg falls due; `trade` is the one that settled it."""

    position: int
    occurrence: int
    period: int
    day: str
    received_at: str | None
    trade: str | None


class Schedule(_Frozen):
    """A schedule with its legs and every day they fall due; `shortfall` is what a default left open, in rails."""

    id: str
    state: State
    proposer: Party
    counterparty: Party
    legs: tuple[ScheduledLeg, ...]
    dues: tuple[DueView, ...]
    grace_days: int
    period_days: int | None
    reason: str | None
    terms_sha256: str
    cancel_asked_by: str | None
    at_fault: str | None
    shortfall: int | None
    proposed_at: str
    accepted_at: str | None
    ended_at: str | None


class ScheduleList(_Frozen):
    """A page of schedules, the newest first; `next` is the `after` of the page behind it."""

    schedules: tuple[Schedule, ...]
    next: str | None


def view(ledger: Ledger, *, by: str, schedule_id: str) -> Schedule:
    """A schedule, for its two parties. Raises `Unknown` for everybody else."""
    with ledger.reading() as connection:
        row = connection.execute(select(schedule).where(schedule.c.id == schedule_id)).one_or_none()
        if row is None or by not in (row.proposer, row.counterparty):
            raise Unknown(f'there is no schedule "{schedule_id}" among yours')
        return read(connection, schedule_id)


def listing(ledger: Ledger, *, by: str, after: str | None = None, limit: int = 20) -> ScheduleList:
    """A party's schedules, the newest first, from behind the schedule `after`."""
    if not 1 <= limit <= MOST_LISTED:
        raise BadInput(f"a page has 1 to {MOST_LISTED} schedules")
    mine = or_(schedule.c.proposer == by, schedule.c.counterparty == by)
    at, id = schedule.c.proposed_at, schedule.c.id
    query = select(id).where(mine).order_by(at.desc(), id.desc()).limit(limit + 1)
    with ledger.reading() as connection:
        if after is not None:
            last = connection.execute(select(schedule).where(mine, id == after)).one_or_none()
            if last is None:
                raise Unknown(f'there is no schedule "{after}" among yours to go on from')
            query = query.where(or_(at < last.proposed_at, and_(at == last.proposed_at, id < last.id)))
        found = connection.execute(query).scalars().all()
        told = tuple(read(connection, each) for each in found[:limit])
    return ScheduleList(schedules=told, next=found[limit - 1] if len(found) > limit else None)


def read(connection: Connection, schedule_id: str) -> Schedule:
    """A schedule with everything that belongs to it."""
    row = connection.execute(select(schedule).where(schedule.c.id == schedule_id)).one()
    parties = [accounts.one(connection, id) for id in (row.proposer, row.counterparty)]
    legs = connection.execute(
        select(schedule_leg, *leg_rows.RECORD)
        .join(fmv_record, fmv_record.c.sha256 == schedule_leg.c.fmv_sha256)
        .where(schedule_leg.c.schedule == schedule_id)
        .order_by(schedule_leg.c.position)
    ).all()
    dues = connection.execute(
        select(schedule_due)
        .where(schedule_due.c.schedule == schedule_id)
        .order_by(schedule_due.c.day, schedule_due.c.position)
    )
    names = ("id", "state", "grace_days", "period_days", "reason", "terms_sha256", "cancel_asked_by", "at_fault")
    later = ("shortfall", "proposed_at", "accepted_at", "ended_at")
    return Schedule(
        proposer=Party(id=parties[0].id, name=parties[0].name),
        counterparty=Party(id=parties[1].id, name=parties[1].name),
        legs=tuple(_leg(each, row.proposer) for each in legs),
        dues=tuple(DueView.model_validate({n: v for n, v in due._mapping.items() if n != "schedule"}) for due in dues),
        **{name: row._mapping[name] for name in (*names, *later)},
    )


def _leg(row: Row[Any], proposer: str) -> ScheduledLeg:
    each = LegView.of(leg_rows.of_row(row), "proposer" if row.giver == proposer else "counterparty")
    return ScheduledLeg(each=each, first_day=row.first_day, every_days=row.every_days, times=row.times)

"""Declaring a crisis: what the policy says of it holds from its first day to its last, and ends by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import RootModel
from sqlalchemy import Row, select, update

from ledger.books import audit_log
from ledger.books.errors import Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.transfers import checked_memo
from ledger.community.keyed import id_of, insert_once
from ledger.community.turn import take_turn
from ledger.tables import crisis
from warehouse.errors import BadInput

# A crisis that lasts is declared again: nobody forgets one.
LONGEST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Crisis:
    """A crisis as it was declared: its first and last day (UTC), and the day it was ended on, before its time."""

    id: str
    kind: str
    note: str
    declared_by: str
    declared_at: str
    starts_on: str
    ends_on: str
    ended_on: str | None

    def open_on(self, day: date) -> bool:
        """Whether it holds on `day`."""
        told = day.isoformat()
        return self.starts_on <= told <= self.ends_on and (self.ended_on is None or told < self.ended_on)


def declare(ledger: Ledger, *, key: str, by: str, kind: str, ends_on: date, note: str) -> Crisis:
    """Declare a crisis from today to the end of `ends_on`. The same key declares it once.

    Raises `BadInput` for a kind the policy does not have, an end that is past or farther than half a year, or where
    there is no note, and `WrongState` where one of that kind is open.
    """
    text = checked_memo(note)
    if not text:
        raise BadInput("a crisis is declared with a note: what happened, and who says so")

    def work(unit: UnitOfWork) -> Crisis:
        today = date.fromisoformat(unit.today)
        take_turn(unit)
        there = [_of(row) for row in unit.connection.execute(select(crisis))]
        # What is sent again is not judged again: its crisis may be long over.
        if id_of(crisis, key=key, by=by) not in {each.id for each in there}:
            _check(unit, kind, ends_on, [each for each in there if each.kind == kind and each.open_on(today)])
        said = {"kind": kind, "note": text, "declared_by": by, "ends_on": ends_on.isoformat()}
        also = {"starts_on": unit.today, "declared_at": unit.now}
        made, new = insert_once(unit, crisis, key=key, by=by, said=said, also=also)
        if new:
            audit_log.record(
                unit, actor=by, action="crisis.declared", crisis=made, kind=kind, until=ends_on.isoformat()
            )
        return _of(unit.connection.execute(select(crisis).where(crisis.c.id == made)).one())

    return ledger.transact(work)


def _check(unit: UnitOfWork, kind: str, ends_on: date, there: list[Crisis]) -> None:
    """Raise where a crisis of that kind and end cannot be declared today, beside the open ones of its kind."""
    today = date.fromisoformat(unit.today)
    known = unit.policies.on(today).sections.crises or {}
    if kind not in known:
        raise BadInput(f'the policy knows {", ".join(known) or "no crisis"}, not "{kind}"')
    if not 0 <= (ends_on - today).days <= LONGEST_DAYS:
        raise BadInput(f"a crisis ends within {LONGEST_DAYS} days of its first; {ends_on} does not")
    if there:
        raise WrongState(f"a {kind} is open already, {there[0].id}; end it first, or let it end")


class _Ended(RootModel[Crisis]):
    """A crisis, as what a key stands for."""


def end(ledger: Ledger, *, by: str, crisis_id: str, key: str | None = None) -> Crisis:
    """End a crisis before its time: it does not hold from today on. Ending it again changes nothing. With a `key` of
    the account `by` the answer is the first one again.

    Raises `Unknown`, and `WrongState` where it has ended by itself.
    """

    def work(unit: UnitOfWork) -> Crisis:
        query = select(crisis).where(crisis.c.id == crisis_id)
        row = unit.connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            raise Unknown(f'there is no crisis "{crisis_id}" in these books')
        if row.ended_on is None:
            if row.ends_on < unit.today:
                raise WrongState(f"the crisis {crisis_id} has ended by itself on {row.ends_on}")
            unit.connection.execute(update(crisis).where(crisis.c.id == crisis_id).values(ended_on=unit.today))
            audit_log.record(unit, actor=by, action="crisis.ended", crisis=crisis_id, kind=row.kind)
        return _of(unit.connection.execute(query).one())

    if key is None:
        return ledger.transact(work)
    request = {"operation": "end crisis", "crisis": crisis_id}
    return once(ledger, account=by, key=key, request=request, answer=_Ended, work=lambda unit: _Ended(work(unit))).root


def listing(ledger: Ledger) -> list[Crisis]:
    """All crises that were declared, the newest first."""
    with ledger.reading() as connection:
        rows = connection.execute(select(crisis).order_by(crisis.c.declared_at.desc(), crisis.c.id))
        return [_of(row) for row in rows]


def _of(row: Row[tuple[str, ...]]) -> Crisis:
    return Crisis(**row._mapping)

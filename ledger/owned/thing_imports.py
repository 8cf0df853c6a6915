"""Bringing many things in at once: each is added, changed, known already, or left out with the reason.

What is brought again is the same thing again, by its own key: a SKU, or a hash of the row. Fields that a file does not
speak of stay as they were. The answer that is kept for a repeated request has numbers of rows alone and nothing that
was said in them; the reasons are told anew from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, select

from ledger.books.canonical import canonical, new_id, sha256
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.owned.thing_terms import Owned, checked, merged
from ledger.owned.things import MOST_THINGS, count_locked, new_row, rewrite, told
from ledger.tables import thing
from warehouse.errors import BadInput

MOST_ROWS = 20_000
_LONGEST_KEY = 160


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that is brought: where it stands, its own key, and the fields of `Owned` that are said of it."""

    place: str
    own_key: str
    said: Mapping[str, Any]


class LeftOut(BaseModel):
    """A row that was not taken: where it stands, the reason to count, and the way out."""

    model_config = ConfigDict(frozen=True)

    place: str
    reason: str
    message: str


class Brought(BaseModel):
    """What became of the rows: each is in one of the four."""

    model_config = ConfigDict(frozen=True)

    added: int
    changed: int
    known: int
    left_out: list[LeftOut]


class _Outcome(BaseModel):
    """The same by the numbers of the arrivals, without a word of theirs."""

    added: int = 0
    changed: int = 0
    known: int = 0
    refused: list[int] = []
    again: list[int] = []
    none_in_stock: list[int] = []
    too_many: list[int] = []


def bring(ledger: Ledger, *, key: str, by: str, arrivals: Sequence[Arrival], dry_run: bool = False) -> Brought:
    """Take things in, in one transaction. `dry_run` says what would become of them and changes nothing.

    Raises `BadInput` for more than 20,000 rows, `KeyReused` and `KeyInFlight` as every write does.
    """
    if len(arrivals) > MOST_ROWS:
        raise BadInput(f"at most {MOST_ROWS} rows at once, not {len(arrivals)}: bring them in several files")

    def work(unit: UnitOfWork) -> _Outcome:
        return _take(unit, by, arrivals)

    if dry_run:
        return _report(arrivals, _tried(ledger, work))
    rows = [[each.own_key, dict(each.said)] for each in arrivals]
    request = {"operation": "import things", "rows": sha256(canonical(rows))}
    return _report(arrivals, once(ledger, account=by, key=key, request=request, answer=_Outcome, work=work))


class _Tried(Exception):
    """Carries an outcome out of a transaction that is taken back."""

    def __init__(self, outcome: _Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _tried(ledger: Ledger, work: Callable[[UnitOfWork], _Outcome]) -> _Outcome:
    def and_take_back(unit: UnitOfWork) -> None:
        raise _Tried(work(unit))

    try:
        ledger.transact(and_take_back)
    except _Tried as tried:
        return tried.outcome
    raise AssertionError("a try is never committed")


def _take(unit: UnitOfWork, by: str, arrivals: Sequence[Arrival]) -> _Outcome:
    there = count_locked(unit, by)
    rows = unit.connection.execute(select(thing).where(thing.c.account == by).order_by(thing.c.id).with_for_update())
    known = {row.own_key: told(row) for row in rows}
    done, new, met = _Outcome(), list[dict[str, Any]](), set[str]()
    for number, each in enumerate(arrivals):
        if each.own_key in met:
            done.again.append(number)
            continue
        met.add(each.own_key)
        found = known.get(each.own_key)
        try:
            owned = _owned(each, None if found is None else found.owned)
        except BadInput:
            done.refused.append(number)
            continue
        if found is not None:
            if rewrite(unit, found, owned):
                done.changed += 1
            else:
                done.known += 1
        elif owned.quantity == 0:
            done.none_in_stock.append(number)
        elif there + len(new) >= MOST_THINGS:
            done.too_many.append(number)
        else:
            new.append(new_row(unit, new_id("thing"), by, each.own_key, owned))
    if new:
        unit.connection.execute(insert(thing), new)
    done.added = len(new)
    return done


def _owned(each: Arrival, known: Owned | None) -> Owned:
    if not 0 < len(each.own_key) <= _LONGEST_KEY:
        raise BadInput(f"external_id: 1 to {_LONGEST_KEY} characters")
    return checked(each.said) if known is None else merged(known, each.said)


def _report(arrivals: Sequence[Arrival], done: _Outcome) -> Brought:
    left = [(number, "refused", _why(arrivals[number])) for number in done.refused]
    left += [(number, "same_id", "a row before it has the same id; give each its own") for number in done.again]
    left += [(number, "none_in_stock", "its quantity is 0, and it is not registered") for number in done.none_in_stock]
    full = f"an account has at most {MOST_THINGS} things; remove some that are gone"
    left += [(number, "too_many", full) for number in done.too_many]
    return Brought(
        added=done.added,
        changed=done.changed,
        known=done.known,
        left_out=[
            LeftOut(place=arrivals[number].place, reason=reason, message=message)
            for number, reason, message in sorted(left)
        ],
    )


def _why(each: Arrival) -> str:
    try:
        _owned(each, None)
    except BadInput as error:
        return str(error)
    return "together with what is known of the thing already it is too much; change the thing itself"

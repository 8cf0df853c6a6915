"""Holds: what is promised and not moved yet. From the moment it is held it counts against all its accounts' limits.

open ──▶ posted    its lines are in the chain as a transfer
  ├────▶ void      the promise is off
  └────▶ expired   its time ran out
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from ledger.books import standings
from ledger.books.canonical import new_id
from ledger.books.lines import Line, check_balanced, net
from ledger.books.standings import Move
from ledger.books.store import UnitOfWork
from ledger.tables import hold, hold_line

State = Literal["open", "posted", "void", "expired"]
Ended = Literal["posted", "void", "expired"]


class Hold(BaseModel):
    """A promise as it stands in the books; `transfer` is what it became."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    made_by: str
    memo: str
    reference: str | None
    state: State
    created_at: str
    expires_at: str | None
    settled_at: str | None
    transfer: str | None
    lines: tuple[Line, ...]


def reserve(
    unit: UnitOfWork,
    *,
    kind: str,
    made_by: str,
    lines: Sequence[Line],
    reference: str | None = None,
    memo: str = "",
    expires_at: str | None = None,
    daily: bool = True,
) -> Hold:
    """Hold `lines` for what `reference` names. Raises `LimitReached`, naming the side that cannot.

    `daily=False` for what the house itself moves: it does not count as spent that day.
    """
    check_balanced(lines)
    moves = {place: Move.promised(change, daily=daily) for place, change in net(lines).items()}
    found = standings.locked(unit, moves)
    standings.check(found, moves, today=unit.today, asked_by=made_by)
    said = {
        "id": new_id("hold"),
        "kind": kind,
        "made_by": made_by,
        "memo": memo,
        "reference": reference,
        "state": "open",
        "created_at": unit.now,
        "expires_at": expires_at,
        "settled_at": None,
        "transfer": None,
    }
    unit.connection.execute(insert(hold), said)
    unit.connection.execute(
        insert(hold_line),
        [{"hold": said["id"], "line": number, **asdict(line)} for number, line in enumerate(lines, start=1)],
    )
    standings.move(unit, found, moves)
    return Hold.model_validate({**said, "lines": tuple(lines)})


def settle(
    unit: UnitOfWork, *, reference: str, into: Ended, transfer: str | None = None, daily: bool = True
) -> tuple[Line, ...] | None:
    """End the open hold that `reference` names and give the room back; its lines, or None where nothing is held.

    "posted": the caller posts the lines with `promised=True` in the same unit of work. `daily` as it was reserved.
    """
    row = unit.connection.execute(
        select(hold).where(hold.c.reference == reference, hold.c.state == "open").with_for_update()
    ).one_or_none()
    return None if row is None else end(unit, row, into, transfer, daily=daily)


def end(
    unit: UnitOfWork, row: Row[Any], into: Ended, transfer: str | None = None, *, daily: bool = True
) -> tuple[Line, ...]:
    """End an open hold, given as its locked row; its lines."""
    lines = lines_of(unit.connection, row.id)
    # What was promised today and is off again was not spent today; what is posted was.
    again = daily and into != "posted" and row.created_at[:10] == unit.today
    moves = {place: Move.released(change, daily=again) for place, change in net(lines).items()}
    found = standings.locked(unit, moves)
    values = {"state": into, "settled_at": unit.now, "transfer": transfer}
    ended = unit.connection.execute(update(hold).where(hold.c.id == row.id, hold.c.state == "open").values(**values))
    assert ended.rowcount == 1, "a hold ends once"
    standings.move(unit, found, moves)
    return lines


def one(connection: Connection, hold_id: str, *, lock: bool = False) -> Row[Any] | None:
    """A hold's row; None where there is none."""
    return _row(connection, hold.c.id == hold_id, lock)


def view(connection: Connection, row: Row[Any]) -> Hold:
    """A hold with its lines."""
    return Hold.model_validate({**row._mapping, "lines": lines_of(connection, row.id)})


_LINES = select(hold_line).where(hold_line.c.hold == bindparam("of")).order_by(hold_line.c.line)


def lines_of(connection: Connection, hold_id: str) -> tuple[Line, ...]:
    """The lines of a hold, in their order."""
    rows = connection.execute(_LINES, {"of": hold_id})
    return tuple(Line(account=row.account, amount=row.amount, unit=row.unit) for row in rows)


def _row(connection: Connection, which: ColumnElement[bool], lock: bool) -> Row[Any] | None:
    query = select(hold).where(which)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()

"""Moving the shares of a run: a transfer for each, all of one batch in one unit of work.

Every balance is locked before the first is moved and the chain comes last, so that a run and other writers cannot wait
for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, update

from ledger.books import accounts, links, standings
from ledger.books.lines import Line, Place
from ledger.books.standings import Move, Standing
from ledger.books.store import UnitOfWork, insert_rows
from ledger.books.transfers import row_of
from ledger.community.plan import Share, fitted
from ledger.tables import policy_share, transfer

_COLUMNS = tuple(column.name for column in transfer.c)


def settle(unit: UnitOfWork, name: str, period: str, rows: Sequence[Row[Any]], *, moves: bool) -> None:
    """Settle shares, given as their rows: as planned, or as far as the account can by now.

    Without `moves` they are only marked as given. Raises `LimitReached` where an account of the house cannot give.
    """
    if not rows:
        return
    done = _moved(unit, name, period, rows) if moves else [(row.number, row.planned, None) for row in rows]
    unit.connection.execute(
        update(policy_share)
        .where(policy_share.c.rule == name, policy_share.c.period == period)
        .where(policy_share.c.number == bindparam("of_number"))
        .values(moved=bindparam("what"), transfer=bindparam("by_transfer"), settled_at=unit.now),
        [{"of_number": number, "what": amount, "by_transfer": by} for number, amount, by in done],
    )


def _moved(unit: UnitOfWork, name: str, period: str, rows: Sequence[Row[Any]]) -> list[tuple[int, int, str | None]]:
    """Move the shares; number, amount and transfer of each."""
    houses = {house: accounts.house(unit, house).id for house in sorted({row.house for row in rows})}
    places: set[Place] = {(row.account, row.unit) for row in rows} | {(houses[row.house], row.unit) for row in rows}
    found = standings.locked(unit, places)
    touched: dict[Place, Standing] = {}
    posted: list[tuple[dict[str, Any], tuple[Line, Line]]] = []
    done: list[tuple[int, int, str | None]] = []
    for row in rows:
        place, house = (row.account, row.unit), (houses[row.house], row.unit)
        share = Share(row.account, row.planned, row.house, row.why, row.part, row.unit, bool(row.whole))
        amount = fitted(share, found[place])
        if not amount:
            done.append((row.number, 0, None))
            continue
        for at, change in ((place, amount), (house, -amount)):
            move = Move.direct(change, daily=False)
            standings.check_one(found[at], move, today=unit.today, asked_by=house[0])
            found[at] = touched[at] = found[at].after(move, unit.today)
        said = row_of(unit.now, name, house[0], memo=_memo(row), reference=f"{name}:{period}")
        lines = (
            Line(account=row.account, amount=amount, unit=row.unit),
            Line(account=house[0], amount=-amount, unit=row.unit),
        )
        posted.append((said, lines))
        done.append((row.number, amount, said["id"]))
    if posted:
        insert_rows(
            unit.connection, transfer, _COLUMNS, [tuple(said[column] for column in _COLUMNS) for said, _ in posted]
        )
        standings.write_many(unit, touched)
        links.append(unit, posted)
    return done


def _memo(row: Row[Any]) -> str:
    return f"{row.rule} {row.period}"[:500]

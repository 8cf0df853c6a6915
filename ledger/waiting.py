"""What is open for an account: its trades and schedules that have not ended, each as its parties see it.

Page by page, the newest first: what does not fit on one page is behind it, however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select

from ledger.books.errors import Unknown
from ledger.books.paging import Page
from ledger.books.store import Ledger
from ledger.tables import schedule, trade
from ledger.trading import reading, schedule_view
from ledger.trading.schedule_view import Schedule
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

Item = TypeVar("Item")
# So many items are on a page at the most, and so many rows are looked at for one: not each of them tells an item.
MOST = 50
MOST_LOOKED_AT = 200
OPEN_SCHEDULES = ("proposed", "running")


def trades(ledger: Ledger, by: str, *, after: str | None = None, limit: int = MOST) -> Page[Trade]:
    """The account's own trades that are proposed, accepted or disputed, from behind the trade `after`."""

    def told(connection: Connection, row: Row[Any]) -> Sequence[Trade]:
        return [reading.read(connection, row.id, ledger.policies)]

    return page(ledger, trade, _party(trade, by), trade.c.state.in_(reading.OPEN), told, after, limit)


def schedules(ledger: Ledger, by: str, *, after: str | None = None, limit: int = MOST) -> Page[Schedule]:
    """The account's own schedules that are proposed or running, from behind the schedule `after`."""

    def told(connection: Connection, row: Row[Any]) -> Sequence[Schedule]:
        return [schedule_view.read(connection, row.id)]

    return page(ledger, schedule, _party(schedule, by), schedule.c.state.in_(OPEN_SCHEDULES), told, after, limit)


def page(
    ledger: Ledger,
    of: Table,
    theirs: ColumnElement[bool],
    listed: ColumnElement[bool],
    told: Callable[[Connection, Row[Any]], Sequence[Item]],
    after: str | None,
    limit: int,
) -> Page[Item]:
    """A page of what rows of trades or schedules tell, the newest first, from behind the row `after`.

    `theirs` is what the reader may know of at all, `listed` what is looked at of that. A page may be shorter than
    `limit`, even empty, and yet have others behind it. Raises `Unknown` for an `after` that is not theirs, `BadInput`.
    """
    if not 1 <= limit <= MOST:
        raise BadInput(f"a page has 1 to {MOST} of them")
    query = select(of).where(theirs, listed).order_by(of.c.proposed_at.desc(), of.c.id.desc()).limit(MOST_LOOKED_AT + 1)
    items: list[Item] = []
    with ledger.reading() as connection:
        if after is not None:
            query = query.where(_behind(connection, of, theirs, after))
        last: str | None = None
        for number, row in enumerate(connection.execute(query).all()):
            if len(items) >= limit or number == MOST_LOOKED_AT:
                return Page(tuple(items), last)
            items += told(connection, row)
            last = row.id
    return Page(tuple(items), None)


def _behind(connection: Connection, of: Table, theirs: ColumnElement[bool], after: str) -> ColumnElement[bool]:
    at, id = of.c.proposed_at, of.c.id
    last = connection.execute(select(at, id).where(theirs, id == after)).one_or_none()
    if last is None:
        raise Unknown(f'there is no {of.name} "{after}" to go on from')
    return or_(at < last.proposed_at, and_(at == last.proposed_at, id < last.id))


def _party(of: Table, by: str) -> ColumnElement[bool]:
    return or_(of.c.proposer == by, of.c.counterparty == by)

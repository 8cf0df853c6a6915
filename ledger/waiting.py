"""What is open for an account: its trades and schedules that have not ended, each as its parties see it."""

from __future__ import annotations

from sqlalchemy import or_, select

from ledger.books.store import Ledger
from ledger.tables import schedule, trade
from ledger.trading import reading, schedule_view
from ledger.trading.schedule_view import Schedule
from ledger.trading.trade_view import Trade

# So many of each are told; more are on the pages that list all of them.
MOST = 50


def trades(ledger: Ledger, by: str) -> list[Trade]:
    """The account's own trades that are proposed, accepted or disputed, the newest first."""
    mine = or_(trade.c.proposer == by, trade.c.counterparty == by)
    query = select(trade.c.id).where(mine, trade.c.state.in_(reading.OPEN))
    newest = query.order_by(trade.c.proposed_at.desc(), trade.c.id.desc()).limit(MOST)
    with ledger.reading() as connection:
        found = connection.execute(newest).scalars().all()
        return [reading.read(connection, id, ledger.policies) for id in found]


def schedules(ledger: Ledger, by: str) -> list[Schedule]:
    """The account's own schedules that are proposed or running, the newest first."""
    mine = or_(schedule.c.proposer == by, schedule.c.counterparty == by)
    query = select(schedule.c.id).where(mine, schedule.c.state.in_(("proposed", "running")))
    newest = query.order_by(schedule.c.proposed_at.desc(), schedule.c.id.desc()).limit(MOST)
    with ledger.reading() as connection:
        found = connection.execute(newest).scalars().all()
        return [schedule_view.read(connection, id) for id in found]

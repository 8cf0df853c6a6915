"""How much is traded: the value of finished trades, each counted as its smaller side, as the fee counts it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ledger.tables import leg, trade


def traded(connection: Connection, *, after: str) -> int:
    """The value in rails of the trades that both parties confirmed after a moment, by the values they agreed on."""
    sides = (
        select(leg.c.trade, leg.c.giver, func.sum(func.coalesce(leg.c.declared, leg.c.fair)).label("value"))
        .join(trade, (trade.c.id == leg.c.trade) & (trade.c.offer == leg.c.offer))
        .where(trade.c.state == "done", trade.c.done_at > after, trade.c.share_percent.is_(None))
        .group_by(leg.c.trade, leg.c.giver)
        .subquery()
    )
    smaller = (
        select(func.min(sides.c.value).label("value")).group_by(sides.c.trade).having(func.count() == 2).subquery()
    )
    return int(connection.execute(select(func.sum(smaller.c.value))).scalar_one() or 0)

"""The first page: what I have, everything that waits for me, what waits for others, what came and went lately.

GET  /my

What waits is read in `trading_waiting`, which also has the pages behind this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from fastapi import APIRouter, Depends, Response

from ledger.books import transfers
from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from ledger.books.transfers import Movement
from ledger.books.units import MINUTES, UNITS, K
from ledger.trading import trades
from valuation_api.accounts import shown as account_told
from valuation_api.pages import trading_view, trading_waiting
from valuation_api.pages.trading_desk import Desk, show
from valuation_api.pages.trading_sessions import Visitor


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the first page, and those behind it."""
    signed_in = Depends(desk.visitor())

    @routes.get("")
    def home(by: Visitor = signed_in) -> Response:
        return _home(desk.ledger, by)

    trading_waiting.add_to(routes, desk, partial(_home, desk.ledger))


def _home(ledger: Ledger, by: Visitor, status: int = 200, message: str | None = None) -> Response:
    lately = transfers.movements(ledger, by.id, limit=5, units=UNITS)
    parts = trading_waiting.parts(ledger, by.id)
    tasks = [task for part in parts.values() for task in part.tasks]
    return show(
        "home",
        by,
        status,
        message=message,
        account=account_told(ledger, by.account),
        units=(K, MINUTES),
        # What has a day comes first, the earliest day before the others.
        tasks=sorted(tasks, key=lambda task: task.day or "9999"),
        others=parts["trades"].others,
        schedules=parts["schedules"],
        promises=parts["promises"].promises,
        older=[(trading_waiting.KINDS[kind][0], kind, part.next) for kind, part in parts.items() if part.next],
        movements=lately,
        names=partners(ledger, by.id, lately),
        year=trading_waiting.today(ledger).year,
    )


def partners(ledger: Ledger, me: str, movements: Sequence[Movement]) -> dict[str | None, tuple[str, int]]:
    """Whom the trades were with that movements belong to, and the reader's fee in rails."""
    ids = {each.reference for each in movements if each.reference and each.reference.startswith("trade_")}
    found: dict[str | None, tuple[str, int]] = {}
    for id in ids:
        # A fee to the community may belong to somebody else's trade.
        with suppress(Unknown):
            trade = trades.view(ledger, by=me, trade_id=id)
            fee = trade.fee.proposer if trade.proposer.id == me else trade.fee.counterparty
            found[id] = (trading_view.other(trade, me), fee)
    return found

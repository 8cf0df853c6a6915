"""The first page: what I have, everything that waits for me, what waits for others, what came and went lately.

GET  /my
POST /my/promises/{id}/{verb}    post, void or sign what waits for me
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from ledger import to_sign, to_sign_schedules, waiting
from ledger.books import accounts, promises, seen, transfers
from ledger.books.errors import Unknown
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.transfers import Movement
from ledger.books.units import MINUTES, UNITS, K
from ledger.trading import trades
from valuation_api.accounts import shown as account_told
from valuation_api.pages import trading_tasks, trading_view
from valuation_api.pages.trading_desk import HOME, Desk, Sent, go, refusal, show
from valuation_api.pages.trading_sessions import Visitor
from warehouse.errors import BadInput, KatyError

PromiseId = Annotated[str, Path(pattern="^hold_[0-9a-f]{20}$")]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the first page."""
    signed_in = Depends(desk.visitor())

    @routes.get("")
    def home(by: Visitor = signed_in) -> Response:
        return _home(desk, by)

    _add_promises(routes, desk)


def _home(desk: Desk, by: Visitor, status: int = 200, message: str | None = None) -> Response:
    ledger, today = desk.ledger, desk.ledger.clock().astimezone(UTC).date()
    lately = transfers.movements(ledger, by.id, limit=5, units=UNITS)
    open_trades, schedules = waiting.trades(ledger, by.id), waiting.schedules(ledger, by.id)
    tasks = [
        *trading_tasks.of_signatures(to_sign.listing(ledger, by.id)),
        *trading_tasks.of_signed_schedules(to_sign_schedules.listing(ledger, by.id)),
        *trading_tasks.of_trades(open_trades, by.id),
        *trading_tasks.of_schedules(schedules, by.id, today),
    ]
    return show(
        "home",
        by,
        status,
        message=message,
        account=account_told(ledger, by.account),
        units=(K, MINUTES),
        # What has a day comes first, the earliest day before the others.
        tasks=sorted(tasks, key=lambda task: task.day or "9999"),
        others=[each for each in open_trades if trading_tasks.of_trade(each, by.id) is None],
        schedules=schedules,
        promises=_promises(ledger, by.account),
        movements=lately,
        names=partners(ledger, by.id, lately),
        year=today.year,
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


def _promises(ledger: Ledger, me: Account) -> list[dict[str, object]]:
    """Open promises as they are shown: who, how much, and what their reader may do."""
    out = []
    for each in seen.waiting(ledger, me.id):
        gives, gets = sorted(each.hold.lines, key=lambda line: line.amount)[:: len(each.hold.lines) - 1]
        out.append(
            {
                "id": each.hold.id,
                "payer": accounts.find(ledger, gives.account).name,
                "payee": accounts.find(ledger, gets.account).name,
                "amount": gets.amount,
                "unit": gets.unit,
                "memo": each.hold.memo,
                "until": (each.hold.expires_at or "")[:10],
                "mine": gives.account == me.id,
                "to_me": gets.account == me.id,
                "kind": each.hold.kind,
                "signatures": each.signatures,
                "needed": each.needed,
                "asks_me": each.asks_me,
            }
        )
    return out


def _add_promises(routes: APIRouter, desk: Desk) -> None:
    form = Depends(desk.sent())
    steps = {"post": promises.post, "void": promises.void, "sign": promises.sign}

    @routes.post("/promises/{id}/{verb}")
    def step(id: PromiseId, verb: str, sent: Sent = form) -> Response:
        if verb not in steps:
            raise BadInput(f'there is no "{verb[:20]}" for a promise')
        try:
            steps[verb](desk.ledger, key=sent.key, by=sent.by.id, hold_id=id)
        except KatyError as error:
            problem = refusal(error)
            return _home(desk, sent.by, problem.status, problem.detail)
        return go(HOME)

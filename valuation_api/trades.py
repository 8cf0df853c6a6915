"""Trades, transfers and the asking account: everything that belongs to persons, behind a key.

POST /v1/trades                                propose
GET  /v1/trades/{id}                           read one of one's own
GET  /v1/trades/{id}/legs/{position}/fmv       the frozen FMV record of a leg, byte for byte
POST /v1/trades/{id}/accept | confirm | cancel
GET  /v1/accounts/me                           balance, limits, entries
POST /v1/transfers                             pay K
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger.books import accounts, transfers
from ledger.books.accounts import Account
from ledger.books.store import Ledger
from ledger.books.units import rails
from ledger.trading import trades
from ledger.trading.trade_view import Trade
from valuation_api import problems
from valuation_api.auth import LedgerRoute, idempotency_key, party
from valuation_api.trade_shapes import AccountTold, TradeAsked, TradeTold, TransferAsked, TransferTold

TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$", description="A trade's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 503)
# What belongs to a person is kept by no cache.
_PRIVATE = {"Cache-Control": "no-store"}


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1", route_class=LedgerRoute)
    _add_trades(routes, ledger)
    _add_steps(routes, ledger)
    _add_accounts(routes, ledger)
    return routes


def _add_trades(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/trades", status_code=201, tags=["trades"], summary="Propose a trade", responses=_WRITES)
    def propose(*, by: Account = asking, key: Key, asked: TradeAsked, response: Response) -> TradeTold:
        """Propose a trade: goods, services or time on both sides, and K for the difference. Values are frozen now."""
        made = trades.propose(
            ledger,
            key=key,
            proposer=by.id,
            counterparty=asked.counterparty,
            legs=[leg.draft() for leg in asked.legs],
            reason=asked.reason,
        )
        response.headers.update({**_PRIVATE, "Location": f"/v1/trades/{made.id}"})
        return TradeTold.of(made)

    @routes.get("/trades/{id}", tags=["trades"], summary="Read a trade of one's own", responses=_READS)
    def read(*, by: Account = asking, id: TradeId, response: Response) -> TradeTold:
        """The trade, for its two parties; to everybody else it does not exist."""
        response.headers.update(_PRIVATE)
        return TradeTold.of(trades.view(ledger, by=by.id, trade_id=id))

    @routes.get(
        "/trades/{id}/legs/{position}/fmv",
        tags=["trades"],
        summary="The frozen FMV record of a leg",
        responses={**_READS, 200: {"content": {"application/json": {}}}},
        response_class=Response,
    )
    def fmv(id: TradeId, position: Annotated[int, Path(ge=1, le=trades.MOST_LEGS)], by: Account = asking) -> Response:
        """The record as it was frozen, byte for byte; its SHA-256 is the leg's `fmv_sha256`."""
        content = trades.fmv_content(ledger, by=by.id, trade_id=id, position=position)
        return Response(content, media_type="application/json", headers=_PRIVATE)


def _add_steps(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    def add(verb: str, step: Callable[..., Trade], summary: str, description: str) -> None:
        @routes.post(
            f"/trades/{{id}}/{verb}",
            tags=["trades"],
            name=verb,
            summary=summary,
            description=description,
            responses=_WRITES,
        )
        def take(*, by: Account = asking, key: Key, id: TradeId, response: Response) -> TradeTold:
            response.headers.update(_PRIVATE)
            return TradeTold.of(step(ledger, key=key, by=by.id, trade_id=id))

    add("accept", trades.accept, "Accept a trade", "The counterparty agrees; the trade's K is held from now on.")
    add("confirm", trades.confirm, "Confirm a trade", "This side is fulfilled. With the second word the K moves.")
    add(
        "cancel",
        trades.cancel,
        "Cancel a trade",
        "The trade is off; after somebody has confirmed, once both have asked for it.",
    )


def _add_accounts(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get(
        "/accounts/me",
        tags=["accounts"],
        summary="My balance, limits and entries",
        responses=problems.described(401, 503),
    )
    def me(
        response: Response,
        by: Account = asking,
        before: Annotated[int | None, Query(ge=1, le=2**62, description="Entries before this number")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AccountTold:
        """The account whose key was sent, its entries newest first; `next_before` leads to the older ones."""
        response.headers.update(_PRIVATE)
        found = transfers.movements(ledger, by.id, before=before, limit=limit + 1)
        return AccountTold.of(accounts.standing(ledger, by.id), found[:limit], more=len(found) > limit)

    @routes.post("/transfers", status_code=201, tags=["accounts"], summary="Pay K", responses=_WRITES)
    def pay(*, by: Account = asking, key: Key, asked: TransferAsked, response: Response) -> TransferTold:
        """Move K from one's own account to another; both limits are kept, pending trades counted."""
        response.headers.update(_PRIVATE)
        made = transfers.pay(ledger, key=key, payer=by.id, payee=asked.to, amount=rails(asked.amount), memo=asked.memo)
        return TransferTold.of(made)

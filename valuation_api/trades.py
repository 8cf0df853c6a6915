"""Trades over HTTP, each for its two parties alone, behind a key.

POST /v1/trades                                propose
GET  /v1/trades                                one's own, the newest first
GET  /v1/trades/to-sign                        what waits for one's signature (`valuation_api.trade_to_sign`)
GET  /v1/trades/{id}                           read one of one's own
GET  /v1/trades/{id}/legs/{position}/fmv       the frozen FMV record of a leg, byte for byte
GET  /v1/trades/{id}/receipt.pdf               a receipt with a QR code, also for a proposal
GET  /v1/trades/{id}/caps                      the trade caps of its things today, beside everything else
POST /v1/trades/{id}/counter | accept          other legs; agree to the newest offer

The steps after that are in `valuation_api.trade_steps`, deliveries that repeat in `valuation_api.trade_schedules`.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.books.store import Ledger
from ledger.trading import receipt, trades
from ledger.trading.offers import MOST_OFFERS
from ledger.trading.trade_view import State, TradeList
from models.caps.cap import Cap
from valuation_api import problems, trade_caps, trade_schedules, trade_steps, trade_to_sign
from valuation_api.auth import PERSONAL, PRIVATE, Asker, LedgerRoute, asker, idempotency_key
from valuation_api.leases import CurrentMarket
from valuation_api.trade_shapes import AcceptAsked, CounterAsked, TradeAsked, TradeTold

_ID = "^trade_[0-9a-f]{20}$"
TradeId = Annotated[str, Path(pattern=_ID, description="A trade's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 422, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 422, 503)


class CapTold(BaseModel):
    """The most that is suggested for one piece of a leg's thing today; null where no surge or emergency sets one."""

    position: int
    trade_cap: Cap | None
    note: str | None = Field(default=None, description="Where the community holds the price and no amount can be named")


class CapsTold(BaseModel):
    """The trade caps of a trade's things. They limit what is suggested and are part of no value, record or tax."""

    caps: list[CapTold] = Field(description="For the legs that have a valuation")
    snapshot: str


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`, with those of the later steps and of schedules."""
    routes = APIRouter(prefix="/v1", route_class=LedgerRoute, dependencies=PERSONAL)
    routes.include_router(trade_to_sign.router(ledger))
    _add_reading(routes, ledger)
    _add_papers(routes, ledger)
    _add_offers(routes, ledger)
    _add_caps(routes, ledger)
    routes.include_router(trade_steps.router(ledger))
    routes.include_router(trade_schedules.router(ledger))
    return routes


def _add_reading(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/trades", tags=["trades"], summary="My trades", responses=problems.described(401, 404, 422, 503))
    def listing(
        by: Asker = asking,
        after: Annotated[str | None, Query(pattern=_ID, description="Go on behind this trade")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        state: State | None = None,
    ) -> TradeList:
        """One's own trades, the newest first, each from one's own side; `next` leads to the older ones."""
        return trades.listing(ledger, by=by.id, after=after, limit=limit, state=state)

    @routes.get("/trades/{id}", tags=["trades"], summary="Read a trade of one's own", responses=_READS)
    def read(*, by: Asker = asking, id: TradeId) -> TradeTold:
        """The trade, for its two parties, and for a treasurer while it is disputed; to everybody else it does not
        exist."""
        return TradeTold.of(trades.view(ledger, by=by.id, trade_id=id, as_treasurer=by.is_treasurer))


def _add_papers(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get(
        "/trades/{id}/legs/{position}/fmv",
        tags=["trades"],
        summary="The frozen FMV record of a leg",
        responses={**_READS, 200: {"content": {"application/json": {}}}},
        response_class=Response,
    )
    def fmv(
        id: TradeId,
        position: Annotated[int, Path(ge=1, le=trades.MOST_LEGS * MOST_OFFERS)],
        by: Asker = asking,
    ) -> Response:
        """The record as it was frozen, byte for byte; its SHA-256 is the leg's `fmv_sha256`."""
        content = trades.fmv_content(ledger, by=by.id, trade_id=id, position=position)
        return Response(content, media_type="application/json", headers=PRIVATE)

    @routes.get(
        "/trades/{id}/receipt.pdf",
        tags=["trades"],
        summary="A receipt to print",
        responses={**_READS, 200: {"content": {"application/pdf": {}}}},
        response_class=Response,
    )
    def paper(id: TradeId, by: Asker = asking) -> Response:
        """The trade on one page: both sides, values, fee, steps, and a QR code of its id and the hash of its terms."""
        content = receipt.pdf(receipt.of(trades.view(ledger, by=by.id, trade_id=id)))
        shown = {"Content-Disposition": f'inline; filename="{id}.pdf"'}
        return Response(content, media_type="application/pdf", headers={**PRIVATE, **shown})


def _add_offers(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.post("/trades", status_code=201, tags=["trades"], summary="Propose a trade", responses=_WRITES)
    def propose(*, by: Asker = asking, key: Key, asked: TradeAsked, response: Response) -> TradeTold:
        """Propose a trade: goods, services or time on both sides, and K, minutes or cash for the difference. Values are
        frozen now."""
        made = trades.propose(ledger, key=key, proposer=by.id, counterparty=asked.counterparty, **asked.said())
        response.headers["Location"] = f"/v1/trades/{made.id}"
        return TradeTold.of(made)

    @routes.post("/trades/{id}/counter", tags=["trades"], summary="Answer with other legs", responses=_WRITES)
    def counter(*, by: Asker = asking, key: Key, id: TradeId, asked: CounterAsked) -> TradeTold:
        """A counter-offer: the trade keeps its id, every offer is kept, and it is the other party's turn."""
        made = trades.counter(ledger, key=key, by=by.id, trade_id=id, terms=asked.terms_sha256, **asked.said())
        return TradeTold.of(made)

    @routes.post("/trades/{id}/accept", tags=["trades"], summary="Accept the newest offer", responses=_WRITES)
    def accept(
        *,
        by: Asker = asking,
        key: Key,
        id: TradeId,
        asked: Annotated[AcceptAsked | None, Body()] = None,
    ) -> TradeTold:
        """Whoever's turn it is agrees; what the trade moves, and the fee, is held from now on. The body names the terms
        that were seen, and may be left out while there is only one offer."""
        terms = None if asked is None else asked.terms_sha256
        return TradeTold.of(trades.accept(ledger, key=key, by=by.id, trade_id=id, terms=terms))


def _add_caps(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/trades/{id}/caps", tags=["trades"], summary="Trade caps of its things today", responses=_READS)
    def caps(*, by: Asker = asking, id: TradeId, market: CurrentMarket) -> CapsTold:
        """What is suggested at most during a surge, a declared emergency or a crisis of the community, by the current
        snapshot; shown beside a trade and never part of it."""
        found = trade_caps.of_trade(ledger, market, trades.view(ledger, by=by.id, trade_id=id), by.id)
        told = [CapTold(position=each.leg.position, trade_cap=each.cap, note=each.note) for each in found]
        return CapsTold(caps=told, snapshot=market.snapshot.id)

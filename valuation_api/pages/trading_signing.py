"""Signing a trade for a business, by its signers.

GET  /my/sign/{id}    what the business would give and get
POST /my/sign/{id}    sign these terms
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from ledger import to_sign
from ledger.books.errors import KeyInFlight
from ledger.books.store import Ledger
from ledger.trading import delivering
from valuation_api.pages import trading_view
from valuation_api.pages.trading_desk import Desk, Sent, go, refusal, show
from valuation_api.pages.trading_sessions import Visitor
from warehouse.errors import KatyError

TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$")]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages of signers."""
    signed_in, form, ledger = Depends(desk.visitor()), Depends(desk.sent()), desk.ledger

    @routes.get("/sign/{id}")
    def read(id: TradeId, by: Visitor = signed_in) -> Response:
        return _page(ledger, by, id)

    @routes.post("/sign/{id}")
    def sign(id: TradeId, sent: Sent = form) -> Response:
        try:
            delivering.sign(ledger, key=sent.key, by=sent.by.id, trade_id=id, terms=sent.text("terms"))
        except KeyInFlight:
            return go(f"/my/sign/{id}")  # a double click: the first one is being done
        except KatyError as error:
            problem = refusal(error)
            return _page(ledger, sent.by, id, problem.status, problem.detail)
        return go(f"/my/sign/{id}")


def _page(ledger: Ledger, by: Visitor, id: str, status: int = 200, message: str | None = None) -> Response:
    found = to_sign.one(ledger, by.id, id)
    mine, theirs = trading_view.sides(found.trade, found.business.id)
    other = trading_view.other(found.trade, found.business.id)
    return show(
        "sign",
        by,
        status,
        message=message,
        asked=found,
        trade=found.trade,
        sides=((f"{found.business.name} gives", mine), (f"{other} gives", theirs)),
        other=other,
    )

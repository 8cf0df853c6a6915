"""A trade as its parties see it, and what they may do with it.

GET  /my/trades/{id}                        both sides, what was said, what comes next
POST /my/trades/{id}/{verb}                 accept, cancel, deliver, confirm, no-show, dispute, suggest, agree
GET  /my/trades/{id}/legs/{position}        the frozen record of a value, as data
GET  /my/witness, POST                      attest somebody else's trade
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from ledger import to_sign
from ledger.books.store import Ledger
from ledger.trading import delivering, disputes, receipt, trades
from ledger.trading import legs as leg_rows
from ledger.trading.legs import Leg
from ledger.trading.trade_view import Trade
from valuation_api import trade_caps
from valuation_api.leases import Live
from valuation_api.live import LiveMarket
from valuation_api.pages import trading_view
from valuation_api.pages.trading_desk import Desk, Sent, Step, refusal, show, step_of, taken
from valuation_api.pages.trading_sessions import Visitor
from valuation_api.trade_caps import Found
from warehouse.errors import KatyError

TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$")]


def _percent(sent: Sent) -> int:
    return sent.number("percent", 3, "a share from 0 to 100 per cent")


# What a form asks for, by the last part of its address.
STEPS: dict[str, Step] = {
    "accept": lambda ledger, sent, it: trades.accept(ledger, **it, terms=sent.text("terms") or None),
    "cancel": lambda ledger, sent, it: trades.cancel(ledger, **it),
    "deliver": lambda ledger, sent, it: delivering.deliver(ledger, **it, note=sent.text("note")),
    "confirm": lambda ledger, sent, it: trades.confirm(ledger, **it),
    "no-show": lambda ledger, sent, it: delivering.no_show(ledger, **it, note=sent.text("note")),
    "dispute": lambda ledger, sent, it: disputes.dispute(ledger, **it, reason=sent.text("reason")),
    "suggest": lambda ledger, sent, it: disputes.suggest(ledger, **it, percent=_percent(sent), note=sent.text("note")),
    "agree": lambda ledger, sent, it: disputes.agree(ledger, **it, percent=_percent(sent)),
}


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages of a trade."""
    _add_trade(routes, desk)
    _add_witness(routes, desk)


def _add_trade(routes: APIRouter, desk: Desk) -> None:
    signed_in, form, ledger = Depends(desk.visitor()), Depends(desk.sent()), desk.ledger

    @routes.get("/trades/{id}")
    def read(id: TradeId, live: Live, by: Visitor = signed_in) -> Response:
        return trade_page(ledger, by, id, live=live)

    @routes.get("/trades/{id}/legs/{position}")
    def record(id: TradeId, position: int, by: Visitor = signed_in) -> Response:
        content = trades.fmv_content(ledger, by=by.id, trade_id=id, position=position)
        return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})

    @routes.get("/trades/{id}/receipt.pdf")
    def paper(id: TradeId, by: Visitor = signed_in) -> Response:
        content = receipt.pdf(receipt.of(trades.view(ledger, by=by.id, trade_id=id)))
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{id}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers)

    @routes.get("/trades/{id}/code.svg")
    def code(id: TradeId, by: Visitor = signed_in) -> Response:
        told = receipt.of(trades.view(ledger, by=by.id, trade_id=id))
        return Response(_qr(told.code), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    @routes.get("/trades/{id}/receipt")
    def receipt_page(id: TradeId, by: Visitor = signed_in) -> Response:
        told = receipt.of(trades.view(ledger, by=by.id, trade_id=id))
        return show("receipt", by, receipt=told)

    @routes.post("/trades/{id}/{verb}")
    def take(id: TradeId, verb: str, sent: Sent = form) -> Response:
        asked = {"key": sent.key, "by": sent.by.id, "trade_id": id}
        step = partial(step_of(STEPS, verb, "trade"), ledger, sent, asked)
        return taken(step, f"/my/trades/{id}", partial(trade_page, ledger, sent.by, id))


def trade_page(
    ledger: Ledger,
    by: Visitor,
    id: str,
    status: int = 200,
    message: str | None = None,
    live: LiveMarket | None = None,
) -> Response:
    """A trade as it stands now, with what its reader may do; `message` says what could not be done."""
    trade = trades.view(ledger, by=by.id, trade_id=id)
    mine, theirs = trading_view.sides(trade, by.id)
    return show(
        "trade",
        by,
        status,
        message=message,
        trade=trade,
        mine=mine,
        theirs=theirs,
        other=trading_view.other(trade, by.id),
        split=_split(trade),
        signing=to_sign.of_party(ledger, trade, by.id),
        offered=_offered(ledger, trade, by.id),
        caps=_caps(ledger, live, trade, by.id) if live is not None and trade.state == "proposed" else [],
        today=ledger.clock().date().isoformat(),
    )


def _offered(ledger: Ledger, trade: Trade, me: str) -> dict[int, tuple[str, str]]:
    """What the reader would have given and got by each offer, in words, where there was more than one."""
    if len(trade.offers) < 2:
        return {}
    with ledger.reading() as connection:
        all_legs = {each.number: leg_rows.of_trade(connection, trade.id, each.number) for each in trade.offers}

    def words(legs: Sequence[Leg], *, mine: bool) -> str:
        return ", ".join(trading_view.in_words(leg) for leg in legs if (leg.giver == me) == mine)

    return {number: (words(legs, mine=True), words(legs, mine=False)) for number, legs in all_legs.items()}


def _caps(ledger: Ledger, live: LiveMarket, trade: Trade, me: str) -> list[Found]:
    """What is suggested at most for things of the trade today; nothing where nothing holds their prices."""
    with suppress(KatyError), live.lease() as market:
        return [each for each in trade_caps.of_trade(ledger, market, trade, me) if each.cap or each.note]
    return []


def _qr(content: str) -> bytes:
    import segno

    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, light="white")
    return out.getvalue()


def _split(trade: Trade) -> Any:
    """The newest suggestion of how a dispute ends; None where there is none."""
    return next((each for each in reversed(trade.steps) if each.step == "split"), None)


def _add_witness(routes: APIRouter, desk: Desk) -> None:
    signed_in, form = Depends(desk.visitor()), Depends(desk.sent())

    @routes.get("/witness")
    def ask(by: Visitor = signed_in, trade: str = "") -> Response:
        return show("witness", by, trade=trade[:40], said="", done=False)

    @routes.post("/witness")
    def attest(sent: Sent = form) -> Response:
        trade, said = sent.text("trade"), sent.text("said")
        try:
            delivering.attest(desk.ledger, key=sent.key, by=sent.by.id, trade_id=trade, said=said)
        except KatyError as error:
            problem = refusal(error)
            return show("witness", sent.by, problem.status, trade=trade, said=said, done=False, message=problem.detail)
        return show("witness", sent.by, trade=trade, said=said, done=True)

"""Signing for a business, by its signers: a proposed trade, or a schedule that is proposed or running.

GET  /my/sign/{id}    what the business would give and get
POST /my/sign/{id}    sign these terms
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from ledger import to_sign, to_sign_schedules
from ledger.books.store import Ledger
from ledger.trading import delivering, schedule_signing
from valuation_api.pages import trading_tasks, trading_view
from valuation_api.pages.trading_desk import Desk, Sent, show, taken
from valuation_api.pages.trading_sessions import Visitor

SignedId = Annotated[str, Path(pattern="^(trade|schedule)_[0-9a-f]{20}$")]


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages of signers."""
    signed_in, form, ledger = Depends(desk.visitor()), Depends(desk.sent()), desk.ledger

    @routes.get("/sign/{id}")
    def read(id: SignedId, by: Visitor = signed_in) -> Response:
        return _page(ledger, by, id)

    @routes.post("/sign/{id}")
    def sign(id: SignedId, sent: Sent = form) -> Response:
        return taken(partial(_sign, ledger, sent, id), f"/my/sign/{id}", partial(_page, ledger, sent.by, id))


def _sign(ledger: Ledger, sent: Sent, id: str) -> None:
    key, by, terms = sent.key, sent.by.id, sent.text("terms")
    if _is_schedule(id):
        schedule_signing.sign(ledger, key=key, by=by, schedule_id=id, terms=terms)
    else:
        delivering.sign(ledger, key=key, by=by, trade_id=id, terms=terms)


def _page(ledger: Ledger, by: Visitor, id: str, status: int = 200, message: str | None = None) -> Response:
    template, shown = _schedule(ledger, by, id) if _is_schedule(id) else _trade(ledger, by, id)
    return show(template, by, status, message=message, **shown)


def _trade(ledger: Ledger, by: Visitor, id: str) -> tuple[str, dict[str, Any]]:
    found = to_sign.one(ledger, by.id, id)
    trade, business = found.trade, found.signatures.business
    mine, theirs = trading_view.sides(trade, business.id)
    other = trading_view.other(trade, business.id)
    sides = ((f"{business.name} gives", mine), (f"{other} gives", theirs))
    return "sign", {"of": trade, "signing": found.signatures, "other": other, "sides": sides}


def _schedule(ledger: Ledger, by: Visitor, id: str) -> tuple[str, dict[str, Any]]:
    found = to_sign_schedules.one(ledger, by.id, id)
    return "sign_schedule", {
        "of": found.schedule,
        "signing": found.signatures,
        "other": trading_tasks.schedule_other(found.schedule, found.signatures.business.id),
        "most": found.most,
        "alone": found.alone,
        "tasks": trading_tasks,
    }


def _is_schedule(id: str) -> bool:
    return id.startswith("schedule_")

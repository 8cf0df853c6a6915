"""The page for pictures: a form that works without JavaScript, and what the pictures show and are worth."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from ledger.books.store import Ledger
from valuation_api.leases import Live
from valuation_api.live import Market
from valuation_api.pages import worth
from valuation_api.photos import Upload, upload, value
from valuation_api.problems import Problem
from warehouse.errors import NothingPublished

PATH = "/photo"


async def _sent(request: Request) -> Upload | Problem:
    """The form, or what is wrong with it: a person gets the page again, not a problem document."""
    try:
        return await upload(request)
    except Problem as problem:
        return problem


def router(ledger: Ledger) -> APIRouter:
    """The page's routes; values it shows are kept in `ledger` like any other."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(PATH)
    def empty(live: Live, condition: str = "", region: str = "", currency: str = "") -> Response:
        return _page(live, worth.Form("", condition, region, currency), None, ledger)

    @routes.post(PATH)
    def answered(live: Live, sent: Annotated[Any, Depends(_sent)]) -> Response:
        if isinstance(sent, Problem):
            return _page(live, worth.Form(), sent, ledger)
        return _page(live, worth.Form("", sent.condition or "", sent.region or "", sent.currency or ""), sent, ledger)

    return routes


def _page(live: Live, form: worth.Form, sent: Upload | Problem | None, ledger: Ledger) -> Response:
    try:
        with live.lease() as market:
            return _answer(market, form, sent, ledger)
    except NothingPublished as error:
        return worth.render("worth.html", 503, form=form, state="empty", message=str(error))


def _answer(market: Market, form: worth.Form, sent: Upload | Problem | None, ledger: Ledger) -> Response:
    """The empty form, what is wrong with what was sent, or the answer."""
    shown: dict[str, Any] = {"form": form, "vintage": worth.vintage_of(market), "told": None}
    if sent is None:
        return worth.render("picture.html", 200, **shown)
    try:
        told = value(sent, market, ledger) if isinstance(sent, Upload) else None
    except Problem as problem:
        sent, told = problem, None
    if isinstance(sent, Problem):
        return worth.render("picture.html", sent.status, **shown, errors={"pictures": sent.detail})
    assert told is not None
    shown["told"] = told
    if told.valuation is not None:
        shown |= {"valuation": told.valuation, **worth.known_value(told.valuation, market)}
    return worth.render("picture.html", 200, **shown)

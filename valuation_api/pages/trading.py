"""The page to trade on: signing in, my history, my trades, my tax year.

GET  /my/history              entries, page by page
GET  /my/trades               all trades, page by page
GET  /my/tax/{year}           my tax record of a year
GET  /my/sign-in, POST        with an account's key
POST /my/sign-out

Works without JavaScript, is rendered on the server, and loads nothing from other hosts. The first page is in
`trading_home`, what waits for somebody in `trading_waiting`, offers are in `trading_offers`, the steps of a trade in
`trading_steps`, payments in `trading_pay`, signatures in `trading_signing`, schedules in `trading_schedules`.
"""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.books import transfers
from ledger.books.store import Ledger
from ledger.books.units import UNITS
from ledger.tax import record
from ledger.trading import trades
from valuation_api import cursors
from valuation_api.pages import (
    trading_home,
    trading_offers,
    trading_pay,
    trading_schedules,
    trading_signing,
    trading_steps,
)
from valuation_api.pages.trading_desk import HOME, SIGN_IN, Desk, PageRoute, Sent, fields, go, show
from valuation_api.pages.trading_sessions import COOKIE, Visitor

TradeAfter = Annotated[str | None, Query(pattern="^trade_[0-9a-f]{20}$")]
FORM_COOKIE = "katy_form"
PAGE = 25
_WRONG_KEY = (
    "This key is not known, or was revoked. A key begins with katy_ and is shown once, when the account is opened; "
    "whoever keeps the books can make a new one: katy account new-key NAME."
)


def router(ledger: Ledger) -> APIRouter:
    """The pages on `ledger`; values are asked of the app's live market."""
    desk = Desk(ledger)
    routes = APIRouter(prefix="/my", include_in_schema=False, route_class=PageRoute)
    trading_home.add_to(routes, desk)
    _add_lists(routes, desk)
    _add_sign_in(routes, desk)
    trading_pay.add_to(routes, desk)
    trading_signing.add_to(routes, desk)
    # What a trade is repeated or answered with comes before its other steps: their address takes any verb.
    trading_schedules.add_to(routes, desk)
    trading_offers.add_to(routes, desk)
    trading_steps.add_to(routes, desk)
    return routes


def _add_lists(routes: APIRouter, desk: Desk) -> None:
    signed_in = Depends(desk.visitor())

    @routes.get("/history")
    def history(by: Visitor = signed_in, after: str | None = None) -> Response:
        before = cursors.number("entry", after)
        found = transfers.movements(desk.ledger, by.id, before=before, limit=PAGE + 1, units=UNITS)
        following = cursors.of_number("entry", found[PAGE - 1].seq) if len(found) > PAGE else None
        names = trading_home.partners(desk.ledger, by.id, found[:PAGE])
        return show("history", by, movements=found[:PAGE], names=names, next=following, begun=after is not None)

    @routes.get("/trades")
    def all_trades(by: Visitor = signed_in, after: TradeAfter = None) -> Response:
        found = trades.listing(desk.ledger, by=by.id, after=after, limit=PAGE)
        return show("trades", by, trades=found.trades, next=found.next, begun=after is not None)

    @routes.get("/tax/{year}")
    def tax(year: Annotated[int, Path(ge=2000, le=2100)], by: Visitor = signed_in) -> Response:
        told = record.of_year(desk.ledger, by.id, year)
        return show("tax", by, record=told, this_year=desk.ledger.clock().year)


def _add_sign_in(routes: APIRouter, desk: Desk) -> None:
    form = Depends(desk.sent())

    @routes.get("/sign-in")
    def ask(request: Request, next: str = "") -> Response:
        return _sign_in_page(request, next)

    @routes.post("/sign-in")
    def sign_in(request: Request, said: dict[str, str] = Depends(fields)) -> Response:
        back, cookie = said.get("next", ""), request.cookies.get(FORM_COOKIE, "")
        if not cookie or not secrets.compare_digest(cookie.encode(), said.get("form", "").encode()):
            told = "Your browser keeps no cookies, or this page was open for long: try again. Katy needs one cookie."
            return _sign_in_page(request, back, 403, told)
        token = desk.sessions.begin(said.get("key", "").strip())
        if token is None:
            return _sign_in_page(request, back, 422, _WRONG_KEY)
        desk.sessions.end(request.cookies.get(COOKIE))
        answer = go(_inside(back))
        _set(answer, request, COOKIE, token)
        return answer

    @routes.post("/sign-out")
    def sign_out(request: Request, sent: Sent = form) -> Response:
        desk.sessions.end(request.cookies.get(COOKIE))
        answer = go(SIGN_IN)
        answer.delete_cookie(COOKIE, path=HOME)
        return answer


def _sign_in_page(request: Request, back: str, status: int = 200, wrong: str | None = None) -> Response:
    # A form that another site made cannot know the cookie: nobody is signed in to somebody else's account unawares.
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    page = show("sign_in", None, status, form=token, back=_inside(back), wrong=wrong)
    _set(page, request, FORM_COOKIE, token)
    return page


def _inside(path: str) -> str:
    """Where to go on: only ever to a page of the desk."""
    ours = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    return path if ours and path.isprintable() and "\\" not in path and not path.startswith(SIGN_IN) else HOME


def _set(answer: Response, request: Request, name: str, value: str) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, path=HOME, httponly=True, samesite="strict", secure=secure)

"""The page to trade on: signing in, what I have and what waits for me, my history, my trades, my tax year.

GET  /my                      balance, what waits for me, open trades
GET  /my/history              entries, page by page
GET  /my/trades               all trades, page by page
GET  /my/tax/{year}           my tax record of a year
GET  /my/sign-in, POST        with an account's key
POST /my/sign-out
POST /my/promises/{id}/{verb} post, void or sign what waits for me

Works without JavaScript, is rendered on the server, and loads nothing from other hosts. Offers are in
`trading_offers`, the steps of a trade in `trading_steps`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from ledger.books import accounts, promises, seen, transfers
from ledger.books.errors import Unknown
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.transfers import Movement
from ledger.books.units import MINUTES, UNITS, K
from ledger.tax import record
from ledger.trading import trades
from valuation_api import cursors
from valuation_api.accounts import shown as account_told
from valuation_api.pages import trading_offers, trading_steps, trading_view
from valuation_api.pages.trading_desk import HOME, SIGN_IN, Desk, PageRoute, Sent, fields, go, refusal, show
from valuation_api.pages.trading_sessions import COOKIE, Visitor
from warehouse.errors import BadInput, KatyError

PromiseId = Annotated[str, Path(pattern="^hold_[0-9a-f]{20}$")]
TradeAfter = Annotated[str | None, Query(pattern="^trade_[0-9a-f]{20}$")]
FORM_COOKIE = "katy_form"
MOST_OPEN = 20
PAGE = 25
_WRONG_KEY = (
    "This key is not known, or was revoked. A key begins with katy_ and is shown once, when the account is opened; "
    "whoever keeps the books can make a new one: katy account new-key NAME."
)


def router(ledger: Ledger) -> APIRouter:
    """The pages on `ledger`; values are asked of the app's live market."""
    desk = Desk(ledger)
    routes = APIRouter(prefix="/my", include_in_schema=False, route_class=PageRoute)
    _add_home(routes, desk)
    _add_lists(routes, desk)
    _add_sign_in(routes, desk)
    _add_promises(routes, desk)
    trading_offers.add_to(routes, desk)
    trading_steps.add_to(routes, desk)
    return routes


def _add_home(routes: APIRouter, desk: Desk) -> None:
    signed_in = Depends(desk.visitor())

    @routes.get("")
    def home(by: Visitor = signed_in) -> Response:
        return _home(desk, by)


def _home(desk: Desk, by: Visitor, status: int = 200, message: str | None = None) -> Response:
    ledger = desk.ledger
    newest = trades.listing(ledger, by=by.id, limit=MOST_OPEN).trades
    lately = transfers.movements(ledger, by.id, limit=5, units=UNITS)
    still_open = [each for each in newest if each.state in {"proposed", "accepted", "disputed"}]
    return show(
        "home",
        by,
        status,
        message=message,
        account=account_told(ledger, by.account),
        units=(K, MINUTES),
        waiting=[each for each in still_open if each.waits_for_me],
        others=[each for each in still_open if not each.waits_for_me],
        promises=_promises(ledger, by.account),
        movements=lately,
        names=_partners(ledger, by.id, lately),
        year=ledger.clock().year,
    )


def _partners(ledger: Ledger, me: str, movements: Sequence[Movement]) -> dict[str | None, tuple[str, int]]:
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


def _add_lists(routes: APIRouter, desk: Desk) -> None:
    signed_in = Depends(desk.visitor())

    @routes.get("/history")
    def history(by: Visitor = signed_in, after: str | None = None) -> Response:
        before = cursors.number("entry", after)
        found = transfers.movements(desk.ledger, by.id, before=before, limit=PAGE + 1, units=UNITS)
        following = cursors.of_number("entry", found[PAGE - 1].seq) if len(found) > PAGE else None
        names = _partners(desk.ledger, by.id, found[:PAGE])
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

"""Making an offer: the first of a trade, or an answer to another one.

GET  /my/new                    an empty offer
POST /my/new                    look at its values; propose
GET  /my/trades/{id}/counter    an offer as it stands, to be changed
POST /my/trades/{id}/counter    look at its values; answer with it

One form does both: it is looked at as often as one likes, and sent with values that were shown.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from ledger.books import accounts
from ledger.books.canonical import new_id
from ledger.books.errors import KeyInFlight, KeyReused
from ledger.books.store import Ledger
from ledger.books.units import k_text
from ledger.owned import things
from ledger.owned.things import Thing
from ledger.trading import trades
from ledger.trading.legs import Giver
from ledger.trading.trade_view import LegView, Trade
from valuation_api.leases import Live
from valuation_api.pages import trading_forms
from valuation_api.pages.trading_desk import Desk, Sent, go, refusal, show
from valuation_api.pages.trading_forms import OfferForm, Row, Side
from valuation_api.pages.trading_looks import Look, Looker
from valuation_api.pages.trading_sessions import Visitor
from warehouse.errors import KatyError, NothingPublished

TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$")]
MOST_THINGS = 500
_AGAIN = (
    "This form has made an offer already, with other words in it. Look at your trades; to make another offer, begin a "
    "new one."
)


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages that make an offer."""
    signed_in, form = Depends(desk.visitor()), Depends(desk.sent())

    @routes.get("/new")
    def empty(by: Visitor = signed_in, to: str = "") -> Response:
        return _page(desk.ledger, by, OfferForm(to=to[:80], key=new_id("form")))

    @routes.post("/new")
    def new(live: Live, sent: Sent = form) -> Response:
        return _Making(desk.ledger, live, sent, None).answered()

    @routes.get("/trades/{id}/counter")
    def answer(id: TradeId, by: Visitor = signed_in) -> Response:
        trade = trades.view(desk.ledger, by=by.id, trade_id=id)
        if trade.state != "proposed" or trade.turn != by.id:
            return go(f"/my/trades/{id}")
        return _page(desk.ledger, by, _as_form(desk.ledger, trade, by.id), trade=trade)

    @routes.post("/trades/{id}/counter")
    def counter(id: TradeId, live: Live, sent: Sent = form) -> Response:
        trade = trades.view(desk.ledger, by=sent.by.id, trade_id=id)
        return _Making(desk.ledger, live, sent, trade).answered()


class _Making:
    """One request of the form: what was typed, and what was pressed."""

    def __init__(self, ledger: Ledger, live: Live, sent: Sent, trade: Trade | None) -> None:
        self.ledger, self.live, self.by, self.trade = ledger, live, sent.by, trade
        self.form = OfferForm.read(sent.fields, sent.key)
        self.pressed, _, self.about = sent.text("do").partition(":")

    @property
    def mine(self) -> Giver:
        return "proposer" if self.trade is None or self.trade.proposer.id == self.by.id else "counterparty"

    def answered(self) -> Response:
        if self.pressed == "more" and self.about in trading_forms.SIDES:
            side: Side = "give" if self.about == "give" else "get"
            return _page(self.ledger, self.by, replace(self.form, more=side), trade=self.trade)
        if self.pressed == "use":
            self.form = _with_words(self.form, self.about)
        self.form = self.form.closed_up()
        try:
            if self.pressed == "send":
                return self._send()
            look = self._look(fresh=True)
            if self.pressed == "even" and look.things_apart is not None:
                self.form = self.form.evened(*look.things_apart)
                look = self._look(fresh=True)
        except NothingPublished as error:
            return self._page(503, str(error))
        return self._page(200 if look.is_sound else 422, look=look)

    def _look(self, *, fresh: bool) -> Look:
        look = Looker(self.ledger, self.live, self.by.id, self.mine, fresh).look(self.form)
        wrong = self._who() if self.trade is None else None
        return replace(look, errors={**look.errors, "to": wrong}) if wrong else look

    def _who(self) -> str | None:
        """What is wrong with the other party."""
        if not self.form.to:
            return "Say with whom: the name of the other member."
        try:
            found = accounts.find(self.ledger, self.form.to)
        except KatyError as error:
            return str(error)
        return "That is you: a trade has two parties." if found.id == self.by.id else None

    def _send(self) -> Response:
        look = self._look(fresh=False)
        if not look.is_sound:
            look = self._look(fresh=True)
            told = "Nothing was sent yet: look at the values as they are now, then send it."
            return self._page(422, told if look.is_sound else None, look=look)
        said: dict[str, Any] = {
            "key": self.form.key,
            "legs": look.drafts,
            "reason": self.form.reason or None,
            "deliver_by": self.form.day(),
            "miles": self.form.hundredths_of_miles(),
        }
        try:
            if self.trade is None:
                made = trades.propose(self.ledger, proposer=self.by.id, counterparty=self.form.to, **said)
            else:
                made = trades.counter(self.ledger, by=self.by.id, trade_id=self.trade.id, terms=self.form.terms, **said)
        except KeyInFlight:
            return go("/my")  # a double click: the first one is being done
        except KeyReused:
            return self._page(422, _AGAIN, look=look)
        except KatyError as error:
            problem = refusal(error)
            return self._page(problem.status, problem.detail, look=look)
        return go(f"/my/trades/{made.id}")

    def _page(self, status: int, message: str | None = None, look: Look | None = None) -> Response:
        return _page(self.ledger, self.by, self.form, status, message, look, self.trade)


def _page(
    ledger: Ledger,
    by: Visitor,
    form: OfferForm,
    status: int = 200,
    message: str | None = None,
    look: Look | None = None,
    trade: Trade | None = None,
) -> Response:
    known = trades.listing(ledger, by=by.id, limit=50).trades
    return show(
        "offer",
        by,
        status,
        message=message,
        form=form,
        look=look,
        trade=trade,
        things=things.listing(ledger, by.id, limit=MOST_THINGS),
        thing_words=_thing_words,
        partners=sorted({each.other.name for each in known}),
        kinds=trading_forms.KINDS,
        units=trading_forms.UNITS,
        most_rows=trading_forms.MOST_ROWS,
        currency=ledger.policy().currency,
    )


def _thing_words(thing: Thing) -> str:
    """A registered thing in a list of choices, with what it was worth last."""
    worth = thing.checked
    told = f" – {worth.fmv} {worth.currency}" if worth is not None and worth.fmv is not None else ""
    return f"{thing.owned.title}{told}"


def _with_words(form: OfferForm, about: str) -> OfferForm:
    """The form with a suggestion taken over: "give1:TITLE"."""
    name, _, title = about.partition(":")
    rows = tuple(replace(row, what=title[:500]) if row.name == name and title else row for row in form.rows)
    return replace(form, rows=rows)


def _as_form(ledger: Ledger, trade: Trade, me: str) -> OfferForm:
    """The newest offer as a form; its values are asked anew."""
    mine: Giver = "proposer" if trade.proposer.id == me else "counterparty"
    rows, counts = [], {"give": 0, "get": 0}
    even: dict[str, Any] = {}
    for leg in trade.legs:
        side: Side = "give" if leg.giver == mine else "get"
        if leg.kind in {"k", "minutes", "cash"}:
            even = _even(leg, side)
            continue
        counts[side] += 1
        rows.append(_row(ledger, trade, leg, side, counts[side], me))
    newest = trade.offers[-1]
    miles = "" if newest.miles is None else f"{newest.miles // 100}.{newest.miles % 100:02d}"
    return OfferForm(
        to=trade.counterparty.name if mine == "proposer" else trade.proposer.name,
        rows=tuple(rows),
        miles=miles,
        deliver_by=trade.deliver_by or "",
        key=new_id("form"),
        terms=trade.terms_sha256,
        **even,
    )


def _even(leg: LegView, side: Side) -> dict[str, str]:
    amount, unit = leg.cash.split()[0] if leg.cash else "", "cash"
    if leg.kind == "k":
        amount, unit = k_text(leg.amount or 0), "K"
    elif leg.kind == "minutes":
        amount, unit = f"{(leg.minutes or 0) / 60:.6g}", "min"
    return {"even": amount, "even_unit": unit, "even_by": "me" if side == "give" else "other"}


def _row(ledger: Ledger, trade: Trade, leg: LegView, side: Side, number: int, me: str) -> Row:
    if leg.kind == "time":
        return Row(side, number, what=leg.description, kind="time", count=f"{(leg.minutes or 0) / 60:.6g}")
    said: dict[str, Any] = json.loads(trades.fmv_content(ledger, by=me, trade_id=trade.id, position=leg.position))
    asked = said["subject"]["asked"]
    return Row(
        side,
        number,
        what=asked["text"],
        kind=leg.kind,
        count="" if leg.quantity == "1" else leg.quantity,
        condition=asked.get("condition") or "",
        declared="" if leg.declared is None else k_text(leg.declared),
        why=leg.attestation or "",
    )

"""Schedules: deliveries that repeat, or of which one comes much later.

GET  /my/schedules                    mine, page by page
GET  /my/schedules/{id}               one: what is given when, what is due, what its reader may do
POST /my/schedules/{id}/{verb}        accept, end, receive, default
GET  /my/trades/{id}/repeat, POST     propose one from the legs of a trade
"""

from __future__ import annotations

from datetime import UTC, date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger import to_sign_schedules
from ledger.books.canonical import new_id
from ledger.books.errors import KeyInFlight, KeyReused
from ledger.books.store import Ledger
from ledger.trading import schedules, trades
from ledger.trading.trade_view import Trade
from valuation_api.pages import trading_tasks, trading_view
from valuation_api.pages.trading_desk import Desk, Sent, Step, go, refusal, show, step_of, taken
from valuation_api.pages.trading_repeats import RepeatForm
from valuation_api.pages.trading_sessions import Visitor
from warehouse.errors import KatyError

_ID = "^schedule_[0-9a-f]{20}$"
ScheduleId = Annotated[str, Path(pattern=_ID)]
TradeId = Annotated[str, Path(pattern="^trade_[0-9a-f]{20}$")]
PAGE, MOST_DUES = 20, 12
_AGAIN = "This form has proposed a schedule already; your schedules show it."


def _number(sent: Sent, name: str) -> int:
    return sent.number(name, 4, "the number of a delivery")


# What a form asks for, by the last part of its address.
STEPS: dict[str, Step] = {
    "accept": lambda ledger, sent, it: schedules.accept(ledger, **it),
    "end": lambda ledger, sent, it: schedules.cancel(ledger, **it),
    "default": lambda ledger, sent, it: schedules.default(ledger, **it),
    "receive": lambda ledger, sent, it: schedules.receive(
        ledger, **it, position=_number(sent, "position"), occurrence=_number(sent, "occurrence")
    ),
}


def add_to(routes: APIRouter, desk: Desk) -> None:
    """Add the pages of schedules."""
    _add_schedules(routes, desk)
    _add_repeat(routes, desk)


def _add_schedules(routes: APIRouter, desk: Desk) -> None:
    signed_in, form, ledger = Depends(desk.visitor()), Depends(desk.sent()), desk.ledger

    @routes.get("/schedules")
    def mine(by: Visitor = signed_in, after: Annotated[str | None, Query(pattern=_ID)] = None) -> Response:
        found = schedules.listing(ledger, by=by.id, after=after, limit=PAGE)
        begun = after is not None
        return show("schedules", by, tasks=trading_tasks, schedules=found.schedules, next=found.next, begun=begun)

    @routes.get("/schedules/{id}")
    def read(id: ScheduleId, by: Visitor = signed_in) -> Response:
        return _page(ledger, by, id)

    @routes.post("/schedules/{id}/{verb}")
    def take(id: ScheduleId, verb: str, sent: Sent = form) -> Response:
        asked = {"key": sent.key, "by": sent.by.id, "schedule_id": id}
        step = partial(step_of(STEPS, verb, "schedule"), ledger, sent, asked)
        return taken(step, f"/my/schedules/{id}", partial(_page, ledger, sent.by, id))


def _page(ledger: Ledger, by: Visitor, id: str, status: int = 200, message: str | None = None) -> Response:
    schedule, today = schedules.view(ledger, by=by.id, schedule_id=id), _today(ledger)
    legs = {leg.each.position: leg for leg in schedule.legs}
    handed = [due for due in schedule.dues if legs[due.position].each.kind not in trading_tasks.MOVING]
    waiting = [due for due in handed if due.received_at is None and due.trade is None]
    return show(
        "schedule",
        by,
        status,
        message=message,
        schedule=schedule,
        tasks=trading_tasks,
        other=trading_tasks.schedule_other(schedule, by.id),
        signing=to_sign_schedules.of_party(ledger, schedule, by.id),
        legs=legs,
        first={(due.position, due.occurrence) for _, due in trading_tasks.first_open(schedule)},
        waiting=waiting[:MOST_DUES],
        more=max(len(waiting) - MOST_DUES, 0),
        received=len(handed) - len(waiting),
        handed=len(handed),
        settled=sorted({due.trade for due in schedule.dues if due.trade is not None}),
        late=trading_tasks.overdue(schedule, by.id, today),
        today=today.isoformat(),
    )


def _add_repeat(routes: APIRouter, desk: Desk) -> None:
    signed_in, form, ledger = Depends(desk.visitor()), Depends(desk.sent()), desk.ledger

    @routes.get("/trades/{id}/repeat")
    def ask(id: TradeId, by: Visitor = signed_in) -> Response:
        trade = trades.view(ledger, by=by.id, trade_id=id)
        return _form(by, trade, RepeatForm.of(trade, _today(ledger), new_id("form")))

    @routes.post("/trades/{id}/repeat")
    def propose(id: TradeId, sent: Sent = form) -> Response:
        trade = trades.view(ledger, by=sent.by.id, trade_id=id)
        said = RepeatForm.read(trade, sent.fields, sent.key)
        try:
            made = schedules.propose(
                ledger,
                key=said.key,
                proposer=sent.by.id,
                counterparty=trade.counterparty.id if trade.proposer.id == sent.by.id else trade.proposer.id,
                legs=said.drafts(trade, sent.by.id),
                grace_days=said.grace_days(),
                reason=said.reason or None,
            )
        except KeyInFlight:
            return go("/my/schedules")  # a double click: the first one is being done
        except KeyReused:
            return _form(sent.by, trade, said, 422, _AGAIN)
        except KatyError as error:
            problem = refusal(error)
            return _form(sent.by, trade, said, problem.status, problem.detail)
        return go(f"/my/schedules/{made.id}")


def _form(by: Visitor, trade: Trade, form: RepeatForm, status: int = 200, message: str | None = None) -> Response:
    other, names = trading_view.other(trade, by.id), {True: "You give", False: ""}
    mine = "proposer" if trade.proposer.id == by.id else "counterparty"
    names[False] = f"{other} gives"
    rows = [(names[leg.giver == mine], leg, row) for leg, row in zip(trade.legs, form.rows, strict=True)]
    return show("repeat", by, status, message=message, trade=trade, other=other, form=form, rows=rows)


def _today(ledger: Ledger) -> date:
    return ledger.clock().astimezone(UTC).date()

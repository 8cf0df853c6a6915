"""Everything in which somebody is the next to act, by kind: the first page shows the newest of each, this the others.

GET  /my/waiting/{kind}                promises, trades, schedules, sign-trades, sign-schedules: from behind one of them
POST /my/promises/{id}/{verb}          post, void or sign what waits for me
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger import to_sign, to_sign_schedules, waiting
from ledger.books import accounts, promises, seen
from ledger.books.store import Ledger
from ledger.trading.trade_view import Trade
from valuation_api.pages import trading_tasks
from valuation_api.pages.trading_desk import HOME, Desk, Sent, show, step_of, taken
from valuation_api.pages.trading_sessions import Visitor
from valuation_api.pages.trading_tasks import Task
from warehouse.errors import BadInput

PromiseId = Annotated[str, Path(pattern="^hold_[0-9a-f]{20}$")]
Behind = Annotated[str | None, Query(pattern="^(hold|trade|schedule)_[0-9a-f]{20}$")]


@dataclass(frozen=True, slots=True)
class Part:
    """Of one kind what is open: in which there is something to do, and trades that wait for others. `number` is how
    many were looked at, `next` where the older ones begin."""

    number: int
    next: str | None
    tasks: Sequence[Task] = ()
    promises: Sequence[dict[str, object]] = ()
    others: Sequence[Trade] = ()


Read = Callable[[Ledger, str, str | None], Part]


def _promises(ledger: Ledger, me: str, after: str | None) -> Part:
    found = seen.waiting(ledger, me, after=after)
    return Part(len(found.items), found.next, promises=[_promise(ledger, me, each) for each in found.items])


def _trades(ledger: Ledger, me: str, after: str | None) -> Part:
    found = waiting.trades(ledger, me, after=after)
    others = [each for each in found.items if trading_tasks.of_trade(each, me) is None]
    return Part(len(found.items), found.next, trading_tasks.of_trades(found.items, me), others=others)


def _schedules(ledger: Ledger, me: str, after: str | None) -> Part:
    found = waiting.schedules(ledger, me, after=after)
    return Part(len(found.items), found.next, trading_tasks.of_schedules(found.items, me, today(ledger)))


def _trades_to_sign(ledger: Ledger, me: str, after: str | None) -> Part:
    found = to_sign.listing(ledger, me, after=after)
    return Part(len(found.items), found.next, trading_tasks.of_signatures(found.items))


def _schedules_to_sign(ledger: Ledger, me: str, after: str | None) -> Part:
    found = to_sign_schedules.listing(ledger, me, after=after)
    return Part(len(found.items), found.next, trading_tasks.of_signed_schedules(found.items))


# What waits, by the last part of the address: what the older ones are called, and how they are read.
KINDS: dict[str, tuple[str, Read]] = {
    "promises": ("later promises", _promises),
    "sign-trades": ("older trades to sign", _trades_to_sign),
    "sign-schedules": ("older schedules to sign", _schedules_to_sign),
    "trades": ("older trades", _trades),
    "schedules": ("older schedules", _schedules),
}
STEPS = {
    "post": lambda ledger, sent, it: promises.post(ledger, **it),
    "void": lambda ledger, sent, it: promises.void(ledger, **it),
    "sign": lambda ledger, sent, it: promises.sign(ledger, **it),
}


def add_to(routes: APIRouter, desk: Desk, home: Callable[[Visitor, int, str], Response]) -> None:
    """Add the pages behind the first one; `home` shows that with why a promise could not be paid."""
    signed_in, form = Depends(desk.visitor()), Depends(desk.sent())

    @routes.get("/waiting/{kind}")
    def older(kind: str, by: Visitor = signed_in, after: Behind = None) -> Response:
        if kind not in KINDS:
            raise BadInput(f'nothing of the kind "{kind[:20]}" waits for anybody')
        words, read = KINDS[kind]
        return show("waiting", by, kind=kind, words=words, part=read(desk.ledger, by.id, after))

    @routes.post("/promises/{id}/{verb}")
    def take(id: PromiseId, verb: str, sent: Sent = form) -> Response:
        asked = {"key": sent.key, "by": sent.by.id, "hold_id": id}
        step = step_of(STEPS, verb, "promise")
        return taken(lambda: step(desk.ledger, sent, asked), HOME, lambda status, told: home(sent.by, status, told))


def parts(ledger: Ledger, me: str) -> dict[str, Part]:
    """The first page of every kind."""
    return {kind: read(ledger, me, None) for kind, (_, read) in KINDS.items()}


def today(ledger: Ledger) -> date:
    """The day (UTC) by which things are due."""
    return ledger.clock().astimezone(UTC).date()


def _promise(ledger: Ledger, me: str, each: seen.Waiting) -> dict[str, Any]:
    """An open promise as it is shown: who, how much, and what its reader may do."""
    gives, gets = sorted(each.hold.lines, key=lambda line: line.amount)[:: len(each.hold.lines) - 1]
    return {
        "id": each.hold.id,
        "payer": accounts.find(ledger, gives.account).name,
        "payee": accounts.find(ledger, gets.account).name,
        "amount": gets.amount,
        "unit": gets.unit,
        "memo": each.hold.memo,
        "until": (each.hold.expires_at or "")[:10],
        "mine": gives.account == me,
        "to_me": gets.account == me,
        "kind": each.hold.kind,
        "signatures": each.signatures,
        "needed": each.needed,
        "asks_me": each.asks_me,
    }

"""Disputes: an accepted trade is frozen until both agree on what becomes of it, or a treasurer decides.

How it ends is one number: the share of what the legs move that goes to their receivers. 100: the trade is done as it
was agreed. 0: it is cancelled, and everything goes back. Between: it is done with that share of the K, the minutes and
the fee; what the parties handed each other beside them is as the terms say.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from ledger.books import audit_log
from ledger.books.errors import NotAllowed, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.trading import holding, money, reading, rows
from ledger.trading import legs as leg_rows
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput


def dispute(ledger: Ledger, *, key: str, by: str, trade_id: str, reason: str) -> Trade:
    """A party freezes an accepted trade: nothing moves and nothing is confirmed or cancelled until it is settled."""
    stated = rows.checked_text(reason, "a reason")
    if stated is None:
        raise BadInput("a dispute states its reason in words")

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "dispute", "accepted")
        rows.note(unit, row.id, by, "dispute", stated)
        rows.change(unit, row.id, state="disputed")

    return rows.step(ledger, key, by, trade_id, "dispute", work, reason=stated)


def suggest(ledger: Ledger, *, key: str, by: str, trade_id: str, percent: int, note: str | None = None) -> Trade:
    """A party suggests how a dispute ends; the newest suggestion is the one that counts."""
    stated = rows.checked_text(note, "a note")

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "suggest an end of", "disputed")
        _check(unit, row, percent)
        rows.note(unit, row.id, by, "split", stated, percent=percent)

    return rows.step(ledger, key, by, trade_id, "suggest", work, percent=percent, note=stated)


def agree(ledger: Ledger, *, key: str, by: str, trade_id: str, percent: int) -> Trade:
    """The other party agrees to the newest suggestion, naming its share; the trade ends so.

    Raises `WrongState` where nothing, or another share, was suggested, `NotAllowed` for one's own suggestion.
    """

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "settle", "disputed")
        suggested = rows.steps(unit.connection, row.id, "split")
        if not suggested or suggested[-1].percent != percent:
            raise WrongState(f"{percent} % is not what was suggested last; read the trade again")
        if suggested[-1].account == by:
            raise NotAllowed("the newest suggestion is your own: the other party may agree to it")
        rows.note(unit, row.id, by, "agreed", percent=percent)
        _end(unit, row, by, percent)

    return rows.step(ledger, key, by, trade_id, "agree", work, percent=percent)


def decide(
    ledger: Ledger, *, key: str, by: str, trade_id: str, percent: int, note: str, as_treasurer: bool = False
) -> Trade:
    """A treasurer who is no party decides how a dispute ends, and says why.

    `as_treasurer` says that the caller's right to it was checked. Raises `NotAllowed`, `WrongState`, `Unknown`.
    """
    if not as_treasurer:
        raise NotAllowed("a dispute is decided by a treasurer of the community")
    stated = rows.checked_text(note, "a note")
    if stated is None:
        raise BadInput("a decision says why")
    request = {"operation": "decide", "trade": trade_id, "percent": percent, "note": stated}

    def work(unit: UnitOfWork) -> Trade:
        row = rows.locked(unit, trade_id, None)
        if by in (row.proposer, row.counterparty):
            raise NotAllowed("nobody decides a dispute of their own")
        rows.expect(row, "decide", "disputed")
        _check(unit, row, percent)
        rows.note(unit, row.id, by, "decided", stated, percent=percent)
        _end(unit, row, by, percent)
        audit_log.record(unit, actor=by, action="dispute.decided", trade=row.id, percent=percent)
        return reading.read(unit.connection, trade_id, unit.policies)

    return once(ledger, account=by, key=key, request=request, answer=Trade, work=work)


def _check(unit: UnitOfWork, row: Row[Any], percent: int) -> None:
    if not 0 <= percent <= 100:
        raise BadInput("a share is 0 to 100 per cent")
    moves = money.moved(leg_rows.of_trade(unit.connection, row.id, row.offer))
    if 0 < percent < 100 and not moves:
        raise BadInput("this trade moves neither K nor minutes: it ends with 100 (done) or 0 (cancelled) per cent")


def _end(unit: UnitOfWork, row: Row[Any], by: str, percent: int) -> None:
    if percent == 0:
        holding.give_back(unit, row, by)
        rows.change(unit, row.id, state="cancelled", cancelled_at=unit.now, cause="dispute")
        return
    if percent == 100:
        posted = holding.post(unit, row, by)
        rows.change(unit, row.id, state="done", done_at=unit.now, transfer=posted.id, cause="dispute")
        return
    posted, fee = holding.split(unit, row, by, percent)
    rows.change(
        unit,
        row.id,
        state="done",
        done_at=unit.now,
        transfer=posted.id,
        cause="dispute",
        share_percent=percent,
        **fee,
    )

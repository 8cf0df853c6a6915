"""Trades: anything for anything between two parties, and K, minutes or cash for the difference.

    proposed ──accept──▶ accepted ──both confirm──▶ done
     │    ▲               │  │  └──dispute──▶ disputed ──▶ done | cancelled
     │  counter           │  └────no-show───▶ cancelled
     └────cancel──────────┴──────cancel─────▶ cancelled

A proposal is answered by a counter-offer as often as the parties like; whoever's turn it is accepts the newest offer
only. Accepting holds what the trade moves and the community's fee (`ledger.trading.holding`): from then on it counts
against everybody's limits. When both have confirmed, it moves and the trade is done, in one transaction. Before anyone
has confirmed, either party may cancel; after that both must say so. Every finished trade leaves a transfer in the chain
that carries the hash of its terms. A trade is seen by its two parties and by nobody else.

Deliveries and witnesses are in `ledger.trading.delivering`, disputes in `ledger.trading.disputes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, insert, select

from ledger.books import accounts
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork
from ledger.tables import leg, trade
from ledger.trading import holding, offers, reading, rows
from ledger.trading import legs as leg_rows
from ledger.trading.legs import LegDraft
from ledger.trading.offers import MOST_LEGS, MOST_OFFERS, Draft
from ledger.trading.reading import fmv_content, listing, open_snapshots, view
from ledger.trading.rows import LONGEST_TEXT as LONGEST_REASON
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

__all__ = [
    "LONGEST_REASON",
    "MOST_LEGS",
    "accept",
    "cancel",
    "confirm",
    "counter",
    "fmv_content",
    "listing",
    "open_snapshots",
    "propose",
    "view",
]


def propose(
    ledger: Ledger,
    *,
    key: str,
    proposer: str,
    counterparty: str,
    legs: Sequence[LegDraft],
    reason: str | None = None,
    deliver_by: date | None = None,
    miles: int | None = None,
) -> Trade:
    """Propose a trade to `counterparty` (an id or a name). The values of all legs are frozen here.

    `deliver_by` is the day by which both deliver; `miles` are hundredths of a mile between them, and move no value.
    Raises `BadInput` for legs that make no trade, and where the trade is so far from fair that it asks for a
    `reason` and none is stated.
    """
    draft = Draft(legs=legs, reason=reason, deliver_by=deliver_by, miles=miles)
    request = {"operation": "propose", "proposer": proposer, "counterparty": counterparty, **draft.said()}

    def work(unit: UnitOfWork) -> Trade:
        return _open(unit, draft, proposer, _partner(unit, proposer, counterparty))

    return once(ledger, account=proposer, key=key, request=request, answer=Trade, work=work)


def counter(
    ledger: Ledger,
    *,
    key: str,
    by: str,
    trade_id: str,
    legs: Sequence[LegDraft],
    reason: str | None = None,
    deliver_by: date | None = None,
    miles: int | None = None,
    terms: str | None = None,
) -> Trade:
    """Answer a proposal with other legs; "proposer" and "counterparty" stay who they are. It is the other's turn then.

    `terms` is the hash of the offer that is answered. Raises `NotAllowed` out of turn, `WrongState` where another offer
    came since, and what `propose` raises.
    """
    draft = Draft(legs=legs, reason=reason, deliver_by=deliver_by, miles=miles)

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        _my_turn(unit, row, by, "answer")
        rows.expect(row, "answer", "proposed")
        _same_offer(row, terms)
        if row.offer >= MOST_OFFERS:
            raise WrongState(f"there were {row.offer} offers: accept, or cancel and propose anew")
        last = unit.connection.execute(select(func.max(leg.c.position)).where(leg.c.trade == row.id)).scalar_one()
        made, frozen = offers.make(
            unit,
            draft,
            trade_id=row.id,
            number=row.offer + 1,
            made_by=by,
            proposer=row.proposer,
            counterparty=row.counterparty,
            behind=int(last),
        )
        offers.write(unit, made, frozen)
        rows.change(unit, row.id, offer=row.offer + 1, reason=made["reason"], terms_sha256=made["terms_sha256"])

    return rows.step(ledger, key, by, trade_id, "counter", work, terms=terms, **draft.said())


def accept(ledger: Ledger, *, key: str, by: str, trade_id: str, terms: str | None = None) -> Trade:
    """Whoever's turn it is agrees to the newest offer. What the trade moves, and the fee, is held from now on.

    `terms` is the hash of the offer that is meant; it may be left out while there is only one. Raises `LimitReached`
    where a side cannot pay or take it, `NotAllowed`, `WrongState` (also for another offer's terms) or `Unknown`.
    """

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        _my_turn(unit, row, by, "accept")
        rows.expect(row, "accept", "proposed")
        if terms is None and row.offer > 1:
            raise WrongState(f"this trade has {row.offer} offers: name the terms_sha256 of the newest to accept it")
        _same_offer(row, terms)
        legs = leg_rows.of_trade(unit.connection, row.id, row.offer)
        held = holding.promise(unit, row, legs, by)
        rows.change(unit, row.id, state="accepted", accepted_at=unit.now, **held)

    return rows.step(ledger, key, by, trade_id, "accept", work, terms=terms)


def confirm(ledger: Ledger, *, key: str, by: str, trade_id: str) -> Trade:
    """A party says that its side is fulfilled. With the second word everything moves and the trade is done.

    Raises `WrongState` where the trade moves so much that it needs witnesses, and they are missing.
    """

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "confirm", "accepted")
        if not rows.say(unit, row.id, by, "confirm"):
            raise WrongState("you have confirmed this trade already; it waits for the other party")
        if len(rows.who_said(unit.connection, row.id, "confirm")) == 2:
            lacking = reading.lacking(unit.connection, row, unit.policies)
            if lacking:
                raise WrongState(f"this trade cannot be done yet: {'; '.join(lacking)}")
            posted = holding.post(unit, row, by)
            rows.change(unit, row.id, state="done", done_at=unit.now, transfer=posted.id)

    return rows.step(ledger, key, by, trade_id, "confirm", work)


def cancel(ledger: Ledger, *, key: str, by: str, trade_id: str) -> Trade:
    """A party wants the trade off; after a confirmation both must say so. What was held is free then.

    Raises `LimitReached` where what comes back from escrow finds no room.
    """

    def work(unit: UnitOfWork, row: Row[Any]) -> None:
        rows.expect(row, "cancel", "proposed", "accepted")
        if not rows.say(unit, row.id, by, "cancel"):
            raise WrongState("you have asked to cancel this trade already; it waits for the other party")
        asked = rows.who_said(unit.connection, row.id, "cancel")
        if not rows.who_said(unit.connection, row.id, "confirm") or len(asked) == 2:
            if row.state == "accepted":
                holding.give_back(unit, row, by)
            rows.change(unit, row.id, state="cancelled", cancelled_at=unit.now)

    return rows.step(ledger, key, by, trade_id, "cancel", work)


def _partner(unit: UnitOfWork, proposer: str, counterparty: str) -> str:
    other = accounts.named(unit.connection, counterparty)
    if other.id == proposer:
        raise BadInput("a trade has two parties; this one names the same account twice")
    if other.kind not in accounts.KINDS:
        raise BadInput(f"{other.name} is an account of the community's own, and trades with nobody")
    return other.id


def _open(unit: UnitOfWork, draft: Draft, proposer: str, other: str) -> Trade:
    """Write a new trade with its first offer."""
    trade_id = new_id("trade")
    made, frozen = offers.make(
        unit, draft, trade_id=trade_id, number=1, made_by=proposer, proposer=proposer, counterparty=other, behind=0
    )
    unit.connection.execute(
        insert(trade).values(
            id=trade_id,
            proposer=proposer,
            counterparty=other,
            state="proposed",
            reason=made["reason"],
            terms_sha256=made["terms_sha256"],
            proposed_at=unit.now,
            offer=1,
        )
    )
    offers.write(unit, made, frozen)
    return reading.read(unit.connection, trade_id, unit.policies)


def _my_turn(unit: UnitOfWork, row: Row[Any], by: str, verb: str) -> None:
    if offers.maker(unit.connection, row.id, row.offer) == by:
        raise NotAllowed(f"the newest offer is your own: the party it was made to may {verb} it")


def _same_offer(row: Row[Any], terms: str | None) -> None:
    if terms is not None and terms != row.terms_sha256:
        raise WrongState(
            "these are not the terms of the newest offer: another one was made since; read the trade again"
        )

"""Trades: anything for anything between two parties, and K for the difference.

    proposed ──accept──▶ accepted ──both confirm──▶ done
        └────cancel────────┴──────▶ cancelled

Accepting holds the K: it counts against both sides' limits from then on. When both have confirmed, the K moves and the
trade is done, in one transaction. Before anyone has confirmed, either party may cancel; after that both must say so.
Every finished trade leaves a transfer in the chain that carries the hash of its terms; one without K leaves entries of
zero. A trade is seen by its two parties and by nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.books import accounts, holds, transfers
from ledger.books.canonical import new_id
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.books.transfers import Line
from ledger.policy.dated import Policies
from ledger.tables import fmv_record, leg, trade, trade_word
from ledger.trading import legs as leg_rows
from ledger.trading.fairness import Fairness, weigh
from ledger.trading.legs import Leg, LegDraft
from ledger.trading.terms import terms_hash
from ledger.trading.trade_view import LegView, Party, Trade
from warehouse.errors import BadInput

MOST_LEGS = 20
LONGEST_REASON = 1000


def propose(
    ledger: Ledger,
    *,
    key: str,
    proposer: str,
    counterparty: str,
    legs: Sequence[LegDraft],
    reason: str | None = None,
) -> Trade:
    """Propose a trade to `counterparty` (an id or a name). The values of all legs are frozen here.

    Raises `BadInput` for legs that make no trade, and where the trade is so far from fair that it asks for a
    `reason` and none is stated.
    """
    stated = _checked_reason(reason)
    request = {
        "operation": "propose",
        "proposer": proposer,
        "counterparty": counterparty,
        "legs": [_as_said(draft) for draft in legs],
        "reason": stated,
    }

    def work(unit: UnitOfWork) -> Trade:
        other = accounts.named(unit.connection, counterparty).id
        if other == proposer:
            raise BadInput("a trade has two parties; this one names the same account twice")
        frozen = _freeze(unit, legs, proposer, other)
        fairness = _fairness(frozen, proposer, unit.policy.reason_above_percent)
        if fairness.asks_reason and stated is None:
            raise BadInput(f"{' '.join(fairness.notices)} State a reason for this trade.")
        trade_id = new_id("trade")
        unit.connection.execute(
            insert(trade).values(
                id=trade_id,
                proposer=proposer,
                counterparty=other,
                state="proposed",
                reason=stated,
                terms_sha256=terms_hash(trade_id, proposer, other, stated, [each.row() for each in frozen]),
                proposed_at=unit.now,
            )
        )
        leg_rows.write(unit, trade_id, frozen)
        return _view(unit, trade_id)

    return once(ledger, account=proposer, key=key, request=request, answer=Trade, work=work)


def accept(ledger: Ledger, *, key: str, by: str, trade_id: str) -> Trade:
    """The counterparty agrees. From now on the trade's K counts against both sides' limits.

    Raises `LimitReached` where a side cannot pay or take the K, `NotAllowed`, `WrongState` or `Unknown`.
    """

    def work(unit: UnitOfWork) -> Trade:
        row = _locked(unit, trade_id, by)
        if row.counterparty != by:
            raise NotAllowed("a trade is accepted by the party it was proposed to")
        _expect(row, "accept", "proposed")
        for paid in _k_legs(unit.connection, trade_id):
            assert paid.amount is not None
            holds.reserve(
                unit, reference=trade_id, payer=paid.giver, payee=paid.receiver, amount=paid.amount, asked_by=by
            )
        _set(unit, trade_id, state="accepted", accepted_at=unit.now)
        return _view(unit, trade_id)

    return _once(ledger, key, by, trade_id, "accept", work)


def confirm(ledger: Ledger, *, key: str, by: str, trade_id: str) -> Trade:
    """A party says that its side is fulfilled. With the second word the K moves and the trade is done."""

    def work(unit: UnitOfWork) -> Trade:
        row = _locked(unit, trade_id, by)
        _expect(row, "confirm", "accepted")
        if not _say(unit, trade_id, by, "confirm"):
            raise WrongState("you have confirmed this trade already; it waits for the other party")
        if len(_who_said(unit.connection, trade_id, "confirm")) == 2:
            _finish(unit, row, by)
        return _view(unit, trade_id)

    return _once(ledger, key, by, trade_id, "confirm", work)


def cancel(ledger: Ledger, *, key: str, by: str, trade_id: str) -> Trade:
    """A party wants the trade off; after a confirmation both must say so. What was held is free then."""

    def work(unit: UnitOfWork) -> Trade:
        row = _locked(unit, trade_id, by)
        _expect(row, "cancel", "proposed", "accepted")
        if not _say(unit, trade_id, by, "cancel"):
            raise WrongState("you have asked to cancel this trade already; it waits for the other party")
        asked = _who_said(unit.connection, trade_id, "cancel")
        if not _who_said(unit.connection, trade_id, "confirm") or len(asked) == 2:
            holds.settle(unit, reference=trade_id, into="void")
            _set(unit, trade_id, state="cancelled", cancelled_at=unit.now)
        return _view(unit, trade_id)

    return _once(ledger, key, by, trade_id, "cancel", work)


def view(ledger: Ledger, *, by: str, trade_id: str) -> Trade:
    """A trade as its parties see it. Raises `Unknown` for everybody else, as if it were not there."""
    with ledger.reading() as connection:
        row = connection.execute(select(trade).where(trade.c.id == trade_id)).one_or_none()
        if row is None or by not in (row.proposer, row.counterparty):
            raise Unknown(f'there is no trade "{trade_id}" among yours')
        return _read(connection, trade_id, ledger.policies)


def fmv_content(ledger: Ledger, *, by: str, trade_id: str, position: int) -> bytes:
    """The frozen FMV record of one leg, byte for byte. Raises `Unknown` for everybody but the two parties."""
    query = (
        select(fmv_record.c.content)
        .join(leg, leg.c.fmv_sha256 == fmv_record.c.sha256)
        .join(trade, trade.c.id == leg.c.trade)
        .where(trade.c.id == trade_id, leg.c.position == position)
        .where((trade.c.proposer == by) | (trade.c.counterparty == by))
    )
    with ledger.reading() as connection:
        content = connection.execute(query).scalar_one_or_none()
    if content is None:
        raise Unknown(f'there is no leg {position} of a trade "{trade_id}" among yours')
    return bytes(content)


def open_snapshots(ledger: Ledger) -> set[str]:
    """The snapshots that the values of open trades were computed from; they are not to be pruned."""
    query = (
        select(fmv_record.c.snapshot)
        .distinct()
        .join(leg, leg.c.fmv_sha256 == fmv_record.c.sha256)
        .join(trade, trade.c.id == leg.c.trade)
        .where(trade.c.state.in_(("proposed", "accepted")), fmv_record.c.snapshot.is_not(None))
    )
    with ledger.reading() as connection:
        return set(connection.execute(query).scalars())


def _freeze(unit: UnitOfWork, drafts: Sequence[LegDraft], proposer: str, counterparty: str) -> list[Leg]:
    givers = [draft.giver for draft in drafts]
    if len(drafts) > MOST_LEGS or set(givers) != {"proposer", "counterparty"}:
        raise BadInput(
            f'both sides of a trade give something: at most {MOST_LEGS} legs, each "proposer" or "counterparty"'
        )
    if sum(draft.kind == "k" for draft in drafts) > 1:
        raise BadInput("a trade has one leg of K, from one side: the difference")
    if all(draft.kind == "k" for draft in drafts):
        raise BadInput("K alone is a transfer, not a trade")
    frozen = []
    for position, draft in enumerate(drafts, start=1):
        giver, receiver = (proposer, counterparty) if draft.giver == "proposer" else (counterparty, proposer)
        frozen.append(
            leg_rows.freeze(
                unit.connection, draft, position=position, giver=giver, receiver=receiver, policy=unit.policy
            )
        )
    return frozen


def _finish(unit: UnitOfWork, row: Row[Any], by: str) -> None:
    held = holds.settle(unit, reference=row.id, into="posted")
    # A trade without K is kept in the chain as well, by two entries of zero.
    lines = held or (Line(account=row.proposer, amount=0), Line(account=row.counterparty, amount=0))
    posted = transfers.post(
        unit, kind="trade", made_by=by, lines=lines, reference=row.id, terms_sha256=row.terms_sha256, promised=True
    )
    _set(unit, row.id, state="done", done_at=unit.now, transfer=posted.id)


def _once(ledger: Ledger, key: str, by: str, trade_id: str, operation: str, work: Any) -> Trade:
    request = {"operation": operation, "trade": trade_id}
    return once(ledger, account=by, key=key, request=request, answer=Trade, work=work)


def _locked(unit: UnitOfWork, trade_id: str, by: str) -> Row[Any]:
    row = unit.connection.execute(select(trade).where(trade.c.id == trade_id).with_for_update()).one_or_none()
    if row is None or by not in (row.proposer, row.counterparty):
        raise Unknown(f'there is no trade "{trade_id}" among yours')
    return row


def _expect(row: Row[Any], verb: str, *states: str) -> None:
    if row.state not in states:
        raise WrongState(f"this trade is {row.state}; one can {verb} a trade that is {' or '.join(states)}")


def _set(unit: UnitOfWork, trade_id: str, **values: str) -> None:
    changed = unit.connection.execute(update(trade).where(trade.c.id == trade_id).values(**values))
    assert changed.rowcount == 1, "the trade was locked before"


def _say(unit: UnitOfWork, trade_id: str, account: str, word: str) -> bool:
    row = {"trade": trade_id, "account": account, "word": word, "said_at": unit.now}
    return insert_new(unit.connection, trade_word, [row]) == 1


def _who_said(connection: Connection, trade_id: str, word: str) -> list[str]:
    query = select(trade_word.c.account).where(trade_word.c.trade == trade_id, trade_word.c.word == word)
    return sorted(connection.execute(query).scalars())


def _k_legs(connection: Connection, trade_id: str) -> Sequence[Row[Any]]:
    return connection.execute(select(leg).where(leg.c.trade == trade_id, leg.c.kind == "k")).all()


def _view(unit: UnitOfWork, trade_id: str) -> Trade:
    return _read(unit.connection, trade_id, unit.policies)


def _read(connection: Connection, trade_id: str, policies: Policies) -> Trade:
    row = connection.execute(select(trade).where(trade.c.id == trade_id)).one()
    # A trade is weighed by the policy of the day it was proposed, whatever came after.
    above_percent = policies.on(date.fromisoformat(row.proposed_at[:10])).reason_above_percent
    parties = {id: accounts.one(connection, id) for id in (row.proposer, row.counterparty)}
    legs = leg_rows.of_trade(connection, trade_id)
    return Trade(
        id=row.id,
        state=row.state,
        proposer=Party(id=row.proposer, name=parties[row.proposer].name),
        counterparty=Party(id=row.counterparty, name=parties[row.counterparty].name),
        legs=tuple(LegView.of(each, "proposer" if each.giver == row.proposer else "counterparty") for each in legs),
        fairness=_fairness(legs, row.proposer, above_percent),
        reason=row.reason,
        terms_sha256=row.terms_sha256,
        transfer=row.transfer,
        confirmed_by=tuple(_who_said(connection, trade_id, "confirm")),
        cancel_asked_by=tuple(_who_said(connection, trade_id, "cancel")),
        proposed_at=row.proposed_at,
        accepted_at=row.accepted_at,
        done_at=row.done_at,
        cancelled_at=row.cancelled_at,
    )


def _fairness(legs: Sequence[Leg], proposer: str, above_percent: int) -> Fairness:
    return weigh(
        [each.worth for each in legs if each.giver == proposer],
        [each.worth for each in legs if each.giver != proposer],
        above_percent,
    )


def _checked_reason(reason: str | None) -> str | None:
    stated = (reason or "").strip()
    if len(stated) > LONGEST_REASON or "\x00" in stated:
        raise BadInput(f"a reason is a text of at most {LONGEST_REASON} characters")
    return stated or None


def _as_said(draft: LegDraft) -> dict[str, Any]:
    return {
        "giver": draft.giver,
        "kind": draft.kind,
        "description": draft.description,
        "quantity": str(draft.quantity.normalize()),
        "valuation": draft.valuation,
        "amount": draft.amount,
        "minutes": draft.minutes,
        "declared": draft.declared,
        "attestation": draft.attestation,
    }

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger
from ledger.trading import delivering, disputes, trades
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

Value = Callable[..., str]


@pytest.fixture
def accepted(ledger: Ledger, value: Value, ada: str, bob: str) -> Trade:
    """Ada's coat for 30 K of Bob's, which are in escrow: both are new. To be delivered by 20 November."""
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("coat", "30.00")),
        LegDraft(giver="counterparty", kind="k", amount=30_00),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs, deliver_by=date(2026, 11, 20))
    return trades.accept(ledger, key="a", by=bob, trade_id=made.id)


def by_name(ledger: Ledger) -> dict[str, int]:
    return {each.account.name: each.posted for each in accounts.listing(ledger)}


def is_whole(ledger: Ledger) -> bool:
    free = all(each.pending_out == each.pending_in == 0 for each in accounts.listing(ledger))
    return free and by_name(ledger)["community escrow"] == 0 and verification.verify(ledger).faults == ()


def test_a_no_show_is_held_against_the_one_who_did_not_deliver(
    ledger: Ledger, clock: Any, accepted: Trade, ada: str, bob: str
) -> None:
    with pytest.raises(WrongState, match="here it is 2026-11-20"):
        delivering.no_show(ledger, key="n", by=bob, trade_id=accepted.id)
    clock.move(days=7)

    ended = delivering.no_show(ledger, key="n", by=bob, trade_id=accepted.id, note="I waited for two hours")
    assert (ended.state, ended.cause, ended.at_fault) == ("cancelled", "no_show", ada)
    assert [(step.step, step.by, step.note) for step in ended.steps] == [("no_show", bob, "I waited for two hours")]
    assert set(by_name(ledger).values()) == {0}
    assert is_whole(ledger)


def test_there_is_no_no_show_against_a_delivery(
    ledger: Ledger, clock: Any, accepted: Trade, ada: str, bob: str
) -> None:
    delivering.deliver(ledger, key="d", by=ada, trade_id=accepted.id, note="hung on the door")
    clock.move(days=7)
    with pytest.raises(WrongState, match="open a dispute"):
        delivering.no_show(ledger, key="n", by=bob, trade_id=accepted.id)


def test_a_dispute_freezes_everything(ledger: Ledger, accepted: Trade, ada: str, bob: str) -> None:
    frozen = disputes.dispute(ledger, key="1", by=bob, trade_id=accepted.id, reason="the coat has a hole")
    assert frozen.state == "disputed"
    for step in (trades.confirm, trades.cancel, trades.accept, delivering.no_show):
        with pytest.raises((WrongState, NotAllowed)):
            step(ledger, key="x", by=bob, trade_id=accepted.id)
    assert by_name(ledger)["community escrow"] == 30_00
    assert verification.verify(ledger).faults == ()


@pytest.mark.parametrize(
    ("percent", "state", "ada_has", "bob_has", "fee"),
    [(100, "done", 30_00, -30_30, 30), (60, "done", 18_00, -18_18, 18), (0, "cancelled", 0, 0, 0)],
)
def test_both_may_agree_how_a_dispute_ends(
    ledger: Ledger, accepted: Trade, ada: str, bob: str, percent: int, state: str, ada_has: int, bob_has: int, fee: int
) -> None:
    disputes.dispute(ledger, key="1", by=bob, trade_id=accepted.id, reason="the coat has a hole")
    disputes.suggest(ledger, key="2", by=bob, trade_id=accepted.id, percent=50)
    disputes.suggest(ledger, key="3", by=ada, trade_id=accepted.id, percent=percent, note="it is a small hole")
    with pytest.raises(NotAllowed, match="your own"):
        disputes.agree(ledger, key="4", by=ada, trade_id=accepted.id, percent=percent)
    with pytest.raises(WrongState, match="not what was suggested last"):
        disputes.agree(ledger, key="4", by=bob, trade_id=accepted.id, percent=50)

    ended = disputes.agree(ledger, key="4", by=bob, trade_id=accepted.id, percent=percent)
    assert (ended.state, ended.cause) == (state, "dispute")
    assert ended.share_percent == (percent if 0 < percent < 100 else None)
    told = by_name(ledger)
    assert (told["Ada"], told["Bob"], told["community pool"]) == (ada_has, bob_has, fee)
    assert is_whole(ledger)


def test_a_treasurer_who_is_no_party_decides(ledger: Ledger, accepted: Trade, ada: str, bob: str, eve: str) -> None:
    disputes.dispute(ledger, key="1", by=bob, trade_id=accepted.id, reason="the coat has a hole")
    decide: dict[str, Any] = {"trade_id": accepted.id, "percent": 100, "note": "the hole was shown before"}
    with pytest.raises(NotAllowed, match="treasurer"):
        disputes.decide(ledger, key="2", by=eve, **decide)
    with pytest.raises(NotAllowed, match="of their own"):
        disputes.decide(ledger, key="2", by=ada, **decide, as_treasurer=True)
    assert trades.view(ledger, by=eve, trade_id=accepted.id, as_treasurer=True).state == "disputed"
    with pytest.raises(Unknown):
        trades.view(ledger, by=eve, trade_id=accepted.id)

    ended = disputes.decide(ledger, key="2", by=eve, **decide, as_treasurer=True)
    assert (ended.state, ended.steps[-1].step, ended.steps[-1].note) == ("done", "decided", "the hole was shown before")
    assert is_whole(ledger)


def test_a_share_of_nothing_is_refused(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        LegDraft(giver="proposer", kind="goods", valuation=value("coat", "30.00")),
        LegDraft(giver="counterparty", kind="goods", valuation=value("drill", "30.00")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    with pytest.raises(BadInput, match="in words"):
        disputes.dispute(ledger, key="1", by=bob, trade_id=made.id, reason=" ")
    disputes.dispute(ledger, key="1", by=bob, trade_id=made.id, reason="the coat has a hole")
    with pytest.raises(BadInput, match="neither K nor minutes"):
        disputes.suggest(ledger, key="2", by=bob, trade_id=made.id, percent=50)
    disputes.suggest(ledger, key="2", by=bob, trade_id=made.id, percent=0)
    assert disputes.agree(ledger, key="3", by=ada, trade_id=made.id, percent=0).state == "cancelled"
    assert verification.verify(ledger).faults == ()

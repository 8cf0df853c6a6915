from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ledger import verification
from ledger.books import migrate
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.policy import dated as policy
from ledger.trading import fmv, trades
from ledger.trading.legs import LegDraft
from ledger.trading.terms import terms_hash
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

Value = Callable[..., str]


@pytest.fixture
def coat(value: Value) -> str:
    return value("coat", "30.00")


def offers(coat: str, amount: int) -> list[LegDraft]:
    return [
        LegDraft(giver="proposer", kind="goods", valuation=coat),
        LegDraft(giver="counterparty", kind="k", amount=amount),
    ]


@pytest.fixture
def proposed(ledger: Ledger, coat: str, ada: str, bob: str) -> Trade:
    return trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=offers(coat, 30_00))


def test_offers_go_back_and_forth_and_all_are_kept(
    ledger: Ledger, proposed: Trade, coat: str, ada: str, bob: str
) -> None:
    assert proposed.turn == bob
    second = trades.counter(ledger, key="1", by=bob, trade_id=proposed.id, legs=offers(coat, 25_00))
    third = trades.counter(
        ledger, key="2", by=ada, trade_id=proposed.id, legs=offers(coat, 27_00), terms=second.terms_sha256
    )

    assert (second.turn, third.turn) == (ada, bob)
    assert [leg.amount for leg in third.legs] == [None, 27_00]
    assert [(each.number, each.made_by) for each in third.offers] == [(1, ada), (2, bob), (3, ada)]
    assert len({each.terms_sha256 for each in third.offers}) == 3
    # The records of every offer can be read: the positions go on counting.
    assert [leg.position for leg in third.legs] == [5, 6]
    for position in range(1, 7):
        assert trades.fmv_content(ledger, by=bob, trade_id=proposed.id, position=position)
    trades.accept(ledger, key="a", by=bob, trade_id=proposed.id, terms=third.terms_sha256)
    assert verification.verify(ledger).faults == ()


def test_one_does_not_accept_ones_own_offer(ledger: Ledger, proposed: Trade, coat: str, ada: str, bob: str) -> None:
    second = trades.counter(ledger, key="1", by=bob, trade_id=proposed.id, legs=offers(coat, 25_00))
    with pytest.raises(NotAllowed, match="your own"):
        trades.accept(ledger, key="a", by=bob, trade_id=proposed.id, terms=second.terms_sha256)
    with pytest.raises(NotAllowed, match="your own"):
        trades.counter(ledger, key="2", by=bob, trade_id=proposed.id, legs=offers(coat, 20_00))


def test_only_the_offer_that_was_seen_is_accepted(
    ledger: Ledger, proposed: Trade, coat: str, ada: str, bob: str
) -> None:
    second = trades.counter(ledger, key="1", by=bob, trade_id=proposed.id, legs=offers(coat, 25_00))
    with pytest.raises(WrongState, match="name the terms_sha256"):
        trades.accept(ledger, key="a", by=ada, trade_id=proposed.id)
    with pytest.raises(WrongState, match="another one was made since"):
        trades.accept(ledger, key="a", by=ada, trade_id=proposed.id, terms=proposed.terms_sha256)
    assert trades.accept(ledger, key="a", by=ada, trade_id=proposed.id, terms=second.terms_sha256).state == "accepted"
    with pytest.raises(WrongState, match="this trade is accepted"):
        trades.counter(ledger, key="2", by=ada, trade_id=proposed.id, legs=offers(coat, 30_00))


def test_a_counter_offer_sent_twice_is_one(ledger: Ledger, proposed: Trade, coat: str, ada: str, bob: str) -> None:
    first = trades.counter(ledger, key="1", by=bob, trade_id=proposed.id, legs=offers(coat, 25_00))
    again = trades.counter(ledger, key="1", by=bob, trade_id=proposed.id, legs=offers(coat, 25_00))

    assert first == again
    assert len(again.offers) == 2


def test_the_distance_encourages_and_is_part_of_nothing(ledger: Ledger, coat: str, ada: str, bob: str) -> None:
    def at(key: str, miles: int | None) -> Trade:
        legs = offers(coat, 30_00)
        return trades.propose(ledger, key=key, proposer=ada, counterparty=bob, legs=legs, miles=miles)

    told = [at(f"{miles}", miles).encouragement for miles in (0, 99, 1_00, 4_99, 24_99, 100_00, 100_01)]
    assert [each.percent if each else None for each in told] == [15, 15, 10, 10, 5, 0, -5]
    assert told[0] is not None
    assert told[0].amount == 4_50
    assert at("none", None).encouragement is None
    near, far = at("near", 10), at("far", 200_00)
    assert near.legs == far.legs
    assert near.fairness == far.fairness


def test_a_day_of_delivery_is_part_of_the_terms(ledger: Ledger, clock: Any, coat: str, ada: str, bob: str) -> None:
    legs = offers(coat, 30_00)
    with pytest.raises(BadInput, match="is over"):
        trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs, deliver_by=date(2026, 11, 13))
    made = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs, deliver_by=date(2026, 11, 20))
    assert made.deliver_by == "2026-11-20"
    assert verification.verify(ledger).faults == ()


def test_a_trade_from_before_counter_offers_has_its_proposal_as_its_only_offer(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    """Books of the revision before are brought up to date, and their hashes stay what they were."""
    url, moment = f"sqlite:///{tmp_path}/ledger.sqlite", "2026-01-02T03:04:05.000000Z"
    record = fmv.of_k(500, policy.read().on(date(2026, 1, 2)))
    row = {
        "position": 1, "giver": "a", "receiver": "b", "kind": "k", "description": "5.00 K", "quantity": "1",
        "amount": 500, "fmv_sha256": record.sha256, "fair": 500, "low": 500, "high": 500,
    }  # fmt: skip
    terms = terms_hash("t", "a", "b", "so", [row | {"declared": None, "attestation": None}])
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", "r0005")
        open_ledger(url, clock=clock).close()
    member = {"kind": "member", "tier": "basic", "created_at": moment}
    inserts: list[tuple[str, dict[str, Any]]] = [
        *(("account", {"id": name, "name": name, "name_key": name, **member}) for name in "ab"),
        ("fmv_record", {"sha256": record.sha256, "kind": "k_rate", "content": record.content, "frozen_at": moment}),
        ("trade", {"id": "t", "proposer": "a", "counterparty": "b", "state": "proposed", "reason": "so",
                   "terms_sha256": terms, "proposed_at": moment}),
        ("leg", {"trade": "t", **row}),
    ]  # fmt: skip
    written(url, inserts)

    ledger = open_ledger(url, clock=clock)
    told = trades.view(ledger, by="b", trade_id="t")
    assert [(each.number, each.made_by, each.terms_sha256) for each in told.offers] == [(1, "a", terms)]
    assert (told.turn, told.legs[0].amount) == ("b", 500)
    assert verification.verify(ledger).faults == ()
    with pytest.raises(IntegrityError, match="trade_state"), ledger.engine.begin() as connection:
        connection.execute(text("UPDATE trade SET state = 'odd'"))
    ledger.close()


def test_a_list_of_trades_goes_on_where_it_ended(
    ledger: Ledger, clock: Any, coat: str, ada: str, bob: str, eve: str
) -> None:
    made = []
    for number in range(5):
        clock.move(minutes=number % 2)  # some in the same moment
        legs = offers(coat, 30_00)
        made.append(trades.propose(ledger, key=f"{number}", proposer=ada, counterparty=bob, legs=legs).id)

    seen, after = [], None
    while True:
        page = trades.listing(ledger, by=bob, after=after, limit=2)
        seen += [each.id for each in page.trades]
        if (after := page.next) is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5
    first = trades.listing(ledger, by=bob, limit=1).trades[0]
    assert (first.gives, first.gets, first.waits_for_me) == (("30.00 K",), ("coat",), True)
    assert not trades.listing(ledger, by=ada, limit=1).trades[0].waits_for_me
    assert trades.listing(ledger, by=eve).trades == ()
    with pytest.raises(Unknown, match="among yours"):
        trades.listing(ledger, by=eve, after=made[0])

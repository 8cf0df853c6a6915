from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.store import Ledger, open_ledger
from ledger.policy.dated import DEFAULT
from ledger.trading import trades
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput
from warehouse.valuation import Valuation

Value = Callable[..., str]


@pytest.fixture
def ledger(databases: Any, clock: Any, tmp_path: Path) -> Iterator[Ledger]:
    """Books of a community that takes no fee, keeps nothing in escrow and asks for no witness: the bare steps."""
    policy = tmp_path / "policy.toml"
    text = DEFAULT.read_text()
    bare = re.sub(r"(?ms)^\[policy\.(fee|escrow|witnesses)\]$.*?(?=^\[|\Z)", "", text)
    policy.write_text(bare)
    opened = open_ledger(databases.new(), clock=clock, policy_file=policy)
    yield opened
    opened.close()


def gives(giver: str, kind: str, **said: Any) -> LegDraft:
    return LegDraft(giver=giver, kind=kind, **said)  # type: ignore[arg-type]


def bread_for_bike(ledger: Ledger, value: Value, baker: str, mechanic: str, **said: Any) -> Trade:
    loaf, repair = value("loaf of rye bread", "6.50"), value("bicycle repair, new brakes", "45.00")
    legs = [
        gives("proposer", "goods", valuation=loaf, quantity=Decimal(7)),
        gives("counterparty", "service", valuation=repair),
        gives("counterparty", "k", amount=50),
    ]
    return trades.propose(
        ledger, **{"key": "propose", "proposer": baker, "counterparty": mechanic, "legs": legs, **said}
    )


def balances(ledger: Ledger, *of: str) -> list[int]:
    return [accounts.standing(ledger, account).posted for account in of]


def test_seven_loaves_for_a_repair_and_half_a_k(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    """7 loaves at 6.50 are 45.50, the repair is 45.00: the mechanic adds 0.50 K, and it moves when both confirm."""
    proposed = bread_for_bike(ledger, value, ada, bob)
    assert [leg.fair for leg in proposed.legs] == [45_50, 45_00, 50]
    assert (proposed.fairness.ratio, proposed.fairness.gap_percent, proposed.fairness.overlap) == (
        "1.0000",
        "0.0",
        True,
    )
    assert balances(ledger, ada, bob) == [0, 0]

    trades.accept(ledger, key="a", by=bob, trade_id=proposed.id)
    standing = accounts.standing(ledger, bob)
    assert (standing.posted, standing.pending_out, standing.spendable) == (0, 50, 99_50)
    assert accounts.standing(ledger, ada).pending_in == 50

    half = trades.confirm(ledger, key="c", by=bob, trade_id=proposed.id)
    assert (half.state, half.confirmed_by) == ("accepted", (bob,))
    assert balances(ledger, ada, bob) == [0, 0]

    done = trades.confirm(ledger, key="c", by=ada, trade_id=proposed.id)
    assert done.state == "done"
    assert balances(ledger, ada, bob) == [50, -50]
    assert accounts.standing(ledger, bob).pending_out == 0
    assert [movement.reference for movement in transfers.movements(ledger, ada)] == [proposed.id]
    assert verification.verify(ledger).sound


def test_each_leg_carries_its_frozen_value_byte_for_byte(
    ledger: Ledger, value: Value, make_valuation: Callable[..., Valuation], ada: str, bob: str
) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)
    told = make_valuation("loaf of rye bread", "6.50")

    records = [trades.fmv_content(ledger, by=bob, trade_id=trade.id, position=leg.position) for leg in trade.legs]
    assert records[0] == told.canonical_json()
    assert [hashlib.sha256(record).hexdigest() for record in records] == [leg.fmv_sha256 for leg in trade.legs]
    assert (trade.legs[0].valuation, trade.legs[0].value_date) == (told.id, "2026-11-13")
    assert json.loads(records[2]) == {
        "amount": 50,
        "currency": "USD",
        "currency_per_k": "1.00",
        "fmv": "0.50",
        "policy_from": "2000-01-01",
    }


def test_an_hour_counts_what_the_community_says(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [gives("proposer", "time", minutes=90), gives("counterparty", "goods", valuation=value("drill", "30.00"))]
    trade = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)

    assert (trade.legs[0].minutes, trade.legs[0].fair, trade.legs[0].amount) == (90, 30_00, None)


def finish(ledger: Ledger, trade: Trade) -> Trade:
    proposer, other = trade.proposer.id, trade.counterparty.id
    trades.accept(ledger, key=f"a{trade.id}", by=other, trade_id=trade.id)
    trades.confirm(ledger, key=f"c{trade.id}", by=other, trade_id=trade.id)
    return trades.confirm(ledger, key=f"d{trade.id}", by=proposer, trade_id=trade.id)


def test_a_trade_without_k_is_kept_in_the_chain_as_well(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        gives("proposer", "goods", valuation=value("coat", "20.00")),
        gives("counterparty", "goods", valuation=value("drill", "21.00")),
    ]
    done = finish(ledger, trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs))

    assert [(movement.amount, movement.transfer) for movement in transfers.movements(ledger, bob)] == [
        (0, done.transfer)
    ]
    assert verification.verify(ledger).entries == 2
    assert verification.verify(ledger).sound


def test_a_trade_is_seen_by_its_parties_only(ledger: Ledger, value: Value, ada: str, bob: str, eve: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)

    assert trades.view(ledger, by=ada, trade_id=trade.id) == trades.view(ledger, by=bob, trade_id=trade.id)
    for look in (
        lambda: trades.view(ledger, by=eve, trade_id=trade.id),
        lambda: trades.accept(ledger, key="1", by=eve, trade_id=trade.id),
        lambda: trades.confirm(ledger, key="2", by=eve, trade_id=trade.id),
        lambda: trades.cancel(ledger, key="3", by=eve, trade_id=trade.id),
        lambda: trades.fmv_content(ledger, by=eve, trade_id=trade.id, position=1),
        lambda: trades.view(ledger, by=eve, trade_id="trade_0"),
    ):
        with pytest.raises(Unknown, match="yours"):
            look()


def test_only_the_other_party_accepts(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)

    with pytest.raises(NotAllowed):
        trades.accept(ledger, key="1", by=ada, trade_id=trade.id)


def test_promised_k_counts_against_the_limit(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    coat = value("coat", "60.00")
    legs = [gives("proposer", "goods", valuation=coat), gives("counterparty", "k", amount=60_00)]
    first, second = (trades.propose(ledger, key=key, proposer=ada, counterparty=bob, legs=legs) for key in ("1", "2"))
    trades.accept(ledger, key="a1", by=bob, trade_id=first.id)

    with pytest.raises(LimitReached, match=r"Bob has 40.00 K left to spend"):
        trades.accept(ledger, key="a2", by=bob, trade_id=second.id)
    with pytest.raises(LimitReached):
        transfers.pay(ledger, key="p", payer=bob, payee=ada, amount=40_01)
    trades.cancel(ledger, key="c", by=bob, trade_id=first.id)
    assert trades.accept(ledger, key="a2", by=bob, trade_id=second.id).state == "accepted"


def test_k_that_is_promised_to_somebody_cannot_be_spent_yet(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [gives("proposer", "goods", valuation=value("coat", "60.00")), gives("counterparty", "k", amount=60_00)]
    trade = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)
    trades.accept(ledger, key="2", by=bob, trade_id=trade.id)

    with pytest.raises(LimitReached, match=r"100\.00 K left"):
        transfers.pay(ledger, key="p", payer=ada, payee=bob, amount=100_01)


def test_a_full_account_cannot_be_promised_more(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    mill, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    for key in ("1", "2"):
        transfers.pay(ledger, key=key, payer=mill.id, payee=ada, amount=475_00)
    legs = [gives("proposer", "goods", valuation=value("coat", "60.00")), gives("counterparty", "k", amount=60_00)]
    trade = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)

    with pytest.raises(LimitReached, match="Ada does not have room") as refused:
        trades.accept(ledger, key="2", by=bob, trade_id=trade.id)
    assert "950" not in str(refused.value)


def test_either_may_cancel_until_somebody_has_confirmed(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)
    trades.accept(ledger, key="a", by=bob, trade_id=trade.id)

    assert trades.cancel(ledger, key="c", by=ada, trade_id=trade.id).state == "cancelled"
    assert accounts.standing(ledger, bob).pending_out == accounts.standing(ledger, ada).pending_in == 0
    with pytest.raises(WrongState, match="this trade is cancelled"):
        trades.confirm(ledger, key="d", by=bob, trade_id=trade.id)
    assert verification.verify(ledger).sound


def test_after_a_confirmation_both_must_cancel(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)
    trades.accept(ledger, key="a", by=bob, trade_id=trade.id)
    trades.confirm(ledger, key="b", by=bob, trade_id=trade.id)

    asked = trades.cancel(ledger, key="c", by=ada, trade_id=trade.id)
    assert (asked.state, asked.cancel_asked_by) == ("accepted", (ada,))
    with pytest.raises(WrongState, match="already"):
        trades.cancel(ledger, key="d", by=ada, trade_id=trade.id)
    assert trades.cancel(ledger, key="e", by=bob, trade_id=trade.id).state == "cancelled"
    assert verification.verify(ledger).sound


def test_a_step_out_of_turn_is_told(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)
    with pytest.raises(WrongState, match="this trade is proposed"):
        trades.confirm(ledger, key="1", by=ada, trade_id=trade.id)
    finish(ledger, trade)

    for step in (trades.accept, trades.confirm, trades.cancel):
        with pytest.raises(WrongState, match="this trade is done"):
            step(ledger, key="2", by=bob, trade_id=trade.id)


def test_a_step_is_taken_once_however_often_it_is_sent(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    trade = bread_for_bike(ledger, value, ada, bob)
    assert bread_for_bike(ledger, value, ada, bob) == trade
    accepted = trades.accept(ledger, key="a", by=bob, trade_id=trade.id)
    first = trades.confirm(ledger, key="c", by=bob, trade_id=trade.id)
    done = trades.confirm(ledger, key="c", by=ada, trade_id=trade.id)

    assert trades.accept(ledger, key="a", by=bob, trade_id=trade.id) == accepted
    assert trades.confirm(ledger, key="c", by=bob, trade_id=trade.id) == first
    assert trades.confirm(ledger, key="c", by=ada, trade_id=trade.id) == done
    assert balances(ledger, ada, bob) == [50, -50]


def test_an_unfair_trade_asks_for_a_reason_and_both_are_told(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        gives("proposer", "goods", valuation=value("coat", "100.00")),
        gives("counterparty", "goods", valuation=value("drill", "69.99")),
    ]
    with pytest.raises(BadInput, match=r"30\.0 % apart.*State a reason"):
        trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)

    stated = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs, reason="a favour")
    assert stated.fairness.asks_reason
    assert stated.reason == "a favour"


def test_another_value_may_be_declared_with_an_attestation_and_the_record_keeps_both(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    declared = {"declared": 150_00, "attestation": "restored by hand last month"}
    legs = [
        gives("proposer", "goods", valuation=value("coat", "100.00"), **declared),
        gives("counterparty", "goods", valuation=value("drill", "99.00")),
    ]
    with pytest.raises(BadInput, match=r"coat: the declared 150.00 K is 50.0 % above the fair market value"):
        trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)

    trade = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs, reason="it is restored")
    leg = trade.legs[0]
    assert (leg.fair, leg.declared, leg.agreed, leg.attestation) == (
        100_00,
        150_00,
        150_00,
        "restored by hand last month",
    )
    assert (trade.fairness.proposer.value, trade.fairness.proposer.agreed) == (100_00, 150_00)


def test_a_thing_of_unknown_worth_needs_a_declared_value(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    coat, portrait = value("coat", "100.00"), value("portrait of a cat", None)
    other = gives("counterparty", "goods", valuation=coat)
    with pytest.raises(BadInput, match="leg 1: no fair market value is known"):
        trades.propose(
            ledger,
            key="1",
            proposer=ada,
            counterparty=bob,
            legs=[gives("proposer", "goods", valuation=portrait), other],
        )

    declared = gives("proposer", "goods", valuation=portrait, declared=90_00, attestation="my usual price")
    trade = trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=[declared, other])
    assert (trade.legs[0].fair, trade.legs[0].agreed, trade.fairness.overlap) == (None, 90_00, None)
    assert "stands alone" in trade.fairness.notices[0]
    assert not trade.fairness.asks_reason
    finish(ledger, trade)
    assert verification.verify(ledger).sound


def test_a_value_in_another_currency_than_ks_is_refused(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    euros = value("coat", "100.00", currency="EUR")
    legs = [gives("proposer", "goods", valuation=euros), gives("counterparty", "k", amount=1)]
    with pytest.raises(BadInput, match="ask for the valuation in USD"):
        trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "gold"}, "a leg is goods, service, time, k, minutes, cash, not"),
        ({"valuation": None}, "has valuation, and none of the others"),
        ({"minutes": 5}, "none of the others"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("0.0001")}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"declared": 5}, "come together"),
        ({"attestation": "true"}, "come together"),
        ({"declared": 5, "attestation": "  "}, "come together"),
        ({"declared": -5, "attestation": "true"}, "below zero"),
        ({"description": "x" * 501}, "at most 500"),
        ({"kind": "k", "valuation": None, "amount": 0}, "above zero"),
        ({"kind": "k", "valuation": None, "amount": 5, "quantity": Decimal(2)}, "neither a quantity"),
        ({"kind": "time", "valuation": None, "minutes": 0}, "minutes"),
    ],
)
def test_a_leg_that_makes_no_sense_is_refused_with_its_number(
    ledger: Ledger, value: Value, ada: str, bob: str, wrong: dict[str, Any], told: str
) -> None:
    coat = value("coat", "100.00")
    leg = LegDraft(**{"giver": "proposer", "kind": "goods", "valuation": coat, **wrong})
    with pytest.raises(BadInput, match=told) as refused:
        trades.propose(
            ledger,
            key="1",
            proposer=ada,
            counterparty=bob,
            legs=[leg, gives("counterparty", "goods", valuation=coat)],
        )
    assert "leg 1" in str(refused.value)


def test_legs_that_make_no_trade_are_refused(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    coat = gives("proposer", "goods", valuation=value("coat", "100.00"))
    for legs, told in (
        ([], "both sides"),
        ([coat], "both sides"),
        ([coat, gives("counterparty", "k", amount=1), gives("proposer", "k", amount=2)], "one leg of K"),
        ([coat] * 20 + [gives("counterparty", "k", amount=1)], "at most 20"),
        ([coat, gives("counterparty", "goods", valuation="0" * 32)], "no valuation"),
    ):
        with pytest.raises((BadInput, Unknown), match=told):
            trades.propose(ledger, key="1", proposer=ada, counterparty=bob, legs=legs)
    with pytest.raises(BadInput, match="same account twice"):
        bread_for_bike(ledger, value, ada, "ada")
    with pytest.raises(Unknown, match="Zed"):
        bread_for_bike(ledger, value, ada, "Zed")


def test_the_snapshots_of_open_trades_are_known(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    assert trades.open_snapshots(ledger) == set()
    trade = bread_for_bike(ledger, value, ada, bob)
    assert trades.open_snapshots(ledger) == {"20261114T000000Z-00000000"}
    finish(ledger, trade)
    assert trades.open_snapshots(ledger) == set()

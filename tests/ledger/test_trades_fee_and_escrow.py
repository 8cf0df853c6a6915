"""The community's fee and the house's escrow, by the built-in policy: 1 % by the payer, escrow for newcomers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.errors import LimitReached, NotAllowed, WrongState
from ledger.books.store import Ledger
from ledger.trading import delivering, money, trades
from ledger.trading.fairness import Worth
from ledger.trading.legs import LegDraft
from ledger.trading.trade_view import Trade
from warehouse.errors import BadInput

Value = Callable[..., str]


def gives(giver: str, kind: str, **said: Any) -> LegDraft:
    return LegDraft(giver=giver, kind=kind, **said)  # type: ignore[arg-type]


def bread_for_bike(ledger: Ledger, value: Value, baker: str, mechanic: str, key: str = "p") -> Trade:
    legs = [
        gives("proposer", "goods", valuation=value("loaf of rye bread", "6.50"), quantity=Decimal(7)),
        gives("counterparty", "service", valuation=value("bicycle repair, new brakes", "45.00")),
        gives("counterparty", "k", amount=50),
    ]
    return trades.propose(ledger, key=key, proposer=baker, counterparty=mechanic, legs=legs)


def coat_for_k(
    ledger: Ledger, value: Value, seller: str, buyer: str, amount: int, key: str = "p", **said: Any
) -> Trade:
    coat = value(f"coat {key}", f"{amount // 100}.{amount % 100:02d}")
    legs = [gives("proposer", "goods", valuation=coat), gives("counterparty", "k", amount=amount)]
    return trades.propose(ledger, key=key, proposer=seller, counterparty=buyer, legs=legs, **said)


def confirm_both(ledger: Ledger, trade: Trade) -> Trade:
    trades.confirm(ledger, key=f"c{trade.id}", by=trade.counterparty.id, trade_id=trade.id)
    return trades.confirm(ledger, key=f"d{trade.id}", by=trade.proposer.id, trade_id=trade.id)


def five_trades(ledger: Ledger, value: Value, one: str, other: str) -> None:
    for number in range(5):
        legs = [
            gives("proposer", "goods", valuation=value("plum", "0.10")),
            gives("counterparty", "goods", valuation=value("pear", "0.10")),
        ]
        made = trades.propose(ledger, key=f"five{number}", proposer=one, counterparty=other, legs=legs)
        trades.accept(ledger, key=f"a{made.id}", by=other, trade_id=made.id)
        confirm_both(ledger, made)


def by_name(ledger: Ledger) -> dict[str, int]:
    return {each.account.name: each.posted for each in accounts.listing(ledger)}


def nothing_is_held(ledger: Ledger) -> bool:
    return all(each.pending_out == each.pending_in == 0 for each in accounts.listing(ledger))


def test_the_fee_on_bread_for_a_repair_is_paid_by_the_mechanic(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    """7 loaves at 6.50 against a repair at 45: 0.50 K for the difference, and 1 % of 45.00 for the community."""
    proposed = bread_for_bike(ledger, value, ada, bob)
    assert (proposed.fee.proposer, proposed.fee.counterparty, proposed.fee.foreseen) == (0, 45, True)
    accepted = trades.accept(ledger, key="a", by=bob, trade_id=proposed.id)
    assert accepted.escrow  # both are new here
    assert by_name(ledger) == {"Ada": 0, "Bob": -50, "community escrow": 50, "community pool": 0}

    done = confirm_both(ledger, accepted)
    assert (done.state, done.fee.counterparty, done.fee.foreseen) == ("done", 45, False)
    assert by_name(ledger) == {"Ada": 50, "Bob": -95, "community escrow": 0, "community pool": 45}
    assert nothing_is_held(ledger)
    assert verification.verify(ledger).faults == ()


def test_who_has_finished_five_trades_pays_directly(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    five_trades(ledger, value, ada, bob)
    before = by_name(ledger)
    accepted = trades.accept(ledger, key="a", by=bob, trade_id=bread_for_bike(ledger, value, ada, bob).id)

    assert not accepted.escrow
    assert by_name(ledger) == before
    assert accounts.standing(ledger, bob).pending_out == 95
    confirm_both(ledger, accepted)
    assert verification.verify(ledger).faults == ()


def test_what_is_in_escrow_comes_back_when_the_trade_is_cancelled(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    made = bread_for_bike(ledger, value, ada, bob)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    trades.cancel(ledger, key="c", by=ada, trade_id=made.id)

    assert set(by_name(ledger).values()) == {0}
    assert nothing_is_held(ledger)
    assert verification.verify(ledger).faults == ()


def test_the_receivers_room_is_held_while_the_k_is_in_escrow(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    made = coat_for_k(ledger, value, ada, bob, 30_00)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)

    assert accounts.standing(ledger, ada).pending_in == 30_00


def test_a_fee_that_would_break_the_floor_stops_the_trade_with_that_reason(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    five_trades(ledger, value, ada, bob)
    made = coat_for_k(ledger, value, ada, bob, 100_00)
    with pytest.raises(LimitReached, match=r"fee of 1\.00 K is counted"):
        trades.accept(ledger, key="a", by=bob, trade_id=made.id)

    less = coat_for_k(ledger, value, ada, bob, 99_00, key="less")
    assert trades.accept(ledger, key="a", by=bob, trade_id=less.id).state == "accepted"


def test_confirming_cannot_fail_by_a_limit(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    """What is left beside the held amounts is spent to the last rail, and the trade is done all the same."""
    made = bread_for_bike(ledger, value, ada, bob)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    left = accounts.standing(ledger, bob).spendable
    transfers.pay(ledger, key="all", payer=bob, payee=ada, amount=left or 0)

    assert confirm_both(ledger, made).state == "done"
    assert accounts.standing(ledger, bob).posted == -100_00


def test_time_credits_move_and_labour_does_not(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        gives("proposer", "time", minutes=60),
        gives("counterparty", "minutes", minutes=45),
        gives("counterparty", "k", amount=5_00),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    assert [(leg.minutes, leg.fair) for leg in made.legs] == [(60, 20_00), (45, 15_00), (None, 5_00)]
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    confirm_both(ledger, made)

    assert [accounts.standing(ledger, each, "min").posted for each in (ada, bob)] == [45, -45]
    assert [accounts.standing(ledger, each).posted for each in (ada, bob)] == [5_00, -5_20]
    assert verification.verify(ledger).faults == ()


def test_cash_is_recorded_at_its_face_value_and_moves_nothing(ledger: Ledger, value: Value, ada: str, bob: str) -> None:
    legs = [
        gives("proposer", "goods", valuation=value("coat", "30.00")),
        gives("counterparty", "cash", cash=Decimal("29.50")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    assert (made.legs[1].cash, made.legs[1].fair, made.legs[1].fmv_kind) == ("29.50 USD", 29_50, "cash_rate")
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    confirm_both(ledger, made)

    # The fee is all that moves: 1 % of 29.50, half-even. The coat is worth more, so whoever gives the cash gains.
    assert by_name(ledger) == {"Ada": 0, "Bob": -30, "community pool": 30}
    assert verification.verify(ledger).faults == ()


@pytest.mark.parametrize(
    ("legs", "told"),
    [
        ([("proposer", "k", {"amount": 5}), ("counterparty", "cash", {"cash": Decimal(5)})], "alone are transfers"),
        ([("proposer", "time", {"minutes": 5}), ("counterparty", "cash", {"cash": Decimal("0.001")})], "no such parts"),
        ([("proposer", "time", {"minutes": 5}), ("counterparty", "cash", {"cash": Decimal(0)})], "above zero"),
        (
            [("proposer", "minutes", {"minutes": 5}), ("counterparty", "minutes", {"minutes": 5})],
            "one leg of minutes",
        ),
    ],
)
def test_money_legs_that_make_no_trade_are_refused(
    ledger: Ledger, ada: str, bob: str, legs: list[tuple[str, str, dict[str, Any]]], told: str
) -> None:
    drafts = [gives(giver, kind, **said) for giver, kind, said in legs]
    with pytest.raises(BadInput, match=told):
        trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=drafts, reason="we like it")


def test_much_k_needs_a_witness_before_the_trade_is_done(
    ledger: Ledger, value: Value, ada: str, bob: str, eve: str
) -> None:
    made = coat_for_k(ledger, value, ada, bob, 40_01)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    trades.confirm(ledger, key="c", by=bob, trade_id=made.id)
    with pytest.raises(WrongState, match=r"more than 40\.00 K needs 1 witness"):
        trades.confirm(ledger, key="d", by=ada, trade_id=made.id)
    with pytest.raises(NotAllowed, match="no witness of its own"):
        delivering.attest(ledger, key="w", by=bob, trade_id=made.id, said="I saw it")

    seen = delivering.attest(ledger, key="w", by=eve, trade_id=made.id, said="I saw the coat change hands")
    assert (seen.trade, seen.by) == (made.id, eve)
    assert trades.confirm(ledger, key="d", by=ada, trade_id=made.id).state == "done"


def test_very_much_k_needs_deliveries_and_a_photo(ledger: Ledger, value: Value, eve: str) -> None:
    mill, shop = (accounts.create(ledger, name, tier="verified")[0].id for name in ("Mill", "Shop"))
    made = coat_for_k(ledger, value, mill, shop, 498_00)
    assert any("witness" in each for each in made.needs)
    assert not any("photo" in each for each in made.needs)
    # 500 K and a rail are more than a verified account may owe, so what it holds pays.
    transfers.pay(ledger, key="1", payer=mill, payee=shop, amount=400_00)
    dear = coat_for_k(ledger, value, mill, shop, 500_01, key="dear")
    trades.accept(ledger, key="a", by=shop, trade_id=dear.id)
    delivering.attest(ledger, key="w", by=eve, trade_id=dear.id, said="I saw it")
    trades.confirm(ledger, key="c", by=shop, trade_id=dear.id)
    with pytest.raises(
        WrongState, match=r"mark their side as delivered; above 500\.00 K a delivery is shown by a photo"
    ):
        trades.confirm(ledger, key="d", by=mill, trade_id=dear.id)
    for by, photo in ((mill, "a" * 64), (shop, None)):
        delivering.deliver(ledger, key="v", by=by, trade_id=dear.id, note="here it is", photo_sha256=photo)

    assert trades.confirm(ledger, key="d", by=mill, trade_id=dear.id).state == "done"
    assert verification.verify(ledger).faults == ()


def test_a_business_accepts_what_is_signed(ledger: Ledger, value: Value, ada: str, bob: str, eve: str) -> None:
    from ledger.books import signing

    mill = accounts.create(ledger, "Mill", tier="business", kind="business")[0].id
    shop = accounts.create(ledger, "Shop", tier="business", kind="business")[0].id
    for signer in (bob, eve):
        signing.add_signer(ledger, mill, signer)
    made = coat_for_k(ledger, value, shop, mill, 600_00)
    with pytest.raises(WrongState, match="0 of 2 signers"):
        trades.accept(ledger, key="a", by=mill, trade_id=made.id)
    with pytest.raises(NotAllowed):
        delivering.sign(ledger, key="s", by=ada, trade_id=made.id, terms=made.terms_sha256)
    with pytest.raises(WrongState, match="read the trade again"):
        delivering.sign(ledger, key="s", by=bob, trade_id=made.id, terms="0" * 64)
    for signer in (bob, eve):
        delivering.sign(ledger, key="s", by=signer, trade_id=made.id, terms=made.terms_sha256)

    assert trades.accept(ledger, key="a", by=mill, trade_id=made.id).state == "accepted"


def leg(kind: str, agreed: int) -> Any:
    class Made:
        worth = Worth(description="thing", fair=agreed, low=agreed, high=agreed, declared=None)

    made = Made()
    made.kind = kind  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("one", "other", "base"),
    [
        ([("goods", 45_50)], [("service", 45_00), ("k", 50)], 45_00),
        ([("goods", 60_00)], [("k", 60_00)], 60_00),
        ([("goods", 60_00)], [("cash", 60_00)], 60_00),
        ([("goods", 60_10)], [("goods", 10), ("k", 60_00)], 60_00),  # a pencil on top saves no fee
        ([("goods", 60_00)], [("goods", 20_00), ("k", 40_00)], 40_00),
        ([("goods", 10_00)], [("goods", 10_00), ("cash", 100_00)], 10_00),
        ([("goods", 0)], [("goods", 5_00)], 0),
    ],
)
def test_the_base_of_the_fee_is_the_smaller_side(
    one: list[tuple[str, int]], other: list[tuple[str, int]], base: int
) -> None:
    assert money.fee_base([leg(*each) for each in one], [leg(*each) for each in other]) == base
    assert money.fee_base([leg(*each) for each in other], [leg(*each) for each in one]) == base

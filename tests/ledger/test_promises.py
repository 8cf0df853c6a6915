"""Two phases, reversals, several signatures, daily limits and early warnings, in both units."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, promises, signing, transfers
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.lines import Line
from ledger.books.store import Ledger
from ledger.books.units import MINUTES, K
from warehouse.errors import BadInput


def stand(ledger: Ledger, account: str, unit: str = K) -> tuple[int, int, int]:
    one = accounts.standing(ledger, account, unit)
    return one.posted, one.pending_out, one.pending_in


def test_a_promise_counts_at_once_and_moves_when_it_is_posted(ledger: Ledger, ada: str, bob: str) -> None:
    held = promises.promise(ledger, key="1", payer=ada, payee="Bob", amount=60_00, memo="oven")

    assert (stand(ledger, ada), stand(ledger, bob)) == ((0, 60_00, 0), (0, 0, 60_00))
    with pytest.raises(LimitReached, match=r"40.00 K left to spend"):
        transfers.pay(ledger, key="2", payer=ada, payee=bob, amount=40_01)
    with pytest.raises(LimitReached, match=r"left to spend"):  # what is promised to Bob is not his yet
        transfers.pay(ledger, key="3", payer=bob, payee=ada, amount=100_01)

    done = promises.post(ledger, key="4", by=bob, hold_id=held.id)
    assert (stand(ledger, ada), stand(ledger, bob)) == ((-60_00, 0, 0), (60_00, 0, 0))
    assert done.reference == held.id
    assert promises.view(ledger, by=ada, hold_id=held.id).transfer == done.id
    assert verification.verify(ledger).sound


def test_a_promise_ends_once(ledger: Ledger, ada: str, bob: str) -> None:
    held = promises.promise(ledger, key="1", payer=ada, payee=bob, amount=5)
    promises.void(ledger, key="2", by=bob, hold_id=held.id)

    assert stand(ledger, ada) == (0, 0, 0)
    for step in (promises.post, promises.void):
        with pytest.raises(WrongState, match="void already"):
            step(ledger, key=f"3 {step.__name__}".replace(" ", ""), by=bob, hold_id=held.id)
    assert promises.void(ledger, key="2", by=bob, hold_id=held.id).state == "void"  # the first answer again


def test_a_promise_binds_its_payer(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    held = promises.promise(ledger, key="1", payer=ada, payee=bob, amount=5)

    with pytest.raises(NotAllowed, match="binds its payer"):
        promises.void(ledger, key="2", by=ada, hold_id=held.id)
    with pytest.raises(Unknown):
        promises.post(ledger, key="3", by=eve, hold_id=held.id)
    with pytest.raises(Unknown):
        promises.view(ledger, by=eve, hold_id=held.id)


def test_a_promise_that_ran_out_binds_nobody(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    held = promises.promise(ledger, key="1", payer=ada, payee=bob, amount=5, lasts=timedelta(hours=1))
    clock.move(hours=1)

    with pytest.raises(WrongState, match="ran out"):
        promises.post(ledger, key="2", by=bob, hold_id=held.id)
    assert promises.expire_due(ledger) == 1
    assert promises.expire_due(ledger) == 0
    assert (stand(ledger, ada), stand(ledger, bob)) == ((0, 0, 0), (0, 0, 0))
    assert promises.view(ledger, by=ada, hold_id=held.id).state == "expired"


def test_a_payment_is_taken_back_once_by_who_received_it(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    paid = transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=5)

    with pytest.raises(NotAllowed):
        transfers.reverse(ledger, key="2", by=ada, transfer_id=paid.id)
    with pytest.raises(Unknown):
        transfers.reverse(ledger, key="2", by=eve, transfer_id=paid.id)
    back = transfers.reverse(ledger, key="3", by=bob, transfer_id=paid.id, memo="wrong one")
    assert (back.reverses, stand(ledger, ada), stand(ledger, bob)) == (paid.id, (0, 0, 0), (0, 0, 0))
    with pytest.raises(WrongState, match="taken back before"):
        transfers.reverse(ledger, key="4", by=bob, transfer_id=paid.id)
    with pytest.raises(WrongState, match="a reversal is not reversed"):
        transfers.reverse(ledger, key="5", by=ada, transfer_id=back.id)
    assert verification.verify(ledger).sound


def test_the_treasurer_may_take_a_payment_back(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    paid = transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=5)

    transfers.reverse(ledger, key="2", by=eve, transfer_id=paid.id, treasurer=True)
    assert stand(ledger, bob) == (0, 0, 0)


def test_minutes_move_like_k_and_apart_from_it(ledger: Ledger, ada: str, bob: str) -> None:
    transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=90, unit=MINUTES)

    assert (stand(ledger, bob, MINUTES), stand(ledger, bob)) == ((90, 0, 0), (0, 0, 0))
    with pytest.raises(LimitReached, match=r"Ada has 510 min left to spend above the floor of -600 min"):
        transfers.pay(ledger, key="2", payer=ada, payee=bob, amount=511, unit=MINUTES)
    with pytest.raises(BadInput, match="no unit"):
        transfers.pay(ledger, key="3", payer=ada, payee=bob, amount=1, unit="EUR")
    assert verification.verify(ledger).sound


def test_a_day_has_its_limit_and_a_new_day_a_new_one(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    mill, _ = accounts.create(ledger, "Mill", tier="verified")
    transfers.pay(ledger, key="0", payer=mill.id, payee=ada, amount=300_00)
    held = promises.promise(ledger, key="1", payer=ada, payee=bob, amount=150_00)
    transfers.pay(ledger, key="2", payer=ada, payee=bob, amount=50_00)

    with pytest.raises(LimitReached, match=r"paid today: Ada may spend 0.00 K more today, of 200.00 K"):
        transfers.pay(ledger, key="3", payer=ada, payee=bob, amount=1)
    promises.void(ledger, key="4", by=bob, hold_id=held.id)
    transfers.pay(ledger, key="5", payer=ada, payee=bob, amount=150_00)  # what is off again was not spent
    clock.move(days=1)
    transfers.pay(ledger, key="6", payer=ada, payee=bob, amount=1)


def test_a_limit_that_comes_near_is_told_to_its_holder(ledger: Ledger, ada: str, bob: str) -> None:
    assert transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=79_99).warnings == ()
    warned = transfers.pay(ledger, key="2", payer=ada, payee=bob, amount=1).warnings
    assert len(warned) == 1
    assert "-80.00 K, promises counted, is near its floor of -100.00 K" in warned[0]


def test_a_business_pays_much_with_several_signatures(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    mill, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    with pytest.raises(NotAllowed, match=r"needs 2 signatures above 500.00 K and has 0 signers"):
        transfers.pay(ledger, key="1", payer=mill.id, payee=bob, amount=500_01)
    signing.add_signer(ledger, "Mill", "Ada")
    signing.add_signer(ledger, "Mill", "Eve")

    asked = transfers.pay(ledger, key="1", payer=mill.id, payee=bob, amount=500_01)
    assert (asked.state, stand(ledger, mill.id)) == ("awaiting_signatures", (0, 500_01, 0))
    assert promises.sign(ledger, key="2", by=ada, hold_id=asked.id).state == "awaiting_signatures"
    assert promises.sign(ledger, key="3", by=ada, hold_id=asked.id).state == "awaiting_signatures"  # once each
    with pytest.raises(Unknown):
        promises.sign(ledger, key="4", by=bob, hold_id=asked.id)
    assert promises.sign(ledger, key="5", by=eve, hold_id=asked.id).state == "posted"
    assert stand(ledger, bob) == (500_01, 0, 0)
    assert verification.verify(ledger).sound


def test_who_signs_no_longer_does_not_count(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    mill, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    zoe, _ = accounts.create(ledger, "Zoe")
    for name in ("Ada", "Eve", "Zoe"):
        signing.add_signer(ledger, "Mill", name)
    asked = transfers.pay(ledger, key="1", payer=mill.id, payee=bob, amount=600_00)
    promises.sign(ledger, key="2", by=ada, hold_id=asked.id)
    signing.remove_signer(ledger, "Mill", "Ada")

    assert promises.sign(ledger, key="3", by=eve, hold_id=asked.id).state == "awaiting_signatures"
    assert promises.sign(ledger, key="4", by=zoe.id, hold_id=asked.id).state == "posted"


def test_a_payment_that_waits_can_be_withdrawn(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    mill, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    for name in ("Ada", "Eve"):
        signing.add_signer(ledger, "Mill", name)
    asked = transfers.pay(ledger, key="1", payer=mill.id, payee=bob, amount=600_00)

    assert promises.void(ledger, key="2", by=mill.id, hold_id=asked.id).state == "void"
    assert stand(ledger, mill.id) == (0, 0, 0)


def test_the_house_has_accounts_of_its_own_and_nobody_their_key(ledger: Ledger, ada: str) -> None:
    with ledger.unit_of_work() as unit:
        pool, again = accounts.house(unit, "pool"), accounts.house(unit, "pool")
        unit.commit()

    assert pool == again
    assert (pool.kind, pool.tier) == ("pool", "house.pool")
    with pytest.raises(BadInput, match='no house account "moon"'), ledger.unit_of_work() as unit:
        accounts.house(unit, "moon")
    lines = (Line(account=pool.id, amount=-1), Line(account=ada, amount=1))
    with pytest.raises(LimitReached), ledger.unit_of_work() as unit:
        transfers.post(unit, kind="grant", made_by=pool.id, lines=lines)

"""What an account may see of transfers and promises, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.books import accounts, audit_log, promises, seen, signing, transfers
from ledger.books.errors import Unknown
from ledger.books.lines import Line
from ledger.books.store import Ledger, UnitOfWork


def test_a_payment_is_seen_whole_by_both_its_parties_and_by_nobody_else(
    ledger: Ledger, ada: str, bob: str, eve: str
) -> None:
    paid = transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=250, memo="eggs")

    for who in (ada, bob):
        assert seen.transfer(ledger, by=who, transfer_id=paid.id).transfer.lines == paid.lines
    assert seen.transfer(ledger, by=eve, transfer_id=paid.id, treasurer=True).transfer.lines == paid.lines
    for who, transfer_id in ((eve, paid.id), (ada, "transfer_0")):
        with pytest.raises(Unknown):
            seen.transfer(ledger, by=who, transfer_id=transfer_id)
    assert seen.owns_entry(ledger, by=ada, seq=1)
    assert not seen.owns_entry(ledger, by=ada, seq=2)
    assert not seen.owns_entry(ledger, by=ada, seq=3)


def test_what_took_a_payment_back_is_told_with_it(ledger: Ledger, ada: str, bob: str) -> None:
    paid = transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=250)
    assert seen.transfer(ledger, by=ada, transfer_id=paid.id).reversed_by is None
    back = transfers.reverse(ledger, key="2", by=bob, transfer_id=paid.id)

    assert seen.transfer(ledger, by=ada, transfer_id=paid.id).reversed_by == back.id
    assert seen.transfer(ledger, by=ada, transfer_id=back.id).transfer.reverses == paid.id


def test_of_a_gift_to_many_each_sees_their_own_share(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    def give(unit: UnitOfWork) -> str:
        pool = accounts.house(unit, "grants").id
        lines = [Line(account=pool, amount=-300), Line(account=ada, amount=100), Line(account=bob, amount=200)]
        return transfers.post(unit, kind="grants", made_by=pool, lines=lines, daily=False).id

    gift = ledger.transact(give)
    assert [line.amount for line in seen.transfer(ledger, by=ada, transfer_id=gift).transfer.lines] == [100]
    assert [each.action for each in audit_log.listing(ledger) if each.actor in (ada, eve)] == []
    assert len(seen.transfer(ledger, by=eve, transfer_id=gift, treasurer=True).transfer.lines) == 3
    assert [each.action for each in audit_log.listing(ledger) if each.actor in (ada, eve)] == ["member.looked"]


def test_promises_wait_for_their_parties_until_they_end(
    ledger: Ledger, clock: object, ada: str, bob: str, eve: str
) -> None:
    first = promises.promise(ledger, key="1", payer=ada, payee=bob, amount=100, lasts=timedelta(days=1))
    clock.move(minutes=1)  # type: ignore[attr-defined]
    second = promises.promise(ledger, key="2", payer=ada, payee=eve, amount=100)

    assert [each.hold.id for each in seen.waiting(ledger, ada).items] == [first.id, second.id]
    assert [each.hold.id for each in seen.waiting(ledger, bob).items] == [first.id]
    promises.post(ledger, key="3", by=eve, hold_id=second.id)
    assert seen.waiting_one(ledger, ada, second.id) is None
    clock.move(days=2)  # type: ignore[attr-defined]
    assert seen.waiting(ledger, bob).items == ()  # it ran out, whether or not somebody has noticed


def test_a_signer_is_asked_until_they_have_signed(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    mill = accounts.create(ledger, "Mill", kind="business", tier="business")[0].id
    for member in (ada, bob):
        signing.add_signer(ledger, mill, member)
    asked = transfers.pay(ledger, key="1", payer=mill, payee=eve, amount=60_000)

    def state(who: str) -> list[tuple[int, int, bool]]:
        return [(each.needed, each.signatures, each.asks_me) for each in seen.waiting(ledger, who).items]

    assert state(ada) == state(bob) == [(2, 0, True)]
    assert state(eve) == [(2, 0, False)]
    promises.sign(ledger, key="2", by=ada, hold_id=asked.id)
    assert state(ada) == [(2, 1, False)]
    signing.remove_signer(ledger, mill, bob)
    assert state(ada) == [(0, 0, False)]  # nobody can complete it any more


def test_a_key_speaks_for_its_account_until_it_is_replaced(ledger: Ledger) -> None:
    made, key = accounts.create(ledger, "Ada")
    id = key.split("_")[1]

    assert seen.key_holder(ledger, id) == made
    accounts.new_key(ledger, made.id)
    assert seen.key_holder(ledger, id) is None

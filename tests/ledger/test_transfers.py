from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger import verification
from ledger.books import accounts, transfers
from ledger.books.errors import KeyInFlight, KeyReused, LimitReached, Unknown
from ledger.books.lines import Line
from ledger.books.store import Ledger
from warehouse.errors import BadInput


def balance(ledger: Ledger, account: str) -> int:
    return accounts.standing(ledger, account).posted


def test_what_one_pays_the_other_gets(ledger: Ledger, ada: str, bob: str) -> None:
    made = transfers.pay(ledger, key="1", payer=ada, payee="bob", amount=650, memo=" bread ")

    assert [(line.account, line.amount) for line in made.lines] == [(ada, -650), (bob, 650)]
    assert (balance(ledger, ada), balance(ledger, bob)) == (-650, 650)
    assert made.memo == "bread"
    assert verification.verify(ledger).sound


def test_the_floor_can_be_reached_and_not_passed(ledger: Ledger, ada: str, bob: str) -> None:
    transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=100_00)

    with pytest.raises(LimitReached, match=r"Ada has 0.00 K left to spend above the floor of -100.00 K"):
        transfers.pay(ledger, key="2", payer=ada, payee=bob, amount=1)
    assert balance(ledger, ada) == -100_00


def test_the_ceiling_can_be_reached_and_not_passed(ledger: Ledger, bob: str) -> None:
    rich, _ = accounts.create(ledger, "Mill", tier="business", kind="business")
    for key in ("1", "2"):
        transfers.pay(ledger, key=key, payer=rich.id, payee=bob, amount=500_00)

    with pytest.raises(LimitReached, match="Bob does not have room for that much"):
        transfers.pay(ledger, key="3", payer=rich.id, payee=bob, amount=1)
    assert balance(ledger, bob) == 1_000_00


def test_nobody_is_told_how_much_another_has(ledger: Ledger, bob: str) -> None:
    rich, _ = accounts.create(ledger, "Mill", tier="business", kind="business")

    for key in ("1", "2"):
        transfers.pay(ledger, key=key, payer=rich.id, payee=bob, amount=300_00)

    with pytest.raises(LimitReached) as refused:
        transfers.pay(ledger, key="3", payer=rich.id, payee=bob, amount=400_01)
    assert "400.00" not in str(refused.value)
    assert "1000.00" not in str(refused.value)


@pytest.mark.parametrize("amount", [0, -1, 10**13])
def test_an_amount_is_above_zero_and_not_absurd(ledger: Ledger, ada: str, bob: str, amount: int) -> None:
    with pytest.raises(BadInput):
        transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=amount)


def test_one_pays_somebody_else_who_is_there(ledger: Ledger, ada: str) -> None:
    with pytest.raises(BadInput, match="itself"):
        transfers.pay(ledger, key="1", payer=ada, payee="Ada", amount=1)
    with pytest.raises(Unknown, match="Zed"):
        transfers.pay(ledger, key="2", payer=ada, payee="Zed", amount=1)


def test_the_same_key_pays_once(ledger: Ledger, ada: str, bob: str) -> None:
    first = transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    again = transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)

    assert again == first
    assert balance(ledger, bob) == 5


def test_a_key_used_for_something_else_is_a_conflict(ledger: Ledger, ada: str, bob: str) -> None:
    transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)

    for change in ({"amount": 6}, {"memo": "x"}):
        with pytest.raises(KeyReused):
            transfers.pay(ledger, **{"key": "k", "payer": ada, "payee": bob, "amount": 5, **change})  # type: ignore[arg-type]
    assert balance(ledger, bob) == 5


def test_keys_belong_to_their_account(ledger: Ledger, ada: str, bob: str) -> None:
    transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    transfers.pay(ledger, key="k", payer=bob, payee=ada, amount=2)

    assert balance(ledger, bob) == 3


def test_a_refusal_keeps_nothing_and_the_key_may_be_tried_again(ledger: Ledger, ada: str, bob: str) -> None:
    with pytest.raises(LimitReached):
        transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=100_01)
    transfers.pay(ledger, key="other", payer=bob, payee=ada, amount=1)

    transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=100_01)
    assert balance(ledger, ada) == -100_00


def test_a_second_call_while_the_first_is_worked_on_is_told_so(ledger: Ledger, ada: str, bob: str) -> None:
    ledger.in_flight.add((ada, "k"))

    with pytest.raises(KeyInFlight):
        transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    ledger.in_flight.clear()
    transfers.pay(ledger, key="k", payer=ada, payee=bob, amount=5)
    assert not ledger.in_flight


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "\n"])
def test_a_key_that_cannot_be_one_is_refused(ledger: Ledger, ada: str, bob: str, key: str) -> None:
    with pytest.raises(BadInput, match="visible ASCII"):
        transfers.pay(ledger, key=key, payer=ada, payee=bob, amount=5)


def test_lines_that_do_not_sum_to_zero_never_reach_the_books(ledger: Ledger, ada: str, bob: str) -> None:
    lines = (Line(account=ada, amount=-50), Line(account=bob, amount=51))

    with pytest.raises(AssertionError, match="sum to zero"), ledger.unit_of_work() as unit:
        transfers.post(unit, kind="payment", made_by=ada, lines=lines)
    assert verification.verify(ledger).entries == 0


def test_what_is_not_committed_never_was(ledger: Ledger, ada: str, bob: str) -> None:
    lines = (Line(account=ada, amount=-50), Line(account=bob, amount=50))
    with ledger.unit_of_work() as unit:
        transfers.post(unit, kind="payment", made_by=ada, lines=lines)

    assert balance(ledger, bob) == 0
    assert verification.verify(ledger).entries == 0


def test_several_may_pay_several_in_one_transfer(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    lines = [Line(account=ada, amount=-50), Line(account=bob, amount=-25), Line(account=eve, amount=75)]
    with ledger.unit_of_work() as unit:
        transfers.post(unit, kind="payment", made_by=ada, lines=lines)
        unit.commit()

    assert [balance(ledger, account) for account in (ada, bob, eve)] == [-50, -25, 75]
    assert verification.verify(ledger).sound


@pytest.mark.parametrize(
    "change", ["UPDATE entry SET amount = 0", "DELETE FROM entry", "UPDATE transfer SET memo = ''"]
)
def test_the_database_itself_refuses_to_change_what_was_written(
    ledger: Ledger, ada: str, bob: str, change: str
) -> None:
    transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=5)

    with pytest.raises(DBAPIError, match="appended, never changed"), ledger.unit_of_work() as unit:
        unit.connection.execute(text(change))


def test_an_account_sees_its_entries_page_by_page(ledger: Ledger, ada: str, bob: str, eve: str) -> None:
    for number in range(5):
        transfers.pay(ledger, key=f"{number}", payer=ada, payee=bob, amount=number + 1)
    transfers.pay(ledger, key="e", payer=eve, payee=ada, amount=9)

    first = transfers.movements(ledger, bob, limit=3)
    rest = transfers.movements(ledger, bob, before=first[-1].seq, limit=3)
    assert [movement.amount for movement in first + rest] == [5, 4, 3, 2, 1]
    assert [movement.amount for movement in transfers.movements(ledger, ada, limit=1)] == [9]


def test_a_long_memo_is_refused(ledger: Ledger, ada: str, bob: str) -> None:
    for memo in ("x" * 501, "nul\x00"):
        with pytest.raises(BadInput, match="memo"):
            transfers.pay(ledger, key="1", payer=ada, payee=bob, amount=5, memo=memo)

"""The monthly credit for essentials over real books, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.books import accounts
from ledger.books.errors import KeyReused, LimitReached, WrongState
from ledger.community import essentials, facts
from warehouse.errors import BadInput

HOUSE = '[policy.house.essentials]\nkind = "issuance"\nfloor = "-50000.00"'


def in_need(town: Any, name: str, need: str = "single parent") -> str:
    who: str = town.member(name)
    facts.record(town.ledger, by="operator", account_id=who, name="need", value=need)
    return who


def house(town: Any) -> str:
    return next(each.account.id for each in accounts.listing(town.ledger) if each.account.tier == "house.pool")


def left(town: Any, who: str) -> int:
    return sum(each.left for each in essentials.credits(town.ledger, who))


def test_the_credit_is_spent_on_essentials_and_issued_only_then(town: Any) -> None:
    ada, grocer = in_need(town, "Ada"), town.member("Grocer", "business", "business")
    town.run("essentials")
    assert (left(town, ada), town.balance(ada), town.house("essentials")) == (75_00, 0, 0)

    told: dict[str, Any] = {"key": "1", "by": ada, "payee": "grocer", "amount": 30_00}
    paid = essentials.spend(town.ledger, **told, category="food", note="a week's bread")
    assert essentials.spend(town.ledger, **told, category="food", note="a week's bread") == paid
    assert (left(town, ada), town.balance(grocer), town.house("essentials")) == (45_00, 30_00, -30_00)
    with pytest.raises(KeyReused):
        essentials.spend(town.ledger, **told, category="education")
    town.sound()


def test_it_is_for_essentials_alone_and_for_what_is_there(town: Any) -> None:
    ada, bob = in_need(town, "Ada"), town.member("Bob")
    town.run("essentials")
    for change in ({"category": "wine"}, {"payee": "Ada"}, {"payee": house(town)}, {"amount": 0}):
        told = {"key": "1", "by": ada, "payee": bob, "amount": 10_00, "category": "food", **change}
        with pytest.raises(BadInput):
            essentials.spend(town.ledger, **told)
    with pytest.raises(LimitReached, match=r"75.00 K of the credit for essentials are left"):
        essentials.spend(town.ledger, key="1", by=ada, payee=bob, amount=75_01, category="food")
    with pytest.raises(LimitReached, match=r"0.00 K"):
        essentials.spend(town.ledger, key="1", by=bob, payee=ada, amount=1, category="food")
    assert (left(town, ada), town.house("essentials")) == (75_00, 0)


def test_what_is_not_spent_ends_after_thirty_days_and_has_cost_nobody_anything(town: Any) -> None:
    ada, bob = in_need(town, "Ada"), town.member("Bob")
    town.run("essentials")
    town.clock.move(days=17)  # the 1st of December
    town.run("essentials")
    assert left(town, ada) == 150_00
    essentials.spend(town.ledger, key="1", by=ada, payee=bob, amount=80_00, category="childcare")
    # The credit that ends first was spent first: five K of the second one are gone.
    town.clock.move(days=14)
    assert left(town, ada) == 70_00
    town.clock.move(days=16)
    assert left(town, ada) == 70_00
    town.clock.move(days=1)
    assert left(town, ada) == 0
    assert town.house("essentials") == -80_00
    town.sound()


def test_who_is_at_the_ceiling_gets_the_credit_for_it_never_enters_the_account(open_town: Callable[..., Any]) -> None:
    town = open_town(('ceiling = "5000.00"', 'ceiling = "20.00"'))
    ada, bob = in_need(town, "Ada"), town.member("Bob")
    town.pay(bob, ada, 20_00)
    town.run("essentials")

    assert left(town, ada) == 75_00
    town.sound()


def test_open_credits_count_against_the_cap(open_town: Callable[..., Any]) -> None:
    town = open_town((HOUSE, HOUSE.replace("50000", "100")))
    ada, bob = in_need(town, "Ada"), town.member("Bob")
    town.run("essentials")
    essentials.spend(town.ledger, key="1", by=ada, payee=bob, amount=20_00, category="food")
    town.clock.move(days=17)

    # 20 K are issued and 55 promised; another 75 are too many, until the 55 have ended.
    with pytest.raises(LimitReached, match=r"50.00 K more than the cap of essentials"):
        town.run("essentials")
    town.clock.move(days=14)
    assert [each.moved for each in town.run("essentials").moved] == [75_00]
    town.sound()


def test_a_month_is_given_in_that_month_and_once(town: Any) -> None:
    ada = in_need(town, "Ada", "plain")
    with pytest.raises(WrongState, match="given in it"):
        town.run("essentials", "2026-10")
    town.run("essentials")
    assert town.run("essentials").again
    assert left(town, ada) == 50_00


def test_a_provider_without_room_leaves_the_credit_as_it_was(town: Any) -> None:
    ada, bob, mill = in_need(town, "Ada"), town.member("Bob", "basic"), town.member("Mill", "business", "business")
    town.run("essentials")
    town.pay(mill, bob, 990_00)

    with pytest.raises(LimitReached, match="room"):
        essentials.spend(town.ledger, key="1", by=ada, payee=bob, amount=20_00, category="food")
    assert left(town, ada) == 75_00
    town.sound()

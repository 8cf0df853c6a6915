"""Crises over real books, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.books.errors import KeyReused, LimitReached, Unknown, WrongState
from ledger.community import declaring, runs
from ledger.policy import crises
from warehouse.errors import BadInput

LAST = date(2026, 11, 30)


def declare(town: Any, kind: str = "natural_disaster", key: str = "k", ends_on: date = LAST) -> declaring.Crisis:
    return declaring.declare(town.ledger, key=key, by="operator", kind=kind, ends_on=ends_on, note="the river rose")


def kinds(town: Any, day: date) -> tuple[str, ...]:
    with town.ledger.reading() as connection:
        return crises.open_kinds(connection, day)


def test_a_crisis_holds_from_its_first_day_to_its_last_and_ends_by_itself(town: Any) -> None:
    declare(town)

    told = {day: kinds(town, date(2026, 11, day)) for day in (13, 14, 30)}
    assert told == {13: (), 14: ("natural_disaster",), 30: ("natural_disaster",)}
    assert kinds(town, date(2026, 12, 1)) == ()


def test_a_crisis_can_be_ended_before_its_time_and_the_days_before_stay_as_they_were(town: Any) -> None:
    made = declare(town)
    town.clock.move(days=3)
    ended = declaring.end(town.ledger, by="operator", crisis_id=made.id)

    assert ended.ended_on == "2026-11-17"
    assert declaring.end(town.ledger, by="operator", crisis_id=made.id) == ended
    assert (kinds(town, date(2026, 11, 16)), kinds(town, date(2026, 11, 17))) == (("natural_disaster",), ())
    with pytest.raises(Unknown):
        declaring.end(town.ledger, by="operator", crisis_id="crisis_0")
    again = declare(town, key="k2")
    assert [each.id for each in declaring.listing(town.ledger)] == [again.id, made.id]


def test_a_crisis_is_declared_once_with_an_end_and_a_note(town: Any) -> None:
    made = declare(town)

    assert declare(town) == made
    with pytest.raises(KeyReused):
        declare(town, ends_on=LAST - timedelta(days=1))
    with pytest.raises(WrongState, match="open already"):
        declare(town, key="k2")
    with pytest.raises(BadInput, match="natural_disaster, economic_crisis"):
        declare(town, kind="plague", key="k3")
    for end in (date(2026, 11, 13), date(2028, 1, 1)):
        with pytest.raises(BadInput, match="within 180 days"):
            declare(town, kind="economic_crisis", key="k4", ends_on=end)
    with pytest.raises(BadInput, match="note"):
        declaring.declare(town.ledger, key="k5", by="x", kind="economic_crisis", ends_on=LAST, note="")


def test_a_declaration_sent_again_after_its_crisis_is_answered_and_declares_nothing(town: Any) -> None:
    made = declare(town)
    declaring.end(town.ledger, by="operator", crisis_id=made.id)
    other = declare(town, key="k2")
    town.clock.move(days=30)

    assert [declare(town, key=key).id for key in ("k", "k2")] == [made.id, other.id]
    assert len(declaring.listing(town.ledger)) == 2


def test_in_a_natural_disaster_demurrage_rests_and_verified_residents_get_relief_once(town: Any) -> None:
    ada, bob, mill = town.member("Ada"), town.member("Bob", "basic"), town.member("Mill", "business", "business")
    town.pay(mill, ada, 1_000_00)
    town.clock.move(days=100)
    made = declare(town, ends_on=date(2027, 3, 1))
    with pytest.raises(WrongState, match="suspended while a crisis is open: natural_disaster"):
        runs.preview(town.ledger, "demurrage")
    run = town.run("relief")

    assert (run.period, {each.account: each.moved for each in run.moved}) == (made.id, {ada: 100_00})
    assert (town.house("relief"), town.balance(bob)) == (-100_00, 0)
    assert town.run("relief").again
    town.clock.move(days=10)  # the crisis has ended by itself
    assert [each.moved for each in town.run("demurrage").moved] == [-10_00]
    with pytest.raises(WrongState, match="no open crisis"):
        town.run("relief")
    town.sound()


def test_in_an_economic_crisis_more_may_be_owed_and_trade_is_free_of_the_fee_until_it_ends(town: Any) -> None:
    ada, bob = town.member("Ada", "basic"), town.member("Bob")
    declare(town, kind="economic_crisis")
    assert town.ledger.policy().hour == 30_00
    town.pay(ada, bob, 150_00)
    assert town.balance(ada) == -150_00
    town.trade(bob, ada, 60)
    assert (town.balance(ada), town.house("pool")) == (-180_00, 0)

    town.clock.move(days=30)
    with pytest.raises(LimitReached, match=r"floor of -100.00 K"):
        town.pay(ada, bob, 1)
    town.pay(bob, ada, 10_00)  # whoever stands outside can come back
    town.trade(ada, bob, 60)
    assert (town.balance(ada), town.house("pool")) == (-150_00, 20)
    town.sound()

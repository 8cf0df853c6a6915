"""Schedules by their forms: a trade is repeated, accepted, received time by time, ended, or called a default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger import verification
from ledger.books.store import Ledger
from ledger.trading import trades
from ledger.trading.legs import LegDraft


@pytest.fixture
def trade(ada: Any, bob: Any, books: Ledger) -> str:
    """An hour of Ada's for 20 K of Bob's, proposed; the trade's address."""
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=60, description="gardening"),
        LegDraft(giver="counterparty", kind="k", amount=20_00),
    ]
    made = trades.propose(books, key=ada.id, proposer=ada.id, counterparty=bob.id, legs=legs)
    return f"/my/trades/{made.id}"


WEEKLY = {"first1": "2026-11-20", "every1": "7", "times1": "2", "first2": "2026-11-20", "every2": "7", "times2": "2"}


def repeat(by: Any, trade: str, **said: str) -> str:
    """Propose a schedule from a trade's legs; its address."""
    by.open(f"{trade}/repeat")
    by.send(f"{trade}/repeat", **{**WEEKLY, **said})
    assert by.at.startswith("/my/schedules/"), by.text()
    return str(by.at)


@pytest.fixture
def day(clock: Any) -> Any:
    """`day(days)`: so many days later everybody signs in anew; afterwards it is today again."""
    begun = clock.now

    def later(days: int, *people: Any) -> None:
        clock.now = begun + timedelta(days=days)
        for each in people:
            each.sign_in()

    yield later
    clock.now = begun


def test_a_trade_is_repeated_every_week_and_each_time_becomes_a_trade(
    ada: Any, bob: Any, trade: str, books: Ledger, day: Any
) -> None:
    ada.open(trade)
    assert "Repeat it" in ada.text()
    schedule = repeat(ada, trade)
    assert f"Waiting for {bob.name}’s answer" in ada.text()
    assert "every 7 days, 2 times from 2026-11-20 on" in ada.text()

    assert "proposes a schedule: accept it, or decline" in bob.open("/my")
    bob.open(schedule)
    told = bob.send(f"{schedule}/accept")
    assert "0 of 2 deliveries have been received" in told
    assert "deliver gardening 1 of 2" in ada.open("/my")
    assert "confirm gardening" not in bob.open("/my")

    for number, days in ((1, 6), (2, 13)):
        day(days, ada, bob)
        assert f"confirm gardening, if you have got it {number} of 2" in bob.open("/my")
        bob.open(schedule)
        bob.send(f"{schedule}/receive")
    assert "2 of 2 deliveries were received" in bob.text()
    assert "done" in ada.open("/my/schedules")
    assert ada.open("/my/trades").count("gardening") == 3
    assert verification.verify(books).sound


def test_the_counterparty_of_a_trade_repeats_it_from_its_own_side(ada: Any, bob: Any, trade: str) -> None:
    schedule = repeat(bob, trade)
    told = ada.open(schedule)
    assert "It is your turn" in told
    parts = ("You give", "gardening", f"{bob.name} gives", "20.00 K", "moves by itself")
    assert [told.index(each) for each in parts[:3]] == sorted(told.index(each) for each in parts[:3])
    assert told.index(parts[2]) < told.rindex(parts[3]) < told.index(parts[4])


def test_a_proposal_is_withdrawn_or_declined_and_a_running_one_ended_by_both(ada: Any, bob: Any, trade: str) -> None:
    first = repeat(ada, trade)
    assert "ended" in ada.send(f"{first}/end")
    second = repeat(ada, trade)
    bob.open(second)
    bob.send(f"{second}/accept")
    assert "You have asked to end it" in bob.send(f"{second}/end")
    assert "wants to end your schedule" in ada.open("/my")
    ada.open(second)
    assert "ended" in ada.send(f"{second}/end")


def test_a_default_is_called_when_the_other_is_late(ada: Any, bob: Any, trade: str, day: Any) -> None:
    schedule = repeat(ada, trade, grace="3")
    bob.open(schedule)
    bob.send(f"{schedule}/accept")
    day(9, ada, bob)
    assert "has not delivered" not in bob.open(schedule)
    day(10, ada, bob)
    assert "has not delivered" in bob.open(schedule)
    assert "has not delivered" not in ada.open(schedule)
    bob.open(schedule)
    assert f"Ended through {ada.name}" in bob.send(f"{schedule}/default")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"first1": "soon"}, 'leg 1: "soon" is not a day'),
        ({"every1": ""}, "leg 1: say how many days lie between"),
        ({"every2": "often"}, "leg 2: days between are a number"),
        ({"times1": "many"}, "leg 1: how often is a number"),
        ({"first1": "2026-11-01"}, "begins today or later"),
        ({"grace": "100"}, "days of grace are 0 to 90"),
        ({"grace": "some"}, "days of grace are a number"),
        ({"times1": "1", "times2": "1"}, "that is a trade, not a schedule"),
        ({"times1": "9"}, "State a reason"),
    ],
)
def test_what_cannot_be_repeated_is_told_and_stays_in_the_form(
    ada: Any, trade: str, said: dict[str, str], told: str
) -> None:
    ada.open(f"{trade}/repeat")
    shown = ada.send(f"{trade}/repeat", **{**WEEKLY, **said})
    assert ada.status == 422
    assert told in shown
    form = ada.form(f"{trade}/repeat")
    assert {name: form[name] for name in said} == said


def test_the_same_form_proposes_once(ada: Any, trade: str) -> None:
    ada.open(f"{trade}/repeat")
    shown = ada.page
    first = ada.send(f"{trade}/repeat", **WEEKLY) and ada.at
    ada.page = shown
    assert (ada.send(f"{trade}/repeat", **WEEKLY) and ada.at) == first
    ada.page = shown
    told = ada.send(f"{trade}/repeat", **{**WEEKLY, "grace": "9"})
    assert (ada.status, "has proposed a schedule already" in told) == (422, True)


def test_others_see_nothing_of_a_schedule(ada: Any, trade: str, newcomer: Any) -> None:
    schedule = repeat(ada, trade)
    eve = newcomer("Eve")
    eve.sign_in()
    for path in (schedule, f"{trade}/repeat", "/my/schedules/schedule_1", f"/my/schedules/schedule_{'0' * 20}"):
        told = eve.open(path)
        assert eve.status == 404
        assert "gardening" not in told
    assert "You have none yet" in eve.open("/my/schedules")

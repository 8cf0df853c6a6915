"""A day's root: made when the day is over, the same ever after, and good for showing any of its entries."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ledger import verification
from ledger.books import days, promises, transfers
from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from valuation_api.tending import Tender


def pay(ledger: Ledger, number: int, ada: str, bob: str) -> None:
    transfers.pay(ledger, key=f"{number}", payer=ada, payee=bob, amount=1 + number)


def test_a_day_is_closed_when_it_is_over(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    for number in range(3):
        pay(ledger, number, ada, bob)
    assert days.close_days(ledger) == []
    clock.move(days=1)
    pay(ledger, 3, ada, bob)
    clock.move(days=3)

    made = days.close_days(ledger)
    assert [(each.day, each.first_seq, each.last_seq) for each in made] == [("2026-11-14", 1, 6), ("2026-11-15", 7, 8)]
    assert days.close_days(ledger) == []
    assert days.listing(ledger) == made
    assert verification.verify(ledger).sound


def test_every_entry_of_a_closed_day_can_be_shown(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    for number in range(5):
        pay(ledger, number, ada, bob)
    clock.move(days=1)
    days.close_days(ledger)

    for seq in range(1, 11):
        shown = days.prove(ledger, seq)
        assert shown.holds()
        assert not shown.model_copy(update={"place": (shown.place + 1) % 10}).holds()
    with pytest.raises(Unknown, match="no day's root"):
        days.prove(ledger, 11)


def test_what_a_slow_clock_wrote_late_belongs_to_the_next_root(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    pay(ledger, 0, ada, bob)
    clock.move(days=1)
    days.close_days(ledger)
    clock.move(days=-1)
    pay(ledger, 1, ada, bob)
    clock.move(days=1)
    assert days.close_days(ledger) == []  # that day has its root, and today is not over
    clock.move(days=1)

    assert [(each.day, each.first_seq) for each in days.close_days(ledger)] == [("2026-11-15", 3)]
    assert verification.verify(ledger).sound


def test_a_chain_that_was_hashed_anew_throughout_does_not_give_its_roots(
    ledger: Ledger, clock: Any, ada: str, bob: str
) -> None:
    pay(ledger, 0, ada, bob)
    clock.move(days=1)
    days.close_days(ledger)
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE day_root SET root = :other"), {"other": "f" * 64})

    found = verification.verify(ledger).faults
    assert [str(each) for each in found] == ["the root of 2026-11-14: entries 1 to 2 do not give it"]


def test_the_books_are_tended_while_the_api_runs(ledger: Ledger, clock: Any, ada: str, bob: str) -> None:
    pay(ledger, 0, ada, bob)
    held = promises.promise(ledger, key="p", payer=ada, payee=bob, amount=5, lasts=timedelta(hours=2))
    clock.move(days=1)
    tender = Tender(ledger, seconds=0.01)
    tender.start()
    deadline = time.monotonic() + 20
    while not days.listing(ledger) and time.monotonic() < deadline:
        time.sleep(0.01)
    tender.stop()

    assert [each.day for each in days.listing(ledger)] == ["2026-11-14"]
    assert promises.view(ledger, by=ada, hold_id=held.id).state == "expired"

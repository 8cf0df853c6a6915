"""Paying, signing for a business and repeating a trade, walked in real browsers on a phone and at a desk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, signing
from ledger.books.store import Ledger
from ledger.trading import trades
from ledger.trading.legs import LegDraft

pytestmark = pytest.mark.browser
PHONE, DESK = (375, 812), (1280, 800)


def walk(walker: Any, site: str, books: Ledger, size: tuple[int, int], today: date, **seen: Any) -> None:
    """Ada pays Bob, they repeat a trade, and Ada signs one of the mill's."""
    ending = "phone" if size == PHONE else "desk"
    ada = walker(site, books, f"Ada with the {ending}", size, **seen)
    bob = walker(site, books, f"Bob with the {ending}", size, **seen)
    for person in (ada, bob):
        person.sign_in()
    _pay(ada, bob)
    _repeat(ada, bob, books, today)
    _sign(ada, bob, books)
    bob.open("/my")
    bob.look("home-with-tasks")
    for person in (ada, bob):
        # That a form was refused is told in the browser's log, too.
        told = [each for each in person.complaints if "status of 422" not in each]
        assert told == [], told
        person.context.close()
    assert verification.verify(books).sound


def _pay(ada: Any, bob: Any) -> None:
    ada.page.get_by_role("link", name="Pay somebody").click()
    ada.page.get_by_label("To whom").fill("Nobody at all")
    ada.page.get_by_label("How much").fill("7.5o")
    ada.press("Look at it")
    ada.reads("no account")
    ada.look("pay-wrong")
    ada.page.get_by_label("To whom").fill(bob.name)
    ada.page.get_by_label("How much").fill("7.50")
    ada.page.get_by_label("What for").fill("half of the seeds")
    ada.page.get_by_label("What for").press("Enter")
    ada.finds(f"Pay 7.50 K to {bob.name}?")
    ada.look("pay-confirm")
    ada.press("Pay it")
    ada.finds("Paid")
    ada.look("paid")
    bob.open("/my/history")
    bob.reads("half of the seeds")


def _repeat(ada: Any, bob: Any, books: Ledger, today: date) -> None:
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=60, description="an hour in the garden"),
        LegDraft(giver="counterparty", kind="k", amount=20_00),
    ]
    ids = [accounts.find(books, person.name).id for person in (ada, bob)]
    trade = trades.propose(books, key=ids[0], proposer=ids[0], counterparty=ids[1], legs=legs).id
    ada.open(f"/my/trades/{trade}")
    ada.page.get_by_role("link", name="Repeat it").click()
    for position in (1, 2):
        ada.page.locator(f"#first{position}").fill((today + timedelta(days=2)).isoformat())
        ada.page.locator(f"#every{position}").fill("7")
        ada.page.locator(f"#times{position}").fill("3")
    ada.look("repeat")
    ada.press("Propose it")
    ada.reads(f"Waiting for {bob.name}’s answer")
    bob.open("/my")
    bob.page.get_by_role("link", name="proposes a schedule").click()
    bob.look("schedule-my-turn")
    bob.press("Accept")
    bob.reads("0 of 3 deliveries have been received")
    bob.press("I have received it")
    bob.reads("1 of 3 deliveries have been received")
    bob.look("schedule-running")
    ada.open("/my/schedules")
    ada.look("schedules")


def _sign(ada: Any, bob: Any, books: Ledger) -> None:
    mill = accounts.create(books, f"Mill of {ada.name}", kind="business", tier="business")[0]
    for person in (ada, bob):
        signing.add_signer(books, mill.id, person.name)
    cy = accounts.create(books, f"Cy, miller of {ada.name}", tier="verified")[0]
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=1800, description="a new water wheel"),
        LegDraft(giver="counterparty", kind="k", amount=600_00),
    ]
    trades.propose(books, key=cy.id, proposer=cy.id, counterparty=mill.id, legs=legs)
    ada.open("/my")
    ada.look("home-to-sign")
    ada.page.get_by_role("link", name="sign it").click()
    ada.look("sign")
    ada.press("Sign it for")
    ada.reads("It waits for 1 more")
    ada.look("signed")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_members_pay_repeat_and_sign(walker: Any, site: str, books: Ledger, small: Any, size: tuple[int, int]) -> None:
    walk(walker, site, books, size, small.NOW.date())

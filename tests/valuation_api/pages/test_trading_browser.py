"""Two people trade in two real browsers, without JavaScript: on a phone and at a desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, signing
from ledger.books.store import Ledger
from ledger.trading import schedules
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft

pytestmark = pytest.mark.browser
PHONE, DESK = (390, 844), (1280, 800)


def walk(walker: Any, site: str, books: Ledger, size: tuple[int, int], **seen: Any) -> None:
    """Propose, counter, accept, deliver, both confirm; balances and history on both sides."""
    ending = "phone" if size == PHONE else "desk"
    ada = walker(site, books, f"Ada of the {ending}", size, **seen)
    bob = walker(site, books, f"Bob of the {ending}", size, **seen)
    ada.sign_in()
    bob.sign_in()
    ada.look("empty-home")
    _propose(ada, bob)
    _counter(bob, ada)
    _finish(ada, bob)
    for person in (ada, bob):
        assert person.complaints == [], person.complaints
        person.context.close()
    assert verification.verify(books).sound


def _propose(ada: Any, bob: Any) -> None:
    ada.page.get_by_role("link", name="Propose a trade").click()
    ada.look("new")
    ada.page.get_by_label("With whom").fill(bob.name)
    ada.page.get_by_label("What", exact=True).first.fill("dewalt drill")
    ada.page.locator("#get1_what").fill("makita drill")
    ada.page.locator("#get1_condition").select_option("fair")
    # Enter asks for the values; it sends nothing.
    ada.page.locator("#get1_what").press("Enter")
    ada.finds("Both sides")
    ada.look("looked")
    ada.press("even it out")
    ada.reads("Both sides are worth the same.")
    ada.look("evened")
    ada.press("Propose it")
    ada.reads(f"Waiting for {bob.name}’s answer")
    ada.look("proposed")


def _counter(bob: Any, ada: Any) -> None:
    bob.open("/my")
    bob.reads("Waiting for you")
    bob.look("home-waiting")
    bob.page.get_by_role("link", name=ada.name).click()
    bob.look("my-turn")
    bob.page.get_by_role("link", name="Make another offer").click()
    bob.look("counter")
    bob.page.get_by_label("How much", exact=True).fill("12.50")
    bob.page.locator("#even_by").select_option("me")
    bob.press("Look at the values")
    bob.finds("Both sides")
    bob.look("counter-looked")
    bob.press("Make this offer")
    bob.reads(f"Waiting for {ada.name}’s answer")


def _finish(ada: Any, bob: Any) -> None:
    ada.page.reload()
    ada.reads("made another offer")
    ada.press("Accept")
    ada.reads("Agreed: both deliver now")
    ada.look("accepted")
    ada.page.get_by_text("I have delivered").click()
    ada.page.get_by_label("A note").fill("on your porch")
    ada.press("Mark it as delivered")
    ada.reads("on your porch")
    bob.page.reload()
    bob.press("I have received everything")
    bob.reads("waiting for")
    bob.look("confirmed")
    ada.page.reload()
    ada.press("I have received everything")
    ada.page.get_by_role("link", name="Receipt").click()
    ada.look("receipt")
    ada.open("/my")
    ada.reads("12.50 K")
    ada.look("home-done")
    ada.open("/my/history")
    ada.reads("+12.50 K")
    ada.look("history")
    ada.open("/my/tax/2026")
    ada.look("tax")
    bob.open("/my/history")
    bob.reads("−12.50 K")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_two_people_trade_from_the_first_offer_to_their_balances(
    walker: Any, site: str, books: Ledger, size: tuple[int, int]
) -> None:
    walk(walker, site, books, size)


def sign_schedule(walker: Any, site: str, books: Ledger, size: tuple[int, int], **seen: Any) -> None:
    """Finn signs on his first page for a mill that takes flour every four weeks."""
    ending = "phone" if size == PHONE else "desk"
    mill = accounts.create(books, f"Mill of the {ending}", kind="business", tier="business")[0]
    farmer = accounts.create(books, f"Farmer of the {ending}", tier="verified")[0]
    finn = walker(site, books, f"Finn of the {ending}", size, **seen)
    for name in (finn.name, farmer.name):
        signing.add_signer(books, mill.id, name)
    work = LegDraft(giver="proposer", kind="time", minutes=1800, description="grinding and carrying")
    paid = LegDraft(giver="counterparty", kind="k", amount=600_00)
    first = books.clock().date() + timedelta(days=3)
    legs = [ScheduledDraft(leg=leg, first_day=first, every_days=28, times=6) for leg in (work, paid)]
    schedules.propose(books, key=ending, proposer=farmer.id, counterparty=mill.id, legs=legs, reason="all winter")
    finn.sign_in()
    finn.look("schedule-waits")
    finn.page.get_by_role("link", name=mill.name).click()
    finn.reads("606.00 K")
    finn.look("schedule-to-sign")
    finn.press(f"Sign it for {mill.name}")
    finn.reads("You have signed it. It waits for 1 more.")
    finn.look("schedule-signed")
    assert finn.complaints == [], finn.complaints
    finn.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_signer_finds_a_schedule_reads_it_and_signs(
    walker: Any, site: str, books: Ledger, size: tuple[int, int]
) -> None:
    sign_schedule(walker, site, books, size)


def test_wrong_inputs_get_pages_that_say_what_to_do(walker: Any, site: str, books: Ledger) -> None:
    eve = walker(site, books, "Eve", PHONE)
    eve.open("/my/trades")
    eve.page.get_by_label("Key").fill("katy_wrong")
    eve.press("Sign in")
    eve.reads("This key is not known")
    eve.page.get_by_label("Key").fill(eve.key)
    eve.press("Sign in")
    eve.page.wait_for_url("**/my/trades")  # where she wanted to go

    other = eve.context.new_page()
    other.goto(f"{site}/my/new")
    eve.press("Sign out")
    other.get_by_label("With whom").fill("Bob")
    other.get_by_role("button", name="Look at the values").last.click()
    other.get_by_text("You are signed out").wait_for(timeout=5000)
    other.get_by_role("link", name="Sign in again").click()
    other.get_by_label("Key").wait_for(timeout=5000)


def test_every_field_has_a_name_and_texts_can_be_read_in_the_dark(walker: Any, site: str, books: Ledger) -> None:
    zoe = walker(site, books, "Zoe", PHONE, color_scheme="dark")
    zoe.sign_in()
    for path in ("/my", "/my/new", "/my/pay", "/my/schedules", "/my/history", "/my/witness"):
        zoe.open(path)
        for field in zoe.page.locator("main input:not([type=hidden]), main select, main textarea").all():
            assert field.evaluate("element => element.labels.length") >= 1, (path, field.evaluate("e => e.name"))
        assert zoe.page.locator("h1").count() == 1, path
    zoe.look("dark-new")
    assert zoe.complaints == [], zoe.complaints
    zoe.context.close()

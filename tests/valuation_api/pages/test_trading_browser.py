"""Two people trade in two real browsers, without JavaScript: on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from katy.browser import find
from katy.settings import Settings
from ledger import verification
from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger

pytestmark = pytest.mark.browser
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
PHONE, DESK = (390, 844), (1280, 800)
Seen = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = find(Settings().browser)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found.path), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, _empty_books: Path, small: Any) -> Iterator[Ledger]:
    file = tmp_path_factory.mktemp("desk") / "ledger.sqlite"
    file.write_bytes(_empty_books.read_bytes())
    opened = open_ledger(f"sqlite:///{file}", clock=lambda: small.NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def site(market: Any, served: Any, books: Ledger) -> Iterator[str]:
    with served(market.app(ledger_url=str(books.engine.url))) as url:
        yield url


class Person:
    """Somebody with a browser of their own, and everything it complains of."""

    def __init__(
        self, chromium: Browser, site: str, books: Ledger, name: str, size: tuple[int, int], seen: Seen, **shown: Any
    ) -> None:
        self.site, self.name, self.seen = site, name, seen
        self.key = accounts.create(books, name)[1]
        shape = {"width": size[0], "height": size[1]}
        self.context = chromium.new_context(viewport=shape, java_script_enabled=False, **shown)  # type: ignore[arg-type]
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("request", lambda sent: None if sent.url.startswith(site) else self.complaints.append(sent.url))
        self.page.on(
            "request", lambda sent: self.complaints.append("a key in an address") if "katy_" in sent.url else None
        )

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def reads(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for(timeout=5000)

    def finds(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading).wait_for(timeout=5000)

    def look(self, name: str) -> None:
        """Look at the page: nothing sticks out of it."""
        width = self.page.viewport_size["width"]  # type: ignore[index]
        content = self.page.locator("html").evaluate("element => element.scrollWidth")
        assert content <= width, f"{name}: {content} px on a screen of {width}"
        self.seen(self.page, name)

    def sign_in(self) -> None:
        self.open("/my")
        self.look("sign-in")
        self.page.get_by_label("Key").fill(self.key)
        self.press("Sign in")
        self.page.wait_for_url("**/my")


def walk(
    chromium: Browser, site: str, books: Ledger, size: tuple[int, int], seen: Seen = lambda page, name: None
) -> None:
    """Propose, counter, accept, deliver, both confirm; balances and history on both sides."""
    ending = "phone" if size == PHONE else "desk"
    ada = Person(chromium, site, books, f"Ada of the {ending}", size, seen)
    bob = Person(chromium, site, books, f"Bob of the {ending}", size, seen)
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


def _propose(ada: Person, bob: Person) -> None:
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


def _counter(bob: Person, ada: Person) -> None:
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


def _finish(ada: Person, bob: Person) -> None:
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
    chromium: Browser, site: str, books: Ledger, size: tuple[int, int]
) -> None:
    walk(chromium, site, books, size)


def test_wrong_inputs_get_pages_that_say_what_to_do(chromium: Browser, site: str, books: Ledger) -> None:
    eve = Person(chromium, site, books, "Eve", PHONE, lambda page, name: None)
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


def test_every_field_has_a_name_and_texts_can_be_read_in_the_dark(chromium: Browser, site: str, books: Ledger) -> None:
    zoe = Person(chromium, site, books, "Zoe", PHONE, lambda page, name: None, color_scheme="dark")
    zoe.sign_in()
    for path in ("/my", "/my/new", "/my/history", "/my/witness"):
        zoe.open(path)
        for field in zoe.page.locator("main input:not([type=hidden]), main select, main textarea").all():
            assert field.evaluate("element => element.labels.length") >= 1, (path, field.evaluate("e => e.name"))
        assert zoe.page.locator("h1").count() == 1, path
    zoe.look("dark-new")
    assert zoe.complaints == [], zoe.complaints
    zoe.context.close()

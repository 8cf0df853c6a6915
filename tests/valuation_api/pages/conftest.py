"""The desk by its forms: people who keep cookies, follow links and send what stands in a form; and real browsers."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import playwright.sync_api as playwright
import pytest
from fastapi.testclient import TestClient

from katy.browser import find
from katy.settings import Settings
from ledger.books import accounts
from ledger.books.standings import Account
from ledger.books.store import Ledger, open_ledger

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
Seen = Callable[[playwright.Page, str], None]


class Clock:
    """A clock that stands until it is moved."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Browser:
    """Somebody at the page: keeps cookies, follows links, and sends forms with all that is in them."""

    def __init__(self, app: Any, key: str, account: Account | None = None) -> None:
        self.http, self.key, self.page = TestClient(app, base_url="http://katy.test"), key, ""
        self.status, self.at = 0, ""
        self.name, self.id = (account.name, account.id) if account else ("", "")

    def open(self, path: str) -> str:
        return self._take(self.http.get(path))

    def send(self, action: str, **changed: str) -> str:
        """Send the form with that address as it stands on the page, some fields changed; None of them left out."""
        return self._take(self.http.post(action, data={**self.form(action), **changed}))

    def form(self, action: str) -> dict[str, str]:
        """The fields of a form on the page as a browser would send them."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.page, re.DOTALL)
        assert found, f"there is no form for {action} on {self.at}: {self.text()}"
        said = {}
        for tag in re.findall(r"<input[^>]*>", found[1]):
            said[_attribute(tag, "name")] = _attribute(tag, "value")
        for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', found[1], re.DOTALL):
            said[name] = html.unescape(body)
        for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', found[1], re.DOTALL):
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', body)
            first = re.search(r'<option(?: value="([^"]*)")?[^>]*>([^<]*)', body)
            option = chosen or first
            assert option
            said[name] = html.unescape(option[1] if option[1] is not None else option[2])
        return said

    def sign_in(self) -> str:
        self.open("/my/sign-in")
        return self.send("/my/sign-in", key=self.key)

    def text(self) -> str:
        """What a person reads on the page."""
        inner = re.search(r"<main.*?</main>", self.page, re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner[0] if inner else self.page)).split())

    def _take(self, answer: Any) -> str:
        self.page, self.status, self.at = answer.text, answer.status_code, answer.url.path
        return self.text()


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, _empty_books: Path, clock: Clock) -> Iterator[Ledger]:
    file = tmp_path_factory.mktemp("desk") / "ledger.sqlite"
    file.write_bytes(_empty_books.read_bytes())
    opened = open_ledger(f"sqlite:///{file}", clock=clock)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(market: Any, books: Ledger, clock: Clock) -> Iterator[Any]:
    made = market.app(ledger_url=str(books.engine.url), clock=clock)
    with TestClient(made):
        yield made


@pytest.fixture(scope="module")
def site(market: Any, served: Any, books: Ledger) -> Iterator[str]:
    """The page on a real server, for real browsers."""
    with served(market.app(ledger_url=str(books.engine.url))) as url:
        yield url


@pytest.fixture
def newcomer(app: Any, books: Ledger) -> Callable[..., Browser]:
    """`newcomer(name)`: somebody with a key who has not signed in; each test has its own people."""
    number = next(_NUMBERS)

    def made(name: str, **said: Any) -> Browser:
        account, key = accounts.create(books, f"{name} {number}", **said)
        return Browser(app, key, account)

    return made


_NUMBERS = itertools.count(1)


@pytest.fixture
def ada(newcomer: Any) -> Browser:
    made: Browser = newcomer("Ada")
    made.sign_in()
    return made


@pytest.fixture
def bob(newcomer: Any) -> Browser:
    made: Browser = newcomer("Bob")
    made.sign_in()
    return made


OFFER = {"give1_what": "dewalt drill", "get1_what": "makita drill"}


@pytest.fixture
def offer() -> dict[str, str]:
    """What is typed into the form of an offer: a drill for a drill."""
    return dict(OFFER)


@pytest.fixture
def visitor(app: Any) -> Callable[..., Browser]:
    """`visitor(key)`: somebody at the page whom the books do not know by another name."""
    return lambda key="": Browser(app, key)


@pytest.fixture
def propose() -> Callable[..., str]:
    """`propose(by, to)`: look at an offer and send it; the trade's address."""

    def made(by: Browser, to: Browser, **said: str) -> str:
        by.open("/my/new")
        by.send("/my/new", **{**OFFER, "to": to.name, **said}, do="look")
        assert by.status == 200, by.text()
        if not said.get("even"):
            by.send("/my/new", do="even")
        by.send("/my/new", do="send")
        assert by.at.startswith("/my/trades/"), by.text()
        return by.at

    return made


# Not for longer than a module: while Playwright is open, nothing else can run an event loop in this process.
@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright.Browser]:
    found = find(Settings().browser)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(found.path), args=ARGUMENTS)
        yield browser
        browser.close()


class Walker:
    """Somebody with a browser of their own, and everything it complains of."""

    def __init__(
        self,
        chromium: playwright.Browser,
        site: str,
        books: Ledger,
        name: str,
        size: tuple[int, int],
        seen: Seen,
        **shown: Any,
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


@pytest.fixture(scope="module")
def walker(chromium: playwright.Browser) -> Callable[..., Walker]:
    """`walker(site, books, name, size)`: somebody with a real browser of their own."""

    def made(site: str, books: Ledger, name: str, size: tuple[int, int], **said: Any) -> Walker:
        return Walker(chromium, site, books, name, size, said.pop("seen", lambda page, name: None), **said)

    return made

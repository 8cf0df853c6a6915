"""The page to trade on, by its forms: who may send them, what is told, and that each does its work once."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger import verification
from ledger.books import accounts, promises, signing, transfers
from ledger.books.standings import Account
from ledger.books.store import Ledger, open_ledger
from ledger.owned import things
from ledger.trading import trades

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)


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


@pytest.fixture
def newcomer(app: Any, books: Ledger) -> Callable[[str], Browser]:
    """`newcomer(name)`: somebody with a key who has not signed in; each test has its own people."""
    number = next(_NUMBERS)

    def made(name: str) -> Browser:
        account, key = accounts.create(books, f"{name} {number}")
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


def propose(by: Browser, to: Browser, **said: str) -> str:
    """Look at an offer and send it; the trade's address."""
    by.open("/my/new")
    by.send("/my/new", **{**OFFER, "to": to.name, **said}, do="look")
    assert by.status == 200, by.text()
    if not said.get("even"):
        by.send("/my/new", do="even")
    by.send("/my/new", do="send")
    assert by.at.startswith("/my/trades/"), by.text()
    return by.at


def test_somebody_signs_in_with_the_key_of_an_account_and_out_again(ada: Browser) -> None:
    assert (ada.status, ada.at) == (200, "/my")
    assert "0.00 K" in ada.text()
    cookie = next(each for each in ada.http.cookies.jar if each.name == "katy_session")
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/my", True)
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert ada.key not in ada.page

    ada.send("/my/sign-out")
    assert ada.at == "/my/sign-in"
    ada.open("/my")
    assert ada.at == "/my/sign-in"


@pytest.mark.parametrize("key", ["", "a_secret", "katy_0123456789abcdef_" + "x" * 43])
def test_a_wrong_key_is_told_so_and_never_shown_again(app: Any, key: str) -> None:
    nobody = Browser(app, key)
    told = nobody.sign_in()

    assert (nobody.status, nobody.at) == (422, "/my/sign-in")
    assert "katy account new-key" in told
    assert not key or key not in nobody.page


@pytest.mark.parametrize("onward", ["//evil.test/my", "https://evil.test", "/my\\evil", "/", "/myself", "/my/sign-in"])
def test_signing_in_leads_nowhere_else(newcomer: Any, onward: str) -> None:
    ada = newcomer("Ada")
    ada.http.get("/my/sign-in", params={"next": onward})
    ada.page = ada.http.get("/my/sign-in", params={"next": onward}).text
    ada.send("/my/sign-in", key=ada.key)

    assert ada.at == "/my"


def test_a_page_that_needs_signing_in_comes_back_after_it(newcomer: Any) -> None:
    ada = newcomer("Ada")
    ada.open("/my/history")
    assert ada.at == "/my/sign-in"
    ada.send("/my/sign-in", key=ada.key)
    assert (ada.status, ada.at) == (200, "/my/history")


def test_a_session_ends_after_rest_and_with_its_key(ada: Browser, bob: Browser, books: Ledger, clock: Clock) -> None:
    ada.open("/my/new")
    clock.now += timedelta(hours=2, minutes=1)
    told = ada.send("/my/new", **OFFER, to=bob.name, do="look")
    assert (ada.status, "Nothing of what you just sent was done" in told) == (401, True)

    bob.sign_in()
    accounts.new_key(books, bob.id)
    bob.open("/my")
    assert bob.at == "/my/sign-in"


def test_a_form_of_another_site_or_session_does_nothing(ada: Browser, bob: Browser, books: Ledger) -> None:
    path = propose(ada, bob)
    bob.open(path)
    for token in ("", "guessed", ada.form("/my/sign-out")["csrf"]):
        told = bob._take(bob.http.post(f"{path}/accept", data={**bob.form(f"{path}/accept"), "csrf": token}))
        assert (bob.status, "Nothing was done" in told) == (403, True)
        bob.open(path)
    stranger = Browser(bob.http.app, "")
    stranger._take(stranger.http.post("/my/sign-in", data={"key": bob.key, "form": "guessed"}))
    assert stranger.status == 403
    assert trades.view(books, by=bob.id, trade_id=path[-26:]).state == "proposed"


def test_two_people_trade_from_the_first_offer_to_the_receipt(ada: Browser, bob: Browser, books: Ledger) -> None:
    ada.open("/my/new")
    told = ada.send("/my/new", **OFFER, to=bob.name, do="look")
    assert "You give less" not in told
    assert "even it out" in told
    told = ada.send("/my/new", do="even")
    assert "Both sides are worth the same." in told
    ada.send("/my/new", do="send")
    path = ada.at
    assert f"Waiting for {bob.name}’s answer" in ada.text()

    assert "Ada" in bob.open("/my")
    assert "It is your turn" in bob.open(path)
    bob.open(f"{path}/counter")
    bob.send(f"{path}/counter", even="20.00", do="look")
    bob.send(f"{path}/counter", do="send")
    assert f"Waiting for {ada.name}’s answer" in bob.text()

    assert "made another offer" in ada.open(path)
    ada.send(f"{path}/accept")
    assert "Agreed" in ada.text()
    ada.send(f"{path}/deliver", note="at your door")
    assert "at your door" in bob.open(path)
    bob.send(f"{path}/confirm")
    assert f"waiting for {ada.name} to confirm" in bob.text()
    ada.open(path)
    ada.send(f"{path}/confirm")
    assert "Done" in ada.text()

    assert "−20" in ada.open("/my")
    told = ada.open("/my/history")
    assert f"Into escrow, trade with {bob.name} −20.00 K" in told
    assert f"Fee, trade with {bob.name} −0.79 K" in told
    assert f"Trade with {ada.name} +20.00 K" in bob.open("/my/history")
    assert "Receipt" in ada.open(f"{path}/receipt")
    assert ada.http.get(f"{path}/receipt.pdf").content.startswith(b"%PDF")
    assert ada.http.get(f"{path}/code.svg").headers["content-type"] == "image/svg+xml"
    assert "1 finished trade" in ada.open("/my/tax/2026")
    assert verification.verify(books).sound


def test_a_double_click_and_a_reload_do_it_once(ada: Browser, bob: Browser, books: Ledger) -> None:
    ada.open("/my/new")
    ada.send("/my/new", **OFFER, to=bob.name, do="look")
    shown, form = ada.page, ada.form("/my/new")
    one = ada.send("/my/new", do="send") and ada.at
    ada.page = shown
    again = ada.send("/my/new", do="send") and ada.at
    assert one == again
    assert len(trades.listing(books, by=ada.id).trades) == 1

    ada.page = shown  # the same form, with something else in it
    told = ada._take(ada.http.post("/my/new", data={**form, "even": "1.00", "do": "send"}))
    assert (ada.status, "made an offer already" in told) == (422, True)


def test_an_offer_that_was_answered_in_another_tab_is_not_accepted(ada: Browser, bob: Browser) -> None:
    path = propose(ada, bob)
    bob.open(path)
    stale = bob.page
    bob.open(f"{path}/counter")
    bob.send(f"{path}/counter", even="1.00", do="look")
    bob.send(f"{path}/counter", do="send")
    ada.open(f"{path}/counter")
    ada.send(f"{path}/counter", even="2.00", do="look")
    ada.send(f"{path}/counter", do="send")

    bob.page = stale
    told = bob.send(f"{path}/accept")
    assert (bob.status, "not the terms of the newest offer" in told) == (409, True)
    assert "It is your turn" in told


def test_an_offer_is_only_made_of_values_that_were_seen(ada: Browser, bob: Browser, books: Ledger) -> None:
    ada.open("/my/new")
    told = ada.send("/my/new", **OFFER, to=bob.name, do="send")
    assert (ada.status, "Nothing was sent yet" in told) == (422, True)
    told = ada.send("/my/new", give1_what="trek marlin", do="send")
    assert (ada.status, "Nothing was sent yet" in told) == (422, True)
    assert trades.listing(books, by=ada.id).trades == ()
    ada.send("/my/new", reason="an old promise", do="send")
    assert ada.at.startswith("/my/trades/")


def test_a_registered_thing_is_picked_and_an_unknown_one_declared(ada: Browser, bob: Browser, books: Ledger) -> None:
    me = ada.id
    mine = things.add(books, key="t", by=me, said={"title": "Makita XFD10 cordless drill 18V", "condition": "fair"})
    ada.open("/my/new")
    told = ada.send(
        "/my/new", to=bob.name, give1_thing=mine.id, get1_what="portrait of a cat", get1_declared="", do="look"
    )
    assert ada.status == 422
    assert "fair market value is not known" in told
    ada.send("/my/new", get1_declared="70.00", get1_why="what the painter asks", do="look")
    assert ada.status == 200
    ada.send("/my/new", do="send")
    assert "Makita XFD10" in ada.text()
    assert "declared 70.00 K: “what the painter asks”" in ada.text()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"to": ""}, "Say with whom"),
        ({"to": "Nobody"}, 'no account "Nobody"'),
        ({"to": "me"}, "a trade has two parties"),
        ({"get1_what": ""}, "Say what you would like to have"),
        ({"even": "much"}, "not an amount in K"),
        ({"even": "1.005"}, "at most two places"),
        ({"even": "1.01", "even_unit": "min"}, "whole minutes"),
        ({"get1_kind": "time", "get1_count": "a while"}, "a number of hours"),
        ({"give1_count": "-1"}, "how many, such as 7"),
        ({"give1_count": "0"}, "above zero"),
        ({"give1_declared": "5.00"}, "come together"),
        ({"deliver_by": "soon"}, "not a day such as"),
        ({"miles": "far"}, "a distance in miles"),
        ({"give1_thing": "thing_00000000000000000000"}, "among yours"),
        ({"give1_what": "\x00"}, ""),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_place(ada: Browser, bob: Browser, said: dict[str, str], told: str) -> None:
    ada.open("/my/new")
    said = {name: ada.name if value == "me" else value for name, value in said.items()}
    shown = ada.send("/my/new", **{**OFFER, "to": bob.name, **said}, do="look")

    assert ada.status == 422
    assert told in shown
    assert "Propose it" not in shown


def test_a_refusal_of_the_books_is_told_in_words(ada: Browser, bob: Browser) -> None:
    path = propose(ada, bob, give1_what="makita drill", get1_what="trek marlin", reason="a gift, mostly", even="300.00")
    bob.open(path)
    told = bob.send(f"{path}/accept")

    assert bob.status == 409
    assert "cannot be" in told
    bob.send(f"{path}/cancel")
    assert "Off: cancelled" in bob.text()
    told = bob._take(bob.http.post(f"{path}/confirm", data={"csrf": bob.form("/my/sign-out")["csrf"], "key": "x"}))
    assert (bob.status, "this trade is cancelled" in told) == (409, True)


def test_a_dispute_is_opened_and_settled(ada: Browser, bob: Browser) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/dispute", reason="it does not turn")
    assert "In dispute" in ada.open(path)
    ada.send(f"{path}/suggest", percent="50", note="half each")
    assert f"{ada.name} suggests: 50 %" in bob.open(path)
    bob.send(f"{path}/agree")
    assert "Done, with 50 %" in bob.text()


def test_others_see_nothing_of_a_trade(ada: Browser, bob: Browser, newcomer: Any) -> None:
    path = propose(ada, bob)
    eve = newcomer("Eve")
    eve.sign_in()
    for address in (path, f"{path}/receipt", f"{path}/legs/1", f"{path}/counter", "/my/trades/trade_" + "0" * 20):
        told = eve.open(address)
        assert eve.status == 404
        assert "Ada" not in told
    assert path not in eve.open("/my/trades")


@pytest.mark.parametrize(
    "path", ["/my/trades/trade_1", "/my/trades?after=x", "/my/tax/12", "/my/trades/%00", "/my/history?after=eA"]
)
def test_an_address_that_was_mistyped_is_told_so(ada: Browser, path: str) -> None:
    ada.open(path)
    assert ada.status in {404, 422}
    assert "To my page" in ada.text()


def test_history_is_read_page_by_page(ada: Browser, bob: Browser, books: Ledger) -> None:
    for number in range(30):
        transfers.pay(books, key=str(number), payer=ada.id, payee=bob.id, amount=number + 1, memo=f"egg {number}.")
    told = bob.open("/my/history")
    assert "egg 29." in told
    assert "egg 4." not in told
    older = re.search(r'href="(/my/history\?after=[^"]+)">Older', bob.page)
    assert older
    told = bob.open(older[1])
    assert "egg 4." in told
    assert "egg 29." not in told
    bob.open("/my/history?after=nonsense")
    assert bob.status == 422


def test_pages_are_kept_by_no_cache_and_texts_are_only_texts(ada: Browser, bob: Browser, books: Ledger) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/deliver", note='<script>alert("gotcha")</script>')
    answer = bob.http.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert '<script>alert("gotcha")</script>' in bob.text()


def test_what_was_promised_is_taken_and_what_needs_signing_signed(
    ada: Browser, bob: Browser, books: Ledger, newcomer: Any
) -> None:
    promises.promise(books, key="p", payer=ada.id, payee=bob.id, amount=500, memo="for the loan")
    told = bob.open("/my")
    assert "5.00 K : for the loan" in told or "5.00 K: for the loan" in told
    action = re.search(r'action="(/my/promises/hold_[0-9a-f]+/post)"', bob.page)
    assert action
    bob.send(action[1])
    assert "5.00 K" in bob.text()

    firm, _ = accounts.create(books, f"Mill of {ada.name}", kind="business", tier="business")
    for member in (ada, bob):
        signing.add_signer(books, firm.id, member.id)
    held = transfers.pay(books, key="p", payer=firm.id, payee=bob.id, amount=60_000)
    for member, state in ((ada, "1 of 2 signatures"), (bob, "605.00 K")):
        assert "asks to pay" in member.open("/my")
        assert state in member.send(f"/my/promises/{held.id}/sign")
    told = ada._take(ada.http.post(f"/my/promises/{held.id}/sign", data=ada.form("/my/sign-out")))
    assert (ada.status, "this promise is posted already" in told) == (409, True)


def test_a_larger_trade_waits_for_the_word_of_a_witness(ada: Browser, bob: Browser, newcomer: Any) -> None:
    path = propose(ada, bob, even="45.00", even_by="me", reason="the drill is an heirloom")
    bob.open(path)
    bob.send(f"{path}/accept")
    assert "needs 1 witness" in ada.open(path)
    bob.send(f"{path}/confirm")
    ada.send(f"{path}/confirm")
    assert (ada.status, "cannot be done yet" in ada.text()) == (409, True)

    eve = newcomer("Eve")
    eve.sign_in()
    eve.open("/my/witness")
    told = eve.send("/my/witness", trade=path[-26:], said="I saw both drills change hands")
    assert "Thank you" in told
    assert "change hands" in ada.open(path)
    ada.send(f"{path}/confirm")
    assert "Done" in ada.text()

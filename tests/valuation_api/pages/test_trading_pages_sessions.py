"""Signing in at the page to trade on: who is let in, where it leads, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledger.books import accounts
from ledger.books.store import Ledger
from ledger.trading import trades


def test_somebody_signs_in_with_the_key_of_an_account_and_out_again(ada: Any) -> None:
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
def test_a_wrong_key_is_told_so_and_never_shown_again(key: str, visitor: Any) -> None:
    nobody = visitor(key)
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


def test_a_session_ends_after_rest_and_with_its_key(ada: Any, bob: Any, books: Ledger, clock: Any, offer: Any) -> None:
    ada.open("/my/new")
    clock.now += timedelta(hours=2, minutes=1)
    told = ada.send("/my/new", **offer, to=bob.name, do="look")
    assert (ada.status, "Nothing of what you just sent was done" in told) == (401, True)

    bob.sign_in()
    accounts.new_key(books, bob.id)
    bob.open("/my")
    assert bob.at == "/my/sign-in"


def test_a_form_of_another_site_or_session_does_nothing(
    ada: Any, bob: Any, books: Ledger, propose: Any, visitor: Any
) -> None:
    path = propose(ada, bob)
    bob.open(path)
    for token in ("", "guessed", ada.form("/my/sign-out")["csrf"]):
        told = bob._take(bob.http.post(f"{path}/accept", data={**bob.form(f"{path}/accept"), "csrf": token}))
        assert (bob.status, "Nothing was done" in told) == (403, True)
        bob.open(path)
    stranger = visitor()
    stranger._take(stranger.http.post("/my/sign-in", data={"key": bob.key, "form": "guessed"}))
    assert stranger.status == 403
    assert trades.view(books, by=bob.id, trade_id=path[-26:]).state == "proposed"

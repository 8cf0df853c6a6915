"""Offers by their form: made of values that were seen, told what cannot be meant, sent once."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.books.store import Ledger
from ledger.owned import things
from ledger.trading import trades


def test_a_double_click_and_a_reload_do_it_once(ada: Any, bob: Any, books: Ledger, offer: Any) -> None:
    ada.open("/my/new")
    ada.send("/my/new", **offer, to=bob.name, do="look")
    shown, form = ada.page, ada.form("/my/new")
    one = ada.send("/my/new", do="send") and ada.at
    ada.page = shown
    again = ada.send("/my/new", do="send") and ada.at
    assert one == again
    assert len(trades.listing(books, by=ada.id).trades) == 1

    ada.page = shown  # the same form, with something else in it
    told = ada._take(ada.http.post("/my/new", data={**form, "even": "1.00", "do": "send"}))
    assert (ada.status, "made an offer already" in told) == (422, True)


def test_an_offer_that_was_answered_in_another_tab_is_not_accepted(ada: Any, bob: Any, propose: Any) -> None:
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


def test_an_offer_is_only_made_of_values_that_were_seen(ada: Any, bob: Any, books: Ledger, offer: Any) -> None:
    ada.open("/my/new")
    told = ada.send("/my/new", **offer, to=bob.name, do="send")
    assert (ada.status, "Nothing was sent yet" in told) == (422, True)
    told = ada.send("/my/new", give1_what="trek marlin", do="send")
    assert (ada.status, "Nothing was sent yet" in told) == (422, True)
    assert trades.listing(books, by=ada.id).trades == ()
    ada.send("/my/new", reason="an old promise", do="send")
    assert ada.at.startswith("/my/trades/")


def test_a_registered_thing_is_picked_and_an_unknown_one_declared(ada: Any, bob: Any, books: Ledger) -> None:
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
def test_what_cannot_be_meant_is_told_at_its_place(
    ada: Any, bob: Any, said: dict[str, str], told: str, offer: Any
) -> None:
    ada.open("/my/new")
    said = {name: ada.name if value == "me" else value for name, value in said.items()}
    shown = ada.send("/my/new", **{**offer, "to": bob.name, **said}, do="look")

    assert ada.status == 422
    assert told in shown
    assert "Propose it" not in shown

"""Trades by their forms: from the first offer to the receipt, refusals, disputes, witnesses; others see nothing."""

from __future__ import annotations

from typing import Any

from ledger import verification
from ledger.books.store import Ledger


def test_two_people_trade_from_the_first_offer_to_the_receipt(ada: Any, bob: Any, books: Ledger, offer: Any) -> None:
    ada.open("/my/new")
    told = ada.send("/my/new", **offer, to=bob.name, do="look")
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


def test_a_refusal_of_the_books_is_told_in_words(ada: Any, bob: Any, propose: Any) -> None:
    path = propose(ada, bob, give1_what="makita drill", get1_what="trek marlin", reason="a gift, mostly", even="300.00")
    bob.open(path)
    told = bob.send(f"{path}/accept")

    assert bob.status == 409
    assert "cannot be" in told
    bob.send(f"{path}/cancel")
    assert "Off: cancelled" in bob.text()
    told = bob._take(bob.http.post(f"{path}/confirm", data={"csrf": bob.form("/my/sign-out")["csrf"], "key": "x"}))
    assert (bob.status, "this trade is cancelled" in told) == (409, True)


def test_a_dispute_is_opened_and_settled(ada: Any, bob: Any, propose: Any) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/dispute", reason="it does not turn")
    assert "In dispute" in ada.open(path)
    ada.send(f"{path}/suggest", percent="50", note="half each")
    assert f"{ada.name} suggests: 50 %" in bob.open(path)
    bob.send(f"{path}/agree")
    assert "Done, with 50 %" in bob.text()


def test_others_see_nothing_of_a_trade(ada: Any, bob: Any, newcomer: Any, propose: Any) -> None:
    path = propose(ada, bob)
    eve = newcomer("Eve")
    eve.sign_in()
    for address in (path, f"{path}/receipt", f"{path}/legs/1", f"{path}/counter", "/my/trades/trade_" + "0" * 20):
        told = eve.open(address)
        assert eve.status == 404
        assert "Ada" not in told
    assert path not in eve.open("/my/trades")


def test_a_larger_trade_waits_for_the_word_of_a_witness(ada: Any, bob: Any, newcomer: Any, propose: Any) -> None:
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

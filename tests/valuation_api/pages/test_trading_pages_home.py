"""The first page: everything in which its reader is the next to act, and nothing in which they are not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from ledger.books.store import Ledger
from ledger.trading import trades
from ledger.trading.legs import LegDraft


def waiting(person: Any) -> str:
    """What stands under "Waiting for you"; empty where nothing does."""
    text = str(person.open("/my"))
    if "Waiting for you" not in text:
        return ""
    return text.split("Waiting for you")[1].split("Waiting for others")[0].split("Lately")[0]


def test_a_trade_waits_for_whoever_is_the_next_to_act(ada: Any, bob: Any, propose: Any) -> None:
    path = propose(ada, bob, deliver_by="2026-11-30")
    assert waiting(ada) == ""
    assert "proposes a trade: accept it, answer with another offer, or decline" in waiting(bob)
    bob.open(f"{path}/counter")
    bob.send(f"{path}/counter", even="1.00", do="look")
    bob.send(f"{path}/counter", do="send")
    assert (waiting(bob), "has made another offer" in waiting(ada)) == ("", True)

    ada.open(path)
    ada.send(f"{path}/accept")
    for person in (ada, bob):
        assert "by 2026-11-30 deliver what you give, and confirm what you get" in waiting(person)
    ada.open(path)
    ada.send(f"{path}/deliver", note="on your porch")
    assert "has delivered: deliver what you give, and confirm what you have got" in waiting(bob)
    bob.open(path)
    bob.send(f"{path}/confirm")
    assert waiting(bob) == ""
    assert f"confirm as soon as you have what {bob.name} gives" in waiting(ada)
    assert f"waiting for {ada.name} to confirm" in bob.open("/my")


def test_a_dispute_waits_for_an_answer_to_its_newest_suggestion(ada: Any, bob: Any, propose: Any) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/dispute", reason="it does not turn")
    for person in (ada, bob):
        assert "is in dispute with you: suggest how it ends" in waiting(person)
    ada.open(path)
    ada.send(f"{path}/suggest", percent="50")
    assert (waiting(ada), "suggests 50 % of what was to move" in waiting(bob)) == ("", True)


def test_who_is_asked_to_call_it_off_is_told_so(ada: Any, bob: Any, propose: Any) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/confirm")
    bob.send(f"{path}/cancel")
    assert "wants to call it off" in waiting(ada)


def test_an_old_trade_is_not_forgotten_behind_many_that_are_done(
    ada: Any, bob: Any, propose: Any, books: Ledger
) -> None:
    propose(ada, bob)
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=60, description="gardening"),
        LegDraft(giver="counterparty", kind="k", amount=20_00),
    ]
    for number in range(25):
        made = trades.propose(books, key=f"{ada.id}{number}", proposer=ada.id, counterparty=bob.id, legs=legs)
        trades.cancel(books, key=f"{bob.id}{number}", by=bob.id, trade_id=made.id)
    assert waiting(bob).count("proposes a trade") == 1


def test_what_has_no_place_on_the_first_page_is_told_of_and_is_behind_it(
    ada: Any, bob: Any, propose: Any, books: Ledger, clock: Any
) -> None:
    propose(ada, bob)
    clock.now += timedelta(minutes=1)
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=60, description="gardening"),
        LegDraft(giver="counterparty", kind="k", amount=20_00),
    ]
    for number in range(50):
        trades.propose(books, key=f"{bob.id}{number}", proposer=bob.id, counterparty=ada.id, legs=legs)
    assert "There is more than this page shows: older trades ." in waiting(bob)
    assert "proposes a trade" not in waiting(bob)
    older = re.search(r'href="(/my/waiting/trades[?]after=trade_[0-9a-f]{20})">older trades</a>', bob.page)
    assert older
    told = bob.open(older[1])
    assert told.count("proposes a trade: accept it") == 1
    assert ("Waiting for others" in told, ">More</a>" in bob.page) == (False, False)

    assert "Nothing here waits for you" in bob.open("/my/waiting/schedules")
    for address, status in (("nonsense", 422), ("trades?after=x", 404), (f"trades?after=trade_{'0' * 20}", 404)):
        bob.open(f"/my/waiting/{address}")
        assert (bob.status, "To my page" in bob.text()) == (status, True)

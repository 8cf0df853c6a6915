"""Paying somebody without a trade: seen once more before it is paid, and paid once."""

from __future__ import annotations

from typing import Any

import pytest

from ledger import verification
from ledger.books import accounts, signing
from ledger.books.store import Ledger


def test_a_payment_is_shown_before_it_is_paid(ada: Any, bob: Any, books: Ledger) -> None:
    ada.open("/my/pay")
    told = ada.send("/my/pay", to=bob.name, amount="12.5", memo="for the eggs", do="look")
    assert f"Pay 12.50 K to {bob.name}?" in told
    assert "and then −12.50 K" in told
    assert accounts.standing(books, bob.id).posted == 0

    ada.send("/my/pay", do="change")
    assert ada.form("/my/pay")["memo"] == "for the eggs"
    ada.send("/my/pay", amount="12.00", do="look")
    told = ada.send("/my/pay", do="send")
    assert ada.at.startswith("/my/paid/transfer_")
    assert f"12.00 K to {bob.name}" in told
    assert "for the eggs" in bob.open("/my")
    assert "12.00 K" in bob.open(ada.at)
    assert accounts.standing(books, bob.id).posted == 12_00
    assert verification.verify(books).sound


def test_time_credit_is_paid_in_hours(ada: Any, bob: Any, books: Ledger) -> None:
    ada.open("/my/pay")
    assert "Pay 1 h 30 min" in ada.send("/my/pay", to=bob.name, amount="1.5", unit="min", do="look")
    ada.send("/my/pay", do="send")
    assert accounts.standing(books, bob.id, "min").posted == 90


def test_a_double_click_and_a_reload_pay_once(ada: Any, bob: Any, books: Ledger) -> None:
    ada.open("/my/pay")
    ada.send("/my/pay", to=bob.name, amount="3.00", do="look")
    shown = ada.page
    first = ada.send("/my/pay", do="send") and ada.at
    ada.page = shown
    assert (ada.send("/my/pay", do="send") and ada.at) == first
    assert accounts.standing(books, bob.id).posted == 3_00

    ada.page = shown  # back, and another amount in the same form
    told = ada.send("/my/pay", amount="4.00", do="send")
    assert (ada.status, "has paid something already" in told) == (422, True)
    assert accounts.standing(books, bob.id).posted == 3_00


def test_nothing_is_paid_to_whom_was_not_shown(ada: Any, bob: Any, newcomer: Any, books: Ledger) -> None:
    eve = newcomer("Eve")
    ada.open("/my/pay")
    ada.send("/my/pay", to=bob.name, amount="3.00", do="send")
    assert "Pay 3.00 K" in ada.text()
    told = ada.send("/my/pay", to=eve.name, do="send")
    assert f"Pay 3.00 K to {eve.name}?" in told
    assert accounts.standing(books, eve.id).posted == accounts.standing(books, bob.id).posted == 0


def test_a_form_of_another_site_pays_nothing(ada: Any, bob: Any, books: Ledger) -> None:
    ada.open("/my/pay")
    ada.send("/my/pay", to=bob.name, amount="3.00", do="look")
    told = ada.send("/my/pay", do="send", csrf="guessed")
    assert (ada.status, "Nothing was done" in told) == (403, True)
    assert accounts.standing(books, bob.id).posted == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"to": ""}, "Say to whom"),
        ({"to": "Nobody"}, 'no account "Nobody"'),
        ({"to": "me"}, "a payment goes to somebody else"),
        ({"amount": "much"}, "not an amount in K"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-3"}, "above zero"),
        ({"amount": "1.005"}, "at most two places"),
        ({"amount": "1.01", "unit": "min"}, "whole minutes"),
        ({"memo": "x" * 501}, "at most 500"),
    ],
)
def test_what_cannot_be_paid_is_told_at_its_place(ada: Any, bob: Any, said: dict[str, str], told: str) -> None:
    ada.open("/my/pay")
    said = {name: ada.name if value == "me" else value for name, value in said.items()}
    shown = ada.send("/my/pay", **{"to": bob.name, "amount": "1.00", **said}, do="look")
    assert ada.status == 422
    assert told in shown
    assert "Pay it" not in shown


def test_a_limit_stops_it_and_says_so(ada: Any, bob: Any, books: Ledger) -> None:
    ada.open("/my/pay")
    ada.send("/my/pay", to=bob.name, amount="150.00", do="look")
    told = ada.send("/my/pay", do="send")
    assert ada.status == 409
    assert "cannot" in told
    assert accounts.standing(books, bob.id).posted == 0


def test_what_a_business_pays_above_its_limit_waits_for_signatures(
    ada: Any, bob: Any, newcomer: Any, books: Ledger
) -> None:
    mill = newcomer("Mill", kind="business", tier="business")
    for member in (ada, bob):
        signing.add_signer(books, mill.id, member.id)
    mill.sign_in()
    mill.open("/my/pay")
    mill.send("/my/pay", to=bob.name, amount="600.00", do="look")
    told = mill.send("/my/pay", do="send")
    assert mill.at.startswith("/my/paid/hold_")
    assert "It waits for signatures" in told
    assert "asks to pay" in ada.open("/my")


def test_others_see_nothing_of_a_payment(ada: Any, bob: Any, newcomer: Any) -> None:
    ada.open("/my/pay")
    ada.send("/my/pay", to=bob.name, amount="3.00", do="look")
    ada.send("/my/pay", do="send")
    eve = newcomer("Eve")
    eve.sign_in()
    eve.open(ada.at)
    assert eve.status == 404

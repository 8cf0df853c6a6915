"""History, promises, and what holds for every page: no cache, texts are only texts, mistyped addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ledger.books import accounts, promises, signing, transfers
from ledger.books.store import Ledger


@pytest.mark.parametrize(
    "path", ["/my/trades/trade_1", "/my/trades?after=x", "/my/tax/12", "/my/trades/%00", "/my/history?after=eA"]
)
def test_an_address_that_was_mistyped_is_told_so(ada: Any, path: str) -> None:
    ada.open(path)
    assert ada.status in {404, 422}
    assert "To my page" in ada.text()


def test_history_is_read_page_by_page(ada: Any, bob: Any, books: Ledger) -> None:
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


def test_pages_are_kept_by_no_cache_and_texts_are_only_texts(ada: Any, bob: Any, books: Ledger, propose: Any) -> None:
    path = propose(ada, bob)
    bob.open(path)
    bob.send(f"{path}/accept")
    bob.send(f"{path}/deliver", note='<script>alert("gotcha")</script>')
    answer = bob.http.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    assert '<script>alert("gotcha")</script>' in bob.text()


def test_what_was_promised_is_taken_and_what_needs_signing_signed(
    ada: Any, bob: Any, books: Ledger, newcomer: Any
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

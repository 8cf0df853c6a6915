"""A business's signers sign a trade or a schedule before it is accepted: they see what they sign, and nobody else
does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.books import accounts, signing, transfers
from ledger.books.store import Ledger
from ledger.trading import schedules, trades
from ledger.trading.legs import LegDraft
from ledger.trading.schedules import ScheduledDraft


@pytest.fixture
def mill(newcomer: Any, ada: Any, bob: Any, books: Ledger) -> Any:
    """A business for which Ada and Bob sign."""
    made = newcomer("Mill", kind="business", tier="business")
    for member in (ada, bob):
        signing.add_signer(books, made.id, member.id)
    made.sign_in()
    return made


@pytest.fixture
def cy(newcomer: Any, mill: Any, books: Ledger) -> Any:
    made = newcomer("Cy", tier="verified")
    made.sign_in()
    return made


def propose(books: Ledger, by: Any, to: Any, amount: int, key: str) -> str:
    """Cy works for the mill for K; the trade's id."""
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=amount * 60 // 20_00, description="sawing"),
        LegDraft(giver="counterparty", kind="k", amount=amount),
    ]
    return trades.propose(books, key=key, proposer=by.id, counterparty=to.id, legs=legs).id


def test_two_signers_sign_and_then_it_can_be_accepted(ada: Any, bob: Any, mill: Any, cy: Any, books: Ledger) -> None:
    trade = propose(books, cy, mill, 600_00, cy.id)
    told = mill.open(f"/my/trades/{trade}")
    assert "0 of 2 have" in told
    mill.send(f"/my/trades/{trade}/accept")
    assert (mill.status, "waits for signatures" in mill.text()) == (409, True)

    for member, after in ((ada, "It waits for 1 more"), (bob, "It can be accepted now")):
        assert f"trades with {cy.name}: sign it" in member.open("/my")
        told = member.open(f"/my/sign/{trade}")
        assert f"{mill.name} gives" in told
        assert "600.00 K" in told
        assert "sawing" in told
        assert after in member.send(f"/my/sign/{trade}")
        assert "sign it" not in member.open("/my")
    mill.open(f"/my/trades/{trade}")
    mill.send(f"/my/trades/{trade}/accept")
    assert "Agreed" in mill.text()
    ada.open(f"/my/sign/{trade}")
    assert ada.status == 404


def test_a_signature_is_for_the_terms_that_were_seen(ada: Any, mill: Any, cy: Any, books: Ledger) -> None:
    trade = propose(books, cy, mill, 600_00, cy.id)
    ada.open(f"/my/sign/{trade}")
    legs = [
        LegDraft(giver="proposer", kind="time", minutes=1800, description="sawing"),
        LegDraft(giver="counterparty", kind="k", amount=650_00),
    ]
    trades.counter(books, key="c", by=mill.id, trade_id=trade, legs=legs, reason="it is heavy")
    told = ada.send(f"/my/sign/{trade}")
    assert (ada.status, "not the terms of the newest offer" in told) == (409, True)
    assert "650.00 K" in told
    assert "It waits for 1 more" in ada.send(f"/my/sign/{trade}")


def test_what_the_key_pays_alone_asks_nobody(ada: Any, mill: Any, cy: Any, books: Ledger) -> None:
    trade = propose(books, cy, mill, 480_00, cy.id)
    assert "sign it" not in ada.open("/my")
    assert "It needs no signature" in ada.open(f"/my/sign/{trade}")
    assert "have" not in mill.open(f"/my/trades/{trade}").split("What you can do")[1].split("Accept")[0]


def test_who_signs_for_no_party_sees_nothing(mill: Any, cy: Any, newcomer: Any, books: Ledger) -> None:
    trade = propose(books, cy, mill, 600_00, cy.id)
    eve = newcomer("Eve")
    eve.sign_in()
    for path in (f"/my/sign/{trade}", f"/my/sign/trade_{'0' * 20}", "/my/sign/x"):
        told = eve.open(path)
        assert eve.status == 404
        assert "sawing" not in told
    eve.open("/my")
    eve._take(eve.http.post(f"/my/sign/{trade}", data=eve.form("/my/sign-out")))
    assert eve.status == 404


def test_a_business_with_too_few_signers_is_told_so(newcomer: Any, ada: Any, books: Ledger) -> None:
    firm, cy = newcomer("Firm", kind="business", tier="business"), newcomer("Cy", tier="verified")
    signing.add_signer(books, firm.id, ada.id)
    trade = propose(books, cy, firm, 600_00, cy.id)
    assert "has fewer signers than it needs" in ada.open(f"/my/sign/{trade}")


def test_a_signed_payment_is_still_signed_on_the_first_page(ada: Any, bob: Any, mill: Any, books: Ledger) -> None:
    transfers.pay(books, key="p", payer=mill.id, payee=bob.id, amount=60_000)
    assert "0 of 2 signatures" in ada.open("/my")
    assert accounts.standing(books, bob.id).posted == 0


def repeat(books: Ledger, by: Any, to: Any, amount: int) -> str:
    """Cy works for the mill for K, twice; the schedule's id."""
    work = LegDraft(giver="proposer", kind="time", minutes=amount * 60 // 20_00, description="sawing")
    paid = LegDraft(giver="counterparty", kind="k", amount=amount)
    legs = [ScheduledDraft(leg=leg, first_day=date(2026, 12, 1), every_days=28, times=2) for leg in (work, paid)]
    return schedules.propose(books, key=by.id, proposer=by.id, counterparty=to.id, legs=legs, reason="it lasts").id


def test_two_signers_sign_a_schedule_and_one_who_comes_later_is_asked_as_well(
    ada: Any, bob: Any, mill: Any, cy: Any, newcomer: Any, books: Ledger
) -> None:
    id = repeat(books, cy, mill, 600_00)
    assert "0 of 2 have" in mill.open(f"/my/schedules/{id}")
    mill.send(f"/my/schedules/{id}/accept")
    assert (mill.status, "waits for signatures" in mill.text()) == (409, True)

    for member, after in ((ada, "It waits for 1 more"), (bob, "It can be accepted now")):
        assert f"has a schedule with {cy.name}: sign it" in member.open("/my")
        told = member.open(f"/my/sign/{id}")
        assert f"{mill.name} has a schedule with {cy.name}" in told
        assert "sawing 600.00 K every 28 days, 2 times from 2026-12-01 on" in told
        at_once = (
            f"At most 606.00 K leave {mill.name} in one period of 28 days: 600.00 K for what it gets, 6.00 K as a fee"
        )
        assert at_once in told
        assert "at most 500.00 K while too few have signed" in told
        assert "it lasts" in told
        assert after in member.send(f"/my/sign/{id}")
        assert "sign it" not in member.open("/my")
    mill.open(f"/my/schedules/{id}")
    assert "2 of 2 signers have signed it" in mill.text()
    mill.send(f"/my/schedules/{id}/accept")
    assert "0 of 2 deliveries have been received" in mill.text()

    signing.remove_signer(books, mill.id, bob.id)
    bob.open(f"/my/sign/{id}")
    assert bob.status == 404
    dan = newcomer("Dan")
    signing.add_signer(books, mill.id, dan.id)
    dan.sign_in()
    assert f"has a schedule with {cy.name}: sign it, 1 of 2 have" in dan.open("/my")
    assert "must have signed before the next of it is settled: 1 of 2 have" in mill.open(f"/my/schedules/{id}")
    assert "The schedule is running" in dan.open(f"/my/sign/{id}")
    assert "It goes on as agreed" in dan.send(f"/my/sign/{id}")


def test_a_schedule_that_pays_little_at_once_asks_nobody_and_strangers_see_none(
    ada: Any, mill: Any, cy: Any, books: Ledger
) -> None:
    id = repeat(books, cy, mill, 400_00)
    assert "sign it" not in ada.open("/my")
    assert "It needs no signature" in ada.open(f"/my/sign/{id}")
    assert "have" not in mill.open(f"/my/schedules/{id}").split("What you can do")[1].split("Accept")[0]
    for path in (f"/my/sign/{id}", f"/my/sign/schedule_{'0' * 20}"):
        told = cy.open(path)
        assert (cy.status, "sawing" in told) == (404, False)

"""What services pay into the community's insurance, and when. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.books import accounts, transfers
from ledger.books.errors import LimitReached
from ledger.books.store import Ledger
from ledger.community import declaring, insurance
from ledger.trading import receipt, schedules, trades
from ledger.trading.legs import LegDraft
from warehouse.valuation import Subject, ValuationRequest

Value = Callable[..., str]
SHOCKED = {"job": "outlet", "occupation": "47-2111", "kind": "service"}


def gives(giver: str, kind: str, **said: Any) -> LegDraft:
    return LegDraft(giver=giver, kind=kind, **said)  # type: ignore[arg-type]


def subject(asked: str, **understood: Any) -> Subject:
    return Subject(asked=ValuationRequest(text=asked), understood=understood)


def test_the_giver_of_a_risky_service_pays_for_its_risk_when_the_trade_is_done(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    """Wiring at 30.00: 5 % are 1.50 of Ada's, who does it; the fee of 0.30 is Bob's, who pays."""
    made = books.work_for_k(value("two outlets", "30.00", subject=subject("two outlets", **SHOCKED)), ada, bob, 30_00)
    assert (made.insurance.proposer, made.insurance.counterparty, made.insurance.foreseen) == (1_50, 0, True)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    assert accounts.standing(ledger, ada).pending_in == 28_50
    assert insurance.standing(ledger).coming == 1_50
    assert books.sound()
    for by in (ada, bob):
        done = trades.confirm(ledger, key="c", by=by, trade_id=made.id)

    assert (done.insurance.proposer, done.insurance.foreseen) == (1_50, False)
    assert books.by_name() == {"Ada": 28_50, "Bob": -30_30, "community pool": 30, "community insurance": 1_50}
    assert ("Community insurance", "1.50 K, paid by Ada") in receipt.of(done).facts
    stands = insurance.standing(ledger)
    assert (stands.posted, stands.coming, stands.contributed, stands.trades, stands.otherwise) == (1_50, 0, 1_50, 1, 0)
    assert books.sound()


@pytest.mark.parametrize(
    ("words", "understood", "percent"),
    [
        ("two outlets", {"occupation": "47-2111"}, 5),
        ("a wall", {"category": "masonry_work"}, 5),
        ("babysitting on Friday", {}, 5),
        ("bicycle repair, new brakes", {}, 2),
        ("a haircut", {"category": "haircut"}, 1),
        ("haircut for an electrician", {"category": "haircut"}, 1),  # what is known counts, and not the words
        ("haircut for an electrician", {"category": "other"}, 5),  # where nothing is known, the words do
        ("something kind", {}, 1),
    ],
)
def test_the_risk_of_a_service_is_told_by_its_record_and_else_by_its_words(
    books: Any, value: Value, ada: str, bob: str, words: str, understood: dict[str, str], percent: int
) -> None:
    made = books.work_for_k(value(words, "30.00", subject=subject(words, **understood)), ada, bob, 30_00)

    assert made.insurance.proposer == 30 * percent


def test_labour_is_told_by_its_words_and_goods_pay_nothing(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    legs = [
        gives("proposer", "time", minutes=60, description="an hour of plumbing"),
        gives("counterparty", "goods", valuation=value("electrical drill and wiring", "20.00")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)

    assert (made.insurance.proposer, made.insurance.counterparty) == (1_00, 0)
    assert books.finished(made).state == "done"
    # Who gives what is worth less pays the fee; nobody here moves K but for that and the insurance.
    assert books.by_name()["community insurance"] == 1_00
    assert books.sound()


def test_a_community_may_let_the_payer_pay_and_leave_the_harmless_out(
    open_books: Callable[..., Any], make_valuation: Any
) -> None:
    books = open_books(('paid_by = "giver"', 'paid_by = "payer"'), ('otherwise = "low"\n', ""))
    ada, bob = books.people("Ada", "Bob")
    for words, paid in (("rewiring", 1_50), ("a haircut", 0)):
        told = books.work_for_k(books.keep(make_valuation(words, "30.00")), ada, bob, 30_00, key=f"p{paid}")
        assert (told.insurance.proposer, told.insurance.counterparty) == (0, paid)


def test_a_policy_without_the_section_takes_nothing(open_books: Callable[..., Any], make_valuation: Any) -> None:
    plain = open_books(insured=False)
    ada, bob = plain.people("Ada", "Bob")
    done = plain.finished(plain.work_for_k(plain.keep(make_valuation("rewiring", "30.00")), ada, bob, 30_00))

    assert (done.insurance.proposer, done.insurance.counterparty) == (0, 0)
    assert plain.by_name() == {"Ada": 30_00, "Bob": -30_30, "community pool": 30}
    assert plain.sound()


def test_a_contribution_that_would_break_the_floor_stops_the_trade_with_that_reason(
    ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    transfers.pay(ledger, key="all", payer=ada, payee=bob, amount=99_00)
    legs = [
        gives("proposer", "service", valuation=value("rewiring", "30.00")),
        gives("counterparty", "goods", valuation=value("coat", "30.00")),
    ]
    made = trades.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    with pytest.raises(LimitReached, match=r"fee of 0\.30 K and what the insurance gets, 1\.50 K, are counted"):
        trades.accept(ledger, key="a", by=bob, trade_id=made.id)


def test_what_was_held_for_the_insurance_is_free_when_the_trade_is_off(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    made = books.work_for_k(value("rewiring", "30.00"), ada, bob, 30_00)
    trades.accept(ledger, key="a", by=bob, trade_id=made.id)
    trades.cancel(ledger, key="c", by=bob, trade_id=made.id)

    assert books.by_name() == {}
    assert accounts.standing(ledger, ada).pending_out == 0
    assert books.sound()


def test_contributions_rest_in_a_crisis_where_the_policy_says_so(
    open_books: Callable[..., Any], make_valuation: Any, clock: Any
) -> None:
    books = open_books(('hour = "30.00"', 'hour = "30.00"\ninsurance = false'))
    ledger, work = books.ledger, books.keep(make_valuation("rewiring", "30.00"))
    ada, bob = books.people("Ada", "Bob")
    before = books.work_for_k(work, ada, bob, 30_00, key="before")
    trades.accept(ledger, key="a", by=bob, trade_id=before.id)
    declaring.declare(
        ledger, key="k", by="operator", kind="economic_crisis", ends_on=date(2026, 11, 20), note="no money"
    )
    during = books.finished(books.work_for_k(work, ada, bob, 30_00, key="during"))
    for by in (ada, bob):
        held = trades.confirm(ledger, key="c", by=by, trade_id=before.id)

    assert (during.insurance.proposer, held.insurance.proposer) == (0, 1_50)  # what was held before is kept
    clock.move(days=7)
    assert books.work_for_k(work, ada, bob, 30_00, key="after").insurance.proposer == 1_50
    assert books.sound()


def test_a_delivery_of_a_schedule_pays_as_a_trade_does(
    books: Any, ledger: Ledger, value: Value, ada: str, bob: str
) -> None:
    day = date(2026, 11, 14)
    legs = [
        schedules.ScheduledDraft(leg=gives("proposer", "service", valuation=value("rewiring", "30.00")), first_day=day),
        schedules.ScheduledDraft(leg=gives("counterparty", "k", amount=30_00), first_day=date(2026, 12, 14)),
    ]
    made = schedules.propose(ledger, key="p", proposer=ada, counterparty=bob, legs=legs)
    schedules.accept(ledger, key="a", by=bob, schedule_id=made.id)
    schedules.receive(ledger, key="r", by=bob, schedule_id=made.id, position=1, occurrence=1)

    assert books.by_name() == {"Ada": 28_50, "Bob": -30_30, "community pool": 30, "community insurance": 1_50}
    assert books.sound()


@given(
    fair=st.integers(1, 90_00),
    amount=st.integers(1, 90_00),
    percent=st.integers(0, 100),
    words=st.sampled_from(["rewiring", "bicycle repair", "haircut"]),
)
@example(fair=10, amount=10, percent=33, words="rewiring")  # half a rail
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_traded_the_contribution_is_half_even_and_somebody_has_paid_it(
    open_books: Callable[..., Any], make_valuation: Any, fair: int, amount: int, percent: int, words: str
) -> None:
    books = open_books()
    ada, bob = books.people("Ada", "Bob", tier="verified")
    valued = make_valuation(f"{words} {fair}", f"{Decimal(fair) / 100:.2f}", base=f"{Decimal(fair) / 200:.6f}")
    told = books.disputed(books.work_for_k(books.keep(valued), ada, bob, amount), percent)

    risk = {"rewiring": 5, "bicycle repair": 2, "haircut": 1}[words]
    held = round(Fraction(fair * risk, 100))
    moved = round(Fraction(held * percent, 100)) if percent else 0
    assert books.by_name().get("community insurance", 0) == moved
    assert (told.insurance.proposer if percent else moved) == moved
    assert insurance.standing(books.ledger).contributed == moved
    assert books.sound()

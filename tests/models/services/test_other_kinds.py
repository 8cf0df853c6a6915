"""Rental, tickets, subscriptions, benefits, harvests and copies: rules as arithmetic, and as answers on a market."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.services import rules
from models.services.jobs import service_data
from models.services.reading import amount, day_in, month_in, term
from models.services.rental import Rentals, rentals_of, value_rental
from models.services.scene import Scene
from warehouse.valuation import Valuation, ValuationRequest, recompute

OTHER = service_data("other")
amounts = st.floats(1, 1e5)


@given(amounts, st.integers(-5, 400), st.integers(0, 400))
def test_a_ticket_is_never_worth_more_than_its_face_and_not_more_later(face: float, days: int, more: int) -> None:
    sooner, later = (rules.ticket(face, each, OTHER["ticket"]["decay"]) for each in (days, days + more))

    assert 0 <= sooner <= later <= face
    assert (sooner == 0) == (days < 0)


@given(amounts, st.floats(0.04, 400), st.floats(0.04, 400), st.floats(0.3, 1.0))
def test_a_longer_rental_costs_more_and_a_day_of_it_less(rate: float, one: float, other: float, curve: float) -> None:
    short, long = sorted((one, other))

    assert rules.rent(rate, short, curve) <= rules.rent(rate, long, curve) * (1 + 1e-9)
    assert rules.rent(rate, long, curve) / long <= rules.rent(rate, short, curve) / short * (1 + 1e-9)


@given(amounts, st.integers(0, 800), st.integers(0, 800), st.floats(0.1, 1))
def test_a_promise_is_worth_less_the_later_and_the_less_likely(price: float, one: int, other: int, sure: float) -> None:
    soon, late = sorted((one, other))

    assert rules.to_come(price, 0, late, sure, 0.08) <= rules.to_come(price, 0, soon, sure, 0.08) * (1 + 1e-9)
    assert rules.to_come(price, 0, soon, sure, 0.08) <= price * sure * (1 + 1e-9)


def test_what_is_left_and_what_can_be_used() -> None:
    assert rules.subscription(15, 6, 0.5) == 45
    assert rules.subscription(15, -1, 0.5) == 0
    assert rules.benefit(50, 0.9) == 45
    assert OTHER["subscription"]["share"]["no"] < OTHER["subscription"]["share"]["yes"] < 1


def test_amounts_days_and_terms_are_read() -> None:
    today = date(2026, 3, 5)

    assert amount("gift card Walmart $50", "USD") == (Decimal(50), "USD")
    assert amount("$50 or $60", "USD") is None
    assert day_in("game on 2026-07-04", today) == date(2026, 7, 4)
    assert day_in("game on July 4th", today) == date(2026, 7, 4)
    assert day_in("game on Feb 30", today) is None
    assert month_in("tomatoes in August", today) == date(2026, 8, 15)
    assert month_in("apples in February", today) == date(2027, 2, 15)
    assert [term(text) for text in ("for 3 days", "per month", "weekly", "$12/day", "drill")] == [
        (3, "day"), (1, "month"), (1, "week"), (1, "day"), None,
    ]  # fmt: skip


def _value(published: Any, text: str, **attributes: str) -> Valuation:
    answer: Valuation = published.valuer.value(ValuationRequest(text=text, attributes=attributes))
    if answer.base is not None:
        assert str(recompute(answer.base, answer.factors, answer.currency)) == answer.fmv
    return answer


def test_a_rental_without_rentals_is_told_from_what_the_thing_is_worth(published: Any) -> None:
    day, week = (_value(published, f"Trek Marlin 5 mountain bike for rent per {unit}") for unit in ("day", "week"))

    assert day.model == "rental"
    assert 1 < float(day.fmv or 0) < float(week.fmv or 0) < 7 * float(day.fmv or 0)
    assert "itself is worth" in day.narrative
    assert day.confidence == "D"


def test_seen_rentals_are_heard_over_their_terms(published: Any, bazaar: Any) -> None:
    listings = [
        bazaar.listing(id=f"{unit}{n}", title=f"Tiller rental, per {unit}", price=Decimal(price), seller=f"{unit}{n}")
        for unit, price in (("day", 40), ("week", 160))
        for n in range(6)
    ]
    rows = bazaar.table(listings)
    scene = Scene(
        ValuationRequest(text="tiller rental per day"), int(rows["day"].max()), published.valuer.rates,
        published.valuer.desk.given, published.valuer.value,
    )  # fmt: skip
    scene = Scene(scene.request, scene.day, scene.rates, _with_rows(scene.given, rows), scene.goods)
    answer = value_rental(scene, rentals_of(rows), 730)

    assert isinstance(rentals_of(rows), Rentals)
    assert answer is not None
    assert float(answer.fmv or 0) == pytest.approx(40, rel=0.05)
    assert "12 sellers" in answer.narrative


def _with_rows(given_: Any, rows: Any) -> Any:
    from dataclasses import replace

    return replace(given_, rows=rows)


@pytest.mark.parametrize(
    ("text", "attributes", "fmv", "says"),
    [
        ("2 tickets to the Cardinals game on 2026-12-04, face value $80", {}, "160.00", "face value of 80.00"),
        ("concert ticket", {}, None, "--set face_value=80"),
        ("Netflix subscription 6 months left, $15 per month", {"transferable": "yes"}, "76.50", "handed over"),
        ("Netflix subscription 6 months left", {}, None, "price_per_month"),
        ("gift card Walmart $50", {}, "45.00", "face value of 50.00"),
        ("food stamps $100", {}, None, "7 U.S.C. 2024"),
        ("room for rent", {}, None, "No rents of such space"),
        ("Windows 11 license key", {"transferable": "no"}, None, "not transferable"),
        ("tomatoes, harvest in August", {}, None, "costs today is not known"),
    ],
)
def test_each_kind_has_its_rule(
    published: Any, text: str, attributes: dict[str, str], fmv: str | None, says: str
) -> None:
    answer = _value(published, text, **attributes)

    assert answer.fmv == fmv
    assert says in answer.narrative
    assert (answer.reason is None) == (fmv is not None)


def test_what_is_promised_is_worth_less_than_what_is_there(published: Any) -> None:
    promised = _value(published, "pre-order Trek Marlin 5 mountain bike, delivered in May")
    there = _value(published, "trek marlin 5 mountain bike")

    assert promised.model == "harvest"
    assert float(promised.fmv or 0) < float(there.fmv or 0)


def test_work_is_told_as_work_and_goods_as_they_were(published: Any) -> None:
    work, goods = _value(published, "3 hours of tutoring"), _value(published, "Makita DHP453 cordless drill 18V")

    assert (work.model, work.fmv) == ("services", None)
    assert goods.model not in ("services", "rental")
    assert goods.fmv is not None

"""The price that sells in time, on a simulated market whose hazard is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.forecast.selling import Offers, SaleModel, fit_sales, of_records

SPEED, SLOPE = 0.05, -3.0


def simulated(count: int, category: str = "drill", speed: float = SPEED, seed: int = 1, most: float = 45.0) -> Offers:
    """Offers whose hazard is speed · exp(slope · log of asked over worth) a day; withdrawn after at most 45 days."""
    random = np.random.default_rng(seed)
    asked = random.normal(0.05, 0.2, count)
    until = random.exponential(1 / (speed * np.exp(SLOPE * asked)))
    withdrawn = random.uniform(1, most, count)
    return Offers(asked, np.full(count, category, object), np.minimum(until, withdrawn), until <= withdrawn)


def together(*some: Offers) -> Offers:
    return Offers(
        *(np.concatenate([getattr(each, name) for each in some]) for name in ("asked", "category", "days", "sold"))
    )


def true_chance(asked: float, days: float, speed: float = SPEED) -> float:
    return -math.expm1(-speed * math.exp(SLOPE * asked) * days)


@pytest.fixture(scope="module")
def model() -> SaleModel:
    return fit_sales(simulated(3000), alpha=1.0, furthest=0.7)


@pytest.mark.parametrize("asked", [-0.2, 0.0, 0.2])
@pytest.mark.parametrize("days", [7, 14, 30])
def test_the_true_chance_is_found_though_most_offers_end_unsold(model: SaleModel, asked: float, days: int) -> None:
    found = model.chance("drill", asked, days)
    assert found.within == pytest.approx(true_chance(asked, days), abs=0.05)
    assert found.low < found.within < found.high


def test_the_price_asked_for_brings_the_chance_asked_for(model: SaleModel) -> None:
    asked = model.asked_for("drill", 14, 0.5)
    assert asked is not None
    assert true_chance(asked, 14) == pytest.approx(0.5, abs=0.05)
    assert model.slope("drill")[0] == pytest.approx(SLOPE, abs=0.4)


@settings(max_examples=40)
@given(asked=st.floats(-0.5, 0.5), more=st.floats(0.01, 0.3), days=st.floats(1, 60), longer=st.floats(0.5, 30))
def test_dearer_sells_less_surely_and_longer_more_surely(
    model: SaleModel, asked: float, more: float, days: float, longer: float
) -> None:
    here = model.chance("drill", asked, days).within
    assert model.chance("drill", asked + more, days).within < here
    assert model.chance("drill", asked, days + longer).within > here
    assert 0 < here < 1


def test_out_of_reach_is_none(model: SaleModel) -> None:
    assert model.asked_for("drill", 1, 0.95) is None


def test_taking_withdrawn_offers_for_sales_would_promise_too_much() -> None:
    offers = simulated(1500)
    naive = Offers(offers.asked, offers.category, offers.days, np.ones(len(offers.days), bool))
    honest, wrong = (
        fit_sales(each, alpha=1.0, furthest=0.7).chance("drill", 0.0, 14).within for each in (offers, naive)
    )
    assert honest == pytest.approx(true_chance(0.0, 14), abs=0.06)
    assert wrong > honest + 0.1


def test_a_category_is_pulled_to_all_until_it_is_heard() -> None:
    many = simulated(2000)
    fast = simulated(800, "phone", 4 * SPEED, seed=2)
    few = simulated(14, "bike", 4 * SPEED, seed=3, most=90)
    model, free = (fit_sales(together(many, fast, few), alpha=alpha, furthest=0.7) for alpha in (4.0, 0.01))
    assert model.chance("phone", 0.0, 7).within == pytest.approx(true_chance(0.0, 7, 4 * SPEED), abs=0.07)
    unheard, pulled, alone = (
        each.within
        for each in (model.chance("piano", 0.0, 7), model.chance("bike", 0.0, 7), free.chance("bike", 0.0, 7))
    )
    assert unheard < pulled < alone
    assert model.chance("bike", 0.0, 7).low < model.chance("phone", 0.0, 7).low


def test_without_a_sale_nothing_is_said() -> None:
    with pytest.raises(ValueError, match="no offer among these was sold"):
        fit_sales(of_records([(0.1, "drill", 5.0, False), (9.0, "drill", 3.0, True)]), alpha=1.0, furthest=0.7)

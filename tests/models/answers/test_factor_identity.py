"""The numbers shown are the computation itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models.answers.factors import bound, compute
from warehouse.valuation import FACTOR_ORDER, ValuationRequest, recompute

ASKED = [
    {"text": "Makita DHP453 cordless drill 18V"},
    {"text": "Makita DHP453 cordless drill 18V", "condition": "like new", "region": "US-MO"},
    {"text": "dell latitude laptop 8gb", "condition": "fair", "region": "US-IL", "currency": "EUR"},
    {"text": "Trek bike", "as_of": "2026-02-17"},
    {"text": "Trek bike", "as_of": "2026-01-08"},
    {"text": "thinkpad t480s", "attributes": {"list_price": "1,200 EUR", "ram": "16GB"}},
    {"text": "cordless drill", "condition": "for parts", "as_of": "2026-03-15"},
]


@pytest.fixture(scope="module", params=ASKED, ids=lambda asked: asked["text"])
def answer(request: pytest.FixtureRequest, published: Any) -> Any:
    return published.valuer.value(ValuationRequest.model_validate(request.param))


def test_base_times_factors_is_the_value(answer: Any) -> None:
    assert [factor.name for factor in answer.factors] == list(FACTOR_ORDER)
    assert str(recompute(answer.base, answer.factors, answer.currency)) == answer.fmv


def test_market_value_is_the_same_product_without_dampening(answer: Any) -> None:
    undamped = [factor for factor in answer.factors if factor.name != "dampening"]

    assert str(recompute(answer.base, undamped, answer.currency)) == answer.market_value
    assert answer.dampening == next(factor.value for factor in answer.factors if factor.name == "dampening")


def test_a_factor_without_data_is_one_and_says_so(answer: Any) -> None:
    for factor in answer.factors:
        assert factor.evidence
        if factor.evidence == ["no data"]:
            assert factor.value == "1.000000"


def test_the_value_and_the_market_value_lie_within_the_interval(answer: Any) -> None:
    low, high = float(answer.low), float(answer.high)

    assert low <= float(answer.fmv) <= high
    assert low <= float(answer.market_value) <= high


def test_the_narrative_says_the_numbers_of_the_answer(answer: Any) -> None:
    for said in (answer.fmv, answer.low, answer.high, answer.currency, answer.value_date):
        assert said in answer.narrative


@pytest.mark.parametrize("log", [-800.0, -54.0, 0.0, 54.0, 800.0])
def test_a_bound_of_a_market_gone_mad_is_still_a_number(log: float) -> None:
    computed = compute(7.1, {}, "USD")

    limit = bound(computed, log, "USD")

    assert limit.is_finite()
    assert limit.as_tuple().exponent == -2
    assert (limit > Decimal(computed.market_value)) == (log > 0)

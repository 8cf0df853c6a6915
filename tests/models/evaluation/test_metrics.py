"""Measures of quality, against small tables reckoned by hand (IAAO Standard on Ratio Studies, 2013)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation import metrics

# Ratios 0.8, 1.0, 1.1, 1.25, 0.9: their median is 1.0.
PRICE = np.array([100.0, 200.0, 400.0, 80.0, 1000.0])
VALUE = np.array([80.0, 200.0, 440.0, 100.0, 900.0])
amounts = st.lists(st.floats(1, 1e5), min_size=3, max_size=30)


def test_the_median_error_and_the_shares_within_bounds() -> None:
    # Errors 20 %, 0, 10 %, 25 %, 10 %.
    assert metrics.median_absolute_percentage_error(VALUE, PRICE) == pytest.approx(0.10)
    assert metrics.share_within(
        np.array([110.0, 89.9, 100.0]), np.array([100.0, 100.0, 100.0]), 0.1001
    ) == pytest.approx(2 / 3)
    assert metrics.share_within(VALUE, PRICE, 0.2001) == pytest.approx(4 / 5)


def test_the_root_mean_squared_log_error() -> None:
    by_hand = math.sqrt(sum(math.log(ratio) ** 2 for ratio in (0.8, 1.0, 1.1, 1.25, 0.9)) / 5)

    assert metrics.root_mean_squared_log_error(VALUE, PRICE) == pytest.approx(by_hand)


def test_the_coefficient_of_dispersion() -> None:
    # Deviations from the median ratio 1.0: 0.2 + 0 + 0.1 + 0.25 + 0.1 = 0.65 over five cases.
    assert metrics.coefficient_of_dispersion(VALUE, PRICE) == pytest.approx(13.0)


def test_the_price_related_differential() -> None:
    # Mean ratio 5.05/5 = 1.01; weighted mean 1720/1780.
    assert metrics.price_related_differential(VALUE, PRICE) == pytest.approx(1.01 / (1720 / 1780))


def test_the_price_related_bias() -> None:
    # The standard regresses (ratio − median)/median on log2 of 0.5 × price + 0.5 × value/median.
    proxy = [math.log2(0.5 * price + 0.5 * value / 1.0) for price, value in zip(PRICE, VALUE, strict=True)]
    deviation = [-0.2, 0.0, 0.1, 0.25, -0.1]
    mean = sum(proxy) / 5
    slope = sum((x - mean) * y for x, y in zip(proxy, deviation, strict=True)) / sum((x - mean) ** 2 for x in proxy)

    assert metrics.price_related_bias(VALUE, PRICE) == pytest.approx(slope)
    assert metrics.price_related_bias(VALUE, PRICE) == pytest.approx(np.polyfit(proxy, deviation, 1)[0])


def test_a_bias_that_is_known_is_found() -> None:
    # Each doubling of the price halves a tenth off the ratio: PRB near −0.10.
    price = 100.0 * 2.0 ** np.linspace(-3, 3, 31)
    value = price * (1 - 0.10 * np.log2(price / 100))

    assert metrics.price_related_bias(value, price) == pytest.approx(-0.10, abs=0.01)


def test_values_that_are_too_low_for_dear_things_show_in_the_differential_and_the_bias() -> None:
    price = np.array([50.0, 100, 200, 400, 800, 1600])
    regressive = price * np.array([1.2, 1.1, 1.05, 0.95, 0.9, 0.8])

    assert metrics.price_related_differential(regressive, price) > 1.03
    assert metrics.price_related_bias(regressive, price) < -0.05


def test_coverage_counts_the_bounds_in_and_width_is_relative_to_the_value() -> None:
    low, high = np.array([90.0, 90.0, 90.0]), np.array([110.0, 110.0, 110.0])

    assert metrics.coverage(low, high, np.array([90.0, 110.0, 111.0])) == pytest.approx(2 / 3)
    assert metrics.relative_width(low, high, np.array([100.0, 100.0, 50.0])) == pytest.approx(0.2)


@given(amounts, st.floats(0.1, 10))
def test_dispersion_differential_and_bias_do_not_see_the_general_level(prices: list[float], times: float) -> None:
    price = np.array(prices)
    value = price * np.linspace(0.8, 1.2, len(price))

    assert metrics.coefficient_of_dispersion(times * value, price) == pytest.approx(
        metrics.coefficient_of_dispersion(value, price)
    )
    assert metrics.price_related_differential(times * value, price) == pytest.approx(
        metrics.price_related_differential(value, price)
    )


@given(amounts)
def test_perfect_values_have_perfect_figures(prices: list[float]) -> None:
    price = np.array(prices)
    found = metrics.summary(price, price, price, price)

    assert (found["MdAPE"], found["PPE10"], found["RMSLE"], found["COD"]) == (0, 1, 0, 0)
    assert found["PRD"] == pytest.approx(1)
    assert found["coverage90"] == 1


def test_a_table_without_cases_says_only_that() -> None:
    assert metrics.summary(np.zeros(0), np.zeros(0)) == {"n": 0}
    assert metrics.summary(np.ones(2), np.ones(2))["COD"] is None

"""The level of a contaminated series: not carried away, as of its day, and honest about a cap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.index.series import biweight, cap_of, censored, local_level, mixed

DAYS = np.arange(400)


def dirty(share: float, seed: int = 1) -> np.ndarray:
    """A slowly falling log price with noise; a share of the values are broken units at a fifth of the price."""
    random = np.random.default_rng(seed)
    values = 6.0 - 0.0005 * DAYS + random.normal(0, 0.08, len(DAYS))
    values[random.random(len(DAYS)) < share] -= 1.6
    return values


@pytest.mark.parametrize("share", [0.0, 0.15, 0.3])
def test_broken_units_do_not_carry_the_level_away(share: float) -> None:
    values = dirty(share)
    found = local_level(DAYS, values, np.array([200, 399]))
    np.testing.assert_allclose(found.level, [5.9, 5.8], atol=0.06)
    if share:
        assert abs(np.mean(values[380:]) - 5.8) > 0.06
        assert found.outlying == pytest.approx(share, abs=0.05)


@settings(max_examples=6)
@given(day=st.integers(0, 120), seed=st.integers(0, 99))
def test_the_level_of_a_day_knows_nothing_of_later_days(day: int, seed: int) -> None:
    values = dirty(0.2, seed)
    whole = local_level(DAYS, values, np.array([day])).level
    then = local_level(DAYS[: day + 1], values[: day + 1], np.array([day])).level
    assert whole == pytest.approx(then)


def test_order_and_gaps_do_not_matter() -> None:
    values = dirty(0.2)
    values[50:90] = np.nan
    mixed_up = np.random.default_rng(2).permutation(len(DAYS))
    one, other = (local_level(DAYS[o], values[o], np.array([60, 399])) for o in (slice(None), mixed_up))
    np.testing.assert_allclose(one.level, other.level)
    assert one.error[0] > 0
    assert np.isnan(local_level(DAYS, values, np.array([-1])).level[0])


@given(values=st.lists(st.floats(-5, 5), min_size=1, max_size=12), move=st.floats(-3, 3), scale=st.floats(0.1, 10))
@settings(max_examples=40)
def test_the_centre_moves_and_stretches_with_the_values(values: list[float], move: float, scale: float) -> None:
    found = np.array(values)
    weight = np.ones(len(found))
    level, spread = biweight(found, weight)
    assert found.min() - 1e-9 <= level <= found.max() + 1e-9
    moved = biweight(scale * found + move, weight)
    if spread > 1e-6:
        assert moved == pytest.approx((scale * level + move, scale * spread), abs=1e-6)


def test_a_cap_is_seen_in_many_series_together() -> None:
    capped = {"a": 899.99, "b": 899.0, "c": 893.2, "d": 120.0}
    assert cap_of(capped) == 900.0
    assert cap_of({"a": 899.99, "d": 120.0, "e": 300.0}) is None
    assert cap_of({}) is None
    assert "end at 900" in str(censored(6.3, 0.4, 899.99, 900.0))
    assert "likely" in str(censored(6.0, 0.34, 680.0, 900.0))
    assert censored(4.6, 0.07, 120.0, 900.0) is None
    assert censored(6.3, 0.4, 899.99, None) is None
    assert mixed(0.07) is None
    assert "several things" in str(mixed(0.4))

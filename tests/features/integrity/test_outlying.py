"""Whoever is far from all others is told by the others' own middle and spread."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.integrity.outlying import far_off, spread_of
from features.integrity.teaching import teaches

close = st.lists(st.floats(-0.19, 0.19), min_size=3, max_size=25)


@given(close, st.floats(2.5, 50), st.sampled_from([1.0, -1.0]))
def test_one_far_seller_goes_and_nobody_else(honest: list[float], lie: float, side: float) -> None:
    values = np.append(honest, [side * lie, side * (lie + 0.1)])
    seller = np.append(np.arange(len(honest)), [99, 99])

    assert far_off(values, np.ones(len(values)), seller).tolist() == [False] * len(honest) + [True, True]


@given(close)
def test_who_is_close_stays(honest: list[float]) -> None:
    assert not far_off(np.array(honest), np.ones(len(honest)), np.arange(len(honest))).any()


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20), st.floats(-5, 5), st.floats(0.1, 10))
def test_neither_the_unit_of_price_nor_of_weight_matters(values: list[float], shift: float, times: float) -> None:
    # Rounded, so that moving them makes no two alike that were not.
    array, seller = np.round(values, 3), np.arange(len(values)) // 2
    once = far_off(array, np.ones(len(array)), seller)
    again = far_off(array + round(shift, 3), np.full(len(array), times), seller)

    assert (once == again).mean() == 1.0 or np.isclose(np.ptp(array), np.log(1.5), atol=1e-6)


def test_two_others_are_nothing_to_be_far_from() -> None:
    assert not far_off(np.array([0.0, 0.02, 3.0, 3.0]), np.ones(4), np.array([1, 2, 3, 3])).any()


def test_what_is_usual_keeps_three_who_disagree_from_hiding_a_fourth() -> None:
    values, seller = np.array([-0.2, 0.0, 0.2, 1.1]), np.arange(4)

    assert not far_off(values, np.ones(4), seller).any()
    assert far_off(values, np.ones(4), seller, usual=0.1).tolist() == [False, False, False, True]


def test_the_spread_of_normal_values_is_their_standard_deviation() -> None:
    assert spread_of(np.random.default_rng(1).normal(2, 0.3, 4000), np.ones(4000)) == pytest.approx(0.3, rel=0.05)


def test_a_far_price_and_a_suspected_one_do_not_teach() -> None:
    rows = pd.DataFrame({"product": ["a"] * 7 + ["b"] * 2, "seller": ["p", "q", "r", "s", "x", "x", "y", "p", "q"]})
    price = np.array([0.0, 0.1, -0.1, 0.05, 1.2, 1.2, 0.0, 0.0, 2.0])
    suspected = np.where(rows["seller"] == "y", 0.02, 1.0)

    taught = teaches(rows, price, suspected)
    assert taught.tolist() == [True, True, True, True, False, False, False, True, True]
    assert teaches(rows[:0], price[:0]).tolist() == []

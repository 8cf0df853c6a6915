"""Nobody counts twice, whatever they list and ask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.integrity.voices import capped, count_once, effective_number, weighted_trimmed_mean
from models.base.robust import robust_mean

logs = st.floats(-3, 3)
weights = st.lists(st.floats(0.01, 5), min_size=1, max_size=30)


@given(weights, st.integers(1, 5))
def test_a_group_weighs_as_much_as_its_heaviest_member(weight: list[float], groups: int) -> None:
    array, group = np.array(weight), np.arange(len(weight)) % groups
    shared = count_once(array, np.zeros(len(array), int), group)

    for each in np.unique(group):
        assert shared[group == each].sum() == pytest.approx(array[group == each].max())
    assert (shared <= array + 1e-12).all()


def test_groups_are_of_one_question_and_those_of_none_stay() -> None:
    shared = count_once(np.ones(5), np.array([0, 0, 1, 1, 1]), np.array([7, 7, 7, -1, -1]))

    assert shared.tolist() == [0.5, 0.5, 1.0, 1.0, 1.0]


@given(weights, st.floats(0.05, 1.0), st.integers(1, 8))
def test_no_group_has_more_than_its_cap(weight: list[float], most: float, groups: int) -> None:
    array, group = np.array(weight), np.arange(len(weight)) % groups
    cut = capped(array, group, most)

    total = np.bincount(group, cut)
    assert (cut <= array * (1 + 1e-9)).all()
    assert (cut > 0).all()
    assert total.max() <= max(most, 1 / len(total)) * total.sum() * (1 + 1e-6)


@given(weights)
def test_the_effective_number_is_at_most_the_number(weight: list[float]) -> None:
    assert 0 < effective_number(np.array(weight), 0.01) <= len(weight) + 1e-9


def test_a_crowd_that_is_hardly_heard_is_no_evidence() -> None:
    assert effective_number(np.full(20, 0.4), 0.4) == pytest.approx(20)
    assert effective_number(np.full(20, 0.008), 0.4) == pytest.approx(0.4)


@given(st.lists(logs, min_size=3, max_size=30), st.floats(0, 0.49))
def test_a_weighted_trimmed_mean_lies_among_its_values(values: list[float], trim: float) -> None:
    mean = weighted_trimmed_mean(np.array(values), np.linspace(1, 3, len(values)), trim)

    assert min(values) - 1e-9 <= mean <= max(values) + 1e-9


@given(st.lists(logs, min_size=5, max_size=30), logs, st.integers(1, 200))
def test_more_listings_of_one_seller_move_the_mean_no_further_than_one(
    honest: list[float], lie: float, copies: int
) -> None:
    def mean(of_liar: int) -> float:
        seller = np.concatenate([np.arange(len(honest)), np.full(of_liar, len(honest))])
        weight = count_once(np.ones(len(seller)), np.zeros(len(seller), int), seller)
        return robust_mean(np.array([*honest, *[lie] * of_liar]), weight)[0]

    assert mean(copies) == pytest.approx(mean(1), abs=1e-6)


@given(st.lists(st.floats(-0.3, 0.3), min_size=5, max_size=30), st.floats(-8, 8))
def test_one_seller_moves_the_mean_a_bounded_way_at_any_price(honest: list[float], lie: float) -> None:
    without = robust_mean(np.array(honest), np.ones(len(honest)))[0]
    with_it = robust_mean(np.array([*honest, lie]), np.ones(len(honest) + 1))[0]

    assert min(honest) - 0.05 <= with_it <= max(honest) + 0.05
    assert abs(with_it - without) <= 0.6

"""The mean of comparables: whoever shouts is heard no louder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base.robust import robust_mean, weighted_median

values = st.lists(st.floats(-2, 2), min_size=1, max_size=40)


@given(values, st.floats(0.1, 100))
def test_the_scale_of_weights_does_not_matter(logs: list[float], times: float) -> None:
    weight = np.linspace(1, 2, len(logs))

    once, often = robust_mean(np.array(logs), weight)[0], robust_mean(np.array(logs), times * weight)[0]
    assert once == pytest.approx(often, abs=1e-9)


@given(values)
def test_the_mean_lies_among_the_values_and_weights_only_shrink(logs: list[float]) -> None:
    weight = np.linspace(1, 2, len(logs))
    mean, used = robust_mean(np.array(logs), weight)

    assert min(logs) - 1e-9 <= mean <= max(logs) + 1e-9
    assert (used <= weight + 1e-12).all()
    assert (used > 0).all()


@given(values, st.floats(-2, 2))
def test_moving_all_values_moves_the_mean_as_far(logs: list[float], shift: float) -> None:
    weight = np.ones(len(logs))

    moved = robust_mean(np.array(logs) + shift, weight)[0]
    assert moved == pytest.approx(robust_mean(np.array(logs), weight)[0] + shift, abs=1e-6)


def test_one_absurd_price_among_many_hardly_counts_however_absurd() -> None:
    honest = np.random.default_rng(1).normal(0, 0.1, 30)
    weight = np.ones(31)
    means = [robust_mean(np.append(honest, lie), weight)[0] for lie in (0.5, 5.0, 50.0, 500.0)]

    assert all(abs(mean - honest.mean()) < 0.02 for mean in means)
    # Bounded influence: a hundred times the lie moves nothing more.
    assert abs(means[-1] - means[1]) < 1e-3


def test_a_minority_of_liars_cannot_carry_the_mean_away() -> None:
    honest, lies = np.random.default_rng(2).normal(0, 0.1, 21), np.full(9, 4.6)

    assert abs(robust_mean(np.concatenate([honest, lies]), np.ones(30))[0]) < 0.2


def test_the_heaviest_of_all_cannot_draw_the_middle_to_itself() -> None:
    honest = 0.7 * np.array([-0.3, -0.1, 0.0, 0.15, 0.35])
    weight = np.append(np.full(5, 0.05), 0.75)
    fair = np.append(np.full(5, 0.05), 0.0625)
    mean, _ = robust_mean(np.append(honest, 1.1), weight, start=fair)

    assert abs(mean) < 0.3


@given(values)
def test_half_of_the_weight_lies_on_each_side_of_the_weighted_median(logs: list[float]) -> None:
    array, weight = np.array(logs), np.linspace(1, 3, len(logs))
    middle = weighted_median(array, weight)

    half = weight.sum() / 2 + 1e-6
    assert weight[array < middle].sum() <= half
    assert weight[array > middle].sum() <= half

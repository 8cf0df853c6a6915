"""How the size of scores moves with time is followed, a month late, and where nothing moves nothing is followed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.coverage_made import walked
from models.interval import Shape, score_table
from models.interval.drift import MONTH, _filtered, learn_drift
from models.knobs import default_knobs

MONTHS, PER_MONTH = 24, 300


def scores(size: np.ndarray, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log sizes of normal scores of two categories, the first as wide as `size` says by month; categories; days."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(MONTHS), PER_MONTH) * MONTH + random.integers(0, MONTH, MONTHS * PER_MONTH)
    category = np.where(random.random(len(day)) < 0.5, "saw", "lamp").astype(object)
    wide = np.where(category == "saw", size[day // MONTH], 1.0)
    log = np.log(np.maximum(np.abs(random.standard_normal(len(day))) * wide, 0.05))
    return log - log.mean(), category, day


def test_where_nothing_moves_hardly_anything_is_foretold() -> None:
    residual, category, day = scores(np.ones(MONTHS))
    _, foretold = learn_drift(residual, category, day)

    assert np.abs(foretold).max() < 0.12


def test_a_category_that_became_harder_to_value_is_followed_and_the_other_is_not() -> None:
    residual, category, day = scores(np.where(np.arange(MONTHS) < 12, 1.0, 2.0))
    drift, foretold = learn_drift(residual, category, day)
    usual = residual[category == "saw"].mean()

    late, early = drift.of_category["saw"], foretold[(category == "saw") & (day < 10 * MONTH)].mean()
    assert late - early == pytest.approx(np.log(2), abs=0.25)
    assert usual - early > 0.2
    assert abs(drift.of_category["lamp"]) < 0.25
    assert drift.logs(np.array(["saw", "never met"]))[1] == 0.0


@given(
    at=st.integers(0, 11),
    moves=st.lists(st.floats(-1, 1), min_size=12, max_size=12),
    other=st.floats(-1, 1),
    move=st.sampled_from([0.0, 0.01, 0.1]),
)
def test_what_is_foretold_of_a_month_does_not_know_it(at: int, moves: list[float], other: float, move: float) -> None:
    mean, size = np.array([moves]), np.full((1, 12), 50)
    changed = mean.copy()
    changed[0, at:] = other
    before, after = (_filtered(each, size, 1.0, 1.0, move)[1] for each in (mean, changed))

    assert before[0, : at + 1] == pytest.approx(after[0, : at + 1])


def test_two_months_say_nothing_of_how_sizes_move() -> None:
    residual, category, day = scores(np.ones(MONTHS))
    early = day < 2 * MONTH
    drift, foretold = learn_drift(residual[early], category[early], day[early])

    assert drift.of_category == {}
    assert not foretold.any()


def test_intervals_of_goods_that_become_harder_to_value_keep_holding_nine_in_ten() -> None:
    """The size of one category's errors trebles within a year: without following it, its intervals stay behind."""
    random = np.random.default_rng(3)
    day = 3 * np.sort(random.integers(0, MONTHS * MONTH // 3, MONTHS * 1000))  # each day with cases is a calibration
    category = np.where(random.random(len(day)) < 0.5, "saw", "lamp").astype(object)
    wide = np.where(category == "saw", np.exp(np.log(3) * np.clip(day / MONTH - 6, 0, 12) / 12), 1.0)
    told = score_table(
        day, category, np.full(len(day), 4.0), np.full(len(day), 1.0), np.zeros(len(day), bool),
        0.1 * wide * random.standard_normal(len(day)), [Shape(0.1, 0.8, 0.0)] * len(day),
    )  # fmt: skip
    judged = walked(told, default_knobs().interval)
    rising = judged[(judged["category"] == "saw") & judged["day"].between(7 * MONTH, 18 * MONTH)]

    assert rising["inside"].mean() == pytest.approx(0.9, abs=0.02)

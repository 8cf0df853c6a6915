"""Prediction intervals: conformal, so that they cover what they say for cases like those they learned from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.interval import ALL_BIN, Calibration, quantiles, score_table
from models.knobs import IntervalKnobs

KNOBS = IntervalKnobs(coverage=0.9, min_bin=80, replayed=700)


def scored(
    score: np.ndarray, category: str = "drill", value: float = 5.0, evidence: float = 1.0, damped: bool = False
) -> pd.DataFrame:
    count = len(score)
    return score_table(
        np.arange(count), np.full(count, category, object), np.full(count, value), np.full(count, evidence),
        np.full(count, damped), score,
    )  # fmt: skip


@pytest.mark.parametrize("cases", [39, 80, 400])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_exchangeable_scores_are_covered_as_promised(cases: int, coverage: float) -> None:
    random = np.random.default_rng(cases)
    trials = random.standard_t(3, (1500, cases + 1))
    hits = []
    for trial in trials:
        low, high = quantiles(trial[:-1], coverage)
        hits.append(low <= trial[-1] <= high)

    # Split conformal: coverage ≤ P ≤ coverage + 2/(n + 1), here within three standard errors of 1,500 trials.
    error = 3 * np.sqrt(coverage * (1 - coverage) / len(trials))
    assert coverage - error <= np.mean(hits) <= coverage + 2 / (cases + 1) + error


@given(st.lists(st.floats(-5, 5), max_size=200), st.floats(0.5, 0.95))
def test_bounds_are_in_order_and_wider_for_more_coverage(scores: list[float], coverage: float) -> None:
    values = np.array(scores)
    low, high = quantiles(values, coverage)
    wider_low, wider_high = quantiles(values, min(coverage + 0.04, 0.99))

    assert low <= high
    assert wider_low <= low
    assert wider_high >= high


def test_too_few_cases_reach_beyond_the_extremes_seen() -> None:
    low, high = quantiles(np.array([-0.2, 0.1, 2.0]), 0.9)

    assert (low, high) == (-2.0, 2.0)
    assert quantiles(np.zeros(0), 0.9) == (-1.5, 1.5)


def test_a_bin_of_enough_cases_speaks_for_itself_and_a_small_one_asks_its_parent() -> None:
    random = np.random.default_rng(0)
    calm = scored(random.normal(0, 0.05, 200))
    wild = scored(random.normal(0, 0.5, 10), category="antique")
    table = pd.concat([calm, wild], ignore_index=True)
    calibration = Calibration(table, KNOBS)

    assert calibration.interval("drill", 5.0, 1.0, False).bin[0] == "drill"
    assert calibration.interval("antique", 5.0, 1.0, False).bin[0] == ""
    assert calibration.interval("drill", 5.0, 1.0, False).high < 0.2


def test_the_interval_always_holds_the_value_itself() -> None:
    calibration = Calibration(scored(np.full(100, 0.4)), KNOBS)

    interval = calibration.interval("drill", 5.0, 1.0, False)
    assert (interval.low, interval.high) == (0.0, 0.4)


def test_without_any_case_the_interval_is_wide_and_says_so() -> None:
    interval = Calibration(scored(np.zeros(0)), KNOBS).interval("drill", 5.0, 1.0, False)

    assert (interval.cases, interval.bin) == (0, ALL_BIN)
    assert interval.high - interval.low >= 3.0

"""Intervals that follow what prices do: within a bin, across small bins and over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.interval import Calibration, Shape, score_table
from models.interval.quantile import quantiles, reach
from models.interval.scale import learn_scale
from models.knobs import IntervalKnobs

KNOBS = IntervalKnobs(coverage=0.9, min_bin=80, replayed=700)


def cases(
    score: np.ndarray,
    *,
    category: str = "drill",
    first: int = 0,
    spread: np.ndarray | float = 0.1,
    gap: np.ndarray | float = 0.0,
) -> pd.DataFrame:
    """Replayed cases of one bin, one a day from day `first` on."""
    count = len(score)
    spreads, gaps = np.broadcast_to(spread, count), np.broadcast_to(gap, count)
    shapes = [Shape(float(one), 0.8, 0.05, float(other)) for one, other in zip(spreads, gaps, strict=True)]
    return score_table(
        first + np.arange(count), np.full(count, category, object), np.full(count, 5.0), np.full(count, 1.0),
        np.abs(gaps) > 0, score, shapes,
    )  # fmt: skip


def width(calibration: Calibration, category: str = "drill", shape: Shape | None = None) -> float:
    found = calibration.interval(category, 5.0, 1.0, False, shape or Shape(0.1, 0.8, 0.05))
    return found.high - found.low


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.integers(20, 250), st.floats(0.5, 0.85))
def test_more_coverage_is_wider_and_zero_is_always_inside(seed: int, count: int, coverage: float) -> None:
    random = np.random.default_rng(seed)
    table = cases(random.standard_t(3, count) * 0.1 + random.normal(0, 0.2))
    narrow, wide = (
        Calibration(table, KNOBS.model_copy(update={"coverage": each})).interval("drill", 5.0, 1.0, False)
        for each in (coverage, coverage + 0.1)
    )

    assert wide.low <= narrow.low <= 0.0 <= narrow.high <= wide.high


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_the_same_scores_make_the_same_intervals_to_the_bit(seed: int) -> None:
    table = cases(np.random.default_rng(seed).normal(0, 0.1, 250))
    one, other = (Calibration(table.copy(), KNOBS).bounds_of(table) for _ in range(2))

    assert np.array_equal(one, other)


def test_an_interval_does_not_hang_on_what_was_asked_before() -> None:
    random = np.random.default_rng(5)
    kinds = [(name, amount) for name in ("drill", "saw") for amount in (0.01, 0.2, 1.0, 10.0)]
    size = {0.01: 0.4, 0.2: 0.3, 1.0: 0.2, 10.0: 0.05}
    parts = [
        cases(random.normal(0, size[amount], 60), category=name).assign(amount=amount, evidence=place % 4)
        for place, (name, amount) in enumerate(kinds)
    ]
    table = pd.concat(parts, ignore_index=True)
    # A tier of which nothing is known: its intervals are the category's, whose parent is that of the case's evidence.
    asked = [("drill", 9.0, amount) for _, amount in kinds[:4]]
    told = []
    for questions in (asked, asked[::-1]):
        calibration = Calibration(table, KNOBS)
        found = {amount: calibration.interval(name, value, amount, False) for name, value, amount in questions}
        told.append([(found[amount].low, found[amount].high) for *_, amount in asked])

    assert told[0] == told[1]


def test_exchangeable_cases_are_covered_as_promised() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(12):
        table = cases(random.standard_t(3, 900) * 0.1, spread=np.exp(random.normal(-2, 0.5, 900)))
        # Dealt by chance, so that both halves are of the same days.
        dealt = random.permutation(900)
        inside.append(Calibration(table.iloc[np.sort(dealt[:500])], KNOBS).missed(table.iloc[dealt[500:]]) == 0)

    # Three standard errors: of 4,800 cases, and of twelve calibrations from 500 each.
    error = 3 * np.sqrt(0.09 / 4800 + 0.09 / (12 * 300))
    assert abs(np.mean(inside) - 0.9) <= error


def test_widths_differ_within_a_bin_as_errors_do() -> None:
    random = np.random.default_rng(2)
    spread = np.where(random.random(1500) < 0.5, 0.03, 0.3)
    table = cases(random.normal(0, 1, 1500) * spread, spread=spread)
    calibration = Calibration(table, KNOBS)

    assert width(calibration, shape=Shape(0.3, 0.8, 0.05)) > 3 * width(calibration, shape=Shape(0.03, 0.8, 0.05))
    missed = calibration.missed(table)
    for amount in (0.03, 0.3):
        assert np.mean(missed[spread == amount] == 0) == pytest.approx(0.9, abs=0.04)


def test_the_scale_of_a_case_is_told_without_the_case_itself() -> None:
    random = np.random.default_rng(3)
    table = cases(random.normal(0, 0.1, 300), spread=np.exp(random.normal(-2, 0.7, 300)))
    table.loc[7, "spread"] = 2.5
    logs = learn_scale(table)[1]
    table.loc[7, "score"] = 40.0

    assert learn_scale(table)[1][7] == pytest.approx(logs[7], abs=0.2)
    assert learn_scale(table.drop(columns="spread"))[1].any() == np.False_


def test_a_small_bin_is_drawn_to_its_parent_and_a_large_one_is_itself() -> None:
    random = np.random.default_rng(4)
    calm = cases(random.normal(0, 0.05, 1000))
    few, many = (cases(random.normal(0, 0.3, count), category=f"antique {count}") for count in (12, 600))
    calibration = Calibration(pd.concat([calm, few, many], ignore_index=True), KNOBS)
    own = np.subtract(*reversed(quantiles(many["score"].to_numpy(), 0.9)))

    assert width(calibration) < width(calibration, "antique 12") < width(calibration, "antique 600")
    assert width(calibration, "antique 600") == pytest.approx(own, rel=0.15)


def test_a_kind_of_goods_never_met_gets_a_wider_interval_than_most() -> None:
    random = np.random.default_rng(5)
    parts = [cases(random.normal(0, scale, 300), category=f"goods {scale}") for scale in (0.05, 0.1, 0.2)]
    calibration = Calibration(pd.concat(parts, ignore_index=True), KNOBS)

    assert width(calibration, "goods 0.1") < width(calibration, "never met")


def test_old_scores_count_less() -> None:
    random = np.random.default_rng(6)
    past, now = cases(random.normal(0.2, 0.1, 400)), cases(random.normal(-0.2, 0.1, 400), first=400)
    table = pd.concat([past, now], ignore_index=True)
    quick, slow = (Calibration(table, KNOBS.model_copy(update={"half_life": days})) for days in (40.0, 1e6))

    assert quick.interval("drill", 5.0, 1.0, False).high < 0.5 * slow.interval("drill", 5.0, 1.0, False).high


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_what_was_missed_on_one_side_widens_that_side_alone(side: float) -> None:
    random = np.random.default_rng(7)
    table = cases(random.normal(0, 0.1, 600))
    missed = np.where(random.random(600) < 0.15, side, 0.0)
    # The other side missed as many as it may.
    missed[(missed == 0) & (random.random(600) < 0.06)] = -side
    plain = Calibration(table, KNOBS).interval("drill", 5.0, 1.0, False)
    adapted = Calibration(table.assign(missed=missed), KNOBS).interval("drill", 5.0, 1.0, False)
    more, other = (adapted.high / plain.high, adapted.low / plain.low)[:: 1 if side > 0 else -1]

    assert more > 1.1
    assert other == pytest.approx(1.0, abs=0.12)


def test_month_by_month_the_intervals_find_back_to_what_they_say_while_noise_grows() -> None:
    random = np.random.default_rng(8)
    shares = {0.0: 0.0, 0.8: 0.0}
    for gain in shares:
        kept = cases(random.normal(0, 0.05, 200)).assign(day=0, missed=np.nan)
        inside = []
        for month in range(1, 11):
            new = cases(random.normal(0, 0.05 * 1.12**month, 200)).assign(day=30 * month)
            new["missed"] = Calibration(kept, KNOBS.model_copy(update={"gain": gain})).missed(new)
            inside.append(np.mean(new["missed"] == 0))
            kept = pd.concat([kept, new], ignore_index=True)
        shares[gain] = float(np.mean(inside[4:]))

    # Noise three times what it was after ten months: what is learned of a month is always too little for the next.
    assert shares[0.0] < 0.87
    assert shares[0.0] + 0.01 < shares[0.8] <= 0.91


def test_while_a_level_lags_both_values_lie_inside() -> None:
    random = np.random.default_rng(9)
    gap = random.normal(0, 0.15, 400)
    calibration = Calibration(cases(gap + random.normal(0, 0.03, 400), gap=gap), KNOBS)

    up = calibration.interval("drill", 5.0, 1.0, True, Shape(0.1, 0.8, 0.05, 0.3))
    down = calibration.interval("drill", 5.0, 1.0, True, Shape(0.1, 0.8, 0.05, -0.3))
    assert up.low <= 0.0 < 0.3 <= up.high <= 0.45
    assert -0.45 <= down.low <= -0.3 < 0.0 <= down.high


def test_a_table_from_before_shapes_were_kept_still_makes_intervals() -> None:
    table = cases(np.random.default_rng(10).normal(0, 0.1, 400))[
        ["day", "category", "tier", "evidence", "damped", "score"]
    ]

    assert width(Calibration(table, KNOBS)) == pytest.approx(0.33, abs=0.06)


def test_too_few_weighted_cases_cannot_tell() -> None:
    assert np.isnan(reach(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 0.05))
    assert reach(np.arange(99.0), np.arange(1.0, 100.0), 0.05) == pytest.approx(94.0)


@pytest.mark.parametrize("cases", [25, 30, 47, 99, 133])
def test_a_tail_holds_what_it_says_however_many_cases_there_are(cases: int) -> None:
    random = np.random.default_rng(cases)
    outside = []
    for _ in range(4000):
        drawn = np.sort(random.random(cases))
        outside.append(1.0 - reach(drawn, np.arange(1.0, cases + 1.0), 0.05))

    # Of uniform scores the i-th of n lies at i / (n + 1) in the mean: whole ranks would be up to 1 / (n + 1) off.
    assert np.mean(outside) == pytest.approx(0.05, abs=0.002)

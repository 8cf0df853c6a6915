"""Trend and season: found where they are, shrunk to the parent, and not believed too early."""

from __future__ import annotations

import numpy as np
import pytest

from features.index.season import Season, fit_season, none_known, shrunk, waves

TRUE = np.array([0.12, -0.05, 0.03, 0.0])


def series(weeks: int, *, noise: float = 0.04, wander: float = 0.005, seed: int = 1, season: np.ndarray = TRUE):
    random = np.random.default_rng(seed)
    days = 18000 + 7 * np.arange(weeks)
    level = np.cumsum(random.normal(0, wander, weeks)) + 0.001 * np.arange(weeks)
    return days, 3 + level + waves(days) @ season + random.normal(0, noise, weeks)


def test_a_season_is_found_through_gaps_with_its_trend() -> None:
    days, values = series(150)
    values[60:75] = np.nan
    found = fit_season(days, values, step=7)
    assert found.believed
    np.testing.assert_allclose(found.coefficients, TRUE, atol=0.03)
    assert found.trend == pytest.approx(0.052, abs=0.1)
    year = found.at(18000 + np.arange(1461))
    assert float(year.mean()) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(("weeks", "why"), [(8, "only 8 values"), (50, "only 343 days seen")])
def test_under_a_year_no_season_is_believed(weeks: int, why: str) -> None:
    found = fit_season(*series(weeks), step=7)
    assert not found.believed
    assert found.why.startswith(why)
    assert (found.at(np.arange(18000, 18100)) == 0).all()


def test_half_of_the_months_are_no_year() -> None:
    days, values = series(150)
    summer = (days % 365.25) < 180
    assert "of the twelve months" in fit_season(days[summer], values[summer], step=7).why


def test_noise_is_not_taken_for_a_season() -> None:
    found = [fit_season(*series(110, seed=seed, season=np.zeros(4)), step=7).believed for seed in range(4)]
    assert sum(found) <= 1


def guess(coefficients: np.ndarray, error: float) -> Season:
    return Season(coefficients, np.eye(4) * error**2, 0.0, 800, 110, True, "")


def test_siblings_are_pulled_together_by_how_surely_each_is_known() -> None:
    random = np.random.default_rng(4)
    sure = {f"s{n}": guess(TRUE + random.normal(0, 0.01, 4), 0.01) for n in range(6)}
    wild = TRUE + np.array([0.3, 0.3, 0.0, 0.0])
    found, parent = shrunk({**sure, "vague": guess(wild, 0.3), "new": none_known(90, 12, "only 90 days seen")})
    np.testing.assert_allclose(parent.coefficients, TRUE, atol=0.02)
    assert abs(found["vague"].coefficients - TRUE).max() < 0.05
    assert abs(found["s0"].coefficients - sure["s0"].coefficients).max() < 0.03
    np.testing.assert_array_equal(found["new"].coefficients, parent.coefficients)
    assert "only 90 days" in found["new"].why
    assert found["new"].believed


def test_without_siblings_everything_stays() -> None:
    alone = {"a": guess(TRUE, 0.01), "b": none_known(10, 2, "only 2 values")}
    found, parent = shrunk(alone)
    assert found == alone
    assert parent is alone["a"]

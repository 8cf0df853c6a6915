"""Forecasts: chosen and sized by what they did before, as of their day, and modest where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from features.index.season import Season, none_known
from models.forecast import candidates, outlook, rolling
from models.forecast.rolling import Errors, mase, origins_of, quantiles, winner
from models.forecast.series import Series, filled, regular
from models.knobs import default_knobs

KNOBS = default_knobs().forecast.model_copy(update={"origins": 14, "least": 12})
DAYS = 18000 + 7 * np.arange(60)
RANDOM = np.random.default_rng(8)
WALK = Series("walk", DAYS, np.cumsum(RANDOM.normal(0, 0.05, 60)), 7.0)
YEARLY = Season(np.array([0.3, 0.0, 0.0, 0.0]), np.eye(4), 0.0, 800, 100, True, "")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the plain candidates, and no season is looked for."""
    monkeypatch.setattr(candidates, "FITTED", {})
    for module in (rolling, outlook):
        monkeypatch.setattr(module, "fit_season", lambda days, values, **_: none_known(0, 0, "not looked for"))


def test_every_candidate_forecasts_and_the_season_is_put_back() -> None:
    wavy = Series("wavy", DAYS, YEARLY.at(DAYS) + 2.0, 7.0)
    found = candidates.forecasts(wavy, 6, YEARLY)
    assert set(found) >= {"naive", "seasonal naive", "theta", "damped trend", "median of all", "naive + season"}
    ahead = wavy.ahead(6)
    np.testing.assert_allclose(found["naive + season"], YEARLY.at(ahead) + 2.0, atol=1e-9)
    np.testing.assert_allclose(found["seasonal naive"], YEARLY.at(ahead) + 2.0, atol=0.05)
    assert abs(found["naive"] - YEARLY.at(ahead) - 2.0).max() > 0.1
    assert all(np.isfinite(path).all() for path in found.values())
    assert not any("season" in name for name in candidates.forecasts(wavy, 6, None) if name != "seasonal naive")


def test_a_short_or_still_series_is_forecast_as_now() -> None:
    still = Series("still", DAYS, np.full(60, 1.5), 7.0)
    assert all((path == 1.5).all() for path in candidates.forecasts(still, 3, None).values())
    found = candidates.forecasts(WALK.until(5), 3, None)
    np.testing.assert_array_equal(found["theta"], found["naive"])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("origin", "seed"), [(14, 1), (30, 2), (50, 3)])
def test_the_errors_of_an_origin_know_nothing_of_what_came_later(origin: int, seed: int) -> None:
    said = candidates._all(WALK.values[:origin], 4)["drift"]
    changed = WALK.values.copy()
    changed[origin:] = np.random.default_rng(seed).normal(0, 9, 60 - origin)
    again = rolling.roll(Series("other", DAYS, changed, 7.0), 4, [origin], {})
    np.testing.assert_allclose(changed[origin : origin + 4] - again.by_candidate["drift"][0] * again.scale, said)


def errors(size: float, count: int = 40, seed: int = 1) -> Errors:
    random = np.random.default_rng(seed)
    return Errors("x", np.arange(count), 0.1, {
        "naive": random.normal(0, 1, (count, 5)), "theta": random.normal(0, size, (count, 5)),
    })  # fmt: skip


def test_as_now_is_kept_unless_another_is_clearly_better() -> None:
    assert winner([errors(0.5)])[0] == "theta"
    assert winner([errors(1.2)])[0] == "naive"
    same = Errors("x", np.arange(9), 1.0, {"naive": np.ones((9, 2)), "theta": np.full((9, 2), 0.99)})
    assert winner([same])[0] == "naive"
    assert mase([same], "theta") == pytest.approx(0.99)


def test_the_interval_holds_what_it_says_and_never_narrows_with_the_horizon() -> None:
    width, count = quantiles([errors(1.0, 400)], "theta", 0.9)
    assert (np.diff(width) >= 0).all()
    assert (count == 400).all()
    later = errors(1.0, 4000, seed=2).by_candidate["theta"]
    assert float((np.abs(later) <= width).mean()) == pytest.approx(0.9, abs=0.025)
    assert math.isinf(quantiles([errors(1.0, 8)], "theta", 0.9)[0][0])


def test_origins_leave_enough_before_and_something_after() -> None:
    found = origins_of(60, 6, most=10, least=12)
    assert found[0] >= 12
    assert found[-1] == 59
    assert len(found) == len(set(found)) == 10
    assert origins_of(12, 6, most=10, least=12) == []


@pytest.mark.usefixtures("quick")
def test_an_outlook_has_an_interval_and_names_no_best_time_in_a_random_walk() -> None:
    found = outlook.look_ahead(WALK, 4, KNOBS)
    assert found.origins == 14
    assert (found.low < found.path).all()
    assert (found.path < found.high).all()
    assert found.highest is None
    assert found.lowest is None
    young = outlook.look_ahead(WALK.until(12), 4, KNOBS)
    assert (young.model, young.origins) == ("naive", 0)
    assert np.isnan(young.low).all()


@pytest.mark.usefixtures("quick")
def test_a_best_time_is_named_where_earlier_forecasts_support_it() -> None:
    """Six peers and twenty years of a clear season: the forecast top of it is surely above next month."""
    days = 15000 + np.round(30.4375 * np.arange(240)).astype(int)
    random = np.random.default_rng(3)
    values = 0.4 * np.sin(2 * np.pi * (np.arange(240) + 3) / 12) + random.normal(0, 0.03, 240)
    knobs = KNOBS.model_copy(update={"origins": 40, "least": 60})
    found = outlook.look_ahead(Series("heaters", days, values, 30.4375), 8, knobs)
    assert found.model == "seasonal naive"
    assert found.lowest is not None or found.highest is not None
    best = found.highest or found.lowest
    assert best is not None
    assert best.low < best.gain < best.high
    assert best.low * best.high > 0


def test_dated_values_become_regular_with_gaps() -> None:
    series = regular("x", np.array([21, 0, 7, 35]), np.array([3.0, 1.0, 2.0, np.nan]), 7.0)
    assert series.days.tolist() == [0, 7, 14, 21]
    np.testing.assert_array_equal(series.values, [1.0, 2.0, np.nan, 3.0])
    np.testing.assert_array_equal(filled(series.values), [1.0, 2.0, 2.5, 3.0])
    assert series.ahead(2).tolist() == [28, 35]
    with pytest.raises(ValueError, match="x holds no value"):
        regular("x", np.array([1]), np.array([np.nan]), 7.0)

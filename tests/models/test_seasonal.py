"""The season: found where there is one, and not made of noise, of a drift or of a level that wanders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.seasonal import YEAR, harmonics, seasons

DAYS, NOISE = 500, 0.12
WAVE = (0.0, 0.2, 0.0, 0.0)


def market(wave: tuple[float, ...], drift: float, step: float, seed: int, days: int = DAYS) -> np.ndarray:
    """The season found in so many days of two offers a day."""
    dice = np.random.default_rng(seed)
    day = np.repeat(np.arange(days) + 20_000, 2)
    level = np.cumsum(dice.normal(0, step, days // 7 + 1))[(day - 20_000) // 7]
    price = harmonics(day) @ np.array(wave) + drift * day / YEAR + level + dice.normal(0, NOISE, len(day))
    rows = pd.DataFrame({"category": "coat", "seller": dice.integers(0, 200, len(day)), "day": day})
    return harmonics(np.arange(20_000, 20_365)) @ np.array(seasons(rows, price, ["coat"])["coat"])


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_season_is_found_also_under_a_drift(seed: int) -> None:
    found = market(WAVE, -0.15, 0.0, seed)
    true = harmonics(np.arange(20_000, 20_365)) @ np.array(WAVE)

    assert float(np.abs(found - true).mean()) < 0.05
    assert np.corrcoef(found, true)[0, 1] > 0.95


@pytest.mark.parametrize(("drift", "step"), [(0.0, 0.0), (-0.2, 0.0), (0.0, 0.02)])
def test_noise_drift_and_wandering_are_no_season(drift: float, step: float) -> None:
    found = [float(np.abs(market((0.0,) * 4, drift, step, seed)).mean()) for seed in (1, 2, 3, 4)]

    assert float(np.median(found)) < 0.012


def test_of_categories_not_asked_for_nothing_is_said() -> None:
    rows = pd.DataFrame({"category": ["coat"], "seller": ["a"], "day": [20_000]})

    assert seasons(rows, np.array([1.0]), ["drill"]) == {}
    assert seasons(rows, np.array([np.nan]), ["coat"]) == {}

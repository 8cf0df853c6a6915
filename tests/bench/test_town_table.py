"""The yardstick's own arithmetic: what follows a cause, what moves without one, and when a value is near again."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from bench.town_phases import Story, days_until_near, phase_table
from bench.town_run import FACTORS
from bench.town_table import cause_row, misses

DAY = date(2026, 1, 5)


def answered(share: float, *, beside: float = 0.0, days: int = 40) -> pd.DataFrame:
    """Answers in which the hazard factor follows a decaying storm by `share`, and scarcity stands at `beside`."""
    age = np.arange(days)
    true = 0.5 * 0.5 ** (age / 10)
    rows = pd.DataFrame({f"{which}_{name}": np.zeros(days) for name in FACTORS for which in ("true", "said")})
    rows["true_hazard"], rows["said_hazard"], rows["said_scarcity"] = true, share * true, beside
    said = share * true + beside
    return rows.assign(
        category="generator", product="p", region="US-MO", grade="good", true=5 + true, fmv=5 + said, market=5 + said,
        low=4.9 + said, high=5.1 + said, base=5.0, dampening=0.0,
        day=[pd.Timestamp(DAY + timedelta(days=int(n))) for n in age],
    )  # fmt: skip


def test_a_factor_that_follows_wholly_has_no_error_and_is_no_miss() -> None:
    row = cause_row(answered(1.0), "hazard")
    assert row["own"]["error"] == 0
    assert row["own"]["share"] == row["own"]["correlation"] == pytest.approx(1.0)
    assert (row["mdape"], row["inside"], misses([row])) == (0, 1.0, [])


def test_a_factor_that_follows_a_third_and_another_that_moves_are_told() -> None:
    row = cause_row(answered(0.3, beside=0.04), "hazard")
    assert row["own"]["share"] == pytest.approx(0.3)
    assert row["moved"]["scarcity"] == pytest.approx(0.04)
    told = misses([row])
    assert told[0].startswith("hazard: its factor follows 30% of the true effect")
    assert told[1].startswith("hazard: scarcity moves by 0.040")
    # Where nothing happens at all it moves as much: that is noise.
    assert len(misses([row, cause_row(answered(0.0, beside=0.04), "nothing") | {"own": None}])) == 1


def test_the_days_until_a_value_is_near_for_good_and_the_errors_by_phase() -> None:
    days = tuple(DAY + timedelta(days=n) for n in range(40))
    told = Story("hazard", "generator", "US-MO", days, (("shock", DAY), ("decay", DAY + timedelta(days=20))), DAY)
    # 0.5 × 0.5^(d/10) is below 0.1054 (ten per cent low) from the 23rd day on.
    assert days_until_near(told, answered(0.0), "fmv") == 23
    assert days_until_near(told, answered(1.0), "fmv") == 0
    shock, decay = phase_table(told, answered(0.0))
    assert shock["n"] == decay["n"] == 20
    assert shock["mdape"] > 0.2 > decay["mdape"] > 0
    assert shock["bias"] == -shock["mdape"]

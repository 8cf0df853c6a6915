"""Monitors see what matters, and are quiet on healthy data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models.life.monitors import drifted, monitor, off, shifted

RANDOM = np.random.default_rng(11)


def test_healthy_data_raise_almost_no_alarm() -> None:
    """Of some hundred looks at healthy data at most one is an alarm, for each of the three monitors."""
    tried = 300
    inside = RANDOM.binomial(200, 0.9, 3 * tried)
    assert np.mean([off(int(each), 200, 0.9) for each in inside]) <= 1 / tried
    alarms = [
        shifted(RANDOM.normal(4, 1, int(RANDOM.integers(80, 800))), RANDOM.normal(4, 1, int(RANDOM.integers(80, 300))))
        for _ in range(tried)
    ]
    assert np.mean([each is not None for each in alarms]) <= 1 / tried
    weeks = RANDOM.standard_t(3, (tried, 3, 20)) * 0.15
    assert np.mean([drifted(list(each)) is not None for each in weeks]) <= 1 / tried


def test_intervals_that_hold_too_few_are_seen_and_a_slight_miss_is_not() -> None:
    assert off(160, 200, 0.9)
    assert not off(176, 200, 0.9)
    assert not off(40, 50, 0.9)


def test_prices_of_another_kind_are_a_shift() -> None:
    usual, other = RANDOM.normal(4, 1, 600), RANDOM.normal(5.2, 1, 200)
    index = shifted(usual, other)
    assert index is not None
    assert index > 0.25
    assert shifted(usual, other[:40]) is None


def test_a_level_that_stays_behind_is_seen() -> None:
    weeks = [RANDOM.normal(0.12, 0.1, 40) for _ in range(3)]
    found = drifted(weeks)
    assert found is not None
    assert abs(found - 0.12) < 0.05
    assert drifted([weeks[0], weeks[1], -weeks[2]]) is None


def test_the_monitors_are_quiet_on_a_calm_market(published: Any) -> None:
    learned = published.valuer.learned
    assert monitor(learned) == []


def test_a_market_whose_prices_have_left_the_level_is_told(published: Any) -> None:
    learned = published.valuer.learned
    level = learned.market.level - np.where(learned.levels.days > learned.levels.days[-1] - 40, 0.4, 0.0)
    moved = type(learned)(type(learned.market)(**{**vars_of(learned.market), "level": level}), learned.vintages,
                          learned.levels, learned.knobs)  # fmt: skip
    kinds = {each.kind for each in monitor(moved)}
    assert "residual_drift" in kinds


def vars_of(market: Any) -> dict[str, Any]:
    import dataclasses

    return {field.name: getattr(market, field.name) for field in dataclasses.fields(market) if field.init}


def test_figures_are_plain_numbers(published: Any) -> None:
    assert isinstance(published.snapshot.manifest["quality"], list)
    assert pd.isna(published.snapshot.manifest["quality"][0]["linear_MdAPE"]) is False

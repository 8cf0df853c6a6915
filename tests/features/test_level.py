"""The market level: what an area's sellers say together, and how little any one of them can."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.level import ALL, beside_elsewhere, nearest, parent, period_start, raw_levels, segment_unit, trimmed_mean

DRILLS = segment_unit("drill", "US-MO")
logs = st.floats(-3, 3)


def seen(residuals: list[float], sellers: list[str] | None = None, **columns: Any) -> tuple[pd.DataFrame, np.ndarray]:
    count = len(residuals)
    table = {"category": ["drill"] * count, "region": ["US-MO"] * count, "title": [f"drill {n}" for n in range(count)]}
    table["product"] = table["title"] if sellers is None else ["drill"] * count
    table["seller"] = sellers or [f"seller {n}" for n in range(count)]
    return pd.DataFrame({**table, **columns}, dtype=object), np.array(residuals)


def levels(
    residuals: list[float], sellers: list[str] | None = None, before: dict[str, float] | None = None, **columns: Any
) -> Any:
    rows, residual = seen(residuals, sellers, **columns)
    return raw_levels(rows, residual, before or {}, kappa=8.0, trim=0.15)


def test_areas_form_a_tree() -> None:
    assert [parent(DRILLS), parent("category:drill"), parent(ALL)] == ["category:drill", ALL, None]
    assert segment_unit("drill", "") == "category:drill"


def test_an_area_without_a_level_takes_its_nearest_ancestors() -> None:
    assert nearest({ALL: 0.1, "category:drill": 0.2}, DRILLS) == (0.2, "category:drill")
    assert nearest({ALL: 0.1}, DRILLS) == (0.1, ALL)
    assert nearest({}, DRILLS) == (0.0, None)


@given(st.integers(-40_000, 60_000), st.sampled_from([1, 7]))
def test_each_day_lies_in_one_calendar_aligned_period(day: int, length: int) -> None:
    start = period_start(day, length)

    assert start <= day < start + length
    assert (start - 4) % length == 0
    assert period_start(start, length) == start


@given(st.integers(1, 60))
def test_one_seller_with_many_copies_counts_once(copies: int) -> None:
    honest = [0.0] * 6
    once = levels([*honest, 3.0])
    often = levels([*honest, *[3.0] * copies], [*(f"honest {n}" for n in range(6)), *["dishonest"] * copies])

    assert often[DRILLS].evidence == once[DRILLS].evidence == 6  # whom nobody believes is no evidence
    assert often[DRILLS].level == pytest.approx(once[DRILLS].level)


@given(st.lists(logs, min_size=1, max_size=20), logs)
def test_one_seller_moves_a_level_no_further_than_its_share(honest: list[float], lie: float) -> None:
    without, with_it = levels(honest), levels([*honest, lie])

    span = max([*honest, lie]) - min([*honest, lie])
    assert abs(with_it[ALL].level - without[ALL].level) <= span + 1e-9
    if len(honest) >= 7:
        # Trimmed: however absurd the price, the level stays among what the others say.
        assert min(honest) - 1e-9 <= levels([*honest, 50.0])[ALL].level <= max(honest) + 1e-9


def test_few_sellers_are_drawn_to_the_parent_and_many_speak_for_themselves() -> None:
    others = {"category": ["drill"] * 2 + ["bike"] * 30, "region": ["US-MO"] * 32}
    few = levels([1.0] * 2 + [0.0] * 30, **others)
    many = levels([1.0] * 60)

    assert 0 < few["category:drill"].level < 0.35
    assert many[DRILLS].level == pytest.approx(1.0)


def test_a_quiet_area_keeps_its_distance_from_its_parent() -> None:
    before = {ALL: 0.0, "category:drill": 0.5, "category:bike": 0.0}

    now = levels([0.2] * 10, before=before, category=["bike"] * 10)

    assert now["category:drill"].evidence == 0
    assert now["category:drill"].level - now[ALL].level == pytest.approx(0.5)


def test_a_thing_of_no_region_belongs_to_its_category_as_a_whole() -> None:
    now = levels([0.1] * 5, region=[""] * 5)

    assert set(now) == {ALL, "category:drill"}


@given(st.lists(logs, min_size=1, max_size=40), st.floats(0, 0.4))
def test_a_trimmed_mean_lies_among_its_values(values: list[float], trim: float) -> None:
    assert min(values) - 1e-9 <= trimmed_mean(np.array(values), trim) <= max(values) + 1e-9


def test_one_of_five_who_asks_the_threefold_is_cut_off() -> None:
    assert abs(trimmed_mean(np.array([0.0, 0.02, -0.02, 0.01, math.log(3)]), 0.25)) < 0.02


def test_a_trimmed_mean_of_few_is_their_median() -> None:
    assert trimmed_mean(np.array([0.0, 1.0, 100.0]), 0.15) == 1.0
    assert math.isclose(trimmed_mean(np.array([-100.0, 1, 2, 3, 4, 5, 6, 7, 100.0]), 0.15), 4.0)


def test_what_is_sold_in_a_region_says_nothing_of_the_region() -> None:
    """Two things, one known 0.3 too low and one too high: the first sells mostly here, the second mostly there."""
    here, there = ["low"] * 9 + ["high"] * 3, ["low"] * 3 + ["high"] * 9
    things, regions = here + there, ["US-MO"] * 12 + ["US-KS"] * 12
    wrong = [0.3 if thing == "low" else -0.3 for thing in things]
    for premium in (0.0, 0.1):
        told = [off + (premium if region == "US-MO" else 0.0) for off, region in zip(wrong, regions, strict=True)]
        rows, residual = seen(told, region=regions, product=things, title=things)

        moved = beside_elsewhere(rows, residual, {"category:drill": 0.05})

        away = [float(np.mean(moved[[r == region for r in regions]])) for region in ("US-MO", "US-KS")]
        assert away == pytest.approx([0.05 + premium / 2, 0.05 - premium / 2], abs=1e-9)


def test_things_of_one_region_keep_what_they_say() -> None:
    rows, residual = seen([0.1, 0.2, 0.3])

    assert beside_elsewhere(rows, residual, {"category:drill": 1.0}).tolist() == residual.tolist()

"""Levels with drivers: what they make of the raw level, how the published one follows, and days under a hazard."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.drivers import DETAILS, Drivers, Episodes, Steps
from features.level import ALL
from models.knobs import default_knobs
from models.level.closed import parts
from models.level.dampening import Step, wear_off
from models.level.kept import fill, level_table, state_table
from models.level.market_side import MarketSide
from models.level.state import Levels
from models.shocks.effects import FACTORS, HAZARD, Curve, Shocks

MONDAY = 19_001 + (4 - 19_001) % 7
STORM, PEAK = 30, math.log(1.6)  # a Wednesday
UP, DOWN = math.log(1.2), math.log(0.8)
UNIT = "segment:generator|US-MO"
KNOWN = Shocks(
    {"turnover": {"drill": 0.1}}, curve={"severe_storm": Curve(0.0, 14.0, {"generator": PEAK}, 3)}, tried=("turnover",)
)


def hazard(first: int, last: int) -> Episodes:
    at = np.array([MONDAY + first])
    return Episodes(
        at,
        np.ones(1),
        np.full(1, 0.5),
        np.array([[MONDAY + first, MONDAY + last]]),
        np.array([at[0], MONDAY + last + 1]),
    )


def drivers(first: int = STORM, last: int = STORM + 2) -> Drivers:
    days = MONDAY + 7 * np.arange(12) - 1
    demand = Steps(days, np.sin(np.arange(12.0)), np.zeros((12, DETAILS)))
    return Drivers(
        {("turnover", "drill", ""): demand}, {("severe_storm", "US-MO"): hazard(first, last)}, {"turnover": "listings"}
    )


def table(days: int, sellers: int, quiet: range = range(0)) -> pd.DataFrame:
    rows = [
        (MONDAY + day, category, "US-MO", f"s{(day * 7 + n) % 40}", f"{category} {n % 3}", f"{category} {n}")
        for day in range(days)
        if day not in quiet
        for category in ("generator", "drill")
        for n in range(sellers)
    ]
    return pd.DataFrame(rows, columns=["day", "category", "region", "seller", "product", "title"])


def levels(rows: pd.DataFrame, side: MarketSide, seen: Any = lambda category, day: 0.0, **more: Any) -> Levels:
    """Levels closed as far as the rows go; `seen` is what prices brought above expectation, the drivers' part too."""
    category, day = rows["category"].to_numpy(object), rows["day"].to_numpy()
    residual = np.array([seen(one, int(at) - MONDAY) for one, at in zip(category, day, strict=True)], float)
    shock = side.on(int(day[-1])).of_rows(side.drivers, category, rows["region"].to_numpy(object), day)
    out = Levels(rows, residual, default_knobs().level, side=side, shock=shock, **more)
    for period in range(MONDAY, int(day[-1]) - 5, 7):
        out.close(period)
    out.settle_open(int(day[-1]))
    return out


def storm(category: str, day: int) -> float:
    return PEAK * 0.5 ** ((day - STORM) / 14) if category == "generator" and day >= STORM else 0.0


@pytest.fixture(scope="module")
def stormy() -> Levels:
    return levels(table(63, 5), MarketSide(drivers(), [(MONDAY - 1, KNOWN)]), storm)


def published(each: Levels, unit: str = UNIT) -> list[float]:
    """The published level at the end of each day from the storm's week on, and of the week before; NaN on others."""
    days = range(MONDAY, int(each.days[-1]) + 1)
    return [each.at(day).published.get(unit, math.nan) if day >= MONDAY + 27 else math.nan for day in days]


def test_a_known_storm_is_in_the_raw_level_at_once_and_trend_does_not_take_it(stormy: Levels) -> None:
    at = stormy.at(MONDAY + STORM)

    assert at.shocks[UNIT][HAZARD] == pytest.approx(PEAK)
    assert at.raw[UNIT] == pytest.approx(PEAK, abs=0.02)
    assert at.trend[UNIT] == pytest.approx(0.0, abs=0.02)
    assert at.trend[UNIT] + sum(at.shocks[UNIT]) == pytest.approx(at.raw[UNIT], abs=1e-12)


def test_a_storm_is_published_by_a_fifth_a_day_until_it_has_caught_up_and_wears_off(stormy: Levels) -> None:
    path = published(stormy)

    assert path[STORM - 1] == pytest.approx(0.0, abs=0.02)
    assert path[STORM] - path[STORM - 1] == pytest.approx(UP)
    assert path[STORM + 1] - path[STORM] == pytest.approx(UP)
    assert path[STORM + 2] == pytest.approx(storm("generator", STORM + 2), abs=0.02)
    assert path[STORM + 30] == pytest.approx(storm("generator", STORM + 30), abs=0.03)


def test_without_a_learned_curve_weeks_of_evidence_follow_the_storm_too() -> None:
    unknown = levels(table(63, 5), MarketSide(), storm)
    ends = [unknown.at(MONDAY + 7 * week + 6).published[UNIT] for week in range(8)]

    assert max(np.diff(ends)) <= UP + 1e-9
    assert ends[4] == pytest.approx(UP, abs=0.02)
    assert not unknown.at(MONDAY + STORM).shocks


def test_the_published_rows_of_a_storm_are_days_and_those_before_and_after_weeks(stormy: Levels) -> None:
    rows = level_table(stormy)
    own = rows[rows["unit"] == UNIT].sort_values("period")

    assert own.loc[own["days"] == 1, "period"].tolist() == [MONDAY + STORM + n for n in range(3)]
    assert not own.duplicated("period").any()
    # Each day belongs to one row.
    assert (own["period"] + own["days"]).tolist()[:-1] == own["period"].tolist()[1:]
    assert own["published"].diff().dropna().between(DOWN - 1e-9, UP + 1e-9).all()
    assert (rows.loc[rows["unit"] == "segment:drill|US-MO", "days"] == 7).all()


def test_without_evidence_only_what_the_hazard_loses_moves_the_published_level() -> None:
    side = MarketSide(drivers(), [(MONDAY - 1, KNOWN)])
    quiet = levels(table(63, 5, quiet=range(STORM + 5, 58)), side, storm)
    path, at = published(quiet), quiet.at

    assert at(MONDAY + 50).evidence[UNIT] == 0
    felt = [PEAK * 0.5 ** ((day - STORM) / 14) for day in range(36, 56)]
    assert path[36:56] == pytest.approx(felt, abs=0.03)
    # Drills are moved by demand alone: their raw level goes on, the published one stays.
    drills = published(quiet, "segment:drill|US-MO")[36:56]
    assert max(drills) - min(drills) < 1e-12
    assert np.ptp([at(day).raw["segment:drill|US-MO"] for day in range(MONDAY + 36, MONDAY + 56)]) > 0.05


def test_published_levels_of_earlier_snapshots_hold_in_parts_of_weeks_too(stormy: Levels) -> None:
    first = level_table(stormy)
    fixed: dict[str, dict[int, float]] = {}
    for row in first.itertuples():
        fixed.setdefault(str(row.unit), {})[int(row.period)] = float(row.published)
    other = levels(table(63, 5), stormy.side, lambda category, day: 0.3 + storm(category, day), fixed=fixed)

    pd.testing.assert_series_equal(level_table(other)["published"], first["published"])


def test_a_week_published_whole_stays_whole_when_the_hazard_in_it_is_heard_of_later() -> None:
    calm = levels(table(63, 5), MarketSide(), storm)
    fixed: dict[str, dict[int, float]] = {}
    for row in level_table(calm).itertuples():
        fixed.setdefault(str(row.unit), {})[int(row.period)] = float(row.published)
    late = levels(table(63, 5), MarketSide(drivers(), [(MONDAY - 1, KNOWN)]), storm, fixed=fixed)

    rows = level_table(late)
    assert (rows["days"] == 7).all()
    assert rows["published"].tolist() == level_table(calm)["published"].tolist()


def test_sellers_too_few_for_a_day_are_evidence_together() -> None:
    # Two a day, others each day: with the third there are more than five new ones.
    rows = pd.concat([table(STORM, 5), table(42, 2).query(f"day >= {MONDAY + STORM}")], ignore_index=True)
    few = levels(rows, MarketSide(drivers(last=STORM + 6), [(MONDAY - 1, KNOWN)]), storm)
    path = published(few)

    assert np.diff(path[STORM - 1 : STORM + 4]) == pytest.approx([UP, 0.0, 0.0, UP], abs=0.02)


def test_levels_are_kept_and_read_back(stormy: Levels) -> None:
    again = replace(stormy, closed=[], settled={}, products={}, _open={}, _raws={})
    fill(again, state_table(stormy))

    for day in range(MONDAY + 27, MONDAY + 63, 4):
        for name in ("raw", "published", "shocks"):
            assert getattr(again.at(day), name) == getattr(stormy.at(day), name), (day, name)
    pd.testing.assert_frame_equal(level_table(again), level_table(stormy))


def test_new_knowledge_of_effects_moves_the_trend_and_not_the_level() -> None:
    rows = table(42, 6)
    more = Shocks({"turnover": {"drill": 0.5}})
    both = MarketSide(drivers(), [(MONDAY - 1, Shocks()), (MONDAY + 27, more)])
    each = levels(rows, both)
    each.shock[:] = 0.0  # rows were seen before anything was known

    before, after = each.before(MONDAY + 28), each.at(MONDAY + 28)
    unit = "category:drill"
    assert abs(after.raw[unit] - before.raw[unit]) < 0.6 * abs(after.shocks[unit][0])


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_what_wears_off_goes_towards_the_raw_level_within_a_step(
    before: float, raw: float, then: float, now: float
) -> None:
    after = wear_off(before, raw, then, now, Step(0.8, 1.2))

    assert DOWN - 1e-12 <= after - before <= UP + 1e-12
    assert min(before, raw) - 1e-12 <= after <= max(before, raw) + 1e-12
    if abs(now) >= abs(then):
        assert after == before


@given(st.integers(0, 20), st.integers(0, 12), st.sets(st.integers(0, 32)))
def test_parts_are_a_partition_of_their_days(first: int, more: int, active: set[int]) -> None:
    found = parts(first, first + more, active)

    assert [day for low, high in found for day in range(low, high + 1)] == list(range(first, first + more + 1))
    assert all(low == high for low, high in found if active & set(range(low, high + 1)))


@settings(max_examples=3, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.floats(-1.5, 1.5)), min_size=4, max_size=6),
    st.integers(0, 20),
    st.integers(0, 9),
)
def test_no_period_breaks_its_bounds_and_none_moves_by_itself(
    weeks: list[tuple[int, float]], first: int, lasts: int
) -> None:
    rows = pd.concat([table(1, sellers).assign(day=MONDAY + 7 * n + 3) for n, (sellers, _) in enumerate(weeks)])
    if len(rows) == 0:
        return
    side = MarketSide(drivers(first, first + lasts), [(MONDAY - 1, KNOWN)])
    each = levels(rows.reset_index(drop=True), side, lambda _, day: weeks[day // 7][1])
    moves = side.drivers.hazards["severe_storm", "US-MO"]
    for unit, own in level_table(each).groupby("unit"):
        own = own.sort_values("period")
        steps = own["published"].diff()
        assert steps.dropna().between(DOWN - 1e-9, UP + 1e-9).all()
        if "generator" not in str(unit):
            quiet = (own["evidence"] < 5) & steps.notna()
            assert (steps[quiet].abs() < 1e-12).all()
    assert moves.has_news(MONDAY, MONDAY + 60)


def test_effects_are_kept_as_text_and_read_back() -> None:
    assert Shocks.from_dict(json.loads(json.dumps(KNOWN.to_dict()))) == KNOWN
    assert len(FACTORS) == 5
    assert ALL == "all"

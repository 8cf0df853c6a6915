"""Dampening: a published level follows the raw one in bounded steps, and only with evidence."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from features.level import ALL, Raw
from models.level.dampening import Step, move, publish

STEP = Step(0.8, 1.2)
N_MIN = 5
DOWN, UP = math.log(0.8), math.log(1.2)
UNITS = [ALL, "category:drill", "segment:drill|US-MO", "category:bike"]
levels = st.floats(-4, 4)
weeks = st.lists(
    st.dictionaries(st.sampled_from(UNITS), st.tuples(levels, st.integers(0, 12)), max_size=4), max_size=12
)


@given(levels, st.lists(levels, max_size=20))
def test_no_period_moves_a_level_further_than_its_bounds(start: float, raws: list[float]) -> None:
    published = start
    for raw in raws:
        after = move(published, raw, STEP)
        assert DOWN - 1e-12 <= after - published <= UP + 1e-12
        assert min(published, raw) - 1e-12 <= after <= max(published, raw) + 1e-12
        published = after


@given(levels, levels)
def test_a_level_arrives_where_the_raw_one_stays(start: float, raw: float) -> None:
    published = start
    for _ in range(math.ceil(8 / UP) + 1):
        published = move(published, raw, STEP)

    assert math.isclose(published, raw, abs_tol=1e-9)


@given(weeks)
def test_levels_of_all_units_keep_the_bounds_and_stay_without_evidence(
    seen: list[dict[str, tuple[float, int]]],
) -> None:
    before: dict[str, float] = {}
    for week in seen:
        raw = {unit: Raw(level, evidence) for unit, (level, evidence) in week.items()}
        after = publish(before, raw, STEP, N_MIN)
        assert set(before) <= set(after)
        for unit, level in before.items():
            if unit in raw and raw[unit].evidence >= N_MIN:
                assert DOWN - 1e-12 <= after[unit] - level <= UP + 1e-12
            else:
                assert after[unit] == level
        before = after


@given(weeks)
def test_no_unit_is_published_before_enough_sellers_were_seen(seen: list[dict[str, tuple[float, int]]]) -> None:
    published: dict[str, float] = {}
    ever: set[str] = set()
    for week in seen:
        ever |= {unit for unit, (_, evidence) in week.items() if evidence >= N_MIN}
        published = publish(published, {unit: Raw(*each) for unit, each in week.items()}, STEP, N_MIN)
        assert set(published) == ever


def test_the_first_level_of_all_is_the_raw_one() -> None:
    assert publish({}, {ALL: Raw(0.7, 5)}, STEP, N_MIN) == {ALL: 0.7}


def test_a_new_area_starts_from_where_its_parent_stood_and_moves_like_any_other() -> None:
    after = publish({ALL: 0.1}, {ALL: Raw(0.1, 9), "category:drill": Raw(2.0, 9)}, STEP, N_MIN)

    assert math.isclose(after["category:drill"], 0.1 + UP)


@given(levels, st.lists(levels, min_size=1, max_size=10))
def test_many_publishes_in_one_period_reach_no_further_than_one(before: float, raws: list[float]) -> None:
    # Each of them starts from the end of the period before, so only the last one's raw level counts.
    after = [publish({ALL: before}, {ALL: Raw(raw, 9)}, STEP, N_MIN)[ALL] for raw in raws]

    assert after[-1] == move(before, raws[-1], STEP)
    assert all(abs(each - before) <= max(UP, -DOWN) + 1e-12 for each in after)

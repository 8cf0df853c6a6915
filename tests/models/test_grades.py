"""The better of two grades is never worth less, and nothing else is moved."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.condition import UNSTATED, scale
from models.grades import in_order

ORDERED = [grade for grade in scale().grades if grade != "refurbished"]
EFFECTS = st.dictionaries(st.sampled_from([*scale().grades, UNSTATED]), st.floats(-3, 3), max_size=9)
ROWS = st.dictionaries(st.sampled_from(scale().grades), st.integers(0, 10_000))


@given(EFFECTS, ROWS)
def test_no_worse_grade_is_worth_more(effects: dict[str, float], rows: dict[str, int]) -> None:
    found = in_order(effects, rows)

    assert set(found) == set(effects)
    here = [grade for grade in ORDERED if grade in effects]
    assert all(found[better] >= found[worse] - 1e-12 for better, worse in itertools.pairwise(here))
    assert all(found[grade] == effects[grade] for grade in effects if grade not in ORDERED)
    # Nothing is made up: no effect lies outside of what was found of the grades.
    if here:
        low, high = min(effects[grade] for grade in here), max(effects[grade] for grade in here)
        assert all(low - 1e-9 <= found[grade] <= high + 1e-9 for grade in here)


@given(ROWS)
def test_what_is_in_order_stays(rows: dict[str, int]) -> None:
    effects = {grade: -0.1 * place for place, grade in enumerate(scale().grades)}

    assert in_order(effects, rows) == pytest.approx(effects)


def test_grades_that_contradict_the_order_share_their_mean_by_their_listings() -> None:
    found = in_order({"like_new": 0.10, "very_good": 0.20, "good": 0.0}, {"like_new": 9, "very_good": 29})

    assert found["like_new"] == found["very_good"] == pytest.approx((10 * 0.10 + 30 * 0.20) / 40)
    assert found["good"] == 0.0

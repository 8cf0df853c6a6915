"""Intervals take in each day what the days before it missed by."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models.interval import Calibration, judged, score_table, scores_on
from models.knobs import default_knobs

KNOBS = default_knobs().interval
CUTOFF = 1000


def cases(random: np.random.Generator, first: int, last: int, size: float, count: int = 1200) -> pd.DataFrame:
    day = np.sort(random.integers(first, last + 1, count))
    told = np.full(count, 5.0)
    named = np.full(count, "drill", object)
    return score_table(day, named, told, told, np.zeros(count, bool), random.normal(0, size, count))


@given(st.integers(-3, 60))
def test_no_case_is_known_before_its_day(ago: int) -> None:
    random = np.random.default_rng(7)
    before, after = cases(random, 900, CUTOFF, 0.1, 50), cases(random, CUTOFF + 1, CUTOFF + 40, 0.1, 50)
    known = scores_on(before, after.assign(missed=0.0), CUTOFF, CUTOFF + ago, KNOBS)

    assert known["day"].max() <= CUTOFF + max(ago, 0)
    assert len(known) == len(before) + int((after["day"] <= CUTOFF + ago).sum())


def test_what_nobody_judged_and_what_came_before_teaches_nothing_twice() -> None:
    random = np.random.default_rng(7)
    before, after = cases(random, 900, CUTOFF, 0.1, 50), cases(random, CUTOFF - 20, CUTOFF + 20, 0.1, 50)
    half = after.assign(missed=np.where(np.arange(50) % 2, 0.0, np.nan))

    known = scores_on(before, half, CUTOFF, CUTOFF + 14, KNOBS)
    wanted = half["missed"].notna() & (half["day"] > CUTOFF) & (half["day"] <= CUTOFF + 14)
    assert len(known) == len(before) + int(wanted.sum())
    assert scores_on(before, after, CUTOFF, CUTOFF + 14, KNOBS) is before
    few = KNOBS.model_copy(update={"kept": 20})
    assert len(scores_on(before, half, CUTOFF, CUTOFF + 14, few)) == 20


def test_a_month_that_grows_wild_is_caught_up_with_within_it() -> None:
    random = np.random.default_rng(3)
    calm, wild = cases(random, 800, CUTOFF, 0.1, 3000), cases(random, CUTOFF + 1, CUTOFF + 28, 0.25, 3000)
    inside = judged(calm, wild, CUTOFF, KNOBS) == 0
    week = (wild["day"].to_numpy() - 1 - CUTOFF) // 7

    # The first day is judged as the vintage itself would have; later ones by what they have seen.
    at_once, first = Calibration(calm, KNOBS).missed(wild) == 0, (wild["day"] == wild["day"].min()).to_numpy()
    assert (inside[first] == at_once[first]).all()
    assert inside[week == 0].mean() > at_once[week == 0].mean()
    assert inside[week == 3].mean() > at_once[week == 3].mean() + 0.15
    # What is judged does not hang on what comes later.
    again = judged(calm, wild[week < 2], CUTOFF, KNOBS) == 0
    assert (again == inside[week < 2]).all()


def test_no_cases_are_judged_as_none() -> None:
    random = np.random.default_rng(3)
    assert len(judged(cases(random, 800, CUTOFF, 0.1), cases(random, 1, 2, 0.1, 0), CUTOFF, KNOBS)) == 0

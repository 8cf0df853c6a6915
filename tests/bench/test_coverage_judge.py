"""Whether intervals hold what they say: the judge's own arithmetic, and a walk through made-up scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.coverage_judge import binomial, by_bin, figures, independent, pooled
from bench.coverage_made import made_scores, walked
from models.knobs import default_knobs


def outcome(inside: int, cases: int, category: str = "drill") -> pd.DataFrame:
    held = np.arange(cases) < inside
    return pd.DataFrame({"category": category, "tier": 1, "evidence": 2, "inside": held, "width": 0.2})


def test_limits_of_a_share_are_exact() -> None:
    low, high = binomial(np.array([0.0, 5.0, 10.0]), np.array([10.0, 10.0, 10.0]))

    # Clopper and Pearson: 1 − 0.025^(1/10), and the table's 0.187–0.813 for 5 of 10.
    assert low == pytest.approx([0.0, 0.1871, 0.6915], abs=1e-4)
    assert high == pytest.approx([0.3085, 0.8129, 1.0], abs=1e-4)


def test_cases_of_a_week_that_miss_together_say_less_than_their_number() -> None:
    random, week = np.random.default_rng(3), np.arange(2000) // 100
    alone = random.random(2000) < 0.9
    together = np.repeat(random.random(20) < 0.9, 100)

    assert independent(alone.astype(float), week) > 700
    assert independent(together.astype(float), week) < 40
    assert independent(np.ones(50), np.arange(50)) == 50
    assert independent(alone.astype(float), np.zeros(2000)) == 1

    # Nine weeks that hold 90 in 100 and one that holds 60: too few for independent cases, no wonder for ten weeks.
    held = np.concatenate([*(np.arange(100) < 90 for _ in range(9)), np.arange(100) < 60])
    one = outcome(900, 1000).assign(inside=held, week=np.arange(1000) // 100)
    row = by_bin(one).iloc[0]
    assert (row["passes"], row["passes_by_week"]) == (False, True)
    # Weeks that are all the same say no less than their cases, and a bin far off fails all the same.
    low = np.tile(np.arange(100) < 60, 10)
    assert not by_bin(one.assign(inside=low)).iloc[0]["passes_by_week"]
    assert figures(one)["passing_by_week"] == 1.0
    assert np.isnan(figures(outcome(900, 1000))["passing_by_week"])


def test_only_bins_of_enough_cases_are_judged_and_large_ones_more_strictly() -> None:
    every = [outcome(180, 200), outcome(40, 100, "few"), outcome(1746, 2000, "large"), outcome(150, 200, "bad")]
    told = figures(pd.concat(every, ignore_index=True))

    assert (told["bins"], told["large"], told["outside"]) == (3, 1, 1)
    assert told["passing"] == pytest.approx(1 / 3, abs=1e-4)
    assert (told["least"], told["most"]) == (0.75, 0.9)
    assert by_bin(outcome(180, 200))["passes"].all()


def test_bins_of_several_markets_are_told_as_one() -> None:
    good, bad = figures(outcome(180, 200)), figures(outcome(300, 400))

    assert pooled({"one": good, "other": bad}) == {
        "cases": 600, "coverage": 0.8, "bins": 2, "passing": 0.5, "large": 0, "outside": 0
    }  # fmt: skip
    assert pooled({"few": figures(outcome(40, 100))})["bins"] == 0


def test_a_walk_judges_each_day_by_what_was_known_before_it() -> None:
    scores = made_scores(1, 6, 300)
    knobs = default_knobs().interval.model_copy(update={"replayed": 200})
    judged = walked(scores, knobs)
    louder = scores.assign(score=np.where(scores["day"] >= 150, 20 * scores["score"], scores["score"]))

    assert judged["day"].min() >= 90
    assert judged["inside"].mean() == pytest.approx(0.9, abs=0.05)
    # What comes from day 150 on changes nothing before it, and no width of its own first day.
    again = walked(louder, knobs)
    earlier, at_once = judged["day"] < 150, judged["day"] < 151
    assert again.loc[at_once, "width"].equals(judged.loc[at_once, "width"])
    assert again.loc[earlier, "inside"].equals(judged.loc[earlier, "inside"])
    assert again.loc[~at_once, "width"].median() > 2 * judged.loc[~at_once, "width"].median()

"""A candidate is promoted when it is better beyond chance and no large category is worse off."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.knobs import default_knobs
from models.life.trial import decide, hold_back
from warehouse.errors import BadInput

RULES = default_knobs().promotion.model_copy(update={"segment": 100})


def errors(n: int = 400, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    category = np.where(np.arange(n) < n // 2, "drill", "laptop")
    cases = pd.DataFrame({"category": category, "product": [f"p{number // 2}" for number in range(n)]})
    return cases, np.abs(random.normal(0, 0.2, n))


def test_a_smaller_error_everywhere_is_better() -> None:
    cases, old = errors()
    trial = decide(cases, old, old * 0.9, RULES, "2026-01-01")
    assert trial.better
    assert not trial.worse
    assert trial.table[0]["change"] == pytest.approx(-0.1)
    assert {row["segment"] for row in trial.table} == {"all", "drill", "laptop"}


def test_chance_is_not_better() -> None:
    cases, _ = errors()
    trials = [decide(cases, errors(seed=n)[1], errors(seed=n + 99)[1], RULES, "2026-01-01") for n in range(20)]
    assert sum(trial.better for trial in trials) <= 2, "one in forty is expected"
    assert "no better than chance" in next(trial.why for trial in trials if not trial.better and not trial.worse)


def test_a_large_category_that_is_worse_off_stops_it() -> None:
    cases, old = errors()
    drill = (cases["category"] == "drill").to_numpy()
    trial = decide(cases, old, np.where(drill, old * 1.1, old * 0.5), RULES, "2026-01-01")
    assert trial.table[0]["high"] < 0
    assert not trial.better
    assert trial.worse
    assert "drill (+10.0 %)" in trial.why


def test_a_small_category_has_no_say_of_its_own() -> None:
    cases, old = errors()
    cases.loc[:49, "category"] = "kayak"
    trial = decide(cases, old, np.where(np.arange(400) < 50, old * 1.1, old * 0.5), RULES, "2026-01-01")
    assert trial.better


def test_leaving_things_without_a_value_is_no_way_to_be_better() -> None:
    cases, old = errors()
    new = np.where(old > 0.3, np.nan, old * 0.99)
    assert decide(cases, old, new, RULES, "2026-01-01").worse


def test_one_product_cannot_make_it_better() -> None:
    cases, old = errors()
    one = cases.assign(product=np.where(np.arange(400) < 200, "the one", cases["product"]))
    new = np.where(np.arange(400) < 200, old * 0.8, old * 1.02)
    assert not decide(one, old, new, RULES, "2026-01-01").better


def test_the_newest_unseen_things_are_held_back() -> None:
    table = pd.DataFrame({"listing": [f"l{n % 90}" for n in range(180)], "day": np.arange(180), "seller": "s",
                          "title": [f"t{n % 90}" for n in range(180)]})  # fmt: skip
    held = hold_back(table, RULES.model_copy(update={"least": 10}))
    assert held.cases["day"].min() > held.cutoffs[-1]
    assert held.cases["day"].max() == 89, "a thing is a case when it is first seen"
    with pytest.raises(BadInput, match="60 are needed"):
        hold_back(table, RULES)

"""Cases of the past: what was known beside them when they teach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training import replay as replaying
from models.training import train as training
from models.training.replay import chosen, pairs_of, replay, sample


def test_cases_of_the_first_day_are_compared_with_what_else_was_known_that_day(published: Any) -> None:
    """All of a file without dates is of one day: a day before there was nothing to learn from."""
    learned = published.valuer.learned
    market = learned.market
    first = int(market.rows["day"].iat[0])
    cases = market.rows[market.rows["day"] == first].reset_index(drop=True)

    pairs, days, _ = pairs_of(cases, market, learned.vintages[-1], learned.levels, learned.knobs)

    assert (days == first).all()
    assert len(pairs.row) > 0
    assert (market.rows["day"].to_numpy()[pairs.row] == first).all()
    listing = market.rows["listing"].to_numpy()
    assert not np.any(listing[pairs.row] == cases["listing"].to_numpy()[pairs.question])


@given(st.integers(0, 60), st.integers(0, 70), st.integers(0, 70))
def test_a_smaller_sample_is_a_part_of_a_larger_one(count: int, one: int, other: int) -> None:
    cases = pd.DataFrame({"listing": [f"listing {number}" for number in range(count)], "day": np.arange(count)})
    few, many = chosen(cases, min(one, other)), chosen(cases, max(one, other))

    assert (few.sum(), many.sum()) == (min(count, one, other), min(count, max(one, other)))
    assert not (few & ~many).any()
    assert sample(cases, one)["listing"].tolist() == cases.loc[chosen(cases, one), "listing"].tolist()


def test_all_cases_size_the_interval_and_a_sample_of_them_teaches(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = published.valuer.learned
    before, after = learned.vintages[-2:]
    asked = (learned.market, learned.levels, before, before.cutoff + 1, after.cutoff, learned.knobs)
    whole = replay(*asked)
    monkeypatch.setattr(replaying, "_LISTENED", 7)
    part = replay(*asked)

    assert whole.lesson is not None
    assert part.lesson is not None
    assert part.scores.equals(whole.scores)
    assert part.lesson.listened.sum() == 7 < len(part.scores)
    assert 0 < len(part.lesson.near) <= 7
    assert set(part.lesson.near) <= set(whole.lesson.near)


def test_a_first_vintage_sizes_its_intervals_by_as_many_cases_as_are_replayed_later(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = published.valuer.learned
    first = learned.vintages[0]
    monkeypatch.setattr(training, "_TAUGHT", 40)
    made = training.train(learned.market, learned.levels, first.cutoff, "key", None, learned.knobs)

    assert 40 < len(made.scores) == min(made.listings, learned.knobs.interval.replayed)

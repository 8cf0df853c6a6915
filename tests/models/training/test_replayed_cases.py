"""Cases of the past: what was known beside them when they teach."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.training.replay import pairs_of


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

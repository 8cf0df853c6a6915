"""The plain answers beside Katy's: what earlier sales of the same thing brought, and nothing of the day itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.sales import bounds
from bench.sales_baselines import CATEGORY, LAST, LAST_FIVE, baselines
from features.market import day_date


def test_only_earlier_days_and_the_same_size_count() -> None:
    prices, days = [100, 200, 110, 120, 130, 140, 150, 999], [1, 1, 2, 3, 4, 5, 6, 7]
    rows = pd.DataFrame(
        {
            "title": "Shoe", "category": "shoes", "day": days, "ln_price": np.log(prices),
            "attributes": [{"size": "9" if n != 1 else "10"} for n in range(8)],
        }
    )  # fmt: skip
    cases = rows.iloc[[0, 7]]
    found = baselines(rows, cases, ["size"])

    assert found.iloc[0].isna().all()
    assert np.allclose(found.loc[1, [LAST_FIVE, LAST, CATEGORY]].astype(float), [130, 150, 130])


def test_months_reach_to_their_last_day() -> None:
    first, after = bounds(["2018-12", "2018-09"])

    assert (day_date(first).isoformat(), day_date(after).isoformat()) == ("2018-09-01", "2019-01-01")

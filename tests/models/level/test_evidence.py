"""Who counts among the sellers that a reference price needs: nobody who is far from all others, few as they are."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from features.integrity.trust import Trust
from features.market import finish
from models.knobs import default_knobs
from models.level.evidence import sellers_by_product, sellers_so_far, usual_spread
from models.level.state import Levels

MONDAY = 19_001 + (4 - 19_001) % 7
LAPTOP, OTHERS = "laptop-e7470", 30
# A week's four sellers of one product, by chance so far apart that their own spread hides three times the price.
APART = [-0.20, -0.02, 0.16, 0.30]


def week(said: list[tuple[str, float]], others: float = 0.12) -> Levels:
    """A week in which sellers of one product say something, and thirty of other things lie `others` apart."""
    spread = np.random.default_rng(1).normal(0.0, others, OTHERS)
    all_said = [(LAPTOP, *each) for each in said]
    all_said += [(f"saw {n % 12}", f"other {n}", float(log)) for n, log in enumerate(spread)]
    listings = [
        {
            "listing": f"m/{n:03}", "id": f"{n:03}", "source": "m", "day": MONDAY + n % 7, "kind": "asking",
            "title": product, "product": product, "seller": seller, "ln_price": 5.0 + log, "ln_list": math.nan,
            "attributes": json.dumps({}), "condition": None, "category": "laptop", "brand": "", "region": None,
        }
        for n, (product, seller, log) in enumerate(all_said)
    ]  # fmt: skip
    rows = finish(pd.DataFrame(listings))
    # What was expected of all of them is the same here, so that what they brought above it is their price.
    return Levels(rows, rows["ln_price"].to_numpy(float) - 5.0, default_knobs().level, trust=Trust(rows))


HONEST = [(f"honest {n}", log) for n, log in enumerate(APART)]


@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize("factor", [3.0, 1 / 3, 10.0])
def test_who_asks_the_threefold_is_no_fifth_voice_beside_four_who_are_far_apart(factor: float, times: int) -> None:
    levels = week([*HONEST, *[("liar", math.log(factor))] * times])

    assert sellers_so_far(levels, LAPTOP, MONDAY, MONDAY + 6) == len(HONEST) < levels.knobs.n_min
    assert sellers_by_product(levels, MONDAY, MONDAY + 7)[LAPTOP] == len(HONEST)


def test_a_fifth_who_is_no_farther_than_is_usual_counts() -> None:
    levels = week([*HONEST, ("fifth", 0.3)])

    assert sellers_so_far(levels, LAPTOP, MONDAY, MONDAY + 6) == 5


def test_where_prices_are_usually_so_far_apart_the_threefold_is_a_voice_like_others() -> None:
    levels = week([*HONEST, ("fifth", math.log(3.0))], others=0.9)

    assert sellers_so_far(levels, LAPTOP, MONDAY, MONDAY + 6) == 5


def test_what_is_usual_is_told_by_each_seller_once() -> None:
    once = week([*HONEST, ("liar", 1.1)])
    often = week([*HONEST, *[("liar", 1.1)] * 40])

    told = [usual_spread(each, 0, len(each.rows), MONDAY + 6) for each in (once, often)]

    assert told[0] == pytest.approx(told[1], rel=0.1)
    assert told[0] == pytest.approx(0.12, rel=0.3)


def test_where_nothing_was_expected_nothing_is_usual() -> None:
    levels = week(HONEST)
    levels.residual[:] = math.nan

    assert usual_spread(levels, 0, len(levels.rows), MONDAY + 6) is None
    assert sellers_so_far(levels, LAPTOP, MONDAY, MONDAY + 6) == 4

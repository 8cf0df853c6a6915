"""The pace of levels: what is noise is hardly followed, what moves is, and what clearly jumps is followed at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.level.pace import Pace, category_of, learn_pace

WEEKS, SELLERS, NOISE = 80, 12, 0.12


def prices(step: float, seed: int = 5, category: str = "lamp") -> tuple[pd.DataFrame, np.ndarray]:
    """Weeks of prices above expectation around a level that takes random steps of this size."""
    dice = np.random.default_rng(seed)
    level = np.cumsum(dice.normal(0, step, WEEKS))
    day = np.repeat(np.arange(WEEKS) * 7 + 18_000, SELLERS)
    rows = pd.DataFrame({"category": category, "seller": dice.integers(0, 500, len(day)), "day": day})
    return rows, np.repeat(level, SELLERS) + dice.normal(0, NOISE, len(day))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_level_that_stands_still_is_followed_slowly_and_one_that_moves_quickly(seed: int) -> None:
    still, moving = (learn_pace(*prices(step, seed)).kappa("category:lamp", SELLERS, 0.0) for step in (0.0, 0.06))

    assert SELLERS / (SELLERS + still) < 0.2
    assert SELLERS / (SELLERS + moving) > 0.4


def test_what_stands_off_by_more_than_chance_is_followed_at_once() -> None:
    pace = learn_pace(*prices(0.0))

    assert SELLERS / (SELLERS + pace.kappa("category:lamp", SELLERS, 0.4)) > 0.9
    assert pace.kappa("category:lamp", SELLERS, 0.03) == pace.kappa("category:lamp", SELLERS, 0.0)
    assert pace.kappa("category:lamp", SELLERS, 0.4) == pace.kappa("category:lamp", SELLERS, -0.4)


def test_a_category_never_seen_has_the_pace_of_all_and_nothing_is_said_before_anything_is_known() -> None:
    pace = learn_pace(*prices(0.0))

    assert pace.kappa("segment:boat|US-MO", 5, 0.0) == pace.kappa("all", 5, 0.0) > 0
    assert Pace().kappa("all", 5, 0.3) == 0
    rows, above = prices(0.0)
    assert learn_pace(rows[: 10 * SELLERS], above[: 10 * SELLERS]) == Pace()
    assert learn_pace(rows, np.full(len(rows), np.nan)) == Pace()


def test_the_category_of_an_area_is_read_from_its_name() -> None:
    assert [category_of(unit) for unit in ("all", "category:lamp", "segment:lamp|US-MO")] == ["", "lamp", "lamp"]

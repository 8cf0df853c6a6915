"""What of a level is newly understood as season stands beside it, and counts once: raw and published."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.level import period_start
from models.knobs import default_knobs
from models.level.closed import Closed, ProductLevel
from models.level.pace import Pace
from models.level.products import carried
from models.level.state import Levels

WEEK = period_start(20_000, 7)
SEASON = 0.2
LEVELS = {"all": 0.1, "category:coat": 0.25, "segment:coat|US-MO": 0.3, "category:drill": 0.0}


@pytest.fixture
def levels() -> Levels:
    """A week that is over, and two sellers of coats in the next: too few to move what is published."""
    rows = pd.DataFrame(
        {
            "day": [WEEK + 8, WEEK + 9], "category": "coat", "region": "US-MO", "seller": ["a", "b"],
            "product": ["p", "q"], "title": ["p", "q"],
        }
    )  # fmt: skip
    counted = {"category:coat": 5, "category:drill": 5}
    closed = Closed(WEEK, dict(LEVELS), dict(LEVELS), counted)
    out = Levels(rows, np.array([0.1, 0.1]), default_knobs().level, closed=[closed])
    out.products["p"] = [ProductLevel(WEEK, 4.5, 4.5, 5)]
    return out


def test_a_season_newly_understood_is_taken_out_of_the_level_at_once(levels: Levels) -> None:
    levels.paces.append((WEEK + 6, Pace(season={"coat": SEASON}, region={"US-MO": 0.05})))

    at = levels.at(WEEK + 9)

    assert at.published["category:coat"] == pytest.approx(LEVELS["category:coat"] - SEASON)
    assert at.published["segment:coat|US-MO"] == pytest.approx(LEVELS["segment:coat|US-MO"] - SEASON - 0.05)
    assert at.published["category:drill"] == LEVELS["category:drill"]
    assert at.published["all"] == pytest.approx(LEVELS["all"] - SEASON / 2)
    assert at.raw["category:drill"] == pytest.approx(at.raw["all"] - LEVELS["all"] + SEASON / 2)
    area = levels.at(WEEK + 9)
    assert carried(levels, "p", "coat", WEEK + 7, area, WEEK + 9) == pytest.approx(4.5 - SEASON)
    # The day before, nothing of it was known.
    assert levels.at(WEEK + 6).published == LEVELS


def test_without_news_of_the_season_what_was_published_stands(levels: Levels) -> None:
    levels.paces.append((WEEK + 6, Pace()))

    at = levels.at(WEEK + 9)

    assert {unit: at.published[unit] for unit in LEVELS} == LEVELS
    assert carried(levels, "p", "coat", WEEK + 7, at, WEEK + 9) == pytest.approx(4.5)

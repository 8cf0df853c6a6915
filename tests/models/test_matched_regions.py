"""Effects of regions from matched sales: what is there is found, what is chance is drawn away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.matched import matched_regions, shrunk

REGIONS = [f"US-{n}" for n in range(12)]


def sales(effect: dict[str, float], seed: int = 4) -> tuple[pd.DataFrame, np.ndarray]:
    """Six things with prices of their own that move from fortnight to fortnight; dear ones sell in the last regions."""
    random = np.random.default_rng(seed)
    thing, day = random.integers(0, 6, 4000), random.integers(0, 140, 4000)
    region = np.array(REGIONS)[np.minimum(random.integers(0, 12, 4000) + thing // 3, 11)]
    rows = pd.DataFrame({"title": [f"thing {n}" for n in thing], "product": "x", "day": day, "region": region})
    moves = random.normal(0, 0.3, (6, 10))
    own = np.array([effect.get(each, 0.0) for each in region])
    return rows, thing + moves[thing, day // 14] + own + random.normal(0, 0.05, 4000)


def test_regions_that_differ_by_chance_do_not_differ() -> None:
    found = matched_regions(*sales({}), 20)

    assert found is not None
    assert max(abs(each) for each in found.values()) < 0.004


def test_a_region_that_is_dearer_is_found_so() -> None:
    found = matched_regions(*sales({"US-3": 0.10, "US-7": -0.05}), 20)

    assert found is not None
    assert found["US-3"] - found["US-5"] == pytest.approx(0.10, abs=0.015)
    assert found["US-7"] - found["US-5"] == pytest.approx(-0.05, abs=0.015)


def test_where_nothing_is_matched_nothing_is_said() -> None:
    rows, price = sales({})

    assert (
        matched_regions(rows.assign(title=[f"one {n}" for n in range(len(rows))], product=range(len(rows))), price, 20)
        is None
    )
    assert matched_regions(rows.assign(region=""), price, 20) is None


def test_effects_no_larger_than_their_errors_are_one() -> None:
    assert np.ptp(shrunk(np.array([0.01, -0.01, 0.0]), np.full(3, 0.05))) == 0
    assert np.ptp(shrunk(np.array([0.5, -0.5, 0.0]), np.full(3, 0.05))) > 0.9

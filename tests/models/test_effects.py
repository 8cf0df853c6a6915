"""Effects of condition, region, kind and season: what was put into a simulated market is found in it again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.text import inverse_document_frequency, weighted, word_matrix
from models.effects import Effects, fit_effects
from models.knobs import default_knobs
from models.seasonal import YEAR

CONDITION = {"like_new": 0.22, "good": 0.0, "fair": -0.3, "parts": -1.1}
REGION = {"US-MO": 0.08, "US-IL": -0.08}
GAP, WAVE, NOISE = 0.15, 0.18, 0.1


@pytest.fixture(scope="module")
def market() -> pd.DataFrame:
    """Two years of two categories; coats have a season, drills none; the parts are seldom."""
    random = np.random.default_rng(11)
    count = 2400
    category = random.choice(["coat", "drill"], count)
    product = np.array([f"{name} model {n}" for name, n in zip(category, random.integers(12, size=count), strict=True)])
    worth = {name: random.uniform(3, 6) for name in sorted(set(product))}
    grade = random.choice(list(CONDITION), count, p=[0.3, 0.4, 0.2, 0.1])
    region, kind = random.choice(list(REGION), count), random.choice(["asking", "sold"], count)
    day = np.sort(random.integers(20_000, 20_000 + 740, count))
    price = np.array([worth[name] for name in product]) + random.normal(0, NOISE, count)
    price += np.array([CONDITION[name] for name in grade]) + np.array([REGION[name] for name in region])
    price += np.where(kind == "asking", GAP, 0.0)
    price += np.where(category == "coat", WAVE * np.cos(2 * math.pi * day / YEAR), 0.0)
    return pd.DataFrame(
        {
            "title": product, "product": product, "category": category, "grade": grade, "region": region,
            "kind": kind, "day": day, "ln_price": price, "source": "town", "seller": random.integers(0, 300, count),
        }
    ).astype(dict.fromkeys(("title", "product", "category", "grade", "region", "kind"), object))  # fmt: skip


@pytest.fixture(scope="module")
def effects(market: pd.DataFrame) -> Effects:
    words = word_matrix(list(market["title"]))
    return fit_effects(market, weighted(words, inverse_document_frequency(words)), default_knobs().effects)


@pytest.mark.parametrize("category", ["coat", "drill"])
@pytest.mark.parametrize("grade", list(CONDITION))
def test_the_effect_of_condition_is_found(effects: Effects, category: str, grade: str) -> None:
    log, rows = effects.of_condition(category, grade)

    assert log == pytest.approx(CONDITION[grade], abs=0.05)
    assert rows > 0


def test_good_is_the_reference_of_condition(effects: Effects) -> None:
    assert effects.of_condition("coat", "good")[0] == 0
    assert effects.of_condition("never seen", "good")[0] == 0


def test_a_category_never_seen_has_the_effects_of_all(effects: Effects) -> None:
    assert effects.of_condition("piano", "fair")[0] == effects.condition[""]["fair"]
    assert effects.of_condition("piano", "never heard of") == (0.0, 0)


def test_the_effect_of_region_is_found_and_averages_to_nothing(effects: Effects, market: pd.DataFrame) -> None:
    for region, log in REGION.items():
        assert effects.of_region(region)[0] == pytest.approx(log, abs=0.03)
    assert market["region"].map(effects.region).mean() == pytest.approx(0, abs=1e-9)
    assert effects.of_region("FR-75") == (0.0, 0)


def test_the_gap_between_asking_and_sold_is_found(effects: Effects) -> None:
    assert effects.of_gap("coat") == pytest.approx(GAP, abs=0.03)
    assert effects.of_gap("drill") == pytest.approx(GAP, abs=0.03)
    assert effects.of_gap("piano") == pytest.approx(GAP, abs=0.03)


def test_a_season_is_found_where_there_is_one(effects: Effects) -> None:
    days = np.arange(20_000, 20_365)
    coat, drill = effects.of_season("coat", days), effects.of_season("drill", days)
    wave = WAVE * np.cos(2 * math.pi * days / YEAR)

    assert np.corrcoef(coat, wave)[0, 1] > 0.95
    assert np.ptp(coat) == pytest.approx(2 * WAVE, rel=0.25)
    assert np.ptp(drill) < 0.1
    assert effects.of_season("piano", 20_100) == 0


def test_less_than_a_year_shows_no_season(market: pd.DataFrame) -> None:
    short = market[market["day"] < 20_300].reset_index(drop=True)
    words = word_matrix(list(short["title"]))

    assert not fit_effects(short, weighted(words, inverse_document_frequency(words)), default_knobs().effects).season


def test_without_sold_prices_there_is_no_gap(market: pd.DataFrame) -> None:
    asking = market[market["kind"] == "asking"].reset_index(drop=True)
    words = word_matrix(list(asking["title"]))
    effects = fit_effects(asking, weighted(words, inverse_document_frequency(words)), default_knobs().effects)

    assert effects.of_gap("coat") == 0


def test_the_adjustment_of_a_row_is_the_sum_of_its_effects(effects: Effects, market: pd.DataFrame) -> None:
    row: Any = market.iloc[[7]]
    only = row.iloc[0]
    by_hand = effects.of_condition(only["category"], only["grade"])[0] + effects.of_region(only["region"])[0]
    by_hand += effects.of_gap(only["category"]) if only["kind"] == "asking" else 0.0
    by_hand += float(effects.of_season(only["category"], int(only["day"])))

    assert effects.adjustment(row)[0] == pytest.approx(by_hand)


def test_a_level_is_taken_out_with_the_effects_it_was_found_with(effects: Effects, market: pd.DataFrame) -> None:
    rows = market.head(4)
    level, season, region = np.full(4, 0.2), np.array([0.1, 0.1, np.nan, np.nan]), np.array([0.3, np.nan, 0.3, np.nan])

    out = effects.taken_out(rows, level, season, region)

    bare = effects.adjustment(rows) - effects.season_of(rows) - effects.region_of(rows)
    assumed = np.where(np.isnan(season), effects.season_of(rows), season)
    assert out == pytest.approx(bare + 0.2 + assumed + np.where(np.isnan(region), effects.region_of(rows), region))


def test_effects_are_kept_as_text_and_read_back(effects: Effects) -> None:
    assert Effects.from_json(effects.to_json()) == effects

"""The list price with depreciation, and how much it counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.market import day_number
from models.base.compose import NOTHING
from models.base.depreciation import KNOTS, NO_LIST_PRICES, ListPrices, age_of, learn_curves, learn_weights
from models.base.worth import Base

DAY = 20_000  # 2024-10-04


def goods(n: int, rate: float, category: str = "phone", seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Goods that lose `rate` of their log price a year, 0.2 at once."""
    random = np.random.default_rng(seed)
    years = random.integers(2012, 2024, n)
    rows = pd.DataFrame(
        {
            "listing": [f"{category}{place}" for place in range(n)], "category": category, "day": DAY,
            "attributes": [{"Release Date": f"{year}-10-04"} for year in years],
            "ln_list": random.normal(6, 0.5, n),
        }
    )  # fmt: skip
    return rows, rows["ln_list"].to_numpy() - 0.2 - rate * (2024 - years) + random.normal(0, 0.02, n)


def test_a_curve_falls_with_age_and_tells_the_rate() -> None:
    rows, target = goods(300, rate=0.15)

    listed = learn_curves(rows, target)

    for curve in listed.curves.values():
        assert (np.diff(curve[: len(KNOTS)]) <= 1e-9).all()
    assert np.median(np.abs(listed.value(rows) - target)) < 0.12


def test_a_category_of_few_is_drawn_to_all() -> None:
    many, prices = goods(400, rate=0.1)
    few, dear = goods(4, rate=0.1, category="watch", seed=2)
    both = pd.concat([many, few], ignore_index=True)

    listed = learn_curves(both, np.concatenate([prices, dear + 1.0]))

    above = np.array(listed.curves["watch"]) - np.array(listed.curves[""])
    assert 0.1 < above.mean() < 0.6  # four cases of ten and four


def test_without_list_prices_nothing_is_learned_and_nothing_counts() -> None:
    rows, target = goods(60, rate=0.1)

    assert learn_curves(rows.assign(ln_list=np.nan), target) == NO_LIST_PRICES
    assert np.isnan(NO_LIST_PRICES.value(rows)).all()
    assert (NO_LIST_PRICES.weight(np.ones(60), NO_LIST_PRICES.value(rows)) == 0).all()


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ({"year": "2014"}, 10.26),
        ({"Model Year": "2014"}, 10.26),
        ({"release date": "2023-10-05"}, 1.0),
        ({"ram": "8GB"}, None),
    ],
)
def test_the_age_is_read_from_what_says_when(said: dict[str, str], age: float | None) -> None:
    row = pd.DataFrame({"attributes": [said], "day": [DAY]})

    found = age_of(row)[0]

    assert (np.isnan(found)) if age is None else found == pytest.approx(age, abs=0.01)
    assert day_number(pd.Timestamp("2024-10-04").date()) == DAY


def test_a_list_price_counts_as_far_as_it_is_right() -> None:
    random = np.random.default_rng(3)
    rest = random.normal(0, 0.5, 500)
    curves = ListPrices({"": (0.0,) * (len(KNOTS) + 1)})

    right = learn_weights(curves, np.zeros(500), rest + random.normal(0, 0.05, 500), rest)
    wrong = learn_weights(curves, np.zeros(500), random.normal(0, 0.5, 500), rest)

    assert right.weights[0] > 0.85
    assert wrong.weights[0] < 0.1
    assert ListPrices.from_json(right.to_json()) == right


def test_the_shares_of_a_base_make_its_value() -> None:
    hedonic, mean, listed = np.array([5.0, 4.0]), np.array([0.4, 0.0]), np.array([4.0, np.nan])
    weight, list_weight = np.array([0.5, 0.0]), np.array([0.2, 0.0])
    value = hedonic + weight * mean
    value = value + list_weight * np.nan_to_num(listed - value)
    base = Base(hedonic, weight, value, [NOTHING, NOTHING], listed, list_weight)

    parts = np.column_stack([hedonic + mean, hedonic, np.nan_to_num(listed)])

    assert np.allclose(base.shares.sum(axis=1), 1.0)
    assert np.allclose((base.shares * parts).sum(axis=1), value)

"""The parts of a base: what the model knows of a thing, by the things it knows, and nothing left over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.text import CHAR_BITS, WORD_BITS
from models.base.hedonic import Hedonic, learn
from models.explanation.parts import parts_of, usual_of, usual_rows

RAM = {"4GB": -0.4, "8GB": 0.0, "16GB": 0.3, "32GB": 0.6}


@pytest.fixture(scope="module")
def market() -> tuple[pd.DataFrame, np.ndarray]:
    """Laptops whose price is their memory and their list price's share, and lamps at random."""
    random = np.random.default_rng(5)
    rows, target = [], []
    for number in range(260):
        laptop = number % 4 > 0
        ram = list(RAM)[int(random.integers(4))]
        listed = 7.0 + random.normal(0, 0.4)
        rows.append(
            {
                "listing": f"a/{number}", "day": number, "title": "Dell laptop" if laptop else "brass desk lamp",
                "category": "laptop" if laptop else "lamp", "brand": "dell" if laptop else "",
                "product": "laptop-dell" if laptop else "lamp-brass", "grade": "good", "region": "",
                "attributes": {"memory": ram, "colour": "grey" if number % 2 else "black"} if laptop else {},
                "ln_list": listed if laptop and number % 3 else np.nan,
            }
        )  # fmt: skip
        target.append((5.5 + RAM[ram] if laptop else 3.0) + random.normal(0, 0.03))
    return pd.DataFrame(rows), np.array(target)


@pytest.fixture(scope="module")
def hedonic(market: tuple[pd.DataFrame, np.ndarray], quick_knobs: Any) -> Hedonic:
    rows, target = market
    return learn(rows, target, np.ones(2**WORD_BITS + 2**CHAR_BITS, np.float32), quick_knobs.hedonic)[0]


def test_the_parts_of_every_thing_make_its_base(market: tuple[pd.DataFrame, np.ndarray], hedonic: Hedonic) -> None:
    rows, _ = market
    seen, name = usual_rows(rows, 200, "laptop", 60)
    usual = usual_of(hedonic, seen, name)

    assert (usual.of, usual.listings) == ("laptop", 60)
    for place in (0, 1, 2, 77, 200):
        row = rows.iloc[[place]]
        base = float(hedonic.predict(row)[0]) + 0.05
        parts = parts_of(hedonic, row, usual, base)  # asserts that nothing is left over
        assert usual.log + sum(part.phi for part in parts) == pytest.approx(base, abs=1e-4)
        assert next(part.phi for part in parts if part.group == "comparables") == pytest.approx(0.05)


def test_memory_is_what_makes_these_laptops_dear(market: tuple[pd.DataFrame, np.ndarray], hedonic: Hedonic) -> None:
    rows, _ = market
    usual = usual_of(hedonic, *usual_rows(rows, 259, "laptop", 300))
    sums = {}
    for ram in ("4GB", "32GB"):
        row = rows[[each.get("memory") == ram for each in rows["attributes"]]].iloc[[0]]
        parts = parts_of(hedonic, row, usual, float(hedonic.predict(row)[0]))
        sums[ram] = sum(part.phi for part in parts if part.group == "attributes")
        rest = sum(abs(part.phi) for part in parts if part.group not in ("attributes",))
        assert abs(sums[ram]) > rest

    assert sums["32GB"] > 0.2
    assert sums["4GB"] < -0.2


def test_a_thing_of_another_category_than_usual_differs_by_its_words_and_category(
    market: tuple[pd.DataFrame, np.ndarray], hedonic: Hedonic
) -> None:
    rows, _ = market
    seen, name = usual_rows(rows, 259, "spaceship", 100)  # nothing of it was seen: held against all
    lamp = rows.iloc[[0]]

    parts = parts_of(hedonic, lamp, usual_of(hedonic, seen, name), float(hedonic.predict(lamp)[0]))

    assert name == ""
    assert sum(part.phi for part in parts if part.group in ("category", "words", "product")) < -0.5


def test_what_is_usual_on_a_day_knows_no_later_listing(market: tuple[pd.DataFrame, np.ndarray]) -> None:
    rows, _ = market

    seen, _ = usual_rows(rows, 100, "laptop", 1000)

    assert seen["day"].max() <= 100
    assert set(seen["category"]) == {"laptop"}

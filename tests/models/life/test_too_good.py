"""Prices that can be computed from the row are told; prices of a market are not."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.life.too_good import believable, made_rows, suspicions
from warehouse.errors import BadInput


def market(price: Any, attributes: list[dict[str, str]], *, source: str = "shop", listed: Any = None) -> pd.DataFrame:
    """A market table of one row for each price, with all that is looked at."""
    n = len(price)
    return pd.DataFrame(
        {
            "listing": [f"{source}/{number}" for number in range(n)], "source": source, "category": "phone",
            "title": [f"phone number {number}" for number in range(n)], "day": np.arange(n), "kind": "asking",
            "ln_price": np.log(price), "ln_list": np.nan if listed is None else np.log(listed),
            "attributes": attributes,
        }
    )  # fmt: skip


def said(**columns: Any) -> list[dict[str, str]]:
    return [dict(zip(columns, map(str, row), strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.fixture
def phones() -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    random = np.random.default_rng(3)
    return np.exp(random.normal(5, 0.7, 240)).round(2), random.integers(30, 1000, 240), random


def test_a_share_of_the_new_price_by_age_is_a_formula(phones: Any) -> None:
    new, days, random = phones
    share = np.select([days < 300, days < 600], [0.7, 0.5], 0.3) + random.normal(0, 0.0005, len(new))
    (found,) = suspicions(market(new * share, said(new_price=new, days_used=days, ram=random.integers(1, 8, 240))))
    assert (found.kind, found.columns) == ("formula", ("new price", "days used"))
    assert "the price is a formula of new price and days used" in found.message
    assert "no accuracy is quoted" in found.message


def test_it_is_found_in_the_list_price_too(phones: Any) -> None:
    new, days, _ = phones
    (found,) = suspicions(market(new * 0.6, said(days_used=days), listed=new))
    assert found.columns[0] == "list price"
    assert found.kind == "formula"


def test_a_sum_of_columns_is_a_formula(phones: Any) -> None:
    new, days, _ = phones
    (found,) = suspicions(market(20 + 0.5 * new + 0.1 * days, said(new_price=new, days_used=days)))
    assert found.kind == "formula"


def test_a_price_for_each_unit_says_the_price_in_other_words_and_no_more(phones: Any) -> None:
    price, _, random = phones
    size = random.choice([64, 128, 256, 512], len(price))
    rows = market(price, said(price_per_gb=(price / size).round(5), capacity=size))
    (found,) = suspicions(rows)
    assert found.kind == "restated"
    assert not made_rows(rows, [found]).any()


@settings(max_examples=12)
@given(noise=st.floats(0.03, 0.6), seed=st.integers(0, 10_000))
def test_a_market_scatters_and_is_not_suspected(noise: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    new = np.exp(random.normal(5, 0.7, 100)).round(2)
    price = new * random.choice([0.5, 0.6, 0.75], 100) * np.exp(random.normal(0, noise, 100))
    assert not suspicions(market(price, said(new_price=new, days_used=random.integers(30, 1000, 100))))


def test_no_accuracy_is_quoted_of_a_made_source_and_of_others_it_is(phones: Any) -> None:
    new, _, random = phones
    made = market(new * 0.6, said(new_price=new), source="made")
    real = market(new * np.exp(random.normal(-0.5, 0.3, 240)), said(new_price=new), source="real")
    left, told = believable(pd.concat([made, real], ignore_index=True))
    assert set(left["source"]) == {"real"}
    assert told[0].startswith("made: the price is a formula of new price")
    with pytest.raises(BadInput, match="no accuracy is quoted"):
        believable(made)


def test_copies_word_for_word_are_told(phones: Any) -> None:
    price = np.repeat(phones[0][:30], 4)
    rows = market(price, [{}] * 120).assign(title="one and the same", day=1)
    assert [each.kind for each in suspicions(rows)] == ["copies"]


@pytest.mark.parametrize(
    ("pattern", "price", "flagged"),
    [
        ("used_phones*.csv", "used_price", True),
        ("ebay_auctions*.csv", "total_pr", False),
        ("textbooks*.csv", "bookstore_used", False),
        ("lego*.csv", "amazon_price", False),
    ],
)
def test_real_files(pattern: str, price: str, flagged: bool) -> None:
    folder = os.environ.get("KATY_TEST_DATA")
    found = sorted(Path(folder).rglob(pattern)) if folder else []
    if not found:
        pytest.skip(f"no file {pattern} below KATY_TEST_DATA")
    with found[0].open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row[price] not in ("", "NA")]
    told = suspicions(market([float(row.pop(price)) for row in rows], rows))
    assert [each.kind for each in told] == (["formula"] if flagged else [])

"""The town's true values: the product of factors that are known by name."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.goods import catalogue
from demo.people import grade_of, people
from demo.town import Town, simulate
from demo.truth import find, questions, true_factors, true_value

END = date(2026, 11, 20)


@cache
def town() -> Town:
    return simulate(7, 7, end=END)


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from(sorted(catalogue().products)),
    grade=st.sampled_from(sorted(people().grades)),
    region=st.sampled_from(sorted(people().regions)),
    back=st.integers(0, 736),
)
def test_the_true_value_is_base_times_its_factors(key: str, grade: str, region: str, back: int) -> None:
    product, day = catalogue().products[key], END - timedelta(days=back)
    factors = true_factors(town(), product, grade, region, day)
    value = product.base * math.prod(factors.values())
    assert true_value(town(), key, grade, region, day) == Decimal(value).quantize(Decimal("0.01"))
    assert value > 0


def test_coats_are_dear_in_winter_and_mowers_in_spring() -> None:
    def season(key: str, month: int) -> float:
        return true_factors(town(), catalogue().products[key], None, "US-MO", date(2026, month, 1))["season"]

    assert season("carhartt-j130", 11) > 1.15 > 1 > season("carhartt-j130", 6)
    assert season("toro-21462", 5) > 1.15 > 1 > season("toro-21462", 11)


@pytest.mark.parametrize("word", sorted(catalogue().categories))
def test_season_takes_nothing_over_a_whole_year(word: str) -> None:
    product = catalogue().of(word)[0]
    days = [date(2025, 3, 1) + timedelta(days=n) for n in range(0, 365, 5)]
    logs = [math.log(true_factors(town(), product, None, "US-MO", day)["season"]) for day in days]
    assert abs(math.fsum(logs) / len(logs)) < 0.01


def test_a_storm_lifts_generators_decays_and_leaves_books_alone() -> None:
    storm = town().climate.storms[-1]

    def effect(key: str, days: int, region: str = "US-MO") -> float:
        product = catalogue().products[key]
        return true_factors(town(), product, None, region, storm.day + timedelta(days=days))["storm"]

    before, peak, later = effect("honda-eu2200i", -1), effect("honda-eu2200i", 4), effect("honda-eu2200i", 30)
    assert before < 1.01
    assert peak > 1.5
    assert 1.1 < later < peak
    assert effect("honda-eu2200i", 4, "US-IL") < peak
    assert effect("worth-psychology-12e", 4) == 1.0


def test_things_are_dearer_over_the_river_and_cheaper_when_broken() -> None:
    at = {"day": END, "thing": "apple-iphone-13-128gb"}
    home = true_value(town(), condition="good", region="US-MO", **at)  # type: ignore[arg-type]
    assert true_value(town(), condition="good", region="US-IL", **at) > home  # type: ignore[arg-type]
    assert true_value(town(), condition="broken, for parts", region="US-MO", **at) < home / 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "grade"),
    [
        ("like new", "like_new"),
        ("NIB", "new"),
        ("Used - Good", "good"),
        (None, "good"),
        ("for parts or repair", "parts"),
    ],
)
def test_words_of_condition_mean_a_grade(words: str | None, grade: str) -> None:
    assert grade_of(words).name == grade


def test_unknown_words_are_not_guessed() -> None:
    with pytest.raises(LookupError, match="none of the town's"):
        grade_of("so so")
    with pytest.raises(LookupError, match="names no product"):
        find("a box of nails")
    with pytest.raises(LookupError, match="several products"):
        find("iPhone 12")


@pytest.mark.parametrize("product", catalogue().products.values(), ids=lambda product: product.key)
def test_every_product_is_found_by_its_own_words(product: object) -> None:
    assert find(product.text) == product  # type: ignore[attr-defined]


def test_about_forty_questions_cover_all_categories_both_regions_and_conditions() -> None:
    asked = questions(town())
    assert 36 <= len(asked) <= 44
    assert {one.category for one in asked} == set(catalogue().categories)
    assert {one.region for one in asked} == set(people().regions)
    assert len({one.condition for one in asked}) >= 3
    assert all(one.true_value == true_value(town(), one.text, one.condition, one.region, END) for one in asked)


def test_gtins_are_valid_and_from_the_range_for_use_inside_shops() -> None:
    gtins = [product.gtin for product in catalogue().products.values()]
    assert len(set(gtins)) == len(gtins)
    for gtin in gtins:
        assert len(gtin) == 13
        assert gtin.startswith("2")
        assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin)) % 10 == 0

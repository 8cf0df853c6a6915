"""How condition is understood from what sellers and markets say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.condition import UNSTATED, grade, scale, without_condition
from features.title import plain


@pytest.mark.parametrize(
    ("stated", "title", "expected"),
    [
        ("https://schema.org/NewCondition", "Bosch drill", "new"),
        ("NewCondition", "Bosch drill", "new"),
        ("RefurbishedCondition", "Dell laptop", "refurbished"),
        ("1000", "Bosch drill", "new"),
        ("7000", "Bosch drill", "parts"),
        ("Like New", "Bosch drill", "like_new"),
        ("very_good", "Bosch drill", "very_good"),
        ("Open-Box", "Bosch drill", "open_box"),
        ("Used - Good", "Bosch drill", "good"),
        (None, "Bosch drill, open box", "open_box"),
        (None, "Dell laptop refurbished", "refurbished"),
        (None, "Bosch drill - for parts or repair", "parts"),
        (None, "Bosch drill (good)", "good"),
        (None, "", UNSTATED),
        ("", "Bosch drill", UNSTATED),
        ("see pictures", "Bosch drill", UNSTATED),
    ],
)
def test_the_words_of_markets_and_sellers_name_a_grade(stated: str | None, title: str, expected: str) -> None:
    assert grade(stated, title) == expected


@pytest.mark.parametrize("stated", ["UsedCondition", "used", "3000", "Pre-Owned", "https://schema.org/UsedCondition"])
def test_a_shop_that_only_says_used_is_told_more_by_the_title(stated: str) -> None:
    assert grade(stated, "iPhone 12 64GB like new") == "like_new"
    assert grade(stated, "iPhone 12 64GB, cracked") == "parts"
    assert grade(stated, "iPhone 12 64GB") == "good"


@pytest.mark.parametrize("stated", ["Used - Like New", "used, like new", "Pre-owned: like new"])
def test_used_beside_a_word_that_says_more_says_nothing(stated: str) -> None:
    assert grade(stated, "iPhone 12") == "like_new"
    assert grade(None, f"iPhone 12 {stated}") == "like_new"


@pytest.mark.parametrize("title", ["New Balance 574 shoes", "new york giants jacket", "Mint green handbag"])
def test_a_name_is_no_condition(title: str) -> None:
    assert grade(None, title) == UNSTATED


def test_new_counts_only_where_it_stands_apart() -> None:
    assert grade(None, "New Makita drill") == "new"
    assert grade(None, "Makita drill, new") == "new"
    assert grade(None, "Makita drill with a new battery inside") == UNSTATED


def test_the_worst_word_wins() -> None:
    assert grade(None, "iPhone 12 like new but cracked screen") == "parts"


def test_a_stated_condition_comes_before_the_title() -> None:
    assert grade("like new", "Bosch drill, broken handle") == "like_new"


@pytest.mark.parametrize("title", ["MacBook Air A2337 laptop - for parts or repair", "dell xps 9310 not working"])
def test_what_a_form_only_calls_damaged_is_for_parts_where_the_title_says_so(title: str) -> None:
    assert grade("DamagedCondition", title) == "parts"
    assert grade("https://schema.org/DamagedCondition", title) == "parts"
    assert grade("DamagedCondition", "dell xps 9310") == "fair"
    assert grade("good", title) == "good"


def test_the_scale_names_each_grade_once_with_its_meaning() -> None:
    known = scale()

    assert len(set(known.grades)) == len(known.grades)
    assert set(known.meaning) == set(known.grades)
    assert set(known.phrase.values()) <= set(known.grades)


def test_words_of_condition_are_cut_out_and_model_codes_left_whole() -> None:
    assert without_condition("like-new sony wh-1000xm4").split() == ["sony", "wh-1000xm4"]
    assert without_condition("new balance 574").split() == ["new", "balance", "574"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_have_a_grade_or_none(stated: str, title: str) -> None:
    assert grade(stated, title) in {*scale().grades, UNSTATED}


@given(st.text(max_size=80))
def test_what_is_left_without_condition_was_there_before(title: str) -> None:
    text = plain(title)
    assert set(without_condition(text).replace("-", " ").split()) <= set(text.replace("-", " ").split())

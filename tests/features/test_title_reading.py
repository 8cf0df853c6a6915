"""What is read in a title: plain words, measures with units, model codes, a category and a product."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.identity import product_of
from features.taxonomy import OTHER, categorise
from features.text import neutral
from features.title import measures, model_codes, plain


def test_a_title_is_read_without_tags_entities_and_control_characters() -> None:
    assert plain("  Bosch&amp;amp;Co <b>DRILL</b>\x00 18V\t\n set ") == "bosch&co drill 18v set"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("16GB 512GB SSD 15.6in", [(16, "gb"), (512, "gb"), (15.6, "inch")]),
        ("1TB drive", [(1000, "gb")]),
        ('27" monitor', [(27, "inch")]),
        ("27″ monitor", [(27, "inch")]),
        ("27” monitor", [(27, "inch")]),
        ("18 V drill, 2 Ah", [(18, "v"), (2, "ah")]),
        ("inverter 1,500W", [(1500, "w")]),
        ("8gb,256gb", [(8, "gb"), (256, "gb")]),
        ("20 ft ladder, 30 lbs", [(20, "ft"), (30, "lb")]),
        ("2 in 1 laptop", []),
        ("3-in-1 stroller", []),
        ("Trek Marlin 5 mountain bike", []),
        ("Makita DHP453", []),
    ],
)
def test_measures_are_numbers_with_a_unit(title: str, expected: list[tuple[float, str]]) -> None:
    assert measures(plain(title)) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Makita DHP453 18V drill", ["dhp453"]),
        ("Sony WH-1000XM4", ["wh1000xm4"]),
        ("Sony WH1000XM4", ["wh1000xm4"]),
        ("DeWalt-DCD771-20V", ["dcd771"]),
        ("Dell i5 16GB 256GB DDR4 1080p 2-in-1", []),
        ("4-pack of 16-piece sets 12-inch", []),
        ("Cannondale Trail 8 29er", []),  # the wheels of a thousand makes
    ],
)
def test_model_codes_are_told_from_sizes_and_techniques(title: str, expected: list[str]) -> None:
    assert model_codes(plain(title)) == expected


@pytest.mark.parametrize(
    ("stated", "title", "expected"),
    [
        (None, "phone case", "case"),
        (None, "case for iPhone 12", "case"),
        (None, "iPhone 12 with case", "phone"),
        (None, "Dell Latitude laptop i5 16GB 256GB SSD refurbished", "laptop"),
        (None, "Samsung 1TB SSD", "storage"),
        (None, "Makita DHP453 cordless drill", "drill"),
        (None, "Trek Marlin 5 mountain bike", "bicycle"),
        (None, "an unheard-of thing", OTHER),
        ("Laptops", "whatever", "laptop"),
        ("Video Games", "whatever", "game"),
        ("Unheard-of wares", "whatever", "unheard-of wares"),
        ("  ", "phone case", "case"),
    ],
)
def test_a_category_comes_from_the_source_or_from_the_thing_named_in_the_title(
    stated: str | None, title: str, expected: str
) -> None:
    assert categorise(stated, title) == expected


def test_a_code_makes_the_product_whatever_else_is_said() -> None:
    said = [
        "Makita DHP453 cordless drill 18V",
        "18V cordless drill Makita DHP453",
        "NEW!! drill: dhp453 (18 V) like new",
    ]

    assert {product_of(title, None, None, None, "drill") for title in said} == {"drill-dhp453-18v"}


def test_identifiers_come_before_words() -> None:
    assert product_of("anything", None, "4 006381-333931", None, "other") == "gtin-04006381333931"
    assert product_of("anything", "De Walt", None, "DCD-771", "drill") == "de-walt-dcd771"
    assert product_of("anything", None, "00000000", None, "other") == "anything"


@pytest.mark.parametrize("code", ["Does not apply", "N/A", "-", "unbranded"])
def test_a_part_number_that_is_none_makes_no_product(code: str) -> None:
    drill, saw = (product_of(title, "Bosch", code, code, "other") for title in ("Bosch GSB180 drill", "Bosch saw"))

    assert drill == "other-gsb180"
    assert saw == "bosch-saw"


def test_another_size_is_another_product() -> None:
    assert product_of("iPhone 13 128GB", None, None, None, "phone") != product_of(
        "iPhone 13 256GB", None, None, None, "phone"
    )


@given(
    st.lists(st.sampled_from("makita drill cordless bosch red 18V 2Ah dhp453 case set wh-1000xm4".split()), min_size=1),
    st.integers(),
)
def test_a_product_does_not_depend_on_the_order_of_words(words: list[str], seed: int) -> None:
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)

    assert product_of(" ".join(words), None, None, None, "drill") == product_of(
        " ".join(shuffled), None, None, None, "drill"
    )


@given(st.text(max_size=200), st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_text_has_a_category_and_a_product_of_bearable_length(
    title: str, brand: str | None, code: str | None
) -> None:
    category = categorise(brand, title)
    product = product_of(title, brand, code, code, category)

    assert category
    assert 1 <= len(product) <= 64


@given(st.text(max_size=100))
def test_reading_a_plain_title_again_changes_nothing(title: str) -> None:
    once = plain(title)
    assert neutral(once) == neutral(title) or "<" in title or "&" in title

"""What a pair's features say: codes, sizes, prices and words of two sides, in any order of the sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.matching.item import Item
from features.matching.pair_features import GROUPS, PairFeatures
from features.matching.side import codes_of, read_side, split
from features.matching.strings import align

SHELF = [
    Item("1", "DeWalt DCD771C2 20V cordless drill", price=99.0, brand="DeWalt"),
    Item("2", "dewalt dcd771 drill 20 V compact", price=89.0),
    Item("3", "Panasonic KX-TG4323B cordless phone", description="3 handsets, 5.8 GHz"),
    Item("4", "panasonic kxtg4323b phone system", price=60.0, attributes=(("handsets", "3"),)),
    Item("5", "Adobe Photoshop CS3 upgrade (Mac)", price=199.0),
    Item("6", "adobe photoshop cs3 windows", price=640.0),
    Item("7", "Apple iPhone 13 128GB blue", attributes=(("colour", "blue"),)),
    Item("8", "apple iphone 13 256gb blue", attributes=(("colour", "blue"),)),
]
FEATURES = PairFeatures.fit(SHELF)


def features_of(left: Item, right: Item, features: PairFeatures = FEATURES) -> dict[str, float]:
    return dict(zip(features.names, features.rows([left], [right]).matrix[0].tolist(), strict=True))


def test_every_column_has_a_name_of_its_own_and_a_group() -> None:
    assert len(set(FEATURES.names)) == len(FEATURES.names) == len(FEATURES.groups)
    assert list(dict.fromkeys(FEATURES.groups)) == list(GROUPS)
    assert FEATURES.rows(SHELF[:2], SHELF[2:4]).matrix.shape == (2, len(FEATURES.names))
    assert FEATURES.rows([], []).matrix.shape == (0, len(FEATURES.names))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kx-tg4323b phone", ("kxtg4323b",)),
        ("sony 7-11719-70670-0 97067", ("711719706700", "97067")),
        ("1080p 120hz 802.11g 16gb", ()),
        ("dewalt dcd771 20v", ("dcd771",)),
        ("year 2007 version 10", ()),
    ],
)
def test_codes_are_what_may_name_a_model(text: str, expected: tuple[str, ...]) -> None:
    assert codes_of(text) == expected


def test_numbers_written_differently_are_one_word() -> None:
    assert split("7.0 1,080 10.50 win98 kdl-52w") == ["7", "1080", "10.5", "win98", "kdl", "52w"]


def test_a_code_written_with_a_hyphen_is_found_on_the_other_side() -> None:
    found = features_of(SHELF[2], SHELF[3])
    assert found["code_found"] == 2
    assert found["code_conflict"] == 0
    assert align(read_side(SHELF[2]), read_side(SHELF[3])).rest_left == ("cordless",)


def test_a_longer_code_of_one_family_is_alike_and_no_conflict() -> None:
    found = features_of(SHELF[0], SHELF[1])
    assert found["code_best_prefix_short"] == 1
    assert found["code_conflict"] == 0
    assert features_of(SHELF[0], SHELF[2])["code_conflict"] == 1


def test_sizes_in_one_unit_agree_or_differ() -> None:
    assert (features_of(SHELF[0], SHELF[1])["sizes_same"], features_of(SHELF[0], SHELF[1])["sizes_differ"]) == (1, 0)
    assert (features_of(SHELF[6], SHELF[7])["sizes_same"], features_of(SHELF[6], SHELF[7])["sizes_differ"]) == (0, 1)


def test_a_price_that_is_missing_is_unknown_and_not_low() -> None:
    assert features_of(SHELF[4], SHELF[5])["price_ratio"] == pytest.approx(math.log(640 / 199))
    silent = features_of(SHELF[0], SHELF[2])
    assert math.isnan(silent["price_ratio"])
    assert silent["prices_known"] == 1


def test_a_shortened_word_and_a_slip_are_the_same_word() -> None:
    aligned = align(
        read_side(Item("a", "office pro std edition")), read_side(Item("b", "offise professional standard"))
    )
    assert set(aligned.soft) == {("office", "offise"), ("pro", "professional"), ("std", "standard")}
    assert aligned.rest_left == ("edition",)
    assert aligned.rest_right == ()


TITLES = st.lists(
    st.sampled_from("sony dell drill case 16gb 32gb xps-13 dcd771 pro professional 7.0 7 red € ''".split()), max_size=7
).map(" ".join)
ITEMS = st.builds(
    Item,
    key=st.sampled_from("abc"),
    title=st.one_of(TITLES, st.text(max_size=12)),
    brand=st.sampled_from([None, "Sony", "Dell"]),
    description=st.one_of(st.none(), TITLES),
    price=st.sampled_from([None, 0.0, 9.5, 120.0]),
    attributes=st.sampled_from([(), (("colour", "red"),), (("colour", "blue"), ("handsets", "2"))]),
)


@settings(max_examples=25)
@given(one=ITEMS, other=ITEMS)
def test_without_sides_a_pair_has_no_order(one: Item, other: Item) -> None:
    there, back = FEATURES.rows([one], [other]), FEATURES.rows([other], [one])
    np.testing.assert_array_equal(there.matrix, back.matrix)
    assert there.marks == back.marks
    found = dict(zip(FEATURES.names, there.matrix[0].tolist(), strict=True))
    own = [name.removeprefix("left_") for name in FEATURES.names if name.startswith("left_")]
    assert not any(found[f"left_{name}"] > found[f"right_{name}"] for name in own)


@settings(max_examples=25)
@given(one=ITEMS, other=ITEMS)
def test_features_are_finite_or_unknown_whatever_the_texts(one: Item, other: Item) -> None:
    assert not np.isinf(FEATURES.rows([one], [other]).matrix).any()


@settings(max_examples=15)
@given(item=ITEMS)
def test_an_item_has_nothing_left_over_against_itself(item: Item) -> None:
    found = features_of(item, item)
    assert found["left_rest_words"] == found["right_rest_words"] == 0
    assert found["code_conflict"] == 0
    assert found["title_equal"] == 1


def test_a_very_long_text_costs_no_more_than_a_long_one() -> None:
    flood = Item("f", "word " * 50_000, description="other " * 50_000)
    assert len(read_side(flood).whole) < 5_000


def test_items_without_a_word_are_read_all_the_same() -> None:
    silent = [Item("a", ""), Item("b", "?!")]
    row = PairFeatures.fit(silent).rows(silent[:1], silent[1:]).matrix
    assert row.shape == (1, len(PairFeatures.fit(silent).names))
    assert not np.isinf(row).any()

"""Labels from the warehouse: known from a day on, told by numbers that are then taken away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.matching.item import Item
from features.matching.labels import Label
from features.matching.weak import Sighting, chosen, weak_labels

PEN, RULER = "4006381333931", "0036000291452"


def seen(listing: str, day: int, title: str, **said: Any) -> Sighting:
    return Sighting(listing, day, Item(key=listing, title=title, **said))


def told(labels: list[Label]) -> list[tuple[str, str, bool, int]]:
    return [(label.left.key, label.right.key, label.same, label.day) for label in labels]


def test_one_article_number_under_two_titles_is_the_same_and_neighbours_with_another_are_not() -> None:
    labels = weak_labels(
        [
            seen("a", 1, "stabilo point 88 fineliner pen blue", gtin=PEN),
            seen("b", 4, "fineliner stabilo point88 blau", gtin=PEN),
            seen("c", 9, "stabilo point 88 fineliner pen blue set", gtin=RULER),
        ]
    )
    assert ("a", "b", True, 4) in told(labels)
    assert ("a", "c", False, 9) in told(labels)
    assert all(label.left.gtin is None and label.right.gtin is None for label in labels)


def test_a_wrong_check_digit_tells_nothing() -> None:
    assert weak_labels([seen("a", 1, "pen", gtin="4006381333930"), seen("b", 2, "biro", gtin="4006381333930")]) == []


def test_a_makers_number_counts_with_its_brand() -> None:
    same = [
        seen("a", 1, "akku schrauber", brand="Makita", mpn="DHP453"),
        seen("b", 2, "combi drill", brand="MAKITA", mpn="dhp-453"),
        seen("c", 3, "a hose", brand="Bosch", mpn="DHP453"),
    ]
    assert told(weak_labels(same)) == [("a", "b", True, 2)]


def test_a_title_that_was_edited_is_the_same_thing_unless_it_contradicts_itself() -> None:
    edited = [seen("a", 1, "iphone 13 128gb"), seen("a", 3, "apple iphone 13 128 gb blue, price drop")]
    assert told(weak_labels(edited)) == [("a", "a", True, 3)]
    assert weak_labels([edited[0], seen("a", 3, "apple iphone 13 256gb")]) == []


def test_the_same_words_in_another_order_teach_nothing() -> None:
    assert weak_labels([seen("a", 1, "pen blue", gtin=PEN), seen("b", 2, "Blue pen", gtin=PEN)]) == []


def test_codes_of_one_shape_that_differ_are_not_the_same() -> None:
    labels = weak_labels([seen("a", 1, "dewalt dcd771 drill driver"), seen("b", 2, "dewalt dcd791 drill driver")])
    assert told(labels) == [("a", "b", False, 2)]


TITLES = st.sampled_from(
    [
        f"{brand} {code} {noun}"
        for brand in ("dewalt", "bosch")
        for code in ("dcd771", "dcd791")
        for noun in ("drill", "saw")
    ]
)
SEEN = st.lists(
    st.builds(seen, st.sampled_from("abcdef"), st.integers(0, 50), TITLES, gtin=st.sampled_from([None, PEN, RULER])),
    max_size=14,
)


@settings(max_examples=40)
@given(SEEN, st.integers(0, 51), st.randoms(use_true_random=False))
def test_labels_known_on_a_day_are_those_of_what_was_seen_by_then(rows: list[Sighting], day: int, dice: Any) -> None:
    whole = weak_labels(rows)
    early = [row for row in rows if row.day < day]
    dice.shuffle(early)
    assert weak_labels(early) == [label for label in whole if label.day < day]


def test_many_labels_are_picked_by_lot_half_of_each_kind() -> None:
    items = [Item(key=str(n), title=str(n)) for n in range(100)]
    labels = [Label(item, items[0], same=n % 4 == 0, day=n) for n, item in enumerate(items)]
    some = chosen(labels, before=80, most=20)
    assert sum(label.same for label in some) == 10
    assert len(some) == 20
    assert max(label.day for label in some) < 80
    assert chosen(list(reversed(labels)), before=80, most=20) == some
    assert max(label.day for label in some) > 40


@pytest.mark.parametrize("before", [0, -5])
def test_before_the_first_label_nothing_is_known(before: int) -> None:
    assert chosen([Label(Item("a", "a"), Item("b", "b"), True, 0)], before, 10) == []

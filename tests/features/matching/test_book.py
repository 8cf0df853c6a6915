"""The book tells which product a key belonged to on a day, and which products a thing in question may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matching.assign import Assigner
from features.matching.book import ProductBook
from features.matching.clusters import Link
from features.matching.item import Item

KEYS = st.sampled_from("abcde")
LINKS = st.lists(st.builds(Link, KEYS, KEYS, st.integers(0, 40), st.just("matched"), st.just("")), max_size=20)


def by_hand(links: list[Link], key: str, day: int) -> str:
    told = sorted((link for link in links if link.key == key and link.day <= day), key=lambda link: link.day)
    return told[-1].product if told else key


@given(LINKS, st.lists(st.tuples(KEYS, st.integers(0, 50)), max_size=30))
def test_the_last_link_on_or_before_a_day_holds(links: list[Link], asked: list[tuple[str, int]]) -> None:
    book = ProductBook.of([], links)
    keys, days = [key for key, _ in asked], np.array([day for _, day in asked], np.int64)
    assert book.products_on(keys, days) == [by_hand(links, key, day) for key, day in asked]
    for key, day in asked[:3]:
        assert book.product_on(key, day) == by_hand(links, key, day)


def test_a_key_without_links_is_its_own_product() -> None:
    assert ProductBook.of([], []).product_on("drill", 5) == "drill"


@pytest.fixture
def shelf(overlap: Any, new_unit: Any) -> ProductBook:
    units = [
        new_unit("drill", 1, "DeWalt DCD771 cordless drill 20V", brand="DeWalt"),
        new_unit("drill-again", 3, "dewalt DCD771 cordless drill driver 20V tested"),
        new_unit("other", 3, "DeWalt DCD791 cordless drill 20V"),
        new_unit("case", 4, "case for DeWalt DCD771 cordless drill"),
        new_unit("gtin-pen", 5, "stabilo fineliner", gtin="4006381333931"),
        new_unit("late", 30, "bosch gsr 12v-15 drill driver"),
    ]
    links = Assigner(units, [], [], lambda day: overlap(half=0.3)).run()
    assert [link.key for link in links if link.how == "matched"] == ["drill-again"]
    return ProductBook.of(units, links)


def test_a_thing_in_question_is_found_with_its_reasons_and_nothing_that_contradicts(
    shelf: ProductBook, overlap: Any
) -> None:
    found = shelf.resolve(Item("", "dcd771 dewalt drill 20 volts"), 10, overlap(half=0.3))
    assert [each.product for each in found] == ["drill"]
    assert 0.3 < found[0].probability <= 1
    assert "same model code dcd771" in found[0].reasons[0]


def test_an_article_number_alone_is_as_good_as_certain(shelf: ProductBook, overlap: Any) -> None:
    (pen,) = shelf.resolve(Item("", "?", gtin="4006381333931"), 10, overlap())
    assert pen.product == "gtin-pen"
    assert pen.probability > 0.99


def test_nothing_is_known_before_its_day(shelf: ProductBook, overlap: Any) -> None:
    asked = Item("", "bosch gsr 12v-15 drill driver")
    assert "late" not in [each.product for each in shelf.resolve(asked, 29, overlap())]
    assert shelf.resolve(asked, 30, overlap())[0].product == "late"
    assert shelf.resolve(asked, 0, overlap()) == []


def test_what_is_not_there_is_not_guessed(shelf: ProductBook, overlap: Any) -> None:
    assert shelf.resolve(Item("", "stradivarius violin 1715"), 40, overlap()) == []


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_products_exclude_each_other(chances: list[float]) -> None:
    class Given:
        key = "given"

        def score(self, left: Any, right: Any) -> Any:
            return np.array(chances[: len(left)])

        def reasons(self, left: Any, right: Any) -> list[str]:
            return []

    from features.matching.clusters import Unit

    units = [Unit(f"k{n}", 0, Item(f"k{n}", f"brass lamp {'abcdef'[n] * 3}")) for n in range(len(chances))]
    found = ProductBook.of(units, []).resolve(Item("", "brass lamp"), 5, Given(), least=0.0)
    total = sum(each.probability for each in found)
    assert total <= 1.001
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)


def test_a_saved_book_answers_as_before(shelf: ProductBook, overlap: Any, tmp_path: Path) -> None:
    shelf.save(tmp_path / "products")
    again = ProductBook.load(tmp_path / "products")
    asked = Item("", "dewalt dcd771")
    assert again.resolve(asked, 10, overlap(half=0.2)) == shelf.resolve(asked, 10, overlap(half=0.2))
    assert again.resolve(asked, 10, overlap(half=0.2))
    keys = ["drill", "drill-again", "new", "case"]
    assert again.products_on(keys, np.full(4, 2)) == shelf.products_on(keys, np.full(4, 2))

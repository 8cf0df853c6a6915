"""Blocking finds what is the same under other spellings, and never looks ahead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matching.blocking import Blocks, pieces
from features.matching.item import Item

TITLES = st.lists(
    st.lists(
        st.sampled_from("drill makita bosch dhp453 18v wh-1000xm4 play station set of two".split()), max_size=6
    ).map(" ".join),
    min_size=1,
    max_size=25,
)


def item(title: str, **said: str) -> Item:
    return Item(key=title, title=title, **said)


def index(titles: list[str]) -> Blocks:
    return Blocks.of([pieces(item(title)) for title in titles])


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ("Sony PlayStation 5 disc console", "play station 5"),
        ("Sony WH-1000XM4 headphones", "wh1000xm4"),
        ("DeWalt DCD771C2 20V drill kit", "dcd771 drill"),
        ("yps3jab player", "samsung YP-S3JAB/XAA"),
    ],
)
def test_one_thing_is_found_under_another_spelling(known: str, asked: str) -> None:
    blocks = index(["wooden chair", known, "mountain bike 27.5 in", "garden hose"])
    found, alike = blocks.like(pieces(item(asked)), before=4)
    assert found[0] == 1
    assert alike[0] > 0


def test_a_number_finds_its_article_whatever_the_words() -> None:
    known = [pieces(item("bread", gtin="04006381333931")), pieces(item("ruler"))]
    found, _ = Blocks.of(known).like(pieces(item("stabilo pen", gtin="4006381333931")), before=2)
    assert found.tolist() == [0]


def test_words_of_condition_make_nothing_alike() -> None:
    blocks = index(["like new chair", "bosch drill"])
    assert len(blocks.like(pieces(item("like new lamp")), before=2)[0]) == 0


@given(TITLES)
def test_candidates_were_known_earlier_and_come_best_first(titles: list[str]) -> None:
    blocks = index(titles)
    for position in range(len(titles)):
        found, alike = blocks.candidates(position)
        assert (found < position).all()
        assert len(set(found.tolist())) == len(found)
        assert (np.diff(np.round(alike, 6)) <= 0).all()
        assert ((alike > 0) & (alike < 1 + 1e-5)).all()


@given(TITLES, TITLES)
def test_what_comes_later_changes_nothing(before: list[str], after: list[str]) -> None:
    early, late = index(before), index(before + after)
    for position in range(len(before)):
        for one, other in zip(early.candidates(position), late.candidates(position), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)


@given(TITLES)
def test_a_question_finds_what_a_listing_with_its_words_would_find(titles: list[str]) -> None:
    blocks, last = index(titles), len(titles) - 1
    asked, known = blocks.like(pieces(item(titles[-1])), before=last), blocks.candidates(last)
    assert asked[0].tolist() == known[0].tolist()
    np.testing.assert_allclose(asked[1], known[1], rtol=1e-4)


def test_a_word_that_all_share_costs_no_search_and_hides_nothing() -> None:
    titles = [f"phone case number{n}" for n in range(15_000)]
    found, _ = index([*titles, "phone case number7"]).candidates(15_000)
    assert found[0] == 7
    assert len(found) == 1


def test_a_saved_index_answers_as_before(tmp_path: Path) -> None:
    blocks = index(["bosch drill", "bosch drill 18v", "makita saw"])
    blocks.save(tmp_path)
    again = Blocks.load(tmp_path)
    for one, other in zip(blocks.candidates(1), again.candidates(1), strict=True):
        assert one.tolist() == other.tolist()
    asked = pieces(item("bosch saw"))
    assert again.like(asked, before=3)[0].tolist() == blocks.like(asked, before=3)[0].tolist()

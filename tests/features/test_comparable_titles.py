"""Which listings are found for a question, and that nobody counts twice among them."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.comparables import Found, TitleIndex, collapse

DRILL, LAPTOP, BIKE = (
    "Makita DHP453 cordless drill 18V",
    "Dell Latitude E7470 laptop 8GB 256GB",
    "Trek Marlin 5 mountain bike",
)


@pytest.fixture(scope="module")
def rows(bazaar: Any) -> Any:
    seen = [
        bazaar.listing(id="a", title=DRILL, observed_at=bazaar.noon(0), seller="ann"),
        bazaar.listing(id="a", title=DRILL, observed_at=bazaar.noon(3), seller="ann"),
        bazaar.listing(id="b", title=DRILL, observed_at=bazaar.noon(1), seller="bob"),
        bazaar.listing(id="b2", title=DRILL, observed_at=bazaar.noon(2), seller="bob"),
        bazaar.listing(id="c", title=LAPTOP, observed_at=bazaar.noon(2)),
        bazaar.listing(id="d", title=BIKE, observed_at=bazaar.noon(9)),
    ]
    return bazaar.table(seen)


@pytest.fixture(scope="module")
def index(rows: Any) -> TitleIndex:
    return TitleIndex(rows)


def ask(index: TitleIndex, text: str, day: int, idf: np.ndarray | None = None) -> list[tuple[str, float]]:
    weights = index.idf(day) if idf is None else idf
    titles, alike = index.similar_titles([text], np.array([day]), weights, top=10, least=0.1)[0]
    return [(str(index.titles[title]), float(likeness)) for title, likeness in zip(titles, alike, strict=True)]


def test_the_same_words_are_wholly_alike(index: TitleIndex, rows: Any) -> None:
    title, likeness = ask(index, f"{DRILL}, like new", int(rows["day"].iloc[-1]))[0]

    assert title == DRILL
    assert likeness == pytest.approx(1.0, abs=1e-5)


def test_a_title_is_not_found_before_it_was_seen(index: TitleIndex, rows: Any) -> None:
    last = int(rows["day"].iloc[-1])

    assert ask(index, BIKE, last)
    assert not ask(index, BIKE, last - 1)


def test_rows_of_a_title_are_those_known_by_the_day(index: TitleIndex, rows: Any) -> None:
    place, first = int(np.flatnonzero(index.titles == DRILL)[0]), int(rows["day"].iloc[0])

    assert [len(index.rows_of(place, first + day, 10)) for day in range(-1, 4)] == [0, 1, 2, 3, 4]
    assert list(index.rows_of(place, first + 3, 10)) == sorted(index.rows_of(place, first + 3, 10))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=80), st.integers(1, 4))
def test_where_there_is_no_room_for_all_rows_each_seller_has_one(sellers: list[int], room: int) -> None:
    table = pd.DataFrame({"title": DRILL, "seller": [str(n) for n in sellers], "day": range(len(sellers))})
    day = len(sellers) - 1

    rows = list(TitleIndex(table.astype({"title": object, "seller": object})).rows_of(0, day, room))

    newest = {seller: place for place, seller in enumerate(sellers)}
    assert rows == (list(range(len(sellers))) if len(sellers) <= room else sorted(newest.values())[-room:])


def test_weights_of_words_know_nothing_of_later_titles(bazaar: Any, rows: Any) -> None:
    early = rows[rows["title"] != BIKE]
    day = int(early["day"].iloc[-1])

    assert np.array_equal(TitleIndex(rows).idf(day), TitleIndex(early).idf(day))


def test_similarities_do_not_depend_on_which_weights_were_used_before(rows: Any) -> None:
    index, fresh = TitleIndex(rows), TitleIndex(rows)
    random = np.random.default_rng(3)
    day = int(rows["day"].iloc[-1])
    for _ in range(8):
        weights = random.uniform(0.5, 5.0, index.words.shape[1]).astype(np.float32)
        # Weights come and go, and a new array may get the address of one that is gone.
        assert ask(index, "Makita drill 8GB", day, weights) == ask(TitleIndex(rows), "Makita drill 8GB", day, weights)
        del weights
        gc.collect()
    assert ask(index, DRILL, day) == ask(fresh, DRILL, day)


def test_a_listing_counts_once_with_its_newest_row_and_a_sellers_copies_once(rows: Any) -> None:
    everything = np.arange(len(rows))
    found = Found(np.zeros(len(rows), int), everything, np.ones(len(rows)))

    kept = collapse(rows, found, rows["listing"].to_numpy(object), rows["seller"].to_numpy(object))

    assert list(rows["listing"].iloc[kept.row]) == ["bazaar/b2", "bazaar/c", "bazaar/a", "bazaar/d"]
    assert rows["day"].iloc[kept.row].is_monotonic_increasing


def test_questions_do_not_share_what_they_found(rows: Any) -> None:
    place = np.array([0, 1])
    found = Found(np.array([0, 0, 1, 1]), np.concatenate([place, place]), np.ones(4))

    kept = collapse(rows, found, rows["listing"].to_numpy(object), rows["seller"].to_numpy(object))

    assert list(np.bincount(kept.question)) == [2, 2]

"""Which listings are found for a question, and that nobody counts twice among them."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.comparables import Found, TitleIndex, collapse, search
from features.comparables.index import power_of
from features.comparables.search import Terms

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

    kept = collapse(found, *(rows[name].to_numpy(object) for name in ("listing", "seller", "title")))

    assert list(rows["listing"].iloc[kept.row]) == ["bazaar/b2", "bazaar/c", "bazaar/a", "bazaar/d"]
    assert rows["day"].iloc[kept.row].is_monotonic_increasing


def test_questions_do_not_share_what_they_found(rows: Any) -> None:
    place = np.array([0, 1])
    found = Found(np.array([0, 0, 1, 1]), np.concatenate([place, place]), np.ones(4))

    kept = collapse(found, *(rows[name].to_numpy(object) for name in ("listing", "seller", "title")))

    assert list(np.bincount(kept.question)) == [2, 2]


WORDS = ("makita", "drill", "18v", "kit", "red", "case", "dcd771", "bike", "trek", "old")
TITLES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=60)


def table_of(titles: list[str], sellers: list[int] | None = None) -> pd.DataFrame:
    named = [str(seller) for seller in sellers or range(len(titles))]
    table = pd.DataFrame({"title": titles, "seller": named, "day": range(len(titles))})
    return table.astype({"title": object, "seller": object})


def brute_force(index: TitleIndex, terms: Terms, known: np.ndarray, share: np.ndarray, idf: np.ndarray) -> np.ndarray:
    """Every title's similarity by the formula itself, a word at a time."""
    own = set(terms.column.tolist())
    out = np.zeros(len(index.titles))
    for title in range(len(index.titles)):
        its = index.words.indices[index.words.indptr[title] : index.words.indptr[title + 1]]
        mass = float((idf[its].astype(float) ** 2).sum())
        shared = float(sum(float(idf[word]) ** 2 for word in its if word in own))
        if shared and known[title]:
            out[title] = shared / (terms.mass.sum() ** (1 - terms.power) * mass**terms.power) * share[title]
    return out


@settings(max_examples=50)
@given(TITLES, st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.data())
def test_what_is_not_looked_at_is_never_better_than_what_is_found(
    titles: list[str], asked: list[str], data: st.DataObject
) -> None:
    sellers = [data.draw(st.integers(0, 3)) for _ in titles]
    index = TitleIndex(table_of(titles, sellers))
    day, top, least = data.draw(st.integers(0, len(titles))), data.draw(st.integers(1, 8)), 0.05
    per_owner, by_length = data.draw(st.integers(1, 4)), data.draw(st.booleans())
    share = np.array([data.draw(st.sampled_from((1.0, 0.5))) for _ in index.titles])
    idf, known = index.idf(day), index.first_day <= day
    (terms,) = index.terms([" ".join(asked)], idf, by_length=by_length)

    with pytest.MonkeyPatch.context() as patch:
        # So small a market would be looked through at once; so each word is looked up by itself.
        patch.setattr(search, "_FIRST_LOOK", 1)
        found, alike = index.search(terms, known, idf, top=top, least=least, per_owner=per_owner, share=share)

    every = brute_force(index, terms, known, share, idf)
    best, count = [], dict.fromkeys(index.owner.tolist(), 0)
    for title in sorted(range(len(every)), key=lambda place: (-round(every[place], 6), place)):
        owner = int(index.owner[title])
        if every[title] >= least and count[owner] < per_owner and len(best) < top:
            count[owner] += 1
            best.append(title)
    assert found.tolist() == best
    assert alike == pytest.approx(every[best])


@settings(max_examples=50)
@given(TITLES, st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.integers(0, 59), st.integers(1, 5))
def test_what_was_found_on_a_day_does_not_depend_on_what_came_later(
    titles: list[str], asked: list[str], day: int, top: int
) -> None:
    now, then = TitleIndex(table_of(titles)), TitleIndex(table_of(titles[: day + 1]))
    text, when = " ".join(asked), np.array([min(day, len(titles) - 1)])

    found = [
        (index.titles[title].tolist(), alike.tolist())
        for index in (now, then)
        for title, alike in index.similar_titles([text], when, then.idf(day), top=top, least=0.1, per_owner=3)
    ]

    assert found[0] == found[1]  # to the last bit


def test_one_sellers_wordings_leave_room_for_others() -> None:
    shop = [f"Makita DHP453 cordless drill 18V number {number}" for number in range(200)]
    titles = [*shop, "Makita DHP453 drill", "cordless drill Makita DHP453 18V kit"]
    index = TitleIndex(table_of(titles, [0] * 200 + [1, 2]))
    day = np.array([len(titles)])

    crowded = index.similar_titles([shop[0]], day, index.idf(300), top=60, least=0.01)[0][0]
    fair = index.similar_titles([shop[0]], day, index.idf(300), top=60, least=0.01, per_owner=15)[0][0]

    assert {index.owner[title] for title in crowded} == {0}
    assert sorted(np.bincount(index.owner[fair]).tolist()) == [1, 1, 15]


@pytest.mark.parametrize("asked", ["drill", "makita drill", "dhp453"])
def test_a_question_of_a_few_words_finds_long_titles(asked: str) -> None:
    long = "Makita DHP453 18V LXT li-ion cordless combi drill driver with charger two batteries and heavy duty bag"
    index = TitleIndex(table_of([long, *(f"{word} lamp {n}" for n in range(30) for word in ("desk", "old", "drill"))]))
    idf = index.idf(100)
    known = index.first_day <= 100

    as_search, as_title = (
        index.titles[index.search(terms, known, idf, top=60, least=0.18)[0]]
        for by_length in (True, False)
        for terms in index.terms([asked], idf, by_length=by_length)
    )

    assert long in as_search
    assert long not in as_title or asked == "dhp453"


def test_a_whole_title_as_a_question_is_asked_by_the_cosine() -> None:
    assert power_of(30) == search.COSINE
    assert power_of(1) == power_of(3) < power_of(8) < power_of(12) == search.COSINE


def test_no_titles_and_no_words_are_no_error() -> None:
    empty = TitleIndex(table_of([]))
    some = TitleIndex(table_of([DRILL]))

    assert len(empty.similar_titles([DRILL], np.array([9]), empty.idf(9), top=5, least=0.1)[0][0]) == 0
    assert len(some.similar_titles(["((("], np.array([9]), some.idf(9), top=5, least=0.1)[0][0]) == 0
    assert some.terms([], some.idf(9)) == []


def test_one_endless_title_costs_the_others_no_room() -> None:
    index = TitleIndex(table_of([*(f"drill {number}" for number in range(500)), "drill " * 4000]))

    assert index.titles.nbytes < 100_000
    assert sorted(index.titles) == list(index.titles)

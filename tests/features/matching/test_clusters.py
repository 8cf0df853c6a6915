"""Products form day by day, keep their ids, and never change for days gone by."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.matching.assign import Assigner
from features.matching.clusters import Link, Unit
from features.matching.decisions import Decision


def formed(
    units: Sequence[Unit], scorer: Any, links: Sequence[Link] = (), decisions: Sequence[Decision] = ()
) -> list[Link]:
    return Assigner(units, links, decisions, lambda day: scorer).run()


def products(links: Sequence[Link], day: int = 10**6) -> dict[str, str]:
    """Where each key is on a day."""
    ordered = sorted((link for link in links if link.day <= day), key=lambda link: link.day)
    return {link.key: link.product for link in ordered}


def story(links: Sequence[Link]) -> list[tuple[str, str, int, str]]:
    return [(link.key, link.product, link.day, link.how) for link in links]


def test_one_thing_in_two_wordings_is_one_product_and_says_why(overlap: Any, new_unit: Any) -> None:
    units = [
        new_unit("a", 1, "DeWalt DCD771 cordless drill 20V"),
        new_unit("b", 2, "dewalt drill driver dcd771 20v tested"),
        new_unit("c", 2, "DeWalt DCD791 cordless drill 20V"),
    ]
    links = formed(units, overlap(half=0.3))
    assert story(links) == [("a", "a", 1, "founded"), ("b", "a", 2, "matched"), ("c", "c", 2, "founded")]
    assert "same model code dcd771" in links[1].why
    assert "20 v" in links[1].why
    assert links[1].model == "overlap"
    assert links[1].probability is not None


def test_a_makers_number_joins_what_no_words_would(told: Any, new_unit: Any) -> None:
    units = [
        new_unit("gtin-1", 1, "akku-schrauber", brand="Makita", mpn="DHP453", gtin="4006381333931"),
        new_unit("makita-dhp453", 2, "combi", brand="MAKITA", mpn="dhp-453"),
    ]
    links = formed(units, told())
    assert story(links)[1] == ("makita-dhp453", "gtin-1", 2, "exact")
    assert "dhp453" in links[1].why


def test_a_chain_of_small_steps_does_not_carry_a_product_away(told: Any, new_unit: Any) -> None:
    units = [new_unit(key, day) for day, key in enumerate("abcd")]
    links = formed(units, told(a_b=0.95, b_c=0.95, c_d=0.95))
    assert products(links) == {"a": "a", "b": "a", "c": "c", "d": "c"}


def test_one_key_that_speaks_against_a_newcomer_is_enough(told: Any, new_unit: Any) -> None:
    units = [new_unit(key, day) for day, key in enumerate("abcd")]
    one_product = {"a_b": 0.95, "a_c": 0.95, "b_c": 0.95}
    assert products(formed(units, told(**one_product, a_d=0.95, b_d=0.95, c_d=0.3)))["d"] == "a"
    assert products(formed(units, told(**one_product, a_d=0.95, b_d=0.95, c_d=0.1)))["d"] == "d"


def test_a_key_like_two_products_does_not_join_what_speaks_against_each_other(told: Any, new_unit: Any) -> None:
    units = [new_unit(key, day) for day, key in enumerate("abc")]
    links = formed(units, told(a_b=0.1, a_c=0.99, b_c=0.99))
    assert products(links) == {"a": "a", "b": "b", "c": "a"}


def test_a_merge_is_recorded_and_earlier_days_keep_what_they_had(told: Any, new_unit: Any) -> None:
    # b was first seen in words too unlike a's to be scored beside them; c has the words of both.
    units = [
        new_unit("a", 1, "brass desk lamp banker green shade antique"),
        new_unit("b", 2, "emeralite vintage bankers light"),
        new_unit("c", 5, "emeralite vintage bankers light brass desk lamp banker green shade antique"),
        new_unit("d", 6, "emeralite vintage bankers light"),
    ]
    links = formed(units, told(a_b=0.9, a_c=0.95, b_c=0.96, a_d=0.9, b_d=0.99, c_d=0.9))
    assert ("b", "a", 5, "merged") in story(links)
    assert products(links, 4) == {"a": "a", "b": "b"}
    assert set(products(links).values()) == {"a"}
    assert "the same as both" in next(link.why for link in links if link.how == "merged")


def test_what_comes_late_meets_products_as_they_were_and_goes_where_they_went(told: Any, new_unit: Any) -> None:
    early = [
        new_unit("a", 1, "brass desk lamp banker green shade antique"),
        new_unit("b", 2, "emeralite vintage bankers light"),
        new_unit("c", 5, "emeralite vintage bankers light brass desk lamp banker green shade antique"),
    ]
    scorer = told(a_b=0.9, a_c=0.95, b_c=0.96, b_l=0.99, a_l=0.0, c_l=0.99)
    first = formed(early, scorer)
    late = formed([*early, new_unit("l", 3, "emeralite vintage bankers light again")], scorer, first)
    assert story(late) == [("l", "b", 3, "matched"), ("l", "a", 5, "merged")]


def test_two_article_numbers_split_what_the_model_had_joined(told: Any, new_unit: Any) -> None:
    units = [
        new_unit("g1", 1, "makita combi drill", gtin="4006381333931"),
        new_unit("m", 2, "makita combi drill dhp453", brand="makita", mpn="dhp453"),
        new_unit("g2", 3, "makita combi drill", brand="makita", mpn="dhp453", gtin="0036000291452"),
    ]
    links = formed(units, told(g1_m=0.99))
    assert story(links) == [
        ("g1", "g1", 1, "founded"), ("m", "g1", 2, "matched"), ("m", "m", 3, "split"), ("g2", "m", 3, "exact")
    ]  # fmt: skip


def test_nothing_that_contradicts_is_joined_however_sure_the_model(new_unit: Any) -> None:
    class Certain:
        key = "certain"

        def score(self, left: Any, right: Any) -> Any:
            import numpy as np

            return np.ones(len(left))

    titles = ["iphone 13 128gb", "iphone 13 256gb", "case for iphone 13 128gb", "lot of 3 iphone 13 128gb"]
    units = [new_unit(f"k{n}", n, title) for n, title in enumerate(titles)]
    assert len(set(products(formed(units, Certain())).values())) == 4


@pytest.fixture(scope="module")
def market(new_world: Any) -> tuple[list[Unit], dict[str, int]]:
    return new_world(80, 3)  # type: ignore[no-any-return]


@settings(max_examples=5)
@given(day=st.integers(0, 99), shuffle=st.randoms(use_true_random=False))
def test_what_is_seen_later_changes_no_earlier_day(
    market: tuple[list[Unit], dict[str, int]], overlap: Any, day: int, shuffle: random.Random
) -> None:
    units = list(market[0])
    whole = formed(units, overlap())
    shuffle.shuffle(units)
    known = formed([unit for unit in units if unit.day <= day], overlap())
    assert story(known) == [told for told in story(whole) if told[2] <= day]


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(0, 99), min_size=1, max_size=3))
def test_many_runs_form_the_products_that_one_run_would(
    market: tuple[list[Unit], dict[str, int]], overlap: Any, cuts: list[int]
) -> None:
    links: list[Link] = []
    for day in [*sorted(cuts), 99]:
        links += formed([unit for unit in market[0] if unit.day <= day], overlap(), links)
    assert story(links) == story(formed(market[0], overlap()))


def test_a_run_with_nothing_new_decides_nothing_and_asks_no_model(
    market: tuple[list[Unit], dict[str, int]], overlap: Any
) -> None:
    links, scorer = formed(market[0], overlap()), overlap()
    assert formed(market[0], scorer, links) == []
    assert scorer.asked == 0


def test_a_tenth_more_listings_leaves_every_product_its_id(
    market: tuple[list[Unit], dict[str, int]], new_world: Any, overlap: Any
) -> None:
    more, _ = new_world(12, 77)
    before = formed(market[0], overlap())
    after = [*before, *formed([*market[0], *more], overlap(), before)]
    merged = {link.key for link in after[len(before) :] if link.how == "merged"}
    kept = [key for key, product in products(before).items() if products(after)[key] == product]
    assert len(kept) + len(merged & set(products(before))) == len(products(before))
    # Formed anew, without what was decided, they come out nearly the same.
    anew = products(formed([*market[0], *more], overlap()))
    assert sum(anew[key] == product for key, product in products(before).items()) >= 0.97 * len(products(before))


def test_products_are_pure(market: tuple[list[Unit], dict[str, int]], overlap: Any) -> None:
    inside: dict[str, Counter[int]] = {}
    for key, product in products(formed(market[0], overlap())).items():
        inside.setdefault(product, Counter())[market[1][key]] += 1
    assert sum(max(each.values()) for each in inside.values()) >= 0.97 * len(market[0])


def decision(key: str, product: str, same: bool, day: int) -> Decision:
    return Decision(key, product, same, day, "a person said so")


@pytest.fixture
def three(new_unit: Callable[..., Unit]) -> list[Unit]:
    return [new_unit(key, day) for day, key in enumerate("abc", 1)]


def test_a_rejected_match_is_split_and_stays_apart(three: list[Unit], told: Any, new_unit: Any) -> None:
    scorer = told(a_b=0.99, a_c=0.99, b_c=0.99, a_d=0.99, b_d=0.99, c_d=0.99)
    first = formed(three, scorer)
    assert set(products(first).values()) == {"a"}
    said = [decision("b", "a", False, 5)]
    second = [*first, *formed(three, scorer, first, said)]
    assert story(second)[3:] == [("b", "b", 5, "person")]
    third = [*second, *formed([*three, new_unit("d", 8)], scorer, second, said)]
    assert products(third) == {"a": "a", "b": "b", "c": "a", "d": "a"}
    assert products(third, 4)["b"] == "a"  # what was answered about earlier days stays


def test_a_confirmed_match_holds_and_brings_all_of_the_product_along(three: list[Unit], told: Any) -> None:
    scorer = told(b_c=0.99)
    first = formed(three, scorer)
    said = [decision("b", "a", True, 5)]
    second = [*first, *formed(three, scorer, first, said)]
    assert story(second)[3:] == [("b", "a", 5, "person"), ("c", "a", 5, "person")]
    assert formed(three, scorer, second, said) == []
    # Taken back, all of it leaves again.
    said.append(decision("b", "a", False, 7))
    third = [*second, *formed(three, scorer, second, said)]
    assert products(third) == {"a": "a", "b": "b", "c": "b"}
    assert formed(three, scorer, third, said) == []


def test_a_decision_in_the_first_run_comes_to_the_same(three: list[Unit], told: Any) -> None:
    scorer = told(a_b=0.99, a_c=0.99, b_c=0.99)
    said = [decision("b", "a", False, 5)]
    # What was rejected is not even joined when all is formed anew.
    links = formed(three, scorer, (), said)
    assert products(links) == {"a": "a", "b": "b", "c": "a"}
    assert products(links, 4)["b"] == "b"

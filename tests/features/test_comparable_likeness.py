"""How alike two things are: what they say of themselves moves what their words say."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.comparables.likeness import ceiling, figures, likeness, read_figures
from features.thing import ROLES, Thing
from features.words.roles import KIND_ROLES
from warehouse.errors import KatyError

PLAIN = Thing(
    text="cordless drill", brand=None, codes=(), gtin=None, mpn=None, sizes=(), year=None, colour=None, quantity=None,
    unit=None, roles=frozenset(), accessory_for=None, lot_size=None, grade="unstated", reasons=(),
)  # fmt: skip
EVERY_ROLE = [*sorted(KIND_ROLES), "wanted"]


def thing(**said: Any) -> Thing:
    return replace(PLAIN, **said)


def told(asked: Thing, other: Thing, words: float = 0.6, *, same_product: bool = False) -> tuple[float, list[str]]:
    alike, reasons = likeness(asked, other, words, same_product=same_product)
    return alike, [each.words for each in reasons]


def test_where_nothing_is_said_the_words_decide() -> None:
    assert told(PLAIN, PLAIN) == (0.6, [])


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_what_only_one_of_the_two_is_makes_it_no_comparable(role: str) -> None:
    one = thing(roles=frozenset({role}))

    for asked, other in ((PLAIN, one), (one, PLAIN)):
        alike, reasons = told(asked, other, 1.0)
        assert alike < figures().least
        assert len(reasons) == 1
    assert told(one, one)[0] == 0.6


def test_what_is_broken_is_no_comparable_for_what_works_whatever_says_so() -> None:
    broken, for_parts = thing(grade="parts"), thing(roles=frozenset({"parts"}))

    assert told(thing(grade="good"), broken, 1.0)[0] < figures().least
    assert told(broken, for_parts)[0] >= 0.5


@pytest.mark.parametrize("role", ["open_box", "refurbished"])
def test_another_state_of_the_same_thing_still_compares(role: str) -> None:
    assert told(PLAIN, thing(roles=frozenset({role})))[0] == 0.6


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"codes": ("dcd771",)}, "same model code dcd771"),
        ({"gtin": "00885911355155"}, "same barcode 885911355155"),
        ({"mpn": "dcd771c2", "brand": "dewalt"}, "same part number dcd771c2"),
        ({"sizes": ((20.0, "v"),)}, "same size 20 v"),
        ({"text": "iphone 13"}, "same number 13"),
    ],
)
def test_what_both_say_draws_them_together(said: dict[str, Any], reason: str) -> None:
    alike, reasons = told(thing(**said), thing(**said))

    assert 0.6 < alike <= 1
    assert reasons == [reason]


@pytest.mark.parametrize(
    ("mine", "its", "reason"),
    [
        ({"codes": ("dcd771",)}, {"codes": ("dcd996",)}, "other model code: dcd996 for dcd771"),
        ({"gtin": "00885911355155"}, {"gtin": "04006381333931"}, "other barcode"),
        ({"brand": "makita"}, {"brand": "dewalt"}, "other brand: dewalt for makita"),
        ({"sizes": ((16.0, "gb"), (256.0, "gb"))}, {"sizes": ((16.0, "gb"), (512.0, "gb"))},
         "other size: 512 gb for 256"),
        ({"text": "iphone 13"}, {"text": "iphone 16"}, "other number: 16 for 13"),
        ({"year": 2019}, {"year": 2022}, "other year: 2022 for 2019"),
        ({"grade": "good"}, {"grade": "like_new"}, "other condition: like new for good"),
    ],
)  # fmt: skip
def test_where_they_differ_they_are_less_alike(mine: dict[str, Any], its: dict[str, Any], reason: str) -> None:
    alike, reasons = told(thing(**mine), thing(**its))

    assert alike < 0.6
    assert reason in reasons


def test_however_much_differs_it_is_still_the_same_kind_of_thing() -> None:
    mine = thing(brand="makita", codes=("dhp453",), sizes=((18.0, "v"),), year=2019, text="drill 1")
    its = thing(brand="dewalt", codes=("dcd771",), sizes=((20.0, "v"),), year=2022, text="drill 2")

    assert told(mine, its, 1.0)[0] == figures().differs.most


def test_a_condition_that_nobody_states_is_told_and_costs_nothing() -> None:
    assert told(PLAIN, thing(grade="good")) == (0.6, ["other condition: good for unstated"])


def test_a_code_that_goes_on_is_of_one_series() -> None:
    alike, reasons = told(thing(codes=("dcd771",)), thing(codes=("dcd771c2",)))

    assert (alike, reasons) == (0.6, ["model code of one series: dcd771c2 for dcd771"])


def test_a_size_is_not_taken_for_the_number_of_a_model() -> None:
    asked = thing(text="dell 7490 14 laptop", sizes=((14.0, "inch"),))

    assert "same number 7490" in told(asked, thing(text="latitude 7490"))[1]
    assert "other number: 13 for 7490" in told(asked, thing(text="dell 13"))[1]


def test_lots_compare_with_lots_of_their_size() -> None:
    five, ten = (thing(roles=frozenset({"lot"}), lot_size=size) for size in (5, 10))

    assert told(five, five)[0] == 0.6
    assert told(five, ten) == (0.3, ["10 pieces for 5"])


def test_what_speaks_against_is_told_first_then_what_speaks_most_for() -> None:
    asked = thing(codes=("dcd771",), sizes=((20.0, "v"),), brand="dewalt")
    other = thing(codes=("dcd771",), sizes=((20.0, "v"),), brand="makita")

    assert told(asked, other)[1] == ["other brand: makita for dewalt", "same model code dcd771", "same size 20 v"]


THINGS = st.builds(
    thing,
    text=st.sampled_from(["drill", "iphone 13", "iphone 16 pro"]),
    brand=st.sampled_from([None, "makita", "dewalt"]),
    codes=st.sampled_from([(), ("dcd771",), ("dcd771c2", "x1000")]),
    gtin=st.sampled_from([None, "00885911355155", "04006381333931"]),
    mpn=st.sampled_from([None, "a1", "b2"]),
    sizes=st.sampled_from([(), ((18.0, "v"),), ((2.0, "ah"), (20.0, "v"))]),
    year=st.sampled_from([None, 2019, 2020]),
    roles=st.frozensets(st.sampled_from(sorted(ROLES)), max_size=3),
    lot_size=st.sampled_from([None, 2, 5]),
    grade=st.sampled_from(["unstated", "good", "parts"]),
)


@given(THINGS, THINGS, st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_likeness_is_a_share_the_same_both_ways_and_grows_with_the_words(
    one: Thing, two: Thing, less: float, more: float, same_product: bool
) -> None:
    less, more = sorted((less, more))
    low, high = (told(one, two, words, same_product=same_product)[0] for words in (less, more))

    assert 0 <= low <= high <= 1
    assert told(two, one, more, same_product=same_product)[0] == pytest.approx(high)
    assert told(one, one, more)[0] >= more - 1e-12
    its_words = f"{two.text} {' '.join(two.codes)}"
    assert high <= ceiling(one, more, its_words, same_product=same_product) + 1e-12


def test_every_role_that_makes_another_thing_of_it_has_its_words() -> None:
    assert set(figures().apart.roles) == set(EVERY_ROLE)
    assert figures().apart.share < figures().least


def test_a_figure_that_is_none_is_named() -> None:
    text = resources.files("features").joinpath("data/likeness.toml").read_text("utf-8")

    for wrong, said in (
        (text.replace("brand = 0.5", "brand = 5"), r"likeness.toml, differs.brand: .*from 0 to 1"),
        (text.replace("brand = 0.5", "brnad = 0.5"), "differs.brand"),
        (text.replace("least = 0.05", "least = "), "is not TOML"),
    ):
        with pytest.raises(KatyError, match=said):
            read_figures(wrong)

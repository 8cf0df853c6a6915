"""Sizes in one unit for each dimension, years, and which words are denied."""

from __future__ import annotations

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.condition import grade
from features.title import plain
from features.words.negation import negated
from features.words.phrases import Tokens
from features.words.sizes import PINT_NAMES, TOLD_IN, factor, sizes, told
from features.words.years import model_year


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("1 TB SSD", {(1000, "gb")}),
        ("1000 GB SSD", {(1000, "gb")}),
        ("2 ft board", {(24, "inch")}),
        ("15.24 cm", {(6, "inch")}),
        ('6" pipe', {(6, "inch")}),
        ('1-1/2" pipe', {(1.5, "inch")}),
        ("10 kg rice", {(22.05, "lb")}),
        ("16 oz jar", {(1, "lb")}),
        ("12 fl oz bottle", {(0.3549, "l")}),
        ("5000 mAh", {(5, "ah")}),
        ("2.4GHz", {(2.4e9, "hz")}),
        ("1.5 kW heater", {(1500, "w")}),
        ("128/256/512GB", {(128, "gb"), (256, "gb"), (512, "gb")}),
        ("sz 9.5", {(9.5, "size")}),
        ("US 10", {(10, "size us")}),
        ("EU 42", {(42, "size eu")}),
        ("5G phone", set()),
        ("12G SAS", set()),
        ("2026 HP Victus", set()),
        ("PVQ-00001 w/Warranty", set()),
        ("SATA 6Gb/s", set()),
        ("iPhone 12 in original box", set()),
    ],
)
def test_a_measure_is_told_in_the_unit_of_its_dimension(title: str, expected: set[tuple[float, str]]) -> None:
    assert set(sizes(plain(title))) == expected


def test_a_terabyte_is_what_pint_says_it_is() -> None:
    registry = pint.UnitRegistry()
    assert registry.Quantity(1, "terabyte").to("gigabyte").magnitude == pytest.approx(factor("terabyte", "gigabyte"))


@given(st.sampled_from(sorted(TOLD_IN)), st.floats(0.01, 9999))
def test_telling_a_measure_again_changes_nothing(unit: str, number: float) -> None:
    once = told(number, unit)
    assert once[1] in PINT_NAMES
    assert told(*once) == once


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2019 MacBook Pro", 2019),
        ("Trek Marlin (2021)", 2021),
        ("nike-air-presto-2018", 2018),
        ("fits 2014-2019 Corolla", None),
        ("2000 watt inverter", None),
        ("1920x1080 monitor", None),
        ("WH-2000 headphones", None),
        ("$2000 laptop", None),
        ("sofa 2015 or 2016", None),
        ("Cyberpunk 2077", None),
        ("1998 pcs puzzle", None),
    ],
)
def test_a_year_is_told_from_other_numbers(title: str, year: int | None) -> None:
    assert model_year(plain(title)) == year


@pytest.mark.parametrize(
    ("title", "denied"),
    [
        ("no cracks", True),
        ("no scratches or cracks", True),
        ("without any visible cracks", True),
        ("doesn't have scratches or cracks", True),
        ("crack free cracks-free", True),
        ("no charger, cracks", False),
        ("not cheap but cracks", False),
        ("has cracks", False),
    ],
)
def test_a_denial_reaches_what_it_denies_and_no_further(title: str, denied: bool) -> None:
    tokens = Tokens(plain(title))
    last = len(tokens) - 1 if "free" not in title else 0
    assert (negated(tokens, last, last + 1) is not None) == denied


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("1000", "new"), ("1500", "open_box"), ("1750", "open_box"), ("2000", "refurbished"), ("2010", "refurbished"),
        ("2020", "refurbished"), ("2030", "refurbished"), ("2500", "refurbished"), ("2750", "like_new"),
        ("2990", "very_good"), ("3000", "good"), ("3010", "fair"), ("4000", "very_good"), ("5000", "good"),
        ("6000", "fair"), ("7000", "parts"), ("400010", "like_new"), ("400015", "very_good"), ("400016", "good"),
        ("400017", "fair"), ("For parts or not working", "parts"), ("Very Good - Refurbished", "refurbished"),
        ("New other (see details)", "open_box"), ("Spares/repair", "parts"), ("Near Mint (NM or M-)", "like_new"),
        ("https://schema.org/DamagedCondition", "fair"),
    ],
)  # fmt: skip
def test_the_numbers_and_names_of_marketplaces_have_a_grade(stated: str, expected: str) -> None:
    assert grade(stated) == expected

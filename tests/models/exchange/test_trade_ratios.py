"""What goes for what: the unit of account cancels, offers are whole numbers, words are counted as people mean them."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exchange.amounts import read_counted
from models.exchange.ratio import offers, ratio, simplest
from models.exchange.worth import Worth

worths = st.builds(
    lambda value, down, up, level: Worth(value, value * math.exp(-down), value * math.exp(up), "B", level),
    st.floats(0.05, 50_000),
    st.floats(0.01, 1.5),
    st.floats(0.01, 1.5),
    st.sampled_from(["bread", "bike", ""]),
)


@given(one=worths, other=worths, price=st.floats(1e-6, 1e6))
def test_a_ratio_is_the_same_in_every_numeraire(one: Worth, other: Worth, price: float) -> None:
    def told(each: Worth) -> Worth:
        return Worth(each.value / price, each.low / price, each.high / price, each.confidence, each.hangs_on)

    dollars, other_unit = ratio(one, other), ratio(told(one), told(other))
    for here, there in zip(
        (dollars.value, dollars.low, dollars.high), (other_unit.value, other_unit.low, other_unit.high), strict=True
    ):
        assert there == pytest.approx(here, rel=1e-9)


@given(one=worths, other=worths)
def test_a_ratio_turned_round_is_its_inverse_and_the_interval_holds_it(one: Worth, other: Worth) -> None:
    there, back = ratio(one, other), ratio(other, one)

    assert back.value == pytest.approx(1 / there.value)
    assert (back.low, back.high) == pytest.approx((1 / there.high, 1 / there.low))
    assert there.low < there.value < there.high


def test_on_one_level_the_interval_is_wider_and_says_so() -> None:
    bread, roll = (Worth(5.0, 4.0, 6.25, "B", "bread") for _ in range(2))
    bike = Worth(5.0, 4.0, 6.25, "B", "bike")

    assert ratio(bread, bike).independent
    assert ratio(bread, bike).high == pytest.approx(math.exp(math.hypot(math.log(1.25), math.log(1.25))))
    assert not ratio(bread, roll).independent
    assert ratio(bread, roll).high == pytest.approx(1.25**2)


@given(low=st.fractions(Fraction(1, 500), 500), width=st.fractions(Fraction(1, 200), 2))
def test_the_simplest_fraction_has_the_smallest_parts_of_all_in_the_interval(low: Fraction, width: Fraction) -> None:
    first, second = simplest(float(low), float(low * (1 + width)))

    assert float(low) * (1 - 1e-12) <= first / second <= float(low * (1 + width)) * (1 + 1e-12)
    for smaller in range(1, min(second, 60)):
        # No whole number stands over a smaller one within the interval.
        assert math.ceil(float(low) * smaller * (1 + 1e-9)) > float(low * (1 + width)) * smaller * (1 - 1e-9)


@given(one=worths, other=worths)
def test_every_offer_is_in_whole_numbers_within_the_interval(one: Worth, other: Worth) -> None:
    found = ratio(one, other)
    told = offers(found)

    assert 1 <= len(told) <= 5
    for offer in told:
        assert math.gcd(offer.first, offer.second) == 1
        assert found.low * (1 - 1e-9) <= offer.first / offer.second <= found.high * (1 + 1e-9)
        assert 0 <= offer.fit <= 1


def test_seven_loaves_for_a_repair() -> None:
    loaf, repair = Worth(6.0, 5.0, 7.2, "B", "bread"), Worth(43.0, 38.0, 48.0, "B", "services")

    said = [(offer.first, offer.second) for offer in offers(ratio(loaf, repair))]
    assert said[0][1] == 1
    assert (7, 1) in said


@pytest.mark.parametrize(
    ("said", "count", "text", "several"),
    [
        ("7 loaves of sourdough bread", 7, "loaf of sourdough bread", "7 loaves of sourdough bread"),
        ("7 x sourdough bread", 7, "sourdough bread", "7 × sourdough bread"),
        ("three hours of tutoring", 3, "tutoring", "3 hours of tutoring"),
        ("half an hour of tutoring", 0.5, "tutoring", "0.5 hours of tutoring"),
        ("2 mountain bikes", 2, "mountain bike", "2 mountain bikes"),
        ("2 bikes", 2, "bike", "2 bikes"),
        ("1 bag of flour", 1, "bag of flour", "1 bag of flour"),
        ("bike repair", 1, "bike repair", "1 bike repair"),
        ("18V drill", 1, "18V drill", "1 18V drill"),
        ("3 piece sofa", 1, "3 piece sofa", "1 3 piece sofa"),
        ("10 speed bike", 1, "10 speed bike", "1 10 speed bike"),
        ("a guitar", 1, "guitar", "1 guitar"),
        ("2 glass tables", 2, "glass table", "2 glass tables"),
        ("10 speed bikes", 1, "10 speed bikes", None),
    ],
)
def test_numbers_count_things_only_where_they_do(said: str, count: float, text: str, several: str | None) -> None:
    read = read_counted(said)

    assert (read.count, read.text) == (count, text)
    if several is not None:
        assert read.said(read.count) == several

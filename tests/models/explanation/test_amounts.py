"""Parts in logs become amounts that add up to the cent."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explanation.amounts import apportion, logarithmic_mean
from models.explanation.contributions import contributions
from models.explanation.parts import Part

CENT = Decimal("0.01")
GROUPS = ("words", "brand", "category", "list price", "product", "comparables")


@given(st.lists(st.decimals(-1000, 1000, places=5), min_size=1, max_size=12), st.sampled_from(["0.01", "1", "0.001"]))
def test_amounts_in_whole_units_sum_to_the_rounded_sum(amounts: list[Decimal], unit: str) -> None:
    total = sum(amounts, Decimal(0)).quantize(Decimal(unit), rounding=ROUND_HALF_EVEN)

    shares = apportion(amounts, total, Decimal(unit))

    assert sum(shares) == total
    for share, amount in zip(shares, amounts, strict=True):
        assert abs(share - amount) < Decimal(unit)


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_the_logarithmic_mean_lies_between_geometric_and_arithmetic(a: float, b: float) -> None:
    mean = logarithmic_mean(a, b)

    assert math.sqrt(a * b) * (1 - 1e-9) <= mean <= (a + b) / 2 * (1 + 1e-9)


@given(
    st.lists(st.tuples(st.sampled_from(GROUPS), st.floats(-2, 2)), min_size=1, max_size=10),
    st.decimals(Decimal("0.05"), 100_000, places=6),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_start_and_contributions_make_the_base_to_the_minor_unit(
    said: list[tuple[str, float]], base: Decimal, currency: str
) -> None:
    parts = [Part(group, "", phi) for group, phi in said]  # type: ignore[arg-type]

    inside = contributions(parts, base, currency, usual_of="drill", listings=30, smallest=0.01)

    assert Decimal(inside.start) + sum(Decimal(part.amount) for part in inside.parts) == Decimal(inside.base)
    assert len({part.group for part in inside.parts}) == len(inside.parts)


def test_contributions_are_the_formula_of_the_logarithmic_mean() -> None:
    parts = [Part("words", "", math.log(2)), Part("brand", "", math.log(0.75))]

    inside = contributions(parts, Decimal("150"), "USD", usual_of="", listings=1, smallest=0.01)

    worth = 50 / math.log(1.5)
    assert inside.start == "100.00"
    assert [part.amount for part in inside.parts] == [f"{math.log(2) * worth:.2f}", f"{math.log(0.75) * worth:.2f}"]


def test_small_attributes_are_pooled_and_large_ones_named() -> None:
    parts = [
        Part("attributes", "ram", 0.3),
        Part("attributes", "colour", 0.001),
        Part("attributes", "port", 0.002),
        Part("measures", "gb", 0.02),
        Part("measures", "gb", 0.03),
    ]

    inside = contributions(parts, Decimal(100), "USD", usual_of="", listings=1, smallest=0.01)

    named = {(part.group, part.name): float(part.log) for part in inside.parts}
    assert named == {("attributes", "ram"): 0.3, ("measures", "gb"): 0.05, ("attributes", "others"): 0.003}


@pytest.mark.parametrize("gap", [0.0, 1e-12, 1e-6, 9.9e-5, 1.1e-4])
def test_the_logarithmic_mean_is_steady_where_both_are_nearly_equal(gap: float) -> None:
    assert logarithmic_mean(100 * math.exp(gap), 100.0) == pytest.approx(100 * math.exp(gap / 2), rel=1e-8)

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.bls_oews import STATES, plain_number, scheme_of


@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_a_number_in_american_writing_is_read_exactly(number):
    for written in (f"{number:,}", f"${number:,}", f"$ {number:,}", f" {number} "):
        assert Decimal(plain_number(written)) == number


@pytest.mark.parametrize("text", ["", "*", "**", "#", "~", "1,23", "12,3456", "1.234,50", "-5", "see note", "1e3", "$"])
def test_what_is_no_such_number_is_not_guessed(text):
    assert plain_number(text) == ""


def test_the_states_the_district_and_three_territories_are_known():
    assert len(STATES) == 50 + 1 + 3
    assert len(set(STATES.values())) == len(STATES)
    assert {STATES["29"], STATES["11"], STATES["72"], STATES["06"]} == {"MO", "DC", "PR", "CA"}


@pytest.mark.parametrize(
    ("year", "scheme"),
    [(2025, "SOC 2018"), (2021, "SOC 2018"), (2019, "SOC 2018/2010 hybrid"), (2016, "SOC 2010"), (2007, "SOC 2000")],
)
def test_a_release_names_its_classification(year, scheme):
    assert scheme_of(year) == scheme

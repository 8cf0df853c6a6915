"""The middle between two prices, and the day of a moment where it was written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.dolarapi import local_day, middle

PRICES = st.decimals("0.0001", "10000000", places=4)


@given(PRICES, PRICES)
def test_the_middle_is_exact_and_lies_between(buying: Decimal, selling: Decimal) -> None:
    found = middle(str(buying), str(selling))
    rate = Decimal(found.rate)
    assert rate * 2 == buying + selling
    assert min(buying, selling) <= rate <= max(buying, selling)
    assert (found.reason == "unlikely") == (max(buying, selling) > 2 * min(buying, selling))


@given(PRICES, st.sampled_from([None, "", "0", "0.00", "n/a", "NaN"]))
def test_one_side_is_all_there_is(price: Decimal, nothing: str | None) -> None:
    for found in (middle(str(price), nothing), middle(nothing, str(price))):
        assert (Decimal(found.rate), found.one_sided, found.reason) == (price, True, None)
    assert Decimal(middle(nothing, None, str(price)).rate) == price
    assert middle(nothing, None).rate == ""


@pytest.mark.parametrize("odd", ["12O", "-5", "sNaN", "Infinity", "1e999999999", "1.405,50"])
def test_a_side_that_is_no_price_is_not_averaged_away(odd: str) -> None:
    assert middle(odd, "1400").reason == "bad_rate"
    assert middle("1400", odd).reason == "bad_rate"


@pytest.mark.parametrize(
    ("text", "hours", "day"),
    [
        ("2026-11-20T01:30:00.000Z", -3, "2026-11-19"),
        ("2026-11-20T23:15:13.491521-03:00", -3, "2026-11-20"),
        ("2026-11-20T03:59:59Z", -4, "2026-11-19"),
        ("2026-11-20T01:30:00", -3, "2026-11-20"),
        ("yesterday", -3, "yesterday"),
        (None, -3, ""),
    ],
)
def test_a_rate_belongs_to_the_day_of_its_country(text: str | None, hours: float, day: str) -> None:
    assert local_day(text, hours) == day

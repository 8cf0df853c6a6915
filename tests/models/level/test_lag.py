"""What lags behind: published over raw of the most specific unit, the product before its area."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.level.closed import Closed
from models.level.products import ProductNow, lag

UNIT, AREA = "segment:drill|US-MO", "category:drill"
levels = st.floats(-1, 1)


def at(raw: float, published: float, shock: float = 0.0) -> Closed:
    return Closed(0, {AREA: raw}, {AREA: published}, {AREA: 9}, {AREA: (shock,)} if shock else {})


@given(levels, levels, st.booleans())
def test_a_product_with_a_reference_price_lags_by_its_own(raw: float, published: float, settled: bool) -> None:
    assert lag(at(0.3, 0.1), UNIT, ProductNow(raw, published, 5), settled) == published - raw


def test_without_one_it_lags_with_its_area() -> None:
    assert lag(at(0.3, 0.1), UNIT, None, settled=False) == pytest.approx(-0.2)
    assert lag(Closed(0, {}, {}, {}), UNIT, None, settled=False) == 0.0


@given(levels, levels, levels)
def test_what_its_own_sales_settle_lags_by_no_more_than_what_the_drivers_did(
    raw: float, published: float, shock: float
) -> None:
    found = lag(at(raw, published, shock), UNIT, None, settled=True)

    assert abs(found) <= abs(shock) + 1e-12
    assert found == pytest.approx(0.0) or (found > 0) == (published > raw)
    assert abs(found) <= abs(published - raw) + 1e-12

"""What a price index must do, whatever the prices: identity, reversal, transitivity, no drift, no revision."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.index.dummy import time_product_dummy
from features.index.geks import bilateral, chained, geks
from features.index.panel import panel
from features.index.window import published_index, splice

few = settings(max_examples=25)
robust = partial(time_product_dummy, robust=True)
each_method = pytest.mark.parametrize("index", [geks, time_product_dummy, robust], ids=["geks", "tpd", "robust"])


@st.composite
def markets(draw: st.DrawFn, weighted: bool = True) -> pd.DataFrame:
    """Up to eight units over up to seven periods, not each seen in each period."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units, periods = draw(st.integers(2, 8)), draw(st.integers(2, 7))
    rows = [(u, t) for u in range(units) for t in range(periods) if u == 0 or random.random() < 0.6]
    table = pd.DataFrame(rows, columns=["unit", "period"])
    table["log_price"] = random.normal(0, 0.5, len(rows)) + table["unit"]
    if weighted and draw(st.booleans()):
        table["weight"] = random.uniform(0.2, 3.0, len(rows))
    return table


@each_method
@few
@given(table=markets(), steps=st.lists(st.floats(-1, 1), min_size=7, max_size=7))
def test_when_every_price_moves_alike_the_index_is_that_movement(index, table, steps) -> None:
    """Identity where nothing moves, proportionality where all move by one factor; qualities do not matter."""
    moved = table["period"].map(dict(enumerate(steps)))
    found = index(panel(table.assign(log_price=3.0 * table["unit"] + moved)))
    wanted = np.array(steps)[: len(found)] - steps[0]
    np.testing.assert_allclose(found, wanted, atol=1e-9)


@each_method
@few
@given(table=markets())
def test_time_reversal_turns_the_index_over(index, table) -> None:
    there = index(panel(table))
    back = index(panel(table.assign(period=-table["period"])))[::-1]
    np.testing.assert_allclose(there - there[-1], back, atol=1e-9)


@each_method
@few
@given(table=markets(), data=st.data())
def test_any_base_gives_the_same_movements(index, table, data) -> None:
    """Transitivity: from s to t is the same whether one starts at the first period or at another."""
    prices = panel(table)
    base = data.draw(st.integers(0, len(prices.periods) - 1))
    first, other = index(prices, 0), index(prices, base)
    np.testing.assert_allclose(first - first[base], other, atol=1e-9)


@few
@given(table=markets())
def test_two_periods_alone_are_the_matched_jevons(table) -> None:
    prices = panel(table[table["period"] < 2])
    jevons = bilateral(prices)[0][0, -1]
    assert geks(prices)[-1] == pytest.approx(jevons, abs=1e-9)
    assert time_product_dummy(prices)[-1] == pytest.approx(jevons, abs=1e-9)


def bouncing(rounds: int) -> pd.DataFrame:
    """One unit bounces: full price, on sale, then out of stock until it is back at its full price; three stay put."""
    rows = [(f"still {n}", t, 0.0) for n in range(3) for t in range(3 * rounds + 1)]
    rows += [("bouncing", t, -np.log(2) if t % 3 == 1 else 0.0) for t in range(3 * rounds + 1) if t % 3 != 2]
    return pd.DataFrame(rows, columns=["unit", "period", "log_price"])


@pytest.mark.parametrize("index", [geks, time_product_dummy], ids=["geks", "tpd"])
def test_prices_that_return_give_an_index_that_returns(index) -> None:
    """The chained index falls by a sixth each round though every price is what it was; GEKS and TPD return exactly."""
    prices = panel(bouncing(6))
    assert chained(prices)[-1] == pytest.approx(-6 * np.log(2) / 4)
    assert index(prices)[18] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(index(prices)[0::3], 0.0, atol=1e-9)


@pytest.mark.parametrize("method", ["geks", "tpd", "robust"])
def test_the_published_index_hardly_drifts(method: str) -> None:
    naive = chained(panel(bouncing(12)))
    held = published_index(bouncing(12), window=7, method=method)
    assert naive[-1] == pytest.approx(-12 * np.log(2) / 4)
    assert abs(held.iloc[-1]) < 0.02 * abs(naive[-1])


@few
@given(table=markets(), window=st.integers(2, 5), method=st.sampled_from(["geks", "tpd"]), data=st.data())
def test_what_was_published_does_not_depend_on_what_came_later(table, window, method, data) -> None:
    last = data.draw(st.integers(0, int(table["period"].max())))
    whole = published_index(table, window=window, method=method)
    then = published_index(table[table["period"] <= last], window=window, method=method)
    pd.testing.assert_series_equal(then, whole.iloc[: len(then)])
    again = published_index(table, window=window, method=method, published=dict(then))
    pd.testing.assert_series_equal(again, whole)


def test_a_standing_value_is_never_revised_and_later_ones_are_tied_to_it() -> None:
    found = published_index(bouncing(2), window=7, published={0: 0.0, 3: 0.5})
    assert found[3] == 0.5
    assert 0.0 < found[6] < 0.5


def test_periods_without_a_common_unit_are_not_tied() -> None:
    table = pd.DataFrame({"unit": ["a", "a", "b", "b"], "period": [0, 1, 2, 3], "log_price": [0.0, 0.1, 5.0, 5.2]})
    for index in (geks, time_product_dummy):
        np.testing.assert_allclose(index(panel(table)), [0.0, 0.1, np.nan, np.nan], atol=1e-12)
    assert published_index(table, window=4).isna().tolist() == [False, False, True, True]
    assert np.isnan(splice(np.array([0.0, np.nan]), np.array([0.0, np.nan])))


def test_one_wild_price_hardly_moves_the_robust_index() -> None:
    random = np.random.default_rng(3)
    rows = [(u, t, u + 0.1 * t + random.normal(0, 0.02)) for u in range(12) for t in range(5)]
    table = pd.DataFrame(rows, columns=["unit", "period", "log_price"])
    table.loc[(table["unit"] == 4) & (table["period"] == 4), "log_price"] += 3.0
    plain, robust = (time_product_dummy(panel(table), robust=way)[-1] for way in (False, True))
    assert plain > 0.5
    assert robust == pytest.approx(0.4, abs=0.05)


def test_wrong_asks_are_named() -> None:
    with pytest.raises(ValueError, match="there is no period"):
        panel(pd.DataFrame({"unit": ["a"], "log_price": [0.0]}))
    with pytest.raises(ValueError, match="window of 1"):
        published_index(bouncing(1), window=1)
    with pytest.raises(ValueError, match='no index method "best"'):
        published_index(bouncing(1), method="best")

"""Goods seen in two currencies imply a rate, which a few wild goods or one busy seller do not move."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.anchors.implied import Implied, from_goods, implied_rates, weighted_quantile
from features.anchors.paid import pay
from features.anchors.trouble import by_day
from models.knobs import default_knobs

RULE = default_knobs().currency
FIRST = 20_000


def market(goods: int, days: range, rate: Any, *, noise: float = 0.05, wild: int = 0, sellers: int = 4) -> pd.DataFrame:
    """Goods asked for in both currencies: the peso price is the dollar price at `rate(day)` pesos, with noise.

    The first `wild` goods cost ten times as much in pesos.
    """
    random = np.random.default_rng(3)
    rows = []
    for day in days:
        for good in range(goods):
            dollars = 20 * (good + 1) * math.exp(random.normal(0, noise))
            pesos = 20 * (good + 1) * rate(day) * math.exp(random.normal(0, noise)) * (10 if good < wild else 1)
            for currency, price in (("USD", dollars), ("ARS", pesos)):
                rows.append((day, f"product {good}", "good", "asking", f"{currency} {day % sellers}", currency, price))
    table = pd.DataFrame(rows, columns=["day", "product", "grade", "kind", "seller", "currency", "price"])
    return table.assign(price=table["price"].map("{:.4f}".format))


def test_the_rate_is_found_and_lies_in_its_interval() -> None:
    found = implied_rates(market(15, range(FIRST, FIRST + 30, 5), lambda day: 180), "ARS", "USD", RULE)

    assert found
    for each in found:
        assert math.exp(-each.log) == pytest.approx(180, rel=0.05)
        assert each.low <= each.log <= each.high
        assert each.low < -math.log(180) < each.high
        assert each.goods == 15


def test_wild_goods_do_not_move_it() -> None:
    clean, dirty = (
        implied_rates(market(16, range(FIRST, FIRST + 30, 5), lambda day: 180, wild=wild), "ARS", "USD", RULE)[-1]
        for wild in (0, 4)
    )

    assert abs(clean.log - dirty.log) < 0.05


def test_too_few_goods_or_sellers_imply_nothing() -> None:
    days = range(FIRST, FIRST + 30, 5)

    assert implied_rates(market(RULE.implied_goods - 1, days, lambda day: 180), "ARS", "USD", RULE) == []
    assert implied_rates(market(15, days, lambda day: 180, sellers=1), "ARS", "USD", RULE) == []
    assert implied_rates(market(15, days, lambda day: 180), "EUR", "USD", RULE) == []


def test_one_sellers_many_copies_are_one_price() -> None:
    rows = market(12, range(FIRST, FIRST + 30, 5), lambda day: 180)
    liar = rows[rows["currency"] == "ARS"].iloc[:12].assign(seller="liar", price="9999999")
    many = pd.concat([rows, *[liar] * 40]).sort_values("day", kind="stable")

    before, after = (implied_rates(each, "ARS", "USD", RULE)[-1] for each in (rows, many))
    assert abs(before.log - after.log) < 0.1


def test_a_rate_does_not_change_with_what_comes_later() -> None:
    rows = market(10, range(FIRST, FIRST + 60, 5), lambda day: 100 + day - FIRST)
    known = rows[rows["day"] <= FIRST + 30]

    whole, part = (implied_rates(each, "ARS", "USD", RULE) for each in (rows, known))
    assert part
    assert part == [each for each in whole if each.day <= FIRST + 30]


@given(
    logs=st.lists(st.floats(-3, 3), min_size=8, max_size=40),
    far=st.floats(5, 1000),
    weight=st.floats(0.5, 5),
)
def test_the_median_stays_among_the_goods_when_fewer_than_half_lie(
    logs: list[float], far: float, weight: float
) -> None:
    honest = np.asarray(logs)
    liars = (len(logs) - 1) // 2
    all_logs = np.concatenate([honest, np.full(liars, far)])
    middle, low, high = from_goods(all_logs, np.full(len(all_logs), weight))

    assert honest.min() - 1e-9 <= middle <= honest.max() + 1e-9
    assert low <= middle <= high
    assert weighted_quantile(honest, np.ones(len(honest)), 0.5) == pytest.approx(float(np.median(honest)))


def test_goods_say_trouble_where_no_street_is_known_beyond_what_they_cost_more_in_calm_times() -> None:
    days = list(range(FIRST, FIRST + 400))
    official = by_day(days, [0.01] * len(days))
    usual = math.log(0.01) + 0.3  # goods are 30 % dearer here, and always were
    calm = [Implied(day, usual, usual - 0.05, usual + 0.05, 20, 9) for day in range(FIRST, FIRST + 200, 7)]
    fallen = usual - math.log(2)
    after = [Implied(day, fallen, fallen - 0.05, fallen + 0.05, 20, 9) for day in range(FIRST + 203, FIRST + 400, 7)]

    assert pay("ARS", official, by_day([], []), calm, RULE).periods == []
    paid = pay("ARS", official, by_day([], []), calm + after, RULE)
    (period,) = paid.periods
    assert period.started == FIRST + 203
    assert set(paid.rates["kind"]) == {"implied"}
    assert paid.rates["rate"].to_numpy() == pytest.approx(0.005, rel=0.01)
    assert (paid.rates["low"] < paid.rates["rate"]).all()

    # Goods that are cheap in the currency are no sign that it is worth more than officially.
    cheap = [replace(each, log=usual + 1, low=usual + 0.9, high=usual + 1.1) for each in after]
    assert pay("ARS", official, by_day([], []), calm + cheap, RULE).periods == []

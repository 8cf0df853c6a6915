"""The exchange rate that the same goods' prices imply: the law of one price over products, robustly.

A good is a product of one grade and kind of price that was seen in both currencies within a window. Its log rate is the
difference of the two medians over sellers, each counted once. The rate is the weighted median over goods, and its
interval two order statistics of the same goods (distribution-free, by the binomial: Conover, Practical Nonparametric
Statistics, 3.2): half of the evidence would have to lie to move it far. Goods do not cost the same on both sides of a
border even in calm times; `paid` holds the rate against its own normal distance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from features.anchors.rules import CurrencyRule

COVERAGE = 0.90
_MOST_SELLERS = 25


@dataclass(frozen=True, slots=True)
class Implied:
    """A rate read from goods: natural logs of the anchor's units for one of the currency, with a 90 % interval."""

    day: int
    log: float
    low: float
    high: float
    goods: int
    sellers: int


def weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The value below which `share` of the weight lies, interpolated between the middles of the weights' steps."""
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    middle = (np.cumsum(sorted_weights) - sorted_weights / 2) / sorted_weights.sum()
    return float(np.interp(share, middle, values[order]))


def from_goods(logs: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """The weighted median of log rates with its interval.

    The interval's ranks are those of a binomial with as many trials as there are effective goods, (Σw)² / Σw².
    """
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    count = max(2, math.floor(effective))
    share = (_rank(count) + 0.5) / count
    middle = weighted_quantile(logs, weights, 0.5)
    return middle, weighted_quantile(logs, weights, share), weighted_quantile(logs, weights, 1 - share)


@cache
def _rank(count: int) -> int:
    """How many of `count` values may be left out at either end for the rest to hold the median in 90 % of cases."""
    if count > 200:  # the normal approximation is off by less than one rank there
        return max(0, math.floor(count / 2 - 1.645 * math.sqrt(count) / 2))
    below, rank = 0.0, 0
    while rank < count // 2:
        below += math.comb(count, rank) / 2.0**count
        if below > (1 - COVERAGE) / 2:
            break
        rank += 1
    return max(rank - 1, 0)


def implied_rates(rows: pd.DataFrame, currency: str, anchor: str, rule: CurrencyRule, every: int = 7) -> list[Implied]:
    """Rates of a currency in the anchor, each `every` days on which there were enough goods in the window before.

    `rows` are of the market table: day, product, grade, kind, seller, currency, price (decimal text, in its currency).
    """
    both = _on_both_sides(rows, currency, anchor)
    if both.empty:
        return []
    out = []
    for day in _days(both, every):
        window = both[(both["day"] <= day) & (both["day"] > day - rule.implied_window)]
        found = _on(window, currency, day, rule)
        if found is not None:
            out.append(found)
    return out


def _on_both_sides(rows: pd.DataFrame, currency: str, anchor: str) -> pd.DataFrame:
    """Rows in either currency, of goods seen in both, with the log of the price in its own currency."""
    either = rows[rows["currency"].isin([currency, anchor])]
    columns = ["day", "product", "grade", "kind", "seller", "currency", "price"]
    either = either.loc[either["product"].notna(), columns]
    if either["currency"].nunique() < 2:
        return either.iloc[:0]
    sides = either.groupby(["product", "grade", "kind"], sort=False)["currency"].transform("nunique")
    both = either[sides == 2].copy()
    both["log"] = np.log(both["price"].astype(float))
    return both


def _days(both: pd.DataFrame, every: int) -> Iterator[int]:
    """Days of a fixed calendar grid, so that what comes later moves none of them."""
    first = int(both.groupby("currency")["day"].min().max())
    last = int(both["day"].max())
    yield from range(first + (-first) % every, last + 1, every)


def _on(window: pd.DataFrame, currency: str, day: int, rule: CurrencyRule) -> Implied | None:
    once = window.drop_duplicates(["product", "grade", "kind", "currency", "seller"], keep="last")
    sides = once.groupby(["product", "grade", "kind", "currency"], sort=True).agg(
        log=("log", "median"), sellers=("seller", "nunique")
    )
    wide = sides.unstack("currency").dropna()
    if len(wide) < rule.implied_goods:
        return None
    local = wide.xs(currency, axis=1, level="currency")
    other = wide.drop(columns=currency, level="currency").droplevel("currency", axis=1)
    sellers = int(once.loc[once["currency"] == currency, "seller"].nunique())
    if sellers < rule.implied_sellers or len(set(wide.index.get_level_values("product"))) < rule.implied_goods:
        return None
    logs = (other["log"] - local["log"]).to_numpy(float)
    # The scarcer side says how sure a good's rate is; a good seen everywhere is still one good.
    weights = np.sqrt(np.minimum(np.minimum(local["sellers"], other["sellers"]).to_numpy(float), _MOST_SELLERS))
    middle, low, high = from_goods(logs, weights)
    return Implied(day, middle, low, high, len(logs), sellers)

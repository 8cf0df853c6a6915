"""Evidence: how many independent sellers stand behind a product's reference price in a period.

Who is far from all others is none of them. Of the four or five sellers whom a product has in a week the spread is
hardly known: now and then they lie so far apart by chance that three times the price is not far from them. So it is
drawn to what is usual among all sellers of those days, as in the levels of areas (`features.level`); else one seller
alone could be the fifth voice that lets a reference price follow the raw one.
"""

from __future__ import annotations

import numpy as np

from features.integrity.outlying import spread_of
from features.integrity.voices import count_once
from models.level.state import Levels


def sellers_by_product(levels: Levels, first: int, behind: int) -> dict[str, int]:
    """Independent sellers of each product from day `first` to before day `behind`."""
    low, high = (int(place) for place in np.searchsorted(levels.days, [first, behind]))
    part = levels.rows.iloc[low:high].reset_index(drop=True)
    return {
        str(product): _independent(levels, low, high, low + place, int(behind) - 1)
        for product, place in part.groupby("product").indices.items()
    }


def sellers_so_far(levels: Levels, product: str, first: int, day: int) -> int:
    """Independent sellers of one product from day `first` to the end of `day`."""
    low, high = (int(place) for place in np.searchsorted(levels.days, [first, day + 1]))
    there = np.flatnonzero(levels.rows["product"].iloc[low:high].to_numpy(object) == product)
    return _independent(levels, low, high, low + there, day)


def _independent(levels: Levels, low: int, high: int, rows: np.ndarray, day: int) -> int:
    """Independent sellers behind `rows`, of all those from `low` to `high`."""
    if levels.trust is None or len(rows) == 0:
        return int(levels.rows["seller"].iloc[rows].nunique())
    usual = usual_spread(levels, low, high, day)
    return levels.trust.number(rows, day, levels.residual[rows], usual)


def usual_spread(levels: Levels, low: int, high: int, day: int) -> float | None:
    """The standard deviation (log) of what the rows from `low` to `high` brought above expectation, each seller heard
    once, as known on a day; None where no expectation was known."""
    key = (low, high, day)
    if key not in levels.usual:
        if len(levels.usual) > 4000:
            levels.usual.clear()
        levels.usual[key] = _usual_spread(levels, low, high, day)
    return levels.usual[key]


def _usual_spread(levels: Levels, low: int, high: int, day: int) -> float | None:
    known = low + np.flatnonzero(np.isfinite(levels.residual[low:high]))
    if levels.trust is None or len(known) == 0:
        return None
    weight = levels.trust.weights(known, np.full(len(known), day))
    heard = count_once(weight, np.zeros(len(known), int), levels.trust.histories.seller[known])
    return spread_of(levels.residual[known], heard)

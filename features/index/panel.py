"""A long table of prices as a matrix: one row for each unit, one column for each period.

A *unit* is what is held fixed while prices are compared: a product, a product in one grade, a listing. Second-hand
goods have no quantities, so a weight says how much a price is to be believed, not how much was bought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ("unit", "period", "log_price")


@dataclass(frozen=True)
class Panel:
    """Log prices by unit and period.

    `price` (units × periods) is 0 where `weight` is 0: nothing was seen there. `periods` is sorted.
    """

    units: np.ndarray
    periods: np.ndarray
    price: np.ndarray
    weight: np.ndarray

    def between(self, first: int, last: int) -> Panel:
        """The columns first … last (places, last included), without the units that are not seen in them."""
        price, weight = self.price[:, first : last + 1], self.weight[:, first : last + 1]
        seen = weight.any(axis=1)
        return Panel(self.units[seen], self.periods[first : last + 1], price[seen], weight[seen])


def panel(table: pd.DataFrame) -> Panel:
    """The panel of a table with `unit`, `period`, `log_price` and, where prices count differently, `weight`.

    Several prices of one unit in one period are their weighted mean in logs (a geometric mean), and count together.
    Rows that are not finite, or weigh nothing, are left out. Raises ValueError where a column is missing.
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise ValueError(f"an index needs the columns {', '.join(COLUMNS)}; there is no {', '.join(missing)}")
    weight = table["weight"].to_numpy(float) if "weight" in table.columns else np.ones(len(table))
    log_price = table["log_price"].to_numpy(float)
    use = np.isfinite(log_price) & np.isfinite(weight) & (weight > 0)
    units, row = np.unique(table["unit"].to_numpy()[use], return_inverse=True)
    periods, column = np.unique(table["period"].to_numpy()[use], return_inverse=True)
    shape = (len(units), len(periods))
    total, value = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (row, column), weight[use])
    np.add.at(value, (row, column), weight[use] * log_price[use])
    return Panel(units, periods, np.divide(value, total, out=np.zeros(shape), where=total > 0), total)


def connected(links: np.ndarray, base: int) -> np.ndarray:
    """Which periods can be reached from `base` along links (a symmetric true/false matrix)."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(links, directed=False)
    reached: np.ndarray = label == label[base]
    return reached


def solve(laplacian: np.ndarray, right: np.ndarray, base: int) -> np.ndarray:
    """The potentials x with L x = right and x[base] = 0, on the periods connected with `base`; NaN on the others."""
    out = np.full(len(right), np.nan)
    reached = connected(laplacian != 0, base)
    out[base] = 0.0
    free = np.flatnonzero(reached & (np.arange(len(right)) != base))
    if len(free):
        out[free] = np.linalg.solve(laplacian[np.ix_(free, free)], right[free])
    return out

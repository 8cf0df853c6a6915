"""Weekly cells of the market: how far prices stood above expectation in each area and week, and the drivers there."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from features.drivers import Drivers
from features.level import period_start

WEEK = 7
_ROBUST = 0.4  # log distance from a cell's median at which a seller's price is held


class Panel:
    """Cells of area × week. `y` is the cell's log price above expectation (NaN as long as it is not known), `n` its
    distinct sellers. A column of drivers is the mean over the cell's listings, reckoned once and kept."""

    def __init__(self, rows: pd.DataFrame, drivers: Drivers) -> None:
        self.drivers = drivers
        area, keys = pd.factorize(rows["category"].astype(str) + "\n" + rows["region"].astype(str), sort=True)
        self.areas = [(str(key).split("\n")[0], str(key).split("\n")[1]) for key in keys]
        self.days = rows["day"].to_numpy(np.int64)
        self.first = period_start(int(self.days[0]), WEEK)
        self.weeks = (int(self.days[-1]) - self.first) // WEEK + 1
        self.seller = pd.factorize(rows["seller"])[0]
        self.cell = area * self.weeks + (self.days - self.first) // WEEK
        # Listings of one area and day have the same drivers: those are looked up once.
        span = self.weeks * WEEK
        daily, counts = np.unique(area * span + (self.days - self.first), return_counts=True)
        self._area, self._day, self._count = daily // span, daily % span + self.first, counts
        self._cell = self._area * self.weeks + (daily % span) // WEEK
        self.y = np.full(len(keys) * self.weeks, np.nan)
        self.n = np.zeros(len(keys) * self.weeks)
        self._columns: dict[tuple[object, ...], np.ndarray] = {}
        self._done = self.first

    def extend(self, residual: np.ndarray, until: int) -> None:
        """Settle the cells of the weeks that are over by the end of day `until`; `residual` is by row (NaN unknown)."""
        behind = period_start(until + 1, WEEK)
        low, high = (int(place) for place in np.searchsorted(self.days, [self._done, behind]))
        self._done = max(behind, self._done)
        known = low + np.flatnonzero(np.isfinite(residual[low:high]))
        if len(known) == 0:
            return
        table = pd.DataFrame({"cell": self.cell[known], "seller": self.seller[known], "r": residual[known]})
        sellers = table.groupby(["cell", "seller"])["r"].median().reset_index()
        middle = sellers.groupby("cell")["r"].transform("median")
        held = sellers["r"].clip(middle - _ROBUST, middle + _ROBUST)
        cells = held.groupby(sellers["cell"]).agg(["mean", "size"])
        self.y[cells.index.to_numpy()] = cells["mean"].to_numpy()
        self.n[cells.index.to_numpy()] = cells["size"].to_numpy()

    def column(self, name: str, lag: int = 0) -> np.ndarray:
        """A driver by cell; NaN where nothing was known."""
        return self._kept(
            (name, lag), lambda category, region, days: self.drivers.value(name, category, region, days - lag)
        )

    def hazard(self, kind: str, rise: float, half_life: float) -> np.ndarray:
        """How strongly a kind of hazard was felt, by cell."""
        return self._kept(
            ("hazard", kind, rise, half_life),
            lambda _, region, days: self.drivers.felt(kind, region, days, rise, half_life),
        )

    def _kept(self, key: tuple[object, ...], look_up: Callable[[str, str, np.ndarray], np.ndarray]) -> np.ndarray:
        if key not in self._columns:
            value = np.empty(len(self._day))
            edges = np.flatnonzero(np.diff(self._area, prepend=-1, append=-1))
            for start, stop in itertools.pairwise(edges):
                category, region = self.areas[int(self._area[start])]
                value[start:stop] = look_up(category, region, self._day[start:stop])
            known = np.isfinite(value)
            size = len(self.y)
            weight = np.bincount(self._cell[known], self._count[known], minlength=size)
            total = np.bincount(self._cell[known], self._count[known] * value[known], minlength=size)
            with np.errstate(invalid="ignore", divide="ignore"):
                self._columns[key] = np.where(weight > 0, total / weight, np.nan).astype(np.float32)
        return self._columns[key].astype(float)

    def dense(self, values: np.ndarray) -> np.ndarray:
        """A vector of cells as weeks × areas."""
        return values.reshape(len(self.areas), self.weeks).T

"""A regular series in natural logs: one value every `step` days, NaN where nothing was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from features.index.season import YEAR

MONTH = 30.4375


@dataclass(frozen=True)
class Series:
    """`values[i]` is of the period that begins on `days[i]` (days since 1970), one every `step` days, about."""

    name: str
    days: np.ndarray
    values: np.ndarray
    step: float

    @property
    def year(self) -> int:
        """Periods in a year: 52 weeks, 12 months, 365 days."""
        return round(YEAR / self.step)

    def until(self, count: int) -> Series:
        """The first `count` periods: what was known at the end of the last of them."""
        return replace(self, days=self.days[:count], values=self.values[:count])

    def ahead(self, periods: int) -> np.ndarray:
        """The days on which the next periods begin."""
        later: np.ndarray = self.days[-1] + np.round(self.step * np.arange(1, periods + 1)).astype(int)
        return later


def regular(name: str, days: np.ndarray, values: np.ndarray, step: float) -> Series:
    """A series of dated values on a regular grid that begins with the first; the last of a period's values stands.

    Raises ValueError where there is no finite value.
    """
    use = np.isfinite(values)
    if not use.any():
        raise ValueError(f"{name} holds no value")
    order = np.argsort(days[use], kind="stable")
    days, values = np.asarray(days)[use][order], np.asarray(values, float)[use][order]
    place = np.round((days - days[0]) / step).astype(int)
    grid = np.full(int(place[-1]) + 1, np.nan)
    grid[place] = values
    return Series(name, days[0] + np.round(step * np.arange(len(grid))).astype(int), grid, step)


def filled(values: np.ndarray) -> np.ndarray:
    """Gaps inside bridged by straight lines, those at the ends by the nearest value."""
    known = np.flatnonzero(np.isfinite(values))
    out: np.ndarray = np.interp(np.arange(len(values)), known, values[known])
    return out

"""What a run has learned, in one piece: the market, the vintages, and the history of levels.

`Levels` answers "where did the market stand on day D, raw and published, given what was known then".
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.level import Raw, nearest, period_start, raw_levels, segment_unit
from models.base.compose import Market
from models.knobs import Knobs, LevelKnobs
from models.level.dampening import Step, publish
from models.training.vintage import Vintage


@dataclass(frozen=True)
class Closed:
    """All areas' levels at the end of one period."""

    period: int
    raw: dict[str, float]
    published: dict[str, float]
    evidence: dict[str, int]


@dataclass(frozen=True)
class ProductLevel:
    """A product's log reference price at the end of one period: raw and published, and the sellers behind it."""

    period: int
    raw: float
    published: float
    evidence: int


@dataclass
class Levels:
    """Levels by period, oldest first, and what is needed to say where they stand within a period.

    `residual` has, for each market row, its log price above expectation (NaN before the first vintage). `fixed` holds
    levels published by earlier snapshots: unit → period → published; they are never computed anew.
    """

    rows: pd.DataFrame
    residual: np.ndarray
    knobs: LevelKnobs
    closed: list[Closed] = field(default_factory=list)
    products: dict[str, list[ProductLevel]] = field(default_factory=dict)
    fixed: dict[str, dict[int, float]] = field(default_factory=dict)
    _open: dict[int, Closed] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.days = self.rows["day"].to_numpy()
        pairs = zip(self.rows["category"], self.rows["region"], strict=True)
        self.units = np.array([segment_unit(category, region) for category, region in pairs], dtype=object)

    @property
    def step(self) -> Step:
        return Step(self.knobs.step_down, self.knobs.step_up)

    def before(self, period: int) -> Closed:
        """Where the levels stood at the end of the last period before `period`."""
        place = bisect.bisect_left(self.closed, period, key=lambda each: each.period)
        return self.closed[place - 1] if place else Closed(period - self.knobs.period, {}, {}, {})

    def at(self, day: int) -> Closed:
        """Levels as of the end of a day: the day's period up to that day, on top of the periods before it."""
        if day not in self._open:
            if len(self._open) > 4000:
                self._open.clear()
            self._open[day] = self._settled_by(day) or self._step_to(day)
        return self._open[day]

    def _settled_by(self, day: int) -> Closed | None:
        """The closed period that ends with `day`: what was published for it holds, whatever came to light later."""
        period = day + 1 - self.knobs.period
        place = bisect.bisect_left(self.closed, period, key=lambda each: each.period)
        there = place < len(self.closed) and self.closed[place].period == period
        return self.closed[place] if there else None

    def close(self, period: int) -> None:
        """Settle a period that is over; its rows' residuals must be known."""
        last = period + self.knobs.period - 1
        self.closed.append(self._step_to(last, final=True))
        self._open.pop(last, None)

    def _step_to(self, day: int, final: bool = False) -> Closed:
        period = period_start(day, self.knobs.period)
        before = self.before(period)
        low, high = np.searchsorted(self.days, [period, day + 1])
        rows, residual = self.rows.iloc[low:high], self.residual[low:high]
        known = np.isfinite(residual)
        raw: dict[str, Raw] = {}
        if known.any() or before.raw:
            raw = raw_levels(rows[known], residual[known], before.raw, kappa=self.knobs.kappa, trim=self.knobs.trim)
        published = publish(before.published, raw, self.step, self.knobs.n_min)
        if final:
            published |= {unit: self.fixed[unit][period] for unit in published if period in self.fixed.get(unit, {})}
        evidence = {unit: each.evidence for unit, each in raw.items()}
        return Closed(period, {unit: each.level for unit, each in raw.items()}, published, evidence)

    def open_rows(self, day: int) -> tuple[int, int, np.ndarray]:
        """The rows of a day's period up to the day, and their areas' raw levels as known that day."""
        period = period_start(day, self.knobs.period)
        low, high = (int(place) for place in np.searchsorted(self.days, [period, day + 1]))
        return low, high, self.of_rows(low, high, self.at(day).raw)

    def of_rows(self, low: int, high: int, raw: dict[str, float]) -> np.ndarray:
        """The level of each row's most specific area that has one; 0 where none has."""
        out = np.array([nearest(raw, unit)[0] for unit in self.units[low:high]], dtype=float)
        return out if raw else np.zeros(high - low)

    def product_before(self, product: str, period: int) -> ProductLevel | None:
        """A product's newest reference price from before `period`."""
        history = self.products.get(product, ())
        place = bisect.bisect_left(history, period, key=lambda each: each.period)
        return history[place - 1] if place else None

    def product_settled(self, product: str, day: int) -> ProductLevel | None:
        """A product's reference price as published for the closed period that ends with `day`."""
        before = self.product_before(product, day + 1)
        return before if before is not None and before.period == day + 1 - self.knobs.period else None


@dataclass(frozen=True)
class Learned:
    """All a valuer needs. `vintages` are in order of their cut-offs."""

    market: Market
    vintages: Sequence[Vintage]
    levels: Levels
    knobs: Knobs

    def vintage(self, day: int) -> Vintage | None:
        """The newest vintage with a cut-off on or before a day; None before the first."""
        known = [each for each in self.vintages if each.cutoff <= day]
        return known[-1] if known else None

"""Intervals of one vintage: weighted conformal quantiles by bin, drawn to the parent's, corrected by past coverage.

Three things beside split conformal prediction, all of them learned from replayed cases known at the cut-off:

- A score is divided by its expected size first (`models.interval.scale`), so that widths differ within a bin too.
- Old scores count less: their weight halves with age. A bin's scores are mixed with `pool` cases' worth of what is
  expected of its parent, all the way up: a small bin is mostly its parent, a large one itself (partial pooling).
- What the intervals of earlier vintages missed is made good (adaptive conformal inference: Gibbs and Candès 2021; in
  the integral form of Angelopoulos, Candès and Tibshirani 2023): the tail of each side is α/2 + gain·Σ(α/2 − missed)/n
  over past cases, n being a month's, by bin. So over time a bin's coverage is what it says even while scores drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.interval.bins import (
    ALL_BIN,
    SHAPE_COLUMNS,
    Bin,
    Interval,
    Shape,
    bins,
    evidence_class,
    tier,
)
from models.interval.quantile import FALLBACK_HALF, reach
from models.interval.scale import learn_scale
from models.knobs import IntervalKnobs

_LEVELS = 6  # bins in a chain, each of which makes good its part
_MEMORY = 3.0  # misses are forgotten so many times slower than scores: their sum is what holds over time
_GRID = 400  # points in which a parent's scores are handed to its children


@dataclass(frozen=True)
class _Found:
    """What is expected of a bin: `value`s of normalised scores, ascending, each with the same weight; its own cases;
    the mass behind it in cases of today, the parent's part included; the tail on each side; and what comes of it."""

    value: np.ndarray
    cases: int
    mass: float
    tails: tuple[float, float]
    low: float
    high: float


class Calibration:
    """Bounds of new values from the replayed cases of one vintage."""

    def __init__(self, scores: pd.DataFrame, knobs: IntervalKnobs) -> None:
        self.knobs = knobs
        self.scale, logs = learn_scale(scores)
        gap = scores["gap"].fillna(0.0).to_numpy(float) if "gap" in scores else np.zeros(len(scores))
        plain = scores["score"].to_numpy(float) - self.scale.shift * gap
        self._normal = plain / np.exp(logs)
        day = scores["day"].to_numpy(float)
        self._weight = 0.5 ** ((day.max() - day) / knobs.half_life) if len(day) else np.zeros(0)
        self._missed = scores["missed"].to_numpy(float) if "missed" in scores else np.full(len(scores), np.nan)
        self._day = day
        self._members = _members(scores)
        self._found: dict[tuple[Bin, ...], _Found] = {}

    def interval(
        self, category: str, ln_value: float, evidence: float, damped: bool, shape: Shape | None = None
    ) -> Interval:
        """Log bounds around a value; they hold the value itself and, beside it, the undampened one (`Shape.gap`)."""
        told = shape or Shape()
        row = np.array([[ln_value, evidence, told.spread, told.best, told.above, told.gap]])
        low, high = self.bounds(
            np.array([category], object), np.array([int(tier(ln_value))]), np.array([int(evidence_class(evidence))]),
            np.array([int(damped)]), row if shape is not None else None,
        )  # fmt: skip
        where = self._speaks(category, int(tier(ln_value)), int(evidence_class(evidence)), int(damped))
        cases = len(self._members[where]) if where in self._members else 0
        return Interval(float(low[0]), float(high[0]), cases, where)

    def bounds(
        self, category: np.ndarray, tiers: np.ndarray, evidence: np.ndarray, damped: np.ndarray,
        shape: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Bounds of many cases; `shape` has the SHAPE_COLUMNS, None where nothing is known of them."""
        keys = list(zip(category.tolist(), tiers.tolist(), evidence.tolist(), damped.tolist(), strict=True))
        each_of = {key: self._of(tuple(bins(*key))) for key in set(keys)}
        found = [each_of[key] for key in keys]
        low, high = (np.array([getattr(each, side) for each in found], float) for side in ("low", "high"))
        shift = np.zeros(len(keys))
        gap = np.zeros(len(keys))
        if shape is not None:
            gap = np.nan_to_num(shape[:, SHAPE_COLUMNS.index("gap")])
            if len(self.scale.coefficients):
                size = np.exp(self.scale.logs(category, shape))
                low, high, shift = low * size, high * size, self.scale.shift * gap
        low, high = low + shift, high + shift
        return np.minimum(np.minimum(low, gap), 0.0), np.maximum(np.maximum(high, gap), 0.0)

    def bounds_of(self, scores: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Bounds of the cases of a table of scores."""
        shape = scores[list(SHAPE_COLUMNS)].to_numpy(float) if set(SHAPE_COLUMNS) <= set(scores.columns) else None
        told = [scores[name].to_numpy() for name in ("category", "tier", "evidence", "damped")]
        return self.bounds(told[0], told[1], told[2], told[3], shape)

    def missed(self, scores: pd.DataFrame) -> np.ndarray:
        """−1, 0 or 1 for each case: its price lay below the interval it would have been given, inside, or above."""
        if len(scores) == 0:
            return np.zeros(0)
        low, high = self.bounds_of(scores)
        score = scores["score"].to_numpy(float)
        return np.where(score < low, -1.0, np.where(score > high, 1.0, 0.0))

    def _speaks(self, category: str, tier_of: int, evidence: int, damped: int) -> Bin:
        """The most specific bin with enough cases of its own."""
        for key in bins(category, tier_of, evidence, damped):
            if len(self._members.get(key, ())) >= self.knobs.min_bin:
                return key
        return ALL_BIN

    def _of(self, chain: tuple[Bin, ...]) -> _Found:
        """What is expected at the head of a chain of bins. A category's parent differs with the evidence of the case,
        so that the chain is what is kept, and not its head: answers do not hang on what was asked before."""
        if chain not in self._found:
            above = self._of(chain[1:]) if len(chain) > 1 else None
            places = self._members.get(chain[0])
            self._found[chain] = above if above is not None and places is None else self._drawn(places, above)
        return self._found[chain]

    def _drawn(self, places: np.ndarray | None, above: _Found | None) -> _Found:
        half = (1.0 - self.knobs.coverage) / 2
        if places is None:
            return _Found(np.zeros(0), 0, 0.0, (half, half), -FALLBACK_HALF, FALLBACK_HALF)
        score, weight = self._normal[places], self._weight[places] / self._weight[places].max()
        mass = float(weight.sum() ** 2 / (weight**2).sum())
        weight = weight * (mass / weight.sum())
        start = (half, half)
        if above is not None and len(places) == above.cases:
            # The parent holds the same cases: they are not to count twice.
            score, weight, start, mass = above.value, np.full(_GRID, above.mass / _GRID), above.tails, above.mass
        elif above is not None and above.mass > 0:
            drawn = np.full(len(above.value), min(self.knobs.pool, above.mass) / len(above.value))
            score, weight, start = np.append(score, above.value), np.append(weight, drawn), above.tails
            mass += min(self.knobs.pool, above.mass)
        # A parent's own correction is in its tails and comes down to its children with them.
        tails = [float(np.clip(tail + by, half / 2, 0.20)) for tail, by in zip(start, self._moved(places), strict=True)]
        order = np.argsort(score, kind="stable")
        score, weight = score[order], weight[order]
        furthest = max(float(np.abs(score).max()), FALLBACK_HALF)
        high, low = reach(score, np.cumsum(weight), tails[1]), -reach(-score[::-1], np.cumsum(weight[::-1]), tails[0])
        places_of = (np.arange(_GRID) + 0.5) / _GRID * weight.sum()
        value = score[np.minimum(np.searchsorted(np.cumsum(weight), places_of), len(score) - 1)]
        return _Found(
            value,
            len(places),
            mass,
            (tails[0], tails[1]),
            -furthest if np.isnan(low) else low,
            furthest if np.isnan(high) else high,
        )

    def _moved(self, places: np.ndarray) -> tuple[float, float]:
        """What a bin's past misses add to each tail, beyond what its parents' have."""
        half = (1.0 - self.knobs.coverage) / 2
        missed, weight = self._missed[places], self._weight[places]
        told = np.isfinite(missed)
        if not told.any():
            return 0.0, 0.0
        # As many cases as come in between two vintages: that many make one full step.
        span = max(1.0, (self._day[places][told].max() - self._day[places][told].min() + 1) / 30.0)
        step = told.sum() / span + 3 * self.knobs.pool
        out = []
        for side in (-1.0, 1.0):
            short = (weight[told] ** (1 / _MEMORY) * (half - (missed[told] == side))).sum()
            out.append(float(self.knobs.gain / _LEVELS * short / step))
        return out[0], out[1]


def _members(scores: pd.DataFrame) -> dict[Bin, np.ndarray]:
    """Places of the cases of each bin that there are any of."""
    if len(scores) == 0:
        return {}
    code, names = pd.factorize(scores["category"])
    told = [code, *(scores[name].to_numpy(np.int64) for name in ("tier", "evidence", "damped"))]
    order = np.lexsort(told)
    table = np.column_stack(told)[order]
    starts = np.flatnonzero(np.append(True, (table[1:] != table[:-1]).any(axis=1)))
    gathered: dict[Bin, list[np.ndarray]] = {}
    for start, places in zip(starts, np.split(order, starts[1:]), strict=True):
        place, tier_of, amount, damped = table[start].tolist()
        for one in bins(str(names[place]), tier_of, amount, damped):
            gathered.setdefault(one, []).append(places)
    return {key: np.sort(np.concatenate(parts)) for key, parts in gathered.items()}

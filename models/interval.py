"""Prediction intervals by conformal prediction on replayed cases.

A score is r = ln(price) − ln(value given the day before). The interval of a new value lies between the scores' lower
and upper quantile with the finite-sample correction ⌈(n + 1)(1 − α/2)⌉/n (Vovk, Gammerman and Shafer 2005, split
conformal prediction), within bins of category × tier × evidence × dampening; a bin with few cases asks its parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

SCORE_COLUMNS = ("day", "category", "tier", "evidence", "damped", "score")
# Tiers of the predicted value in logs of the anchor currency, fixed so that a bin means the same in every vintage.
TIER_EDGES = tuple(np.log([30.0, 150.0, 600.0, 3000.0]))
EVIDENCE_EDGES = (0.08, 0.5, 3.0)
ALL_BIN = ("", -1, -1, -1)
_FALLBACK_HALF = 1.5


@dataclass(frozen=True, slots=True)
class Interval:
    """Log bounds relative to the value, the cases behind them and the bin they came from."""

    low: float
    high: float
    cases: int
    bin: tuple[str, int, int, int]


def tier(ln_value: float | np.ndarray) -> np.ndarray:
    return np.searchsorted(TIER_EDGES, ln_value, side="right")


def evidence_class(evidence: float | np.ndarray) -> np.ndarray:
    return np.searchsorted(EVIDENCE_EDGES, evidence, side="right")


def score_table(
    day: np.ndarray,
    category: np.ndarray,
    ln_value: np.ndarray,
    evidence: np.ndarray,
    damped: np.ndarray,
    score: np.ndarray,
) -> pd.DataFrame:
    """Replayed cases as a table with SCORE_COLUMNS."""
    return pd.DataFrame(
        {
            "day": day.astype(np.int64),
            "category": category.astype(object),
            "tier": tier(ln_value).astype(np.int64),
            "evidence": evidence_class(evidence).astype(np.int64),
            "damped": damped.astype(np.int64),
            "score": score.astype(np.float64),
        },
        columns=list(SCORE_COLUMNS),
    )


def bins(category: str, tier_of: int, evidence: int, damped: int) -> Iterator[tuple[str, int, int, int]]:
    """The bin of a case and its parents, most specific first; −1 and "" stand for "any"."""
    yield category, tier_of, evidence, damped
    yield category, -1, evidence, damped
    yield category, -1, evidence, -1
    yield "", tier_of, evidence, -1
    yield "", -1, evidence, -1
    yield ALL_BIN


class Calibration:
    """Quantiles of the scores of one vintage, by bin."""

    def __init__(self, scores: pd.DataFrame, coverage: float, min_bin: int) -> None:
        self.coverage, self.min_bin = coverage, min_bin
        gathered: dict[tuple[str, int, int, int], list[float]] = {}
        columns = [scores[name].tolist() for name in ("category", "tier", "evidence", "damped", "score")]
        for category, tier_of, evidence, damped, score in zip(*columns, strict=True):
            for key in set(bins(category, tier_of, evidence, damped)):
                gathered.setdefault(key, []).append(score)
        self.bounds = {
            key: (*quantiles(np.array(values), coverage), len(values))
            for key, values in gathered.items()
            if len(values) >= min_bin or key == ALL_BIN
        }

    def interval(self, category: str, ln_value: float, evidence: float, damped: bool) -> Interval:
        for key in bins(category, int(tier(ln_value)), int(evidence_class(evidence)), int(damped)):
            if key in self.bounds:
                low, high, cases = self.bounds[key]
                return Interval(min(low, 0.0), max(high, 0.0), cases, key)
        return Interval(-_FALLBACK_HALF, _FALLBACK_HALF, 0, ALL_BIN)


def quantiles(scores: np.ndarray, coverage: float) -> tuple[float, float]:
    """Lower and upper conformal quantile at a two-sided coverage; with too few cases, beyond the extremes seen."""
    ordered, n = np.sort(scores), len(scores)
    rank = int(np.ceil((n + 1) * (1 + coverage) / 2))
    if rank > n:
        widest = max(_FALLBACK_HALF, float(np.abs(ordered).max()) if n else 0.0)
        return -widest, widest
    return float(ordered[n - rank]), float(ordered[rank - 1])

"""Replayed cases, the bins they fall into, and the interval that is handed out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

Bin = tuple[str, int, int, int]
SCORE_COLUMNS = ("day", "category", "tier", "evidence", "damped", "score")
# What widths may hang on beside the bin; tables from before they were kept have none of them.
SHAPE_COLUMNS = ("ln_value", "amount", "spread", "best", "above", "gap")
# Tiers of the predicted value in logs of the anchor currency, fixed so that a bin means the same in every vintage.
TIER_EDGES = tuple(np.log([30.0, 150.0, 600.0, 3000.0]))
EVIDENCE_EDGES = (0.08, 0.5, 3.0)
ALL_BIN: Bin = ("", -1, -1, -1)


@dataclass(frozen=True, slots=True)
class Interval:
    """Log bounds relative to the value, the cases behind them and the bin they came from."""

    low: float
    high: float
    cases: int
    bin: Bin


@dataclass(frozen=True, slots=True)
class Shape:
    """What the width of an interval may hang on beside its bin.

    `spread` is the weighted standard deviation of what the comparables stood above their hedonic values (NaN: none),
    `best` the similarity of the best one, `above` their robust mean (how far they and the hedonic value disagree), and
    `gap` ln(market value) − ln(published value): 0 unless a level is being dampened. All in logs but `best`.
    """

    spread: float = float("nan")
    best: float = 0.0
    above: float = 0.0
    gap: float = 0.0


class Comparison(Protocol):
    """What is looked at of a question's comparables (`models.base.compose.Compared`)."""

    @property
    def weight(self) -> np.ndarray: ...
    @property
    def above(self) -> np.ndarray: ...
    @property
    def mean(self) -> float: ...
    @property
    def best(self) -> float: ...


def shape_of(compared: Comparison, gap: float) -> Shape:
    """The shape of a question with these comparables."""
    total = float(compared.weight.sum())
    if total <= 0:
        return Shape(gap=gap)
    share = compared.weight / total
    spread = float(np.sqrt((share * (compared.above - (share * compared.above).sum()) ** 2).sum()))
    return Shape(spread, compared.best, compared.mean, gap)


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
    shapes: list[Shape] | None = None,
) -> pd.DataFrame:
    """Replayed cases as a table with SCORE_COLUMNS and, where the `shapes` are told, SHAPE_COLUMNS."""
    table = pd.DataFrame(
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
    if shapes is None:
        return table
    told = {name: np.array([getattr(each, name) for each in shapes], float) for name in Shape.__slots__}
    return table.assign(ln_value=ln_value.astype(float), amount=evidence.astype(float), **told)


def bins(category: str, tier_of: int, evidence: int, damped: int) -> Iterator[Bin]:
    """The bin of a case and its parents, most specific first; −1 and "" stand for "any"."""
    yield category, tier_of, evidence, damped
    yield category, tier_of, evidence, -1
    yield category, -1, evidence, -1
    yield category, -1, -1, -1
    yield "", -1, evidence, -1
    yield ALL_BIN

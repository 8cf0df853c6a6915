"""How wide a score may be expected to be: a ridge on the log of its size.

Intervals are taken from scores over their expected size (locally weighted conformal prediction: Lei, G'Sell, Rinaldo,
Tibshirani and Wasserman 2018), so that they differ within a bin as the errors do. The fit's own cases are told what it
would have said without them: for a ridge that is ŷ₍₋ᵢ₎ = (ŷᵢ − hᵢyᵢ)/(1 − hᵢ), without fitting again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.interval.bins import EVIDENCE_EDGES, SHAPE_COLUMNS, TIER_EDGES
from models.interval.drift import STILL, Drift, learn_drift

_LEAST = 200  # cases below which nothing is told apart
_PULL = 20.0  # cases by which the ridge and the categories are drawn to 0
_NEAR = 0.1  # share of the expected size that a size is taken to be at least
_UNMET = 0.25
_LEAST_SPREAD = 0.2
# A scale lies within this of its category's in logs: nothing absurd comes out of a question unlike all cases. What its
# own many cases say of a category may lie farther out: prices of memory are known a tenth as roughly as those of mice.
_FURTHEST = 1.2
_FURTHEST_CATEGORY = 2.5
_TOLD = [place for place, name in enumerate(SHAPE_COLUMNS) if name != "spread"]
_SPREADS = tuple(np.log([0.03, 0.1, 0.3]))


@dataclass(frozen=True)
class Scale:
    """Log scale of a case: what its category has, and coefficients over `basis` less what they make of the mean case
    (`offset`). A category that was not met has `unmet`. `shift` is the share of the gap to the undampened value by
    which prices lie beside the published one."""

    coefficients: np.ndarray
    of_category: dict[str, float]
    unmet: float = 0.0
    shift: float = 0.0
    drift: Drift = STILL
    offset: float = 0.0

    def logs(self, category: np.ndarray, shape: np.ndarray) -> np.ndarray:
        """Log scales of cases; `shape` has the SHAPE_COLUMNS."""
        own = np.array([self.of_category.get(str(each), self.unmet) for each in category])
        said = np.isfinite(shape[:, _TOLD]).all(axis=1)
        beside = basis(np.where(said[:, np.newaxis], shape, 0.0)) @ self.coefficients - self.offset
        return np.where(said, _within(own, beside) + self.drift.logs(category), 0.0)


PLAIN = Scale(np.zeros(0), {})


def basis(shape: np.ndarray) -> np.ndarray:
    """Piecewise linear functions of the shape's columns, in natural logs where they are amounts."""
    ln_value, amount, spread, best, above, gap = shape.T
    evidence = np.log(np.maximum(amount, 1e-3))
    none = np.isnan(spread)
    wide = np.log(np.clip(np.where(none, 1.0, spread), 3e-3, 3.0))
    columns = [evidence, *(np.maximum(evidence - np.log(edge), 0.0) for edge in EVIDENCE_EDGES)]
    columns += [np.where(none, 0.0, wide), *(np.where(none, 0.0, np.maximum(wide - edge, 0.0)) for edge in _SPREADS)]
    columns += [none.astype(float), best, np.maximum(best - 0.6, 0.0), np.log(np.clip(np.abs(above), 1e-2, 2.0))]
    columns += [ln_value, *(np.maximum(ln_value - edge, 0.0) for edge in TIER_EDGES)]
    return np.column_stack([*columns, np.minimum(np.abs(gap), 0.5)])


def learn_scale(scores: pd.DataFrame) -> tuple[Scale, np.ndarray]:
    """The scale of a table of scores and, for its own cases, the log scales it has without each; plain for few cases or
    a table without shapes."""
    logs = np.zeros(len(scores))
    if not set(SHAPE_COLUMNS) <= set(scores.columns):
        return PLAIN, logs
    shape = scores[list(SHAPE_COLUMNS)].to_numpy(float)
    kept = np.isfinite(shape[:, _TOLD]).all(axis=1)
    if kept.sum() < _LEAST:
        return PLAIN, logs
    shape, score = shape[kept], scores["score"].to_numpy(float)[kept]
    category = scores["category"].astype(str).to_numpy()[kept]
    gap = shape[:, SHAPE_COLUMNS.index("gap")]
    shift = _shift(score, gap)
    size, matrix = np.abs(score - shift * gap), basis(shape)
    code, names = pd.factorize(category)
    scale, own, beside = _fit(np.maximum(size, _NEAR * float(np.median(size)) + 1e-9), code, names, matrix)
    fitted = own + beside
    # The log of a size near nothing says little; how near that is, the first fit tells for each case.
    expected = np.exp(fitted + float(np.mean(np.log(size + 1e-9) - fitted)))
    size = np.maximum(size, _NEAR * expected + 1e-9)
    scale, own, beside = _fit(size, code, names, matrix)
    residual = np.log(size) - own - beside
    drift, foretold = learn_drift(residual - residual.mean(), category, scores["day"].to_numpy(float)[kept])
    logs[kept] = _within(own, beside) + foretold
    return replace(scale, shift=shift, drift=drift), logs


def _within(own: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Log scales from those of the categories and what the shape of each case adds."""
    kept: np.ndarray = np.clip(own, -_FURTHEST_CATEGORY, _FURTHEST_CATEGORY) + np.clip(beside, -_FURTHEST, _FURTHEST)
    return kept


def _fit(
    size: np.ndarray, code: np.ndarray, names: np.ndarray, matrix: np.ndarray
) -> tuple[Scale, np.ndarray, np.ndarray]:
    """The scale of sizes of scores (`code` is the place of their category in `names`), what it is of each case's
    category, and what the shape of each would add without that case."""
    target = np.log(size)
    target = target - target.mean()
    own = np.bincount(code, target) / (np.bincount(code) + _PULL)
    of_cases = own[code]
    coefficients, offset, without = _ridge(matrix, target - of_cases)
    # What goods of a kind not met are like is not known: wider than most that were.
    unmet = float(own.std()) if len(own) > 1 else _UNMET
    known = {str(name): float(each) for name, each in zip(names, own, strict=True)}
    return Scale(coefficients, known, unmet, offset=offset), of_cases, without


def _ridge(matrix: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients, what they make of the mean case, and for each case the prediction that it took no part in."""
    # What hardly varies among the cases must not speak loudly of a question in which it does.
    centre, spread = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), _LEAST_SPREAD)
    standard = (matrix - centre) / spread
    inverse = np.linalg.inv(standard.T @ standard + _PULL * np.eye(standard.shape[1]))
    weights = inverse @ (standard.T @ target)
    hat = ((standard @ inverse) * standard).sum(axis=1)
    without = (standard @ weights - hat * target) / np.maximum(1.0 - hat, 0.1)
    coefficients = weights / spread
    return coefficients, float(centre @ coefficients), without


def _shift(score: np.ndarray, gap: np.ndarray) -> float:
    """The share of the gap between published and market value by which prices lie beside the published one (0–1)."""
    moving = np.abs(gap) > 1e-9
    if moving.sum() < 30:
        return 0.0
    limit = 4 * 1.4826 * float(np.median(np.abs(score[moving] - np.median(score[moving])))) + 1e-9
    kept = np.clip(score[moving], -limit, limit)
    noise = float(np.median(np.abs(kept))) ** 2
    return float(np.clip((kept * gap[moving]).sum() / ((gap[moving] ** 2).sum() + _PULL * noise * 0.05), 0.0, 1.0))

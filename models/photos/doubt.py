"""What doubt about *which* thing it is does to the interval of its value.

Candidates exclude each other: a picture shows one of them, or something else. With odds o = p/(1 − p) for each taken
alone, P(candidate i) = o_i / (1 + Σ o) and P(none of them) = 1 / (1 + Σ o): Bayes' rule with the answers of the pair
model as likelihood ratios. The price that is sought is then a mixture: of the candidates' prices, each log-normal
around its own value with its own interval, and of a wide one for "none of them".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

COVERAGE = 0.90
_Z = NormalDist().inv_cdf(0.5 + COVERAGE / 2)
# "Something else" may cost a fifth of the best candidate or five times as much, nine times in ten.
_ELSEWHERE = float(np.log(5.0)) / _Z
_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class Priced:
    """A candidate's probability, value and 90 % interval, in one currency."""

    probability: float
    value: float
    low: float
    high: float


def exclusive(alone: Sequence[float]) -> tuple[list[float], float]:
    """Probabilities of candidates that exclude each other, from each one's own; and of none of them."""
    clipped = np.clip(np.asarray(alone, dtype=float), 0.0, 1.0 - _SURE)
    odds = clipped / (1.0 - clipped)
    total = 1.0 + float(odds.sum())
    return [float(each) / total for each in odds], 1.0 / total


def widened(candidates: Sequence[Priced], none: float) -> tuple[float, float]:
    """The 90 % interval of the mixture; never narrower than the first candidate's own.

    `none` is the probability of something else. Raises ValueError without candidates or for values that are not
    positive.
    """
    if not candidates or any(each.value <= 0 or each.low <= 0 or each.high <= 0 for each in candidates):
        raise ValueError("the interval of a doubtful thing needs candidates with positive values")
    first = candidates[0]
    parts = [(each.probability, *_halves(each)) for each in candidates]
    parts.append((none, float(np.log(first.value)), _ELSEWHERE, _ELSEWHERE))
    tail = (1.0 - COVERAGE) / 2
    low, high = (_quantile(parts, share) for share in (tail, 1.0 - tail))
    return min(low, first.low), max(high, first.high)


def _halves(each: Priced) -> tuple[float, float, float]:
    """Centre and the two spreads, in logs: an interval need not lie evenly around its value."""
    centre = float(np.log(each.value))
    below, above = centre - float(np.log(each.low)), float(np.log(each.high)) - centre
    return centre, max(below, 1e-4) / _Z, max(above, 1e-4) / _Z


def _quantile(parts: Sequence[tuple[float, float, float, float]], share: float) -> float:
    """The price below which `share` of the mixture lies, by bisection in logs."""
    weight = sum(part[0] for part in parts)
    low = min(centre - 12 * below for _, centre, below, _ in parts)
    high = max(centre + 12 * above for _, centre, _, above in parts)
    for _ in range(80):
        middle = (low + high) / 2
        mass = sum(p * _mass_below(middle, centre, below, above) for p, centre, below, above in parts) / weight
        low, high = (middle, high) if mass < share else (low, middle)
    return float(np.exp((low + high) / 2))


def _mass_below(at: float, centre: float, below: float, above: float) -> float:
    return NormalDist().cdf((at - centre) / (below if at < centre else above))

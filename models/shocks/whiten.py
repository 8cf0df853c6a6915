"""Taking the wandering level out of weekly series: the innovations of a local level model.

Each area's level is a random walk seen with noise (Harvey 1989, Forecasting, Structural Time Series Models and the
Kalman Filter, ch. 2 and 3.4: the same linear filter is applied to the series and to its regressors, and regression on
the innovations is generalised least squares). What is left is independent over time, so that "learned on the weeks
before, tried on the weeks after" is exact.
"""

from __future__ import annotations

import numpy as np

# Variance of a week's step of the level over that of one seller's noise.
RATIOS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
COMMON = 0.02  # noise that all sellers of a cell share, as a part of one seller's
_HELD = 9.0  # squared innovations above this many variances count no more for the choice of the ratio


def innovations(series: np.ndarray, n: np.ndarray, ratio: float) -> np.ndarray:
    """Scaled innovations of `series` (weeks × areas × columns), given the sellers `n` (weeks × areas; 0: not seen).

    Where an area is seen for the first time, or not seen, they are NaN. The first column's have variance σ² of one
    seller's noise.
    """
    weeks, areas, columns = series.shape
    out = np.full(series.shape, np.nan)
    level, spread, begun = np.zeros((areas, columns)), np.zeros(areas), np.zeros(areas, bool)
    for week in range(weeks):
        seen = n[week] > 0
        noise = 1 / np.maximum(n[week], 1) + COMMON
        spread = spread + ratio
        first = seen & ~begun
        level[first], spread[first] = series[week, first], noise[first]
        later = np.flatnonzero(seen & begun)
        total = spread[later] + noise[later]
        surprise = series[week, later] - level[later]
        out[week, later] = surprise / np.sqrt(total)[:, np.newaxis]
        gain = spread[later] / total
        level[later] += gain[:, np.newaxis] * surprise
        spread[later] *= 1 - gain
        begun |= seen
    return out


def best_ratio(y: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """The ratio under which the series are likeliest, and σ² of one seller's noise with it."""
    scored = []
    for ratio in RATIOS:
        e = innovations(y[..., np.newaxis], n, ratio)[..., 0]
        known = e[np.isfinite(e)]
        if len(known) == 0:
            return RATIOS[0], 1.0
        noise = robust_variance(known)
        scored.append((len(known) * np.log(noise) + float(log_scales(n, ratio).sum()), ratio, noise))
    _, ratio, noise = min(scored)
    return ratio, noise


def robust_variance(surprise: np.ndarray) -> float:
    """The variance of innovations, of which the largest count no more than three standard deviations."""
    squares = surprise**2
    noise = max(float(np.median(squares)) / 0.4549, 1e-6)  # the median of χ² with one degree of freedom
    return max(float(np.minimum(squares, _HELD * noise).mean()), 1e-6)


def log_scales(n: np.ndarray, ratio: float) -> np.ndarray:
    """Σ ln of the variances of each area's innovations, σ² being 1: what the likelihood has beside their squares."""
    spread, begun, total = np.zeros(n.shape[1]), np.zeros(n.shape[1], bool), np.zeros(n.shape[1])
    for week in range(len(n)):
        seen, noise = n[week] > 0, 1 / np.maximum(n[week], 1) + COMMON
        spread = spread + ratio
        later = seen & begun
        scale = spread + noise
        total += np.where(later, np.log(scale), 0.0)
        spread = np.where(later, spread * noise / scale, np.where(seen & ~begun, noise, spread))
        begun |= seen
    return total

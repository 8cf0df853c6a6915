"""GEKS-Jevons: bilateral Jevons indices over matched units, made transitive.

A Jevons index between two periods is the geometric mean of the price ratios of the units seen in both (ILO et al.,
Consumer Price Index Manual: Concepts and Methods, 2020, ch. 8). Chained from period to period it drifts when units come
and go at prices that bounce. GEKS (Gini 1931; Eltetö and Köves 1964; Szulc 1964) takes all pairs of periods at once;
Ivancic, Diewert and Fox (2011, Journal of Econometrics 161) brought it to time, where it is free of chain drift.
"""

from __future__ import annotations

import numpy as np

from features.index.panel import Panel, solve


def bilateral(panel: Panel, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Log Jevons index from period s to period t at [s, t], NaN with fewer than `least` matched units; and the matches.

    Of unequal weights a matched unit's counts 2ab/(a + b) in the pair, the harmonic mean: the index then holds under
    time reversal, and two periods alone give the same as the time-product-dummy regression.
    """
    seen = (panel.weight > 0).astype(float)
    matches = seen.T @ seen
    if _equal(panel.weight):
        total, ahead = matches, seen.T @ panel.price
    else:
        total, ahead = _harmonic(panel, seen)
    moved = ahead - ahead.T
    enough = (matches >= max(least, 1)) & (total > 0)
    return np.divide(moved, total, out=np.full(moved.shape, np.nan), where=enough), matches


def _equal(weight: np.ndarray) -> bool:
    used = weight[weight > 0]
    return len(used) == 0 or bool((used == used[0]).all())


def _harmonic(panel: Panel, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of matched weights, and of matched weights × log price in the second period, for each pair."""
    count = len(panel.periods)
    total, ahead = np.zeros((count, count)), np.zeros((count, count))
    for first in range(count):
        here = panel.weight[:, [first]]
        both = np.divide(
            2 * here * panel.weight, here + panel.weight, out=np.zeros(panel.weight.shape), where=here * seen > 0
        )
        total[first] = both.sum(axis=0)
        ahead[first] = (both * panel.price).sum(axis=0)
    return total, ahead


def geks(panel: Panel, base: int = 0, least: int = 1) -> np.ndarray:
    """Log GEKS-Jevons index of each period, 0 at the place `base`; NaN where no chain of matches leads there.

    The index is the least-squares fit of potentials x to the bilateral indices, x_t − x_s ≈ P_st. Where every pair of
    periods has matches this is the usual mean over all bridging periods; where some have none it is still transitive.
    """
    index, _ = bilateral(panel, least)
    linked = np.isfinite(index)
    np.fill_diagonal(linked, False)
    laplacian = np.diag(linked.sum(axis=1).astype(float)) - linked
    return solve(laplacian, np.where(linked, index, 0.0).sum(axis=0), base)


def chained(panel: Panel) -> np.ndarray:
    """Log Jevons index chained from period to period, 0 at the first: the naive index, here to be compared with.

    A period without a match to the one before keeps the level.
    """
    index, _ = bilateral(panel)
    steps = np.array([index[place, place + 1] for place in range(len(panel.periods) - 1)])
    return np.concatenate([[0.0], np.cumsum(np.nan_to_num(steps))])

"""Regression of many categories at once: each category's slopes are drawn to what all of them show, and that to 0.

Empirical Bayes in two steps: each category alone under a wide prior; the mean and spread of the slopes over categories
(DerSimonian & Laird 1986); then each again under that. Everything is reckoned from cross products by category and block
of time, so that fits on earlier blocks cost nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Prior:
    """What is expected of a column's slopes: `mean`, `spread` between categories, and which categories it may move.

    A `pooled` column's mean is learned; one with `least` has no slope below it.
    """

    mean: float
    spread: float
    pooled: bool
    least: float | None = None


@dataclass(frozen=True)
class Products:
    """Cross products by category and block: `xx` (c × b × k × k), `xy` (c × b × k); `noise` is σ²."""

    xx: np.ndarray
    xy: np.ndarray
    noise: float

    def upto(self, block: int) -> tuple[np.ndarray, np.ndarray]:
        """The sums over the blocks before `block`."""
        return self.xx[:, :block].sum(axis=1) / self.noise, self.xy[:, :block].sum(axis=1) / self.noise


def products(
    x: np.ndarray, y: np.ndarray, category: np.ndarray, block: np.ndarray, sizes: tuple[int, int], noise: float
) -> Products:
    """From innovations of columns `x` (n × k) and of the series `y`."""
    k = x.shape[1]
    place = category * sizes[1] + block
    number = sizes[0] * sizes[1]
    xx = np.empty((number, k, k))
    xy = np.empty((number, k))
    for one in range(k):
        xy[:, one] = np.bincount(place, x[:, one] * y, minlength=number)
        for other in range(k):
            xx[:, one, other] = np.bincount(place, x[:, one] * x[:, other], minlength=number)
    return Products(xx.reshape(*sizes, k, k), xy.reshape(*sizes, k), noise)


def fit(data: Products, priors: list[Prior], block: int, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (c × k) and their standard deviations, from the blocks before `block`; columns not `used` are 0."""
    xx, xy = data.upto(block)
    means = np.array([each.mean for each in priors])
    spreads = np.array([each.spread for each in priors])
    for column, prior in enumerate(priors):
        if used[column] and prior.pooled:
            alone, spread = _posterior(xx, xy, means, spreads * 3, used)
            means[column], spreads[column] = _pooled(alone[:, column], spread[:, column], xx[:, column, column], prior)
    slopes, spread = _posterior(xx, xy, means, spreads, used)
    for column, prior in enumerate(priors):
        if prior.least is not None:
            slopes[:, column] = np.maximum(slopes[:, column], prior.least)
    # Where a category has none of the driver there is nothing to say.
    none = np.einsum("ckk->ck", xx) <= 1e-9
    return np.where(none | ~used, 0.0, slopes), np.where(none, np.inf, spread)


def gain(
    data: Products, before: list[np.ndarray], after: list[np.ndarray], blocks: list[int], only: int | None = None
) -> tuple[float, float]:
    """By how much squared errors shrink in each of `blocks` with the slopes `after` instead of `before`, in units of
    σ², and in standard errors of that. Each block's slopes come from the blocks before it."""
    total, variance = 0.0, 0.0
    for old, new, block in zip(before, after, blocks, strict=True):
        xx, xy = data.xx[:, block] / data.noise, data.xy[:, block] / data.noise
        if only is not None:
            xx, xy, old, new = xx[[only]], xy[[only]], old[[only]], new[[only]]
        moved = new - old
        total += float(
            2 * (moved * xy).sum() - np.einsum("ck,ckl,cl->", new, xx, new) + np.einsum("ck,ckl,cl->", old, xx, old)
        )
        variance += 4 * float(np.einsum("ck,ckl,cl->", moved, xx, moved))
    return total, total / np.sqrt(variance) if variance > 0 else 0.0


def _posterior(
    xx: np.ndarray, xy: np.ndarray, means: np.ndarray, spreads: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    precision = np.where(used, 1 / spreads**2, 1e12)
    inverse = np.linalg.inv(xx + np.diag(precision))
    wanted = np.where(used, means, 0.0) * precision
    return np.einsum("ckl,cl->ck", inverse, xy + wanted), np.sqrt(np.einsum("ckk->ck", inverse))


def _pooled(slope: np.ndarray, spread: np.ndarray, information: np.ndarray, prior: Prior) -> tuple[float, float]:
    """Mean and spread of the categories' slopes; the mean is drawn to the prior's as far as it is uncertain."""
    seen = (information > 1e-9) & (spread < prior.spread * 2.9)
    if not seen.any():
        return prior.mean, prior.spread
    # The wide prior is taken out again: what the data alone say.
    wide = (3 * prior.spread) ** -2
    precision = np.maximum(spread[seen] ** -2 - wide, 1e-9)
    alone = (slope[seen] * spread[seen] ** -2 - prior.mean * wide) / precision
    common = float((alone * precision).sum() / precision.sum())
    excess = float((precision * (alone - common) ** 2).sum()) - (len(alone) - 1)
    scale = float(precision.sum() - (precision**2).sum() / precision.sum())
    between = max(excess / scale, 0.0) if scale > 0 else prior.spread**2 / 4
    weight = 1 / (1 / precision + between)
    mean = float((alone * weight).sum() / weight.sum())
    doubt = 1 / float(weight.sum())
    drawn = prior.mean + (mean - prior.mean) * prior.spread**2 / (prior.spread**2 + doubt)
    return drawn, max(float(np.sqrt(between)), prior.spread / 10)

"""Voices that stand out from all others: told before anything is formed from any of them.

A robust mean bounds what a far-off price does; it still widens the scale by which the others are judged, and where
weights are uneven the far-off one may be the heaviest of all. So whoever is far from the others, *by the others' own
middle and spread*, is left out before any of that (outward deletion: Hampel 1974; Davies and Gather 1993). What is
left is then the same as if the far-off one had never come.
"""

from __future__ import annotations

import numpy as np

FAR = float(np.log(1.5))  # nobody nearer than this is left out, however close the others are
_SCALES = 3.5
_DRAWN = 6.0
_OTHERS = 3  # voices without whom there is nothing to be far from
# What makes the median deviation of n voices unbiased for the normal (Croux and Rousseeuw 1992), from n = 2 on.
_SMALL = np.array([1.0, 1.0, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107])


def far_off(
    values: np.ndarray, weight: np.ndarray, group: np.ndarray, *, least: float = FAR, usual: float | None = None
) -> np.ndarray:
    """Which values (logs) stand out from those of all other groups (sellers): a mask.

    One group after the other, the farthest first, is held against the weighted median of the rest and their scale; it
    goes where it is more than 3.5 scales and `least` off. Three other groups must be left to be far from. Weights
    must be above 0, and should be fair: where one group has nearly all the weight, it is the middle. Of few voices the
    scale is drawn to what is `usual` (a standard deviation), where that is known, by six voices' worth.
    """
    out = np.zeros(len(values), bool)
    if len(values) <= _OTHERS or np.ptp(values) <= least:
        return out
    order = np.argsort(values, kind="stable")
    while True:
        left = order[~out[order]]
        away = np.abs(values[left] - _middle(values[left], weight[left]))
        farthest = left[int(away.argmax())]
        rest = left[group[left] != group[farthest]]
        voices = len(np.unique(group[rest]))
        if away.max() <= least / 2 or voices < _OTHERS:
            return out
        centre = _middle(values[rest], weight[rest])
        scale = 1.4826 * small_sample(voices) * _spread(values[rest], weight[rest], centre)
        if usual is not None:
            scale = float(np.sqrt((voices * scale**2 + _DRAWN * usual**2) / (voices + _DRAWN)))
        own = left[group[left] == group[farthest]]
        away = np.abs(values[own] - centre)
        if away.max() <= max(_SCALES * scale, least):
            return out
        # With the price that gives a seller away go the others of theirs that are hardly nearer.
        own = own[away > least]
        out[own] = True


def spread_of(values: np.ndarray, weight: np.ndarray) -> float:
    """The standard deviation of normal values, from their weighted median deviation."""
    order = np.argsort(values, kind="stable")
    return 1.4826 * _spread(values[order], weight[order], _middle(values[order], weight[order]))


def small_sample(voices: int) -> float:
    """The factor by which the median deviation of so many voices is too small."""
    return float(_SMALL[voices]) if voices < len(_SMALL) else voices / (voices - 0.8)


def _middle(ordered: np.ndarray, weight: np.ndarray) -> float:
    """The weighted median of values in order."""
    total = np.cumsum(weight)
    return float(ordered[np.searchsorted(total, total[-1] / 2 * (1 - 1e-9))])


def _spread(values: np.ndarray, weight: np.ndarray, centre: float) -> float:
    away = np.abs(values - centre)
    order = np.argsort(away, kind="stable")
    return _middle(away[order], weight[order])

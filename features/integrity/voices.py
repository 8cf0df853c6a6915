"""Weights shared so that nobody counts twice: pure functions on parallel arrays.

A *group* is whatever counts once: a seller, a photo, a pair of traders. Codes below 0 belong to no group.
"""

from __future__ import annotations

import numpy as np


def count_once(weight: np.ndarray, question: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weights scaled so that in each question a group weighs together as much as the heaviest of its members.

    All arrays have one entry for each (question, row). Further members share the group's weight and never add to it.
    """
    chosen = np.flatnonzero(group >= 0)
    if len(chosen) == 0:
        return weight
    key = question[chosen].astype(np.int64) * (int(group.max()) + 1) + group[chosen]
    _, place = np.unique(key, return_inverse=True)
    together = np.bincount(place, weights=weight[chosen])
    heaviest = np.zeros(len(together))
    np.maximum.at(heaviest, place, weight[chosen])
    out = weight.astype(float, copy=True)
    share = np.divide(heaviest, together, out=np.ones(len(together)), where=together > 0)
    out[chosen] *= share[place]
    return out


def capped(weight: np.ndarray, group: np.ndarray, most: float, least: float = 0.0) -> np.ndarray:
    """Weights of which no group has more than the share `most`, the groups' members scaled alike.

    Where there are too few groups for that (fewer than 1 / most), none has more than its equal share. No group is cut
    below the weight `least`: beside a few faint others a well-known one is not made as faint. The cap takes away, it
    gives nobody more.
    """
    _, place = np.unique(group, return_inverse=True)
    total = np.bincount(place, weights=weight)
    limit = max(least, _ceiling(total, max(most, 1.0 / max(int((total > 0).sum()), 1))))
    share = np.divide(np.minimum(total, limit), total, out=np.ones(len(total)), where=total > 0)
    out: np.ndarray = weight * share[place]
    return out


def _ceiling(total: np.ndarray, most: float) -> float:
    """The weight c with c = most · Σ min(total, c): groups above c are cut to it."""
    ordered = np.sort(total[total > 0])[::-1]
    if len(ordered) == 0:
        return 0.0
    rest = float(ordered.sum())
    for cut, heaviest in enumerate(ordered):
        # With the `cut` heaviest cut off: c = most · (rest + cut · c).
        free = 1.0 - most * cut
        if free <= 1e-12:
            break
        limit = most * rest / free
        if heaviest <= limit * (1 + 1e-12):
            return max(limit, float(heaviest))
        rest -= float(heaviest)
    return float(ordered[-1])


def effective_number(weight: np.ndarray, newcomer: float) -> float:
    """How many independent voices weights amount to: (Σw)² / Σw² (Kish 1965), at most Σw / `newcomer`.

    The first does not ask how heavy they are, only how even; the second lets no crowd of voices that are hardly heard
    pass for a crowd of newcomers, who weigh `newcomer` each.
    """
    total, square = float(weight.sum()), float((weight**2).sum())
    return min(total**2 / square, total / newcomer) if square > 0 else 0.0


def weighted_trimmed_mean(values: np.ndarray, weight: np.ndarray, trim: float) -> float:
    """Mean without the share `trim` of the weight at each end; what lies across the edge counts in part.

    Bounded by the values that hold the inner 1 − 2·trim of the weight: who has less than `trim` of it can move the
    mean by no more than the others are apart (Tukey 1962).
    """
    order = np.argsort(values, kind="stable")
    heap = np.concatenate([[0.0], np.cumsum(weight[order])])
    if heap[-1] <= 0:
        return float(np.median(values))
    low, high = trim * heap[-1], (1.0 - trim) * heap[-1]
    inside = np.clip(np.minimum(heap[1:], high) - np.maximum(heap[:-1], low), 0.0, None)
    return float((values[order] * inside).sum() / inside.sum())

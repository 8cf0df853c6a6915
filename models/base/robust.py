"""The robust middle of comparables: whoever is far from the others is not heard, and nobody moves it far."""

from __future__ import annotations

import numpy as np

_HUBER, _BIWEIGHT = 1.5, 4.685
_LEAST_SCALE = 0.03
_FAINT = 0.005  # what is left of a far value: to be seen among the comparables, not to move anything


def robust_mean(
    values: np.ndarray, weight: np.ndarray, rounds: int = 4, start: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """An MM-type estimate of location (Yohai 1987): started at the weighted median with the weighted MAD for its scale,
    a Huber step, then Tukey's biweight (c = 4.685) with that scale held fixed; and the weights it used.

    `start` are the weights of the start, where they differ: of which no seller has much. The one comparable that is
    best by far then speaks with all its weight where it fits what the others say, and else not at all. Breakdown: half
    of the starting weight, as the median's. Beyond 4.685 scales a value has next to no influence, however far. Where
    the biweight keeps less than 30 % of the starting weight (there is no middle), the Huber step stands.
    """
    fair = weight if start is None else start
    middle, used, scale = _huber(values, fair, rounds)
    for _ in range(rounds):
        apart = np.maximum(np.abs(values - middle), 1e-12)
        near = np.square(np.clip(1.0 - np.square(apart / (_BIWEIGHT * scale)), 0.0, None))
        if (fair * near).sum() < 0.3 * fair.sum():
            return middle, used
        # Whoever has much of the weight must not draw the middle to where it is near itself: that one stays fair.
        middle = float((fair * near * values).sum() / (fair * near).sum())
    # What is left of a far value is so little of the fair weight, not of its own.
    kept = np.maximum(weight * near, fair * _FAINT * np.minimum(1.0, scale / apart))
    return float((kept * values).sum() / kept.sum()), kept


def _huber(values: np.ndarray, weight: np.ndarray, rounds: int) -> tuple[float, np.ndarray, float]:
    middle = weighted_median(values, weight)
    scale = max(1.4826 * weighted_median(np.abs(values - middle), weight), _LEAST_SCALE)
    used = weight
    for _ in range(rounds):
        used = weight * np.minimum(1.0, _HUBER * scale / np.maximum(np.abs(values - middle), 1e-12))
        middle = float((used * values).sum() / used.sum())
    return middle, used, scale


def row_medians(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted medians of many rows of values (q × n), as a column (q × 1); what has no weight is not looked at."""
    order = np.argsort(np.where(weight > 0, values, np.inf), axis=1, kind="stable")
    total = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1)
    first = (total >= total[:, -1:] / 2 * (1 - 1e-9)).argmax(axis=1)
    out: np.ndarray = np.take_along_axis(values, np.take_along_axis(order, first[:, np.newaxis], axis=1), axis=1)
    return out


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    # A hair less than half: where two values share the weight evenly it is the lower one, however the sums round.
    return float(values[order][np.searchsorted(total, total[-1] / 2 * (1 - 1e-9))])

"""Precision, recall and F1 of scores, and a threshold chosen on one set of pairs for another."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

BLUR = 1.0


@dataclass(frozen=True)
class Figures:
    """Precision, recall and F1 (0 to 1) of the pairs called the same at a threshold."""

    precision: float
    recall: float
    f1: float
    threshold: float

    def rounded(self) -> dict[str, float]:
        """Return the figures for a report, with four places."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def figures(truth: np.ndarray, scores: np.ndarray, threshold: float) -> Figures:
    """Measure what is called the same: a score of the threshold and above."""
    called = scores >= threshold
    right = float((truth[called] == 1).sum())
    precision, recall = right / (called.sum() or 1), right / ((truth == 1).sum() or 1)
    f1 = 2 * right / (called.sum() + (truth == 1).sum() or 1)
    return Figures(float(precision), float(recall), float(f1), float(threshold))


def choose_threshold(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the threshold with the best F1 where every probability is blurred by BLUR in log odds.

    The F1 of few pairs has peaks that only chance made; blurred by a Gaussian kernel it is smooth, and its peak holds
    better for other pairs.
    """
    from scipy.special import expit, logit, ndtr

    odds = logit(np.clip(probabilities, 1e-5, 1 - 1e-5))
    grid = np.linspace(-4, 4, 161)
    called = ndtr((odds[None, :] - grid[:, None]) / BLUR)
    f1 = 2 * (called @ truth) / np.maximum(called.sum(axis=1) + truth.sum(), 1e-9)
    return float(expit(grid[np.argmax(f1)]))


def best_threshold(truth: np.ndarray, scores: np.ndarray) -> float:
    """Return the score that, as a threshold, has the best F1."""
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + truth.sum())
    # Equal scores fall on one side together: the last of them stands for all.
    last = np.append(scores[order][1:] != scores[order][:-1], True)
    return float(scores[order][np.argmax(np.where(last, f1, -1.0))])


def precision_at_recall(truth: np.ndarray, scores: np.ndarray, recall: float, positives: int) -> Figures | None:
    """Figures at the highest threshold that reaches a recall of ``positives``; None where none does."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(truth[order])
    reached = np.flatnonzero(right >= recall * positives)
    if not len(reached) or not positives:
        return None
    threshold = float(scores[order][reached[0]])
    called = scores >= threshold
    found = float(truth[called].sum())
    precision, share = found / called.sum(), found / positives
    return Figures(float(precision), float(share), float(2 * found / (called.sum() + positives)), threshold)

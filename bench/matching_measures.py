"""Precision, recall and F1 of scores, and a threshold chosen on one set of pairs for another."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

ROUNDS = 300


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


def choose_threshold(truth: np.ndarray, scores: np.ndarray, *, seed: int = 0) -> float:
    """Return the threshold with the best mean F1 over bootstrap samples of the pairs (Efron 1979).

    The mean over samples is smooth where the F1 of the pairs themselves has peaks that only chance made. The threshold
    lies halfway between two scores.
    """
    order = np.argsort(-scores, kind="stable")
    sorted_scores, sorted_truth = scores[order], truth[order]
    generator = np.random.default_rng(seed)
    total = np.zeros(len(order))
    for _ in range(ROUNDS):
        times = generator.poisson(1.0, len(order))
        right, called = np.cumsum(times * sorted_truth), np.cumsum(times)
        total += 2 * right / np.maximum(called + right[-1], 1)
    # Equal scores fall on one side together: the last of them stands for all.
    last = np.append(sorted_scores[1:] != sorted_scores[:-1], True)
    best = int(np.argmax(np.where(last, total, -1.0)))
    below = sorted_scores[best + 1] if best + 1 < len(order) else 0.0
    return float((sorted_scores[best] + below) / 2)


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

"""How the size of scores moves with time: a category's goods become harder to value for a while, and easier again.

For each category, the mean log size of a month's scores, beyond what is expected of them (`models.interval.scale`), is
a local level with noise (Harvey 1989, ch. 4): m' = φ·m + η, η ~ N(0, q), seen each month with variance s²/n. Kalman's
filter gives what was to be expected of each month by the months before, and what is of the next one. Scores divided by
what was expected in their own month are alike over time, so old ones still say what new ones will be (filtered
historical simulation: Barone-Adesi, Giannopoulos and Vosper 1999). φ and q, common to all categories, are the most
likely of a few; q = 0, nothing moves, is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MONTH = 30
_STEPS = (0.0, 0.03, 0.06, 0.12, 0.2, 0.3, 0.45)  # √q: the usual move of a month, in logs
_STAYS = (1.0, 0.9, 0.75)
_START = 0.3  # how far a category's first month may lie from its mean, in logs
_FURTHEST = 0.8


@dataclass(frozen=True)
class Drift:
    """What is expected of the next month: the log size of a category's scores above its usual one; 0 where it was not
    met."""

    of_category: dict[str, float] = field(default_factory=dict)

    def logs(self, category: np.ndarray) -> np.ndarray:
        return np.array([self.of_category.get(str(each), 0.0) for each in category])


STILL = Drift()


def learn_drift(residual: np.ndarray, category: np.ndarray, day: np.ndarray) -> tuple[Drift, np.ndarray]:
    """The drift of log sizes beyond what was expected of them, and for each case what the months before its own
    foretold of it. Months end with the newest case's day."""
    month = (day.max() - day).astype(int) // MONTH
    month = month.max() - month
    months = int(month.max()) + 1
    if months < 3:
        return STILL, np.zeros(len(residual))
    names, code = np.unique(category.astype(str), return_inverse=True)
    cell = code * months + month
    size = np.bincount(cell, minlength=len(names) * months).reshape(len(names), months)
    total = np.bincount(cell, weights=residual, minlength=len(names) * months).reshape(len(names), months)
    mean = total / np.maximum(size, 1)
    noise = float(np.square(residual - mean.ravel()[cell]).sum() / max(len(residual) - int((size > 0).sum()), 1))
    tried = [_filtered(mean, size, noise, stays, step**2) for step in _STEPS for stays in _STAYS]
    _, foretold = max(tried, key=lambda each: each[0])
    foretold = np.clip(foretold, -_FURTHEST, _FURTHEST)
    known = {str(name): float(each) for name, each in zip(names, foretold[:, -1], strict=True)}
    return Drift(known), foretold[code, month]


def _filtered(mean: np.ndarray, size: np.ndarray, noise: float, stays: float, move: float) -> tuple[float, np.ndarray]:
    """Log likelihood, and what is foretold of each month and of the one after the last: (categories, months + 1)."""
    level, doubt = np.zeros(len(mean)), np.full(len(mean), _START**2 if move else 0.0)
    foretold, likely = np.zeros((len(mean), mean.shape[1] + 1)), 0.0
    for number in range(mean.shape[1]):
        foretold[:, number] = level
        seen = size[:, number] > 0
        of_mean = noise / np.maximum(size[:, number], 1)
        spread, error = doubt + of_mean, mean[:, number] - level
        likely -= float((0.5 * (np.log(spread) + error**2 / spread))[seen].sum())
        gain = np.where(seen, doubt / spread, 0.0)
        level, doubt = level + gain * error, (1 - gain) * doubt
        level, doubt = stays * level, stays**2 * doubt + move
    foretold[:, -1] = level
    return likely, foretold

"""How quickly raw levels follow: as quickly as the market was seen to move, and at once where it clearly did.

A week's mean of few sellers lies off by chance. How much of that a level should follow depends on how much levels move
from week to week beside it: the steady state of the Kalman filter of a level that takes random steps (Harvey 1989,
ch. 3.3). How large the steps are is learned from the weeks that are over, by how well each size would have predicted
the next week. A week that stands off by more than chance would have it is followed by that much (variance components:
DerSimonian & Laird 1986).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from features.level import ALL
from models.shocks.whiten import COMMON, innovations, log_scales, robust_variance
from models.weeks import weekly

# Variance of a week's step of the level over that of one seller's noise. No market is taken to stand stiller than the
# first: one that stood still for long may begin to drift, and must be followed then.
_RATIOS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_LEAST_WEEKS = 16  # nothing is learned of a category seen in fewer
_CHANCE = 9.0  # variances that chance is given before a week counts as a move: three standard deviations
_EFFICIENCY = 1.2  # variance of a mean trimmed by a quarter over that of the mean, for normal values


@dataclass(frozen=True)
class Pace:
    """By category ("" is all together): the weights of `_RATIOS`, and the variance of one seller's noise.

    `season` by category and `region` have what at the time of learning was newly understood as the effect of either
    (log): so much of the level before belongs there.
    """

    weight: dict[str, list[float]] = field(default_factory=dict)
    noise: dict[str, float] = field(default_factory=dict)
    season: dict[str, float] = field(default_factory=dict)
    region: dict[str, float] = field(default_factory=dict)

    def kappa(self, unit: str, number: float, gap: float) -> float:
        """κ of n/(n + κ) for an area of which `number` sellers stand `gap` (log) from where it was expected.

        0 where nothing is known of its pace.
        """
        name = category_of(unit) if category_of(unit) in self.weight else ""
        if name not in self.weight or number <= 0:
            return 0.0
        ratio = np.array(_RATIOS)
        usual = float(np.dot(self.weight[name], ratio / 2 + np.sqrt(ratio**2 / 4 + ratio / number)))
        clear = gap**2 / self.noise[name] - _CHANCE * (_EFFICIENCY / number + COMMON)
        return 1 / max(usual, clear)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def category_of(unit: str) -> str:
    """The category of an area; "" of all."""
    name = "" if unit == ALL else unit.partition(":")[2]
    return name.rpartition("|")[0] or name


def learn_pace(rows: pd.DataFrame, above: np.ndarray) -> Pace:
    """The pace of each category, from rows of weeks that are over, each of a listing of its own; `above` is each one's
    log price above expectation, without what drivers made of it (NaN where there was no expectation)."""
    known = np.isfinite(above)
    if not known.any():
        return Pace()
    weeks = weekly(rows[known], above[known])
    enough = np.flatnonzero((weeks.n > 0).sum(axis=0) >= _LEAST_WEEKS)
    if len(enough) == 0:
        return Pace()
    y, n = weeks.y[:, enough], weeks.n[:, enough]
    told = np.stack([_likelihood(y, n, ratio) for ratio in _RATIOS])
    # What the others say counts as much as one more category does.
    together = told.mean(axis=1)
    weight = {weeks.names[at]: _weights(told[:, place] + together) for place, at in enumerate(enough)}
    noise = {weeks.names[at]: float(weeks.noise[at]) for at in enough}
    return Pace(weight | {"": _weights(2 * together)}, noise | {"": float(np.median(weeks.noise[enough]))})


def _likelihood(y: np.ndarray, n: np.ndarray, ratio: float) -> np.ndarray:
    """Log likelihood of each column's series under steps of a size; the noise is what fits it best."""
    white, scales = innovations(y[..., np.newaxis], n, ratio)[..., 0], log_scales(n, ratio)
    out = np.empty(y.shape[1])
    for place in range(y.shape[1]):
        known = white[np.isfinite(white[:, place]), place]
        out[place] = -0.5 * (len(known) * np.log(robust_variance(known)) + scales[place])
    return out


def _weights(told: np.ndarray) -> list[float]:
    weight = np.exp(told - told.max())
    return [round(float(each), 6) for each in weight / weight.sum()]

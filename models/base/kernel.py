"""The learned kernel: how much a comparable counts, by its age, likeness and what sets it apart.

The weight of a comparable is exp(−θ·x), x being the features of the pair (`FEATURES`), each 0 for a sale of today that
is alike in everything and growing with whatever sets the two apart. θ is never negative: ageing is never rewarded and
likeness never punished. It is learned out of fold from cases of the past, for all goods together and for each category
with enough cases of its own, drawn to the defaults and to all goods by how few cases speak.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from models.base.kriging import Covariance
from models.base.local import Telling

# Days on a log scale and in months; −ln of the titles' similarity; the category, the grade, the region, the product are
# others; the price is asked; distance in the telling attributes (models.base.local).
FEATURES = ("log age", "age", "unlikeness", "category", "grade", "region", "product", "asking", "attributes")
LOG_AGE, AGE, UNLIKENESS, CATEGORY, GRADE, REGION, PRODUCT, ASKING, ATTRIBUTES = range(len(FEATURES))
# A half-life of 60 days, the fourth power of the similarity, a tenth for another category, a fifth less for another
# grade, half for an asking price.
START = (0.0, 0.3466, 4.0, 2.3026, 0.2231, 0.0, 0.0, 0.6931, 0.2)
# A hundred days, the same day: at most so much apart.
_MOST = np.array([3.0, 6.0, 14.0, 6.0, 3.0, 2.0, 4.0, 3.0, 6.0])
_SPREAD = np.array([0.5, 0.5, 3.0, 1.0, 0.3, 0.2, 0.7, 0.5, 0.5])
_PULL = 60.0  # cases' worth by which θ is held where it started
LEAST_CASES = 60
_ERROR = 0.02  # below this an error is as good as none: the absolute error is smoothed there


@dataclass(frozen=True)
class Kernel:
    """θ and the covariance of the nearest comparables, by category ("" is all), and the telling attributes."""

    theta: dict[str, tuple[float, ...]] = field(default_factory=lambda: {"": START})
    covariance: dict[str, Covariance] = field(default_factory=lambda: {"": Covariance()})
    telling: tuple[Telling, ...] = ()

    def of(self, category: str) -> np.ndarray:
        return np.asarray(self.theta.get(category, self.theta[""]))

    def covariance_of(self, category: str) -> Covariance:
        return self.covariance.get(category, self.covariance[""])

    def weights(self, x: np.ndarray, category: np.ndarray) -> np.ndarray:
        """exp(−θ·x) of pairs (rows of `x`), by the category of each one's question."""
        out = np.empty(len(x))
        for name in set(category.tolist()):
            chosen = category == name
            out[chosen] = np.exp(-(x[chosen] @ self.of(str(name))))
        return out

    def to_json(self) -> str:
        return json.dumps(
            {
                "theta": {name: list(theta) for name, theta in self.theta.items()},
                "covariance": {name: each.to_dict() for name, each in self.covariance.items()},
                "telling": [each.to_dict() for each in self.telling],
            },
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> Kernel:
        raw = json.loads(text)
        return cls(
            {name: tuple(theta) for name, theta in raw["theta"].items()},
            {name: Covariance.from_dict(each) for name, each in raw["covariance"].items()},
            tuple(Telling(**each) for each in raw["telling"]),
        )


def starting(sharpness: float, half_life: float, sold_weight: float, telling: tuple[Telling, ...] = ()) -> Kernel:
    """The kernel before anything is learned: similarity ** sharpness, halved in `half_life` days, and a sold price
    `sold_weight` times an asking one."""
    theta = list(START)
    theta[AGE], theta[UNLIKENESS], theta[ASKING] = 30 * np.log(2) / half_life, sharpness, np.log(sold_weight)
    return Kernel(theta={"": tuple(float(each) for each in theta)}, telling=telling)


def learn_theta(
    question: np.ndarray,
    x: np.ndarray,
    share: np.ndarray,
    above: np.ndarray,
    target: np.ndarray,
    start: tuple[float, ...] = START,
) -> tuple[float, ...]:
    """θ with the least smoothed absolute error of the kernel mean, held at `start` by sixty cases' worth (L-BFGS).

    Flat pairs: `question` (their case's number, sorted), features `x`, the part of a weight that a seller's copies
    leave (`share`) and `above`; `target` has what each case stood above its hedonic value. Beside its comparables each
    case has what the hedonic value says, 0, with a weight that is learned too: else far cases without any good
    comparable would decide. Deterministic.
    """
    from scipy.optimize import minimize

    cases = np.unique(question)
    if len(cases) < LEAST_CASES:
        return start
    place = np.searchsorted(cases, question)
    goal = target[cases]
    limit = 4 * max(1.4826 * float(np.median(np.abs(goal))), 0.05)
    heard = np.clip(above, -limit, limit)
    goal = np.clip(goal, -limit, limit)
    first = np.append(np.asarray(start), np.log(0.3))
    spread = np.append(_SPREAD, 1.0)

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        weight = share * np.exp(-(x @ free[:-1]))
        null = np.exp(free[-1])
        total = np.bincount(place, weight, len(cases)) + null
        mean = np.bincount(place, weight * heard, len(cases)) / total
        error = goal - mean
        smooth = np.sqrt(error**2 + _ERROR**2)
        part = weight * (heard - mean[place]) / total[place]
        by_error = -(error / smooth) / len(cases)
        slope = np.append(
            -((by_error[place] * part) @ x),
            (by_error * -mean * null / total).sum(),
        )
        # The pull is in units of the typical error, so that it means the same for calm and for noisy goods.
        strength = _PULL / len(cases) * 0.02 * limit / 4
        pull = (free - first) / spread
        return float(smooth.mean() + strength * (pull**2).sum()), slope + 2 * strength * pull / spread

    bounds = [(0.0, float(most)) for most in _MOST] + [(-6.0, 3.0)]
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return tuple(round(float(each), 6) for each in found.x[:-1])

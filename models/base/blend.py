"""The blend: how far the comparables at hand correct the hedonic value.

With f the hedonic log value of the thing and ρ the robust mean by which its comparables stood above their own hedonic
values, ln base = f + w·ρ: the same as w·ln v_c + (1 − w)·ln v_h, v_c being the comparables moved to the thing's own
attributes. The weight w depends on how much evidence the comparables are, and is learned out of fold.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

# Evidence is counted in comparables that are wholly alike and of today (features.comparables, models.base.compose).
EDGES = (0.02, 0.08, 0.2, 0.5, 1.2, 3.0, 8.0)


@dataclass(frozen=True)
class Blend:
    """Weight of the comparables by amount of evidence: `weights[i]` holds between EDGES[i−1] and EDGES[i]."""

    weights: tuple[float, ...]
    cases: tuple[int, ...]

    def weight(self, evidence: np.ndarray) -> np.ndarray:
        return np.asarray(self.weights)[np.searchsorted(EDGES, evidence, side="right")]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Blend:
        raw = json.loads(text)
        return cls(tuple(raw["weights"]), tuple(raw["cases"]))


DEFAULT = Blend(tuple(0.9 * (place / (place + 2)) for place in range(len(EDGES) + 1)), (0,) * (len(EDGES) + 1))


def learn_blend(evidence: np.ndarray, above: np.ndarray, target: np.ndarray) -> Blend:
    """Best weights from out-of-fold cases: `target` − f is regressed on `above` (ρ) in each bin of evidence.

    Least squares with large errors held back, drawn to the default by twenty cases' worth, and made to rise with the
    evidence (pool adjacent violators).
    """
    place = np.searchsorted(EDGES, evidence, side="right")
    limit = 3 * max(1.4826 * float(np.median(np.abs(target))), 1e-3) if len(target) else 1.0
    kept = np.clip(target, -limit, limit)
    weights, cases = [], []
    for number, start in enumerate(DEFAULT.weights):
        inside = place == number
        square = float((above[inside] ** 2).sum())
        spread = square / max(int(inside.sum()), 1) or 1.0
        weight = (float((above[inside] * kept[inside]).sum()) + 20 * spread * start) / (square + 20 * spread)
        weights.append(min(max(weight, 0.0), 1.0))
        cases.append(int(inside.sum()))
    return Blend(tuple(_rising(np.array(weights), np.array(cases) + 1.0)), tuple(cases))


def _rising(values: np.ndarray, weight: np.ndarray) -> list[float]:
    from sklearn.isotonic import isotonic_regression

    return [float(value) for value in isotonic_regression(values, sample_weight=weight)]

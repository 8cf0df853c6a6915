"""How far the regions of a category may part from it in one period: no further than chance would not do.

A region's own level of a week is a mean of few voices. Where the regions lie no further from where they were expected
than their few voices make them, there is nothing to follow; where they lie further (a storm in one of them), they are
followed by that measure. Variance components after DerSimonian and Laird (1986).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

_LEAST_SEGMENTS = 5  # fewer do not tell how far regions part
_SURE = 1.64  # standard deviations of the statistic that chance is given
_EFFICIENCY = 1.2  # variance of a mean trimmed by a quarter over that of the mean, for normal values


def segment_kappas(
    unit: np.ndarray,
    residual: np.ndarray,
    seen: Mapping[str, tuple[float, float]],
    expected: Mapping[str, float],
    kappa: float,
) -> dict[str, float]:
    """κ of each segment in m = n/(n + κ)·own + …: at least `kappa`, infinite where regions part by chance only.

    Each voice has its `unit` and its `residual`; `seen` has each unit's own level and number of sellers, `expected`
    where it was expected to be. Categories with few segments keep `kappa`.
    """
    out: dict[str, float] = {}
    codes, names = pd.factorize(unit)
    own = np.array([seen[str(name)][0] for name in names])[codes]
    away = np.abs(residual - own)
    category = np.array([str(name).rsplit("|", 1)[0] for name in names], object)[codes]
    for name in sorted({unit.rsplit("|", 1)[0] for unit in seen}):
        units = [unit for unit in seen if unit.rsplit("|", 1)[0] == name]
        # A lone voice lies on its unit's level and says nothing of the spread.
        spread = away[(category == name) & (away > 0)]
        if len(units) < _LEAST_SEGMENTS or len(spread) < _LEAST_SEGMENTS:
            continue
        within = max(1.4826 * float(np.median(spread)), 1e-3) ** 2
        number = np.array([max(seen[unit][1], 1.0) for unit in units])
        gap = np.array([seen[unit][0] - expected[unit] for unit in units])
        weight = number / (_EFFICIENCY * within)
        excess = float((weight * gap**2).sum()) - len(units) - _SURE * np.sqrt(2.0 * len(units))
        between = max(excess, 0.0) / float(weight.sum())
        own_kappa = within / between if between > 0 else float("inf")
        out |= dict.fromkeys(units, max(kappa, own_kappa))
    return out

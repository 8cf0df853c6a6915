"""Conformal quantiles: of exchangeable scores, and of weighted ones."""

from __future__ import annotations

import numpy as np

FALLBACK_HALF = 1.5


def quantiles(scores: np.ndarray, coverage: float) -> tuple[float, float]:
    """Lower and upper conformal quantile at a two-sided coverage; with too few cases, beyond the extremes seen.

    Finite-sample rank ⌈(n + 1)(1 − α/2)⌉ (Vovk, Gammerman and Shafer 2005, split conformal prediction).
    """
    ordered, n = np.sort(scores), len(scores)
    rank = int(np.ceil((n + 1) * (1 + coverage) / 2))
    if rank > n:
        widest = max(FALLBACK_HALF, float(np.abs(ordered).max()) if n else 0.0)
        return -widest, widest
    return float(ordered[n - rank]), float(ordered[rank - 1])


def reach(ordered: np.ndarray, cumulated: np.ndarray, tail: float) -> float:
    """The value above which a new score lies with a chance of `tail`; NaN where so few cannot tell.

    `ordered` ascends, `cumulated` are the summed weights (each at most 1, the newest case's). The new case itself
    counts with weight 1 at infinity (weighted conformal prediction: Barber, Candès, Ramdas and Tibshirani 2023). The
    i-th score holds with a chance of its cumulated weight of all; between two of them the line is taken, and not the
    upper one, which would hold half a case too many in every bin (Hutson 1999 for unweighted order statistics).
    """
    if len(ordered) == 0:
        return float("nan")
    wanted = (1.0 - tail) * (cumulated[-1] + 1.0)
    if wanted > cumulated[-1] + 1e-9:
        return float("nan")
    return float(np.interp(wanted, cumulated, ordered))

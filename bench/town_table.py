"""How each factor of Katy's values follows a cause that works alone, and how far the others move meanwhile.

All in logs. A trend is relative to its own reference, and a region's factor to the mean of regions: these two are held
against the truth after the mean over days, or over regions, is taken from both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.town_run import FACTORS

_WITHIN = {"trend": ["product", "region", "grade"], "region": ["product", "grade", "day"]}
_LEAST = 0.005  # a true effect smaller than this (log) moves nothing that could be followed


def cause_row(answered: pd.DataFrame, cause: str) -> dict[str, Any]:
    """The figures of one cause: its own factor, all others, and the values.

    `own`: `size` mean absolute true effect in the categories that it moves, `error` mean absolute error there, `share`
    the slope of what was said on what is true (1 follows wholly), `correlation`. `moved` has for each factor the mean
    absolute log by which it is off, over all questions. `mdape` and `mdape_raw` are of fmv and market value.
    """
    known = answered[np.isfinite(answered["fmv"])]
    moved = {name: float(np.abs(difference(known, name)).mean()) for name in FACTORS}
    off, raw = known["fmv"] - known["true"], known["market"] - known["true"]
    return {
        "cause": cause,
        "asked": len(answered),
        "unknown": len(answered) - len(known),
        "own": _own(known, cause) if cause in FACTORS else None,
        "moved": {name: round(value, 4) for name, value in moved.items()},
        "dampening": round(float(np.abs(known["dampening"]).mean()), 4),
        "mdape": round(float(np.median(np.abs(np.expm1(off)))), 4),
        "mdape_raw": round(float(np.median(np.abs(np.expm1(raw)))), 4),
        "ratio": round(float(np.exp(np.median(off))), 4),
        "inside": round(float(((known["low"] <= known["true"]) & (known["true"] <= known["high"])).mean()), 4),
    }


def difference(known: pd.DataFrame, factor: str) -> np.ndarray:
    """Said less true log factor of each question."""
    said, true = _pair(known, factor)
    off: np.ndarray = said - true
    return off


def _own(known: pd.DataFrame, cause: str) -> dict[str, float]:
    said, true = _pair(known, cause)
    size = pd.Series(np.abs(true)).groupby(known["category"].to_numpy()).transform("max").to_numpy()
    there = size > _LEAST
    if not there.any():
        return {"size": 0.0, "error": 0.0, "share": float("nan"), "correlation": float("nan")}
    said, true = said[there], true[there]
    varies = np.std(said) > 0 and np.std(true) > 0
    return {
        "size": round(float(np.abs(true).mean()), 4),
        "error": round(float(np.abs(said - true).mean()), 4),
        "share": round(float((said * true).sum() / (true**2).sum()), 3),
        "correlation": round(float(np.corrcoef(said, true)[0, 1]), 3) if varies else 0.0,
    }


def _pair(known: pd.DataFrame, factor: str) -> tuple[np.ndarray, np.ndarray]:
    columns = known[[f"said_{factor}", f"true_{factor}"]]
    if factor in _WITHIN:
        columns = columns - columns.groupby([known[name] for name in _WITHIN[factor]]).transform("mean")
    return columns.iloc[:, 0].to_numpy(float), columns.iloc[:, 1].to_numpy(float)


def misses(rows: list[Mapping[str, Any]]) -> list[str]:
    """What does not hold, in words: factors that follow less than half, and others that move more than they may.

    A factor may move by twice what it does where nothing happens at all, and by 0.01.
    """
    nothing = next((row["moved"] for row in rows if row["cause"] == "nothing"), dict.fromkeys(FACTORS, 0.0))
    out = []
    for row in rows:
        own = row["own"]
        if own and own["size"] and not 0.5 <= own["share"] <= 1.5:
            out.append(
                f"{row['cause']}: its factor follows {own['share']:.0%} of the true effect "
                f"(error {own['error']:.3f}, size {own['size']:.3f})"
            )
        for name, value in row["moved"].items():
            if name != row["cause"] and value > max(2 * nothing[name], 0.01):
                out.append(f"{row['cause']}: {name} moves by {value:.3f} (where nothing happens {nothing[name]:.3f})")
    return out

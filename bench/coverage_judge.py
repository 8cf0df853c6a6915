"""Whether intervals hold what they say: coverage by bin, each with its binomial interval.

A binomial interval takes cases for independent. Prices of a week move together, and so do their misses: a bin of a
thousand cases from nine weeks says less than a thousand do. Beside the plain verdict stands the one of Korn and
Graubard (Survey Methodology 24, 1998): the binomial interval of as many cases as the weeks' own differences leave.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

LEAST, LARGE = 200, 2000
BAND = (0.88, 0.92)
CELLS = ("category", "tier", "evidence")


@dataclass(frozen=True)
class Verdict:
    """Coverage of all cases and of bins with LEAST cases: how many there are, the share whose 95 % binomial interval
    holds what was said, and of those with LARGE cases how many lie outside BAND. `width`: median of (high − low)/value.
    `passing_by_week`: the share that passes where the cases of a week are not taken for independent; NaN without weeks.
    """

    cases: int
    coverage: float
    width: float
    bins: int
    passing: float
    passing_by_week: float
    large: int
    outside: int
    least: float
    most: float


def binomial(inside: np.ndarray, cases: np.ndarray, sure: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Exact limits of a share (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    tail = (1 - sure) / 2
    low, high = beta.ppf(tail, inside, cases - inside + 1), beta.ppf(1 - tail, inside + 1, cases - inside)
    return np.where(inside == 0, 0.0, low), np.where(inside == cases, 1.0, high)


def independent(inside: np.ndarray, week: np.ndarray) -> float:
    """How many independent cases say as much as these (at most as many, at least one), by how weeks differ.

    n* = p(1 − p)/v · (t₍n₋₁₎/t₍W₋₁₎)², v being the variance of the share with weeks as sampling units.
    """
    from scipy.stats import t

    cases, share = len(inside), float(inside.mean())
    _, of = np.unique(week, return_inverse=True)
    weeks = int(of.max()) + 1
    if weeks < 2:
        return 1.0
    if share in (0.0, 1.0):
        return float(cases)
    short = np.bincount(of, inside - share)
    variance = float((short**2).sum()) / cases**2 * weeks / (weeks - 1)
    ratio = float(t.ppf(0.975, cases - 1) / t.ppf(0.975, weeks - 1))
    return float(np.clip(share * (1 - share) / max(variance, 1e-12) * ratio**2, 1.0, cases))


def by_bin(outcome: pd.DataFrame, cells: tuple[str, ...] = CELLS, said: float = 0.90) -> pd.DataFrame:
    """Cases, coverage with its limits, median width and whether the bin passes, largest bins first.

    `outcome` has the cells, `inside` (bool), `width` and, where days are known, `week`.
    """
    grouped = outcome.groupby(list(cells), observed=True)
    out = grouped.agg(cases=("inside", "size"), held=("inside", "sum"), width=("width", "median")).reset_index()
    out["coverage"] = out["held"] / out["cases"]
    out["low"], out["high"] = binomial(out["held"].to_numpy(float), out["cases"].to_numpy(float))
    out["passes"] = (out["low"] <= said) & (out["high"] >= said)
    out["passes_by_week"] = np.nan
    if "week" in outcome:
        alone = np.array([independent(each["inside"].to_numpy(float), each["week"].to_numpy()) for _, each in grouped])
        low, high = binomial(out["coverage"].to_numpy() * alone, alone)
        out["passes_by_week"] = (low <= said) & (high >= said)
    return out.sort_values("cases", ascending=False, kind="stable").reset_index(drop=True)


def verdict(outcome: pd.DataFrame, table: pd.DataFrame) -> Verdict:
    """The figures of an outcome and its bins."""
    judged = table[table["cases"] >= LEAST]
    large = judged.loc[judged["cases"] >= LARGE, "coverage"]
    none = len(judged) == 0
    return Verdict(
        cases=len(outcome),
        coverage=float(outcome["inside"].mean()),
        width=float(outcome["width"].median()),
        bins=len(judged),
        passing=float("nan") if none else float(judged["passes"].mean()),
        passing_by_week=float("nan") if none or "week" not in outcome else float(judged["passes_by_week"].mean()),
        large=len(large),
        outside=int(((large < BAND[0]) | (large > BAND[1])).sum()),
        least=float("nan") if none else float(judged["coverage"].min()),
        most=float("nan") if none else float(judged["coverage"].max()),
    )


def figures(outcome: pd.DataFrame, said: float = 0.90) -> dict[str, Any]:
    """Verdict and bins as plain numbers: for a table and for JSON."""
    table = by_bin(outcome, said=said)
    rounded = {name: round(value, 4) for name, value in asdict(verdict(outcome, table)).items()}
    return {**rounded, "by_bin": table[table["cases"] >= LEAST].round(4).to_dict("records")}


def pooled(told: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The bins of several outcomes as one: of an honest interval one bin in twenty fails by chance, so that the share
    of a few dozen bins says little."""
    bins = pd.DataFrame([row for each in told.values() for row in each["by_bin"]])
    if not len(bins):
        return {"bins": 0}
    cases = sum(each["cases"] for each in told.values())
    held = sum(each["coverage"] * each["cases"] for each in told.values())
    return {
        "cases": cases,
        "coverage": round(held / cases, 4),
        "bins": len(bins),
        "passing": round(float(bins["passes"].mean()), 4),
        "large": sum(each["large"] for each in told.values()),
        "outside": sum(each["outside"] for each in told.values()),
    }

"""The market level: how far prices of an area of the market stand from their reference, in logs.

Areas form a tree: a segment (category × region) below its category below all. In each calendar period an area's own
level is a trimmed mean over sellers of what its listings brought above expectation; it is shrunk towards its parent by
the number of distinct sellers: m = w·ℓ + (1 − w)·(m_parent + δ), w = n/(n + κ), where δ is the distance from the parent
that the area kept a period earlier (0 for an area never seen before).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

ALL = "all"


def category_unit(category: str) -> str:
    return f"category:{category}"


def segment_unit(category: str, region: str) -> str:
    """The most specific area of a thing; a thing with no region belongs to its category as a whole."""
    return f"segment:{category}|{region}" if region else category_unit(category)


def product_unit(product: str) -> str:
    return f"product:{product}"


def parent(unit: str) -> str | None:
    """segment → category → all → None."""
    if unit == ALL:
        return None
    if unit.startswith("segment:"):
        return category_unit(unit.removeprefix("segment:").rsplit("|", 1)[0])
    return ALL


def period_start(day: int, length: int) -> int:
    """First day of the calendar-aligned period of `length` days that holds `day`; weeks start on Mondays."""
    # 1970-01-05 was a Monday.
    return (day - 4) // length * length + 4


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw level and the number of distinct sellers behind the unit's own part of it."""

    level: float
    evidence: int


def trimmed_mean(values: np.ndarray, trim: float) -> float:
    """Mean without the share `trim` at each end (Tukey 1962); of fewer than five values, their median."""
    if len(values) < 5:
        return float(np.median(values))
    ordered = np.sort(values)
    # Rounded up: among five sellers one dishonest one is cut off, not averaged in.
    cut = min(math.ceil(trim * len(ordered)), (len(ordered) - 1) // 2)
    return float(ordered[cut : len(ordered) - cut].mean())


def one_per_seller(unit: pd.Series, seller: pd.Series, title: pd.Series, residual: np.ndarray) -> pd.DataFrame:
    """Residuals collapsed so that each seller counts once in a unit: the median over a title, then over the seller."""
    table = pd.DataFrame(
        {"unit": unit.to_numpy(), "seller": seller.to_numpy(), "title": title.to_numpy(), "r": residual}
    )
    by_title = table.groupby(["unit", "seller", "title"], sort=True)["r"].median()
    return by_title.groupby(level=["unit", "seller"]).median().reset_index()


def raw_levels(
    rows: pd.DataFrame, residual: np.ndarray, before: dict[str, float], *, kappa: float, trim: float
) -> dict[str, Raw]:
    """Raw levels after one period, of every area seen in it or before.

    `rows` has category, region, seller and title of the period's listings; `residual` their log prices above what was
    expected at the reference, everything but the level taken out. `before` holds the raw levels a period earlier: an
    area keeps the distance it then had from its parent, as far as its own sellers do not say otherwise, so that a
    quiet week does not throw it back to the average of the market.
    """
    out: dict[str, Raw] = {}
    for depth, units in enumerate(_units_by_depth(rows)):
        chosen = (units != "").to_numpy()
        seen: dict[str, np.ndarray] = {}
        if chosen.any():
            sellers = one_per_seller(units[chosen], rows["seller"][chosen], rows["title"][chosen], residual[chosen])
            seen = {str(unit): values.to_numpy() for unit, values in sellers.groupby("unit", sort=True)["r"]}
        known = {unit for unit in before if _depth(unit) == depth}
        for unit in sorted(known | set(seen)):
            prior = _prior(unit, before, out)
            values = seen.get(unit)
            if values is None:
                out[unit] = Raw(prior, 0)
                continue
            first = unit == ALL and unit not in before
            weight = 1.0 if first else len(values) / (len(values) + kappa)
            out[unit] = Raw(weight * trimmed_mean(values, trim) + (1 - weight) * prior, len(values))
    return out


def _units_by_depth(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    everything = pd.Series(ALL, index=rows.index, dtype=object)
    categories = "category:" + rows["category"].astype(object)
    segments = pd.Series(
        [segment_unit(c, r) if r else "" for c, r in zip(rows["category"], rows["region"], strict=True)],
        index=rows.index,
        dtype=object,
    )
    return everything, categories, segments


def _depth(unit: str) -> int:
    return 0 if unit == ALL else 1 if unit.startswith("category:") else 2


def _prior(unit: str, before: dict[str, float], now: dict[str, Raw]) -> float:
    """Where a unit is expected: its parent's level now, plus the distance it kept from it a period ago."""
    above = parent(unit)
    if above is None:
        return before.get(unit, 0.0)
    higher = now[above].level if above in now else 0.0
    if unit not in before:
        return higher
    return higher + before[unit] - nearest(before, above)[0]


def nearest(levels: dict[str, float], unit: str) -> tuple[float, str | None]:
    """The level of a unit or of its nearest ancestor that has one, and which; (0, None) where none has."""
    at: str | None = unit
    while at is not None:
        if at in levels:
            return levels[at], at
        at = parent(at)
    return 0.0, None

"""How good values are: each measure a pure function of logs or of values and prices.

COD, PRD and PRB follow the IAAO Standard on Ratio Studies (2013), with ratio = value / price. A case's weight is one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def median_absolute_percentage_error(value: np.ndarray, price: np.ndarray) -> float:
    """MdAPE: median of |value − price| / price."""
    return float(np.median(np.abs(value - price) / price))


def share_within(value: np.ndarray, price: np.ndarray, tolerance: float) -> float:
    """PPE: share of values within `tolerance` (0.10: ten per cent) of the price."""
    return float(np.mean(np.abs(value - price) / price <= tolerance))


def root_mean_squared_log_error(value: np.ndarray, price: np.ndarray) -> float:
    """RMSLE: root of the mean of (ln value − ln price)²."""
    return float(np.sqrt(np.mean((np.log(value) - np.log(price)) ** 2)))


def coefficient_of_dispersion(value: np.ndarray, price: np.ndarray) -> float:
    """COD: 100 × mean absolute deviation of the ratios from their median, over the median. 5–15 is good for homes."""
    ratio = value / price
    median = np.median(ratio)
    return float(100 * np.mean(np.abs(ratio - median)) / median)


def price_related_differential(value: np.ndarray, price: np.ndarray) -> float:
    """PRD: mean ratio over the price-weighted mean ratio; above 1.03 dear things are valued too low."""
    return float(np.mean(value / price) / (value.sum() / price.sum()))


def price_related_bias(value: np.ndarray, price: np.ndarray) -> float:
    """PRB: slope of (ratio − median)/median on log2 of the mean of price and value/median; ±0.05 is fair."""
    ratio = value / price
    median = np.median(ratio)
    proxy = np.log2(0.5 * (price + value / median))
    centred = proxy - proxy.mean()
    spread = float((centred**2).sum())
    return float((centred * (ratio - median) / median).sum() / spread) if spread > 0 else float("nan")


def coverage(low: np.ndarray, high: np.ndarray, price: np.ndarray) -> float:
    """Share of prices between the bounds, bounds included."""
    return float(np.mean((price >= low) & (price <= high)))


def relative_width(low: np.ndarray, high: np.ndarray, value: np.ndarray) -> float:
    """Median of (high − low) / value."""
    return float(np.median((high - low) / value))


def summary(
    value: np.ndarray, price: np.ndarray, low: np.ndarray | None = None, high: np.ndarray | None = None
) -> dict[str, float | int | None]:
    """All measures of one set of cases; PRD, PRB and COD need three cases or more."""
    n = len(value)
    if n == 0:
        return {"n": 0}
    enough = n >= 3
    return {
        "n": n,
        "MdAPE": median_absolute_percentage_error(value, price),
        "PPE10": share_within(value, price, 0.10),
        "PPE20": share_within(value, price, 0.20),
        "RMSLE": root_mean_squared_log_error(value, price),
        "COD": coefficient_of_dispersion(value, price) if enough else None,
        "PRD": price_related_differential(value, price) if enough else None,
        "PRB": price_related_bias(value, price) if enough else None,
        "coverage90": coverage(low, high, price) if low is not None and high is not None else None,
        "width90": relative_width(low, high, value) if low is not None and high is not None else None,
    }


MEASURES = ("n", "MdAPE", "PPE10", "PPE20", "RMSLE", "COD", "PRD", "PRB", "coverage90", "width90")


def rounded(row: Mapping[str, float | int | None], places: int = 4) -> dict[str, float | int | None]:
    """Figures as they are shown."""
    return {name: round(value, places) if isinstance(value, float) else value for name, value in row.items()}

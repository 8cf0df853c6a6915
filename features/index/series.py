"""A robust local level of one published series, however its numbers were made.

Published averages carry what leaked into them: broken units, other models, a handful of sales a day, a cap above which
nothing is shown. The level here is the centre of the recent values by Tukey's biweight (Beaton and Tukey 1974; Huber
and Ronchetti 2009, ch. 3), started at their weighted median, which nearly half of bad values cannot carry away. A value
counts half as much after each half-life. The level of a day is made of values up to that day alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

_TUNING = 4.685
_ROUNDS = 25
_MAD = 1.4826
# A source with a cap shows it: several of its series end right below one round number.
_TOUCH = 0.97
_SERIES_AT_CAP = 3
_REACH = 2.5
# Sold prices of one model on one day differ by a tenth or so; a spread of a third is several things under one name.
_MIXED = 0.25


@dataclass(frozen=True)
class LocalLevel:
    """The level by day asked about: natural logs, standard errors in logs, the values that bore it, the spread.

    `count` is the effective number of values (weights by age summed); `spread` the robust standard deviation of the
    values around the level; NaN where nothing was seen before a day. `outlying` is the share of the values of the
    whole series, up to the last day asked about, that lie more than three spreads from the level of their day.
    """

    level: np.ndarray
    error: np.ndarray
    count: np.ndarray
    spread: np.ndarray
    outlying: float


def local_level(
    days: np.ndarray, log_values: np.ndarray, at: np.ndarray, *, half_life: float = 21.0, least: float = 5.0
) -> LocalLevel:
    """The robust local level on the days `at`, of values on `days` (days since 1970, in any order; NaN is a gap).

    Where the values within reach weigh less than `least` together, the half-life is doubled until they do, or until
    all are in: a quiet series is smoothed longer, and its age shows in the error.
    """
    use = np.isfinite(log_values)
    order = np.argsort(days[use], kind="stable")
    days, values = days[use][order], log_values[use][order]
    found = [_on(days, values, int(day), half_life, least) for day in at]
    table = np.array(found, float).reshape(len(found), 4)
    outlying = _outlying(days, values, at, half_life, least)
    return LocalLevel(table[:, 0], table[:, 1], table[:, 2], table[:, 3], outlying)


def _on(days: np.ndarray, values: np.ndarray, day: int, half_life: float, least: float) -> tuple[float, ...]:
    known = int(np.searchsorted(days, day, side="right"))
    if not known:
        return (math.nan, math.nan, 0.0, math.nan)
    age, values = (day - days[:known]).astype(float), values[:known]
    weight = 0.5 ** (age / half_life)
    while weight.sum() < min(least, 0.7 * known):
        half_life *= 2
        weight = 0.5 ** (age / half_life)
    level, spread = biweight(values, weight)
    count = float(weight.sum() ** 2 / (weight**2).sum())
    return level, spread / math.sqrt(count), float(weight.sum()), spread


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """The value with half of the weight on either side."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weight[order])
    place = int(np.searchsorted(passed, passed[-1] / 2))
    return float(values[order][place])


def biweight(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Tukey's biweight centre of weighted values, and their robust spread (1.4826 × weighted median deviation)."""
    level = weighted_median(values, weight)
    spread = _MAD * weighted_median(np.abs(values - level), weight)
    if spread < 1e-9:
        return level, 0.0
    for _ in range(_ROUNDS):
        held = weight * np.maximum(1 - ((values - level) / (_TUNING * spread)) ** 2, 0.0) ** 2
        moved = float((held * values).sum() / held.sum())
        if abs(moved - level) < 1e-9:
            break
        level = moved
    return level, spread


def _outlying(days: np.ndarray, values: np.ndarray, at: np.ndarray, half_life: float, least: float) -> float:
    """Each value against the level of its own day, which it bears itself: a cautious count."""
    known = int(np.searchsorted(days, at.max(), side="right")) if len(at) else 0
    far = 0
    for place in range(known):
        level, _, _, spread = _on(days, values, int(days[place]), half_life, least)
        far += abs(values[place] - level) > 3 * max(spread, 1e-9)
    return far / known if known else 0.0


def cap_of(maxima: Mapping[str, float]) -> float | None:
    """The cap above which a source shows nothing, told from the highest value of each of its series; None without one.

    It is taken to be the next round number (1, 1.5, 2, 2.5, 3 … 9 × 10ⁿ) above all, if at least three series, and at
    least one in twenty, end within 3 % below it. Series of one source are judged together: one alone tells nothing.
    """
    highest = max((value for value in maxima.values() if value > 0), default=0.0)
    if highest <= 0:
        return None
    power = 10.0 ** math.floor(math.log10(highest))
    steps = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
    cap = next(step * power for step in steps if step * power >= highest * (1 - 1e-12))
    touching = sum(value >= _TOUCH * cap for value in maxima.values())
    return cap if touching >= max(_SERIES_AT_CAP, len(maxima) / 20) else None


def censored(log_level: float, spread: float, highest: float, cap: float | None) -> str | None:
    """Why a series is taken to be cut off at a source's cap, or None.

    Either its values reach the cap, or its level and spread reach over it (level + 2.5 spreads): what is missing there
    is missing from the average, and the level is a lower bound.
    """
    if cap is None:
        return None
    if highest >= _TOUCH * cap:
        return f"its values end at {cap:g}, above which the source shows none: a lower bound"
    if math.isfinite(log_level) and log_level + _REACH * spread >= math.log(cap):
        return f"its spread reaches over {cap:g}, above which the source shows none: likely a lower bound"
    return None


def mixed(spread: float) -> str | None:
    """Why a series is taken to mix several things under one name, or None."""
    if math.isfinite(spread) and spread > _MIXED:
        return f"its values spread by {math.expm1(spread):.0%}: several things, or broken ones, under one name"
    return None

"""The market level: how far prices of an area of the market stand from their reference, in logs.

Areas form a tree: a segment (category × region) below its category below all. In each calendar period an area's own
level is a weighted trimmed mean over sellers of what its listings brought above expectation; it is shrunk towards its
parent by the number of sellers: m = w·ℓ + (1 − w)·(m_parent + δ), w = n/(n + κ), where δ is the distance from the
parent that the area kept a period earlier (0 for an area never seen before).

No one moves it alone. A seller counts once, however much they list and of however many things; weights (how far each
seller is trusted, features.integrity) come in before the mean; of an area's products none has more than the share that
is trimmed, so that all the sellers of one product together, true or made up, do not make the level of its category;
and n is the effective number of sellers, in which those who are hardly trusted hardly count.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.integrity.history import NEWCOMER
from features.integrity.outlying import far_off, spread_of
from features.integrity.voices import capped, count_once, effective_number, weighted_trimmed_mean
from features.segments import segment_kappas

ALL = "all"
_VOICE = ("seller", "product", "title")
_MEDIAN = 0.49  # trimmed to the middle: the median, or between the two of the middle
_FAR_SCALES, _FAR = 3.5, math.log(1.3)  # scales, and log price at the least, from the middle of an area's voices
_LEAST_PRODUCT = 5.0  # a product is not cut below so many voices


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
    """A raw level and the effective number of sellers behind the unit's own part of it, rounded."""

    level: float
    evidence: int


def trimmed_mean(values: np.ndarray, trim: float, weight: np.ndarray | None = None) -> float:
    """Mean without the share `trim` of the weight at each end (Tukey 1962); of fewer than five values, their median."""
    even = np.ones(len(values)) if weight is None else weight
    if len(values) < 5:
        return float(np.median(values)) if weight is None else weighted_trimmed_mean(values, even, _MEDIAN)
    # At least one voice is cut off at each end: among five sellers a dishonest one is not averaged in.
    share = max(trim, float(even.max() / even.sum()))
    return weighted_trimmed_mean(values, even, min(share, _MEDIAN))


@dataclass(frozen=True)
class _Voices:
    """What was said in the areas of one depth: parallel arrays, sorted by area; one voice for each area, seller and
    product. A voice's residual is the median over its titles' medians; a seller's voices weigh together as much as the
    heaviest of their rows, so that each seller counts once in an area."""

    unit: np.ndarray
    seller: np.ndarray
    product: np.ndarray
    residual: np.ndarray
    weight: np.ndarray

    def part(self, chosen: slice | np.ndarray) -> _Voices:
        return _Voices(
            self.unit[chosen], self.seller[chosen], self.product[chosen], self.residual[chosen], self.weight[chosen]
        )


def _voices(units: np.ndarray, rows: pd.DataFrame, residual: np.ndarray, weight: np.ndarray) -> _Voices:
    codes = [pd.factorize(units)[0], *(pd.factorize(rows[name].to_numpy(object))[0] for name in _VOICE)]
    keys, residual, weight = _medians(np.stack(codes), residual, weight)
    (unit, seller, product), residual, weight = _medians(keys[:3], residual, weight)
    return _Voices(unit, seller, product, residual, count_once(weight, unit, seller))


def _medians(keys: np.ndarray, residual: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of equal keys (k × n) as one: the median of their residuals, the largest of their weights; sorted by key."""
    order = np.lexsort((residual, *keys[::-1]))
    keys, residual, weight = keys[:, order], residual[order], weight[order]
    first = np.flatnonzero(np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)]))
    size = np.diff(np.append(first, len(residual)))
    middle = (residual[first + (size - 1) // 2] + residual[first + size // 2]) / 2
    return keys[:, first], middle, np.maximum.reduceat(weight, first)


def _own_level(heard: _Voices, trim: float, usual: float | None) -> tuple[float, float]:
    """An area's own level of a period from its voices, and the effective number of sellers behind it.

    Voices far from the others, then from the middle, are left out first (Hampel 1974): they are no evidence, also not
    of there being enough. `usual` is how much the voices of all areas together are spread.
    """
    far = far_off(heard.residual, heard.weight, heard.seller, usual=usual)
    if far.any():
        heard = heard.part(~far)
    residual, weight = heard.residual, heard.weight
    fair = capped(weight, heard.product, trim, _LEAST_PRODUCT)
    middle = weighted_trimmed_mean(residual, fair, _MEDIAN)
    spread = 1.4826 * weighted_trimmed_mean(np.abs(residual - middle), fair, _MEDIAN)
    near = np.abs(residual - middle) <= max(_FAR_SCALES * spread, _FAR)
    if not near.any():
        near = np.ones(len(residual), bool)
    _, seller = np.unique(heard.seller[near], return_inverse=True)
    number = effective_number(np.bincount(seller, weight[near]), NEWCOMER)
    return trimmed_mean(residual[near], trim, fair[near]), number


def raw_levels(
    rows: pd.DataFrame,
    residual: np.ndarray,
    before: dict[str, float],
    kappa: float,
    trim: float,
    weight: np.ndarray | None = None,
    pace: Callable[[str, float, float], float] = lambda unit, number, gap: 0.0,
) -> dict[str, Raw]:
    """Raw levels after one period, of every area seen in it or before.

    `rows` has category, region, seller, product and title of the period's listings; `residual` their log prices above
    what was expected at the reference, everything but the level taken out; `weight` how far each is trusted, (0, 1].
    `pace` says the least κ of an area seen before, with so many sellers so far from where it was expected.
    `before` holds the raw levels a period earlier: an area keeps the distance it then had from its parent, as far as
    its own sellers do not say otherwise, so that a quiet week does not throw it back to the average of the market.
    """
    out: dict[str, Raw] = {}
    trust = np.ones(len(rows)) if weight is None else weight
    usual: float | None = None
    for depth, units in enumerate(_units_by_depth(rows)):
        chosen = (units != "").to_numpy()
        seen: dict[str, tuple[float, float]] = {}
        kappas: dict[str, float] = {}
        if chosen.any():
            names = pd.unique(units[chosen].to_numpy(object))  # in the order of their codes
            told = residual[chosen]
            if depth == 2:
                told = beside_elsewhere(rows[chosen], told, {unit: each.level for unit, each in out.items()})
            heard = _voices(units[chosen].to_numpy(object), rows[chosen], told, trust[chosen])
            usual = spread_of(heard.residual, heard.weight) if depth == 0 else usual
            edges = np.searchsorted(heard.unit, np.arange(len(names) + 1))
            for place, (low, high) in enumerate(itertools.pairwise(edges.tolist())):
                seen[str(names[place])] = _own_level(heard.part(slice(low, high)), trim, usual)
            if depth == 2:
                expected = {unit: _prior(unit, before, out) for unit in seen}
                kappas = segment_kappas(np.asarray(names)[heard.unit], heard.residual, seen, expected, kappa)
        known = {unit for unit in before if _depth(unit) == depth}
        for unit in sorted(known | set(seen)):
            prior = _prior(unit, before, out)
            if unit not in seen:
                out[unit] = Raw(prior, 0)
                continue
            own, number = seen[unit]
            first = unit == ALL and unit not in before
            least = pace(unit, number, own - prior) if unit in before else 0.0
            share = 1.0 if first else number / (number + max(kappas.get(unit, kappa), least))
            out[unit] = Raw(share * own + (1 - share) * prior, round(number))
    return out


def beside_elsewhere(rows: pd.DataFrame, residual: np.ndarray, levels: dict[str, float]) -> np.ndarray:
    """Residuals that say what a region does apart from what is sold in it.

    A thing sold in several regions of its category in one period stands above its category's level by what it brought
    above the mean of the same thing elsewhere, less the region's own part in that level (the matched model: ILO et al.,
    Consumer Price Index Manual, 2020, ch. 6); what all regions know wrongly of the thing falls out. Things of one
    region keep their residuals.
    """
    names = [rows[name].to_numpy(object) for name in ("category", "product", "region")]
    kept = pd.DataFrame({place: pd.factorize(each)[0] for place, each in enumerate(names)})
    thing, here, area = (kept.groupby(by, sort=False).ngroup().to_numpy() for by in ([0, 1], [0, 1, 2], [0, 2]))
    middle = pd.Series(residual).groupby(thing).transform("median").to_numpy()
    heard = middle + np.clip(residual - middle, -_FAR, _FAR)
    elsewhere = np.bincount(thing)[thing] - np.bincount(here)[here]
    total = np.bincount(thing, heard)[thing] - np.bincount(here, heard)[here]
    mean = np.divide(total, elsewhere, out=residual.copy(), where=elsewhere > 0)
    part = np.bincount(area)[area] / np.bincount(kept[0])[kept[0]]
    parents = {str(each): nearest(levels, category_unit(str(each)))[0] for each in set(names[0].tolist())}
    level = np.array([parents[str(each)] for each in names[0].tolist()])
    out: np.ndarray = np.where(elsewhere > 0, (residual - mean) * (1 - part) + level, residual)
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

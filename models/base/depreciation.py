"""List price with depreciation: what a thing brings of its list price, by category and age.

ln(price / list price) of a category is a curve over age that never rises (pool adjacent violators, Ayer et al. 1955, on
knots of age), drawn to the curve of all categories by `DRAWN` cases for each knot. Where no age is known the curve is
one number. How much the list price then counts beside comparables and hedonic value is learned from how far each was
off, out of fold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from features.attributes import attribute_name, number
from features.market import EPOCH
from models.base.trees import fold_of
from warehouse.reading.dates import read_day

# Knots of age in years; the last holds all that is older, one behind them all those of unknown age.
KNOTS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
_UNKNOWN = len(KNOTS)
DRAWN = 10.0
_LEAST = 40  # cases with a list price that a curve is learned from
_BORN = re.compile(r"^(?:.*\.)?(?:release|launch|manufactur\w*|model|make|registration|registered|build|purchase|year)")
_YEAR = 365.25


def age_of(rows: pd.DataFrame) -> np.ndarray:
    """Age in years on each row's day (column `day`, else NaN), from an attribute that says when it came into being."""
    out = np.full(len(rows), np.nan)
    if "day" not in rows:
        return out
    days = rows["day"].to_numpy()
    for place, attributes in enumerate(rows["attributes"]):
        born = _born(attributes)
        if born is not None:
            out[place] = max((days[place] - born) / _YEAR, 0.0)
    return out


@lru_cache(maxsize=10_000)
def _says_when(name: str) -> bool:
    """Whether an attribute of that name says when a thing was made or came out."""
    key = attribute_name(name)
    return bool(_BORN.match(key)) and ("date" in key or "year" in key or key in ("release", "launch"))


def _born(attributes: Mapping[str, str]) -> float | None:
    """Days since 1970 on which a thing was made or came out; the middle of a year where only that is known."""
    for name in sorted(attributes):
        if not _says_when(name):
            continue
        value = number(attributes[name])
        if 1900 <= value <= 2100:
            return float((date(int(value), 7, 1) - EPOCH).days)
        day = read_day(attributes[name]) if value != value else None
        if day is not None:
            return float((day - EPOCH).days)
    return None


@dataclass(frozen=True)
class ListPrices:
    """Curves (ln of price / list price at each knot, then where age is unknown) by category, "" for all; and the
    weight of the list price's value by whether there are comparables (0: few or none, 1: some)."""

    curves: dict[str, tuple[float, ...]]
    weights: tuple[float, float] = (0.0, 0.0)

    def value(self, rows: pd.DataFrame) -> np.ndarray:
        """ln list price + curve of each row; NaN without a list price or a curve."""
        if not self.curves:
            return np.full(len(rows), np.nan)
        listed, age = rows["ln_list"].to_numpy(float), age_of(rows)
        out = np.full(len(rows), np.nan)
        code, names = pd.factorize(rows["category"].to_numpy(object))
        for each in np.unique(code[np.isfinite(listed)]).tolist():
            chosen = code == each
            out[chosen] = _read(np.array(self.curves.get(names[each], self.curves[""])), age[chosen])
        values: np.ndarray = out + listed
        return values

    def weight(self, evidence: np.ndarray, value: np.ndarray) -> np.ndarray:
        """How much the list price counts: 0 where it has no value."""
        own = np.asarray(self.weights)[(np.asarray(evidence) >= _SOME).astype(int)]
        out: np.ndarray = np.where(np.isfinite(value), own, 0.0)
        return out

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ListPrices:
        raw = json.loads(text)
        first, second = raw["weights"]
        return cls({name: tuple(curve) for name, curve in raw["curves"].items()}, (first, second))


NO_LIST_PRICES = ListPrices({})
_SOME = 0.5  # comparables, counted as in `models.base.blend`


def _read(curve: np.ndarray, age: np.ndarray) -> np.ndarray:
    known = np.interp(np.nan_to_num(age), KNOTS, curve[:_UNKNOWN])
    out: np.ndarray = np.where(np.isfinite(age), known, curve[_UNKNOWN])
    return out


def learn_curves(rows: pd.DataFrame, target: np.ndarray) -> ListPrices:
    """Curves from rows with list prices and their log prices at the reference; none from too few."""
    above = target - rows["ln_list"].to_numpy(float)
    listed = np.isfinite(above)
    if listed.sum() < _LEAST:
        return NO_LIST_PRICES
    above, age = above[listed], age_of(rows)[listed]
    code, names = pd.factorize(rows["category"].to_numpy(object)[listed])
    middle = np.full(_UNKNOWN + 1, float(np.median(above)))
    curves = {"": _curve(above, age, middle)}
    for each in np.argsort(names).tolist():
        chosen = code == each
        curves[str(names[each])] = _curve(above[chosen], age[chosen], curves[""])
    return ListPrices({name: tuple(round(float(x), 6) for x in curve) for name, curve in curves.items()})


def _curve(above: np.ndarray, age: np.ndarray, drawn_to: np.ndarray) -> np.ndarray:
    """Medians about each knot, drawn to another curve, and made never to rise."""
    from sklearn.isotonic import isotonic_regression

    nearest = np.abs(np.nan_to_num(age)[:, np.newaxis] - np.array(KNOTS)).argmin(axis=1)
    place = np.where(np.isfinite(age), nearest, _UNKNOWN)
    # The category's own distance from the other curve counts at every knot, so that ages never seen move as well.
    shift = np.median(above - drawn_to[place]) * len(above) / (len(above) + DRAWN)
    curve, cases = drawn_to + shift, np.zeros(_UNKNOWN + 1)
    for knot in range(_UNKNOWN + 1):
        own = above[place == knot]
        cases[knot] = len(own)
        if len(own):
            curve[knot] += (float(np.median(own)) - curve[knot]) * len(own) / (len(own) + DRAWN)
    falling = isotonic_regression(curve[:_UNKNOWN], sample_weight=cases[:_UNKNOWN] + 1.0, increasing=False)
    return np.append(falling, curve[_UNKNOWN])


def curves_out_of_fold(rows: pd.DataFrame, target: np.ndarray, cases: pd.DataFrame, folds: int) -> np.ndarray:
    """The log values of cases by their list prices, each from curves that were learned without its fold."""
    out = np.full(len(cases), np.nan)
    fold, own = fold_of(rows["listing"], folds), fold_of(cases["listing"], folds)
    for held in range(folds):
        inside = own == held
        if inside.any() and (fold != held).any():
            out[inside] = learn_curves(rows[fold != held], target[fold != held]).value(cases[inside])
    return out


def learn_weights(listed: ListPrices, evidence: np.ndarray, value: np.ndarray, rest: np.ndarray) -> ListPrices:
    """The weights of a list price's `value` beside the rest of the base, from cases out of fold.

    `rest` is target − base without it, `value` the list price's log value − that base. Least squares with large errors
    held back, drawn to nothing by twenty cases' worth.
    """
    there = np.isfinite(value) & np.isfinite(rest)
    weights = []
    limit = 3 * max(1.4826 * float(np.median(np.abs(rest[there]))), 1e-3) if there.any() else 1.0
    for some in (False, True):
        inside = there & ((evidence >= _SOME) == some)
        moved, wanted = np.clip(value[inside], -limit, limit), np.clip(rest[inside], -limit, limit)
        square = float((moved**2).sum())
        drawn = square * (1 + 20 / max(int(inside.sum()), 1))
        weights.append(min(max(float((moved * wanted).sum()) / drawn, 0.0), 1.0) if drawn > 0 else 0.0)
    return ListPrices(listed.curves, (weights[0], weights[1]))

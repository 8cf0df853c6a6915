"""How fast offers sell, by how much they ask over what the thing is worth.

The hazard of a sale is constant within spans of an offer's age and multiplied by the effect of its price: a piecewise
exponential model, which is a Poisson regression of sales on time offered (Holford 1980; Laird and Olivier 1981). Offers
that still stand, or ended without a sale, are censored: they count for the time they stood. A category has a speed and
a price effect of its own, pulled to those of all by a ridge penalty: with no sale of its own it is as all are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Ages in days at which the hazard may change.
AGES = np.array([0.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0])
_Z90 = 1.645
# Shared terms are scaled up, so that the penalty hardly touches them.
_SHARED = 30.0


@dataclass(frozen=True)
class Offers:
    """Offers by row: log of asked over worth, category, days offered (as far as is known) and whether it sold then."""

    asked: np.ndarray
    category: np.ndarray
    days: np.ndarray
    sold: np.ndarray


@dataclass(frozen=True)
class Chance:
    """The chance of a sale within a time, with its 90 % interval (of the estimate, not of luck)."""

    within: float
    low: float
    high: float


@dataclass(frozen=True)
class SaleModel:
    """The fitted hazard. `low` and `high` bound the log of asked over worth that was seen; `longest` the days."""

    beta: np.ndarray
    covariance: np.ndarray
    categories: tuple[str, ...]
    low: float
    high: float
    longest: float
    offers: int
    sales: int

    def chance(self, category: str, asked: float, days: float) -> Chance:
        """The chance that an offer of this category, asking exp(asked) × worth, sells within `days`."""
        spent = np.clip(days - AGES, 0.0, np.append(np.diff(AGES), np.inf))
        rows = self._rows(category, asked)
        hazard = np.exp(rows @ self.beta) * spent
        whole = float(hazard.sum())
        if whole <= 0:
            return Chance(0.0, 0.0, 0.0)
        tilt = (hazard / whole) @ rows
        error = _Z90 * math.sqrt(max(float(tilt @ self.covariance @ tilt), 0.0))
        low, high = (-math.expm1(-whole * math.exp(sign * error)) for sign in (-1, 1))
        return Chance(-math.expm1(-whole), low, high)

    def slope(self, category: str) -> tuple[float, float]:
        """The effect of the log of asked over worth on the log hazard, and its standard error."""
        tilt = self._rows(category, 1.0)[0] - self._rows(category, 0.0)[0]
        return float(tilt @ self.beta), math.sqrt(max(float(tilt @ self.covariance @ tilt), 0.0))

    def asked_for(self, category: str, days: float, chance: float) -> float | None:
        """The highest log of asked over worth, within what was seen, that reaches the chance; None if none does."""
        for asked in np.linspace(self.high, self.low, 201):
            if self.chance(category, float(asked), days).within >= chance:
                return float(asked)
        return None

    def _rows(self, category: str, asked: float) -> np.ndarray:
        count = len(AGES)
        code = np.full(count, self.categories.index(category) if category in self.categories else -1)
        return _design(np.arange(count), np.full(count, asked), code, len(self.categories))


def _design(age: np.ndarray, asked: np.ndarray, code: np.ndarray, categories: int) -> np.ndarray:
    """Columns: the spans of age, the price, then speed and price effect of each category."""
    own = (code[:, None] == np.arange(categories)).astype(float)
    return np.hstack([_SHARED * np.eye(len(AGES))[age], _SHARED * asked[:, None], own, own * asked[:, None]])


def fit_sales(offers: Offers, *, alpha: float, furthest: float, least_own: int = 10) -> SaleModel:
    """Fit the hazard. Offers asking over exp(furthest) times their worth, or under its inverse, are left out.

    Categories with fewer than `least_own` sales are as all are. Raises ValueError without any sale.
    """
    from sklearn.linear_model import PoissonRegressor

    use = np.isfinite(offers.asked) & (np.abs(offers.asked) <= furthest) & (offers.days > 0)
    asked, category, days = offers.asked[use], offers.category[use], offers.days[use]
    sold = offers.sold[use].astype(bool)
    if not sold.any():
        raise ValueError("no offer among these was sold")
    names, counts = np.unique(category[sold], return_counts=True)
    categories = tuple(str(name) for name, count in zip(names, counts, strict=True) if count >= least_own)
    code = np.array([categories.index(each) if each in categories else -1 for each in category])
    spent, ended = _spells(days, sold)
    row, age = np.nonzero(spent > 0)
    design = _design(age, asked[row], code[row], len(categories))
    exposure, events = spent[row, age], ended[row, age]
    model = PoissonRegressor(
        alpha=alpha / exposure.sum(), fit_intercept=False, solver="newton-cholesky", max_iter=200, tol=1e-8
    ).fit(design, events / exposure, sample_weight=exposure)
    expected = np.exp(design @ model.coef_) * exposure
    information = design.T @ (design * expected[:, None]) + alpha * np.eye(design.shape[1])
    low, high = np.quantile(asked, [0.05, 0.95])
    return SaleModel(
        model.coef_, np.linalg.inv(information), categories, float(low), float(high),
        float(np.quantile(days, 0.99)), len(asked), int(sold.sum()),
    )  # fmt: skip


def _spells(days: np.ndarray, sold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days each offer spent in each span of age, and whether it sold in it: offers × spans."""
    spent = np.clip(days[:, None] - AGES, 0.0, np.append(np.diff(AGES), np.inf))
    ended = np.zeros(spent.shape)
    last = np.searchsorted(AGES, days, side="left") - 1
    ended[np.arange(len(days)), np.maximum(last, 0)] = sold
    return spent, ended


def of_records(records: Sequence[tuple[float, str, float, bool]]) -> Offers:
    """Offers of rows (log asked over worth, category, days, sold)."""
    asked, category, days, sold = zip(*records, strict=True) if records else ((), (), (), ())
    return Offers(np.array(asked, float), np.array(category, object), np.array(days, float), np.array(sold, bool))

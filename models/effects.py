"""What condition, region, kind of price and season do to a price, whatever the thing is.

One ridge regression of log price on the words of the title, product, category, grade, region, kind, season and time
together, so that each effect is measured with the thing itself held fixed. Effects are additive in logs; interactions
with the category are shrunk towards the effect over all. What then is left of prices over time says the season
(models.seasonal), for quarters of a year and a wave alone cannot be told from a level that wanders.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.condition import REFERENCE, UNSTATED
from features.market import ALL_REGIONS
from models.grades import in_order
from models.knobs import EffectKnobs
from models.seasonal import YEAR, harmonics, seasons
from models.shocks.effects import Shocks

_TIMES = ("quarter", "category quarter", "wave")


@dataclass(frozen=True)
class Effects:
    """Effects in natural logs, with the number of rows behind each. Anything not listed is 0 with no rows.

    condition: category → grade → effect relative to "good" ("" is all categories); region: code → effect relative to
    all; gap: category → asking relative to sold; season: category → Fourier coefficients (sin, cos per order);
    shocks: what demand, scarcity, raw materials, weather and hazards do (a part of the level, models.level.state).
    """

    condition: dict[str, dict[str, float]] = field(default_factory=dict)
    condition_rows: dict[str, dict[str, int]] = field(default_factory=dict)
    region: dict[str, float] = field(default_factory=dict)
    region_rows: dict[str, int] = field(default_factory=dict)
    gap: dict[str, float] = field(default_factory=dict)
    gap_rows: dict[str, int] = field(default_factory=dict)
    season: dict[str, list[float]] = field(default_factory=dict)
    shocks: Shocks = field(default_factory=Shocks)

    def of_condition(self, category: str, grade: str) -> tuple[float, int]:
        """Effect of a grade and the rows behind it."""
        own = self.condition.get(category, self.condition.get("", {}))
        rows = self.condition_rows.get(category, {}).get(grade, 0) or self.condition_rows.get("", {}).get(grade, 0)
        return own.get(grade, self.condition.get("", {}).get(grade, 0.0)), rows

    def of_region(self, region: str) -> tuple[float, int]:
        return self.region.get(region, 0.0), self.region_rows.get(region, 0)

    def of_gap(self, category: str) -> float:
        """Log of asking over sold: the category's own where both are seen, else that over all."""
        return self.gap.get(category, self.gap.get("", 0.0))

    def of_season(self, category: str, day: int | np.ndarray) -> Any:
        """Seasonal effect of a day (or days) since 1970; 0 where no season is known."""
        coefficients = self.season.get(category)
        return 0.0 * np.asarray(day, float) if coefficients is None else harmonics(day) @ np.asarray(coefficients)

    def adjustment(self, rows: pd.DataFrame) -> np.ndarray:
        """Condition + region + kind + season of each row: all but the level that separates it from the reference."""
        out: np.ndarray = self._steady(rows) + self.region_of(rows) + self.season_of(rows)
        return out

    def taken_out(self, rows: pd.DataFrame, level: np.ndarray, season: np.ndarray, region: np.ndarray) -> np.ndarray:
        """All that separates each row's log price from the reference, its level included.

        `season` and `region` are the effects that were assumed when the level was found (0 as long as none was known,
        so that the level of that time holds it): they belong together. Where no level was found (NaN) those known now
        are taken.
        """
        if np.isnan(season).any():
            season = np.where(np.isnan(season), self.season_of(rows), season)
        if np.isnan(region).any():
            region = np.where(np.isnan(region), self.region_of(rows), region)
        out: np.ndarray = self._steady(rows) + level + season + region
        return out

    def _steady(self, rows: pd.DataFrame) -> np.ndarray:
        """Condition + kind of each row. Each combination that occurs is looked up once."""
        columns = [rows[name].to_numpy(object) for name in ("category", "grade", "kind")]
        codes, words = zip(*(pd.factorize(column) for column in columns), strict=True)
        sizes = [max(len(each), 1) for each in words]
        number = np.ravel_multi_index([np.asarray(code) for code in codes], sizes)
        kinds, place = np.unique(number, return_inverse=True)
        found = np.zeros(len(kinds))
        for n, each in enumerate(zip(*np.unravel_index(kinds, sizes), strict=True)):
            category, grade, kind = (word[at] for word, at in zip(words, each, strict=True))
            found[n] = self.of_condition(category, grade)[0]
            found[n] += self.of_gap(category) if kind == "asking" else 0.0
        out: np.ndarray = found[place]
        return out

    def region_of(self, rows: pd.DataFrame) -> np.ndarray:
        """Effect of each row's region."""
        codes, words = pd.factorize(rows["region"].to_numpy(object))
        out: np.ndarray = np.array([self.of_region(str(word))[0] for word in words], float)[codes]
        return out

    def season_of(self, rows: pd.DataFrame) -> np.ndarray:
        out = np.zeros(len(rows))
        if self.season:
            codes, names = pd.factorize(rows["category"].to_numpy(object))
            days = rows["day"].to_numpy()
            for code, name in enumerate(names):
                if name in self.season:
                    chosen = codes == code
                    out[chosen] = self.of_season(name, days[chosen])
        return out

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Effects:
        told = json.loads(text)
        # Vintages from before there were shocks have none.
        return cls(**told | {"shocks": Shocks.from_dict(told["shocks"]) if "shocks" in told else Shocks()})


class _Design:
    """Sparse columns of indicator (or valued) terms, each with a scale: penalty = alpha / scale²."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.blocks: list[sp.csr_matrix] = []
        self.places: dict[tuple[str, ...], int] = {}
        self.scales: dict[tuple[str, ...], float] = {}
        self.width = 0

    def add_levels(
        self, name: str, keys: pd.Series, scale: float, minimum: int, value: np.ndarray | None = None
    ) -> None:
        """An indicator (times `value`) for each key with at least `minimum` rows; "" gets none."""
        code, names = pd.factorize(keys)
        often = np.bincount(code, minlength=len(names)) >= minimum
        kept = {key: place for place, key in enumerate(sorted(str(k) for k in names[often] if k))}
        place = np.array([*(kept.get(str(key), -1) for key in names), -1])[code]
        row = np.flatnonzero(place >= 0)
        data = np.full(len(row), scale) if value is None else value[row] * scale
        block = sp.csr_matrix((data, (row, place[row])), shape=(self.rows, max(len(kept), 1)))
        for key, column in kept.items():
            self.places[name, str(key)] = self.width + column
            self.scales[name, str(key)] = scale
        self.blocks.append(block)
        self.width += block.shape[1]

    def steady(self, beta: np.ndarray) -> np.ndarray:
        """What of each row's price all but the terms of time make."""
        kept = np.zeros(self.width)
        for (name, _), place in self.places.items():
            kept[place] = 0.0 if name.startswith(_TIMES) else beta[place]
        out: np.ndarray = sp.hstack(self.blocks, format="csr") @ kept
        return out

    def coefficient(self, beta: np.ndarray, name: str, key: str) -> float:
        place = self.places.get((name, key))
        return 0.0 if place is None else float(beta[place] * self.scales[name, key])


def fit_effects(
    rows: pd.DataFrame, words: sp.csr_matrix, knobs: EffectKnobs, level: np.ndarray | float = 0.0
) -> Effects:
    """Estimate the effects from one row per listing; `words` is the weighted word matrix of their titles.

    A gap between asking and sold is only estimated where a category has seen enough of both; elsewhere the gap over
    all such categories is used, and 0 where there is none. A season needs more than a year of days.
    """
    design = _Design(len(rows))
    category, least = rows["category"], knobs.min_rows
    both = _seen_both_kinds(rows, least)
    asking = pd.Series(np.where(rows["kind"].eq("asking") & category.isin(both), category, ""), index=rows.index)
    design.add_levels("product", rows["product"], 1.0, 2)
    design.add_levels("category", category, 2.0, 1)
    design.add_levels("grade", rows["grade"], 2.0, least)
    design.add_levels("category grade", category + "|" + rows["grade"], 0.7, least)
    design.add_levels("region", rows["region"], 2.0, least)
    design.add_levels("asking", asking.where(asking.eq(""), "all"), 3.0, least)
    design.add_levels("category asking", asking, 0.7, least)
    quarter = (rows["day"] // 91).astype(str)
    design.add_levels("quarter", quarter, 1.0, least)
    design.add_levels("category quarter", category + "|" + quarter, 1.0, least)
    seasonal = seasonal_categories(rows, knobs.season_span)
    if seasonal:
        waves = harmonics(rows["day"].to_numpy())
        in_season = category.where(category.isin(seasonal), "")
        for wave in range(waves.shape[1]):
            design.add_levels(f"wave {wave}", in_season, 1.5, least, waves[:, wave])
    used = words[:, np.flatnonzero(np.bincount(words.indices, minlength=words.shape[1]))]
    price = rows["ln_price"].to_numpy(float)
    beta = _ridge(sp.hstack([*design.blocks, used], format="csr"), price)
    moved = price - design.steady(beta) - used @ beta[design.width :]
    return _collect(rows, design, beta, both, seasons(rows, moved + level, seasonal))


def _collect(
    rows: pd.DataFrame, design: _Design, beta: np.ndarray, both: list[str], season: dict[str, list[float]]
) -> Effects:
    grades = sorted({key for name, key in design.places if name == "grade"})
    counts = (rows["category"] + "|" + rows["grade"]).value_counts()
    condition_rows: dict[str, dict[str, int]] = {"": {str(k): int(v) for k, v in rows["grade"].value_counts().items()}}
    for pair, count in counts.items():
        name, _, grade = str(pair).rpartition("|")
        condition_rows.setdefault(name, {})[grade] = int(count)
    overall = in_order({grade: design.coefficient(beta, "grade", grade) for grade in grades}, condition_rows[""])
    condition = {"": _from_good(overall)}
    for name in sorted(rows["category"].unique()):
        own = {
            grade: overall[grade] + design.coefficient(beta, "category grade", f"{name}|{grade}") for grade in grades
        }
        condition[name] = _from_good(in_order(own, condition_rows[name]))
    regions = {key for name, key in design.places if name == "region"}
    region_rows = {str(k): int(v) for k, v in rows["region"].value_counts().items() if k != ALL_REGIONS}
    mean = _mean_effect(rows["region"], {key: design.coefficient(beta, "region", key) for key in regions})
    gap = {
        name: design.coefficient(beta, "asking", "all") + design.coefficient(beta, "category asking", name)
        for name in both
    }
    if both:
        gap[""] = design.coefficient(beta, "asking", "all")
    return Effects(
        condition=condition,
        condition_rows=condition_rows,
        region={key: design.coefficient(beta, "region", key) - mean for key in sorted(regions)},
        region_rows=region_rows,
        gap=gap,
        gap_rows={name: int((rows["category"] == name).sum()) for name in both},
        season=season,
    )


def _from_good(effect: dict[str, float]) -> dict[str, float]:
    zero = effect.get(REFERENCE, effect.get(UNSTATED, 0.0))
    return {grade: value - zero for grade, value in effect.items()}


def _mean_effect(levels: pd.Series, effect: dict[str, float]) -> float:
    """The average over rows whose level is known: the "all regions" reference."""
    known = levels.map(effect).dropna()
    return float(known.mean()) if len(known) else 0.0


def _seen_both_kinds(rows: pd.DataFrame, least: int) -> list[str]:
    """Categories in which asking and sold prices of like things can be held against each other.

    Like things are listings of one product, or of one category within one source. That one source asks for laptops and
    another sold sneakers says nothing of the gap between asking and selling, though both may stand under "other".
    """
    asking, sold = rows["kind"].eq("asking"), rows["kind"].isin(["sold", "traded"])
    out: set[str] = set()
    for group in (["category", "product"], ["category", "source"]):
        keys = [rows[name] for name in group]
        both = asking.groupby(keys).transform("any") & sold.groupby(keys).transform("any")
        counts = [(both & kind).groupby(rows["category"]).sum() for kind in (asking, sold)]
        out |= {str(name) for name in counts[0].index if counts[0][name] >= least and counts[1][name] >= least}
    return sorted(out)


def seasonal_categories(rows: pd.DataFrame, span: int) -> list[str]:
    """Categories seen over more than `span` days, in at least ten of the twelve months."""
    grouped = rows.groupby("category")["day"]
    days = grouped.max() - grouped.min()
    months = (rows["day"] % YEAR // (YEAR / 12)).groupby(rows["category"]).nunique()
    return sorted(name for name in days.index if days[name] >= span and months[name] >= 10)


def _ridge(design: sp.csr_matrix, target: np.ndarray, alpha: float = 2.0) -> np.ndarray:
    """Ridge coefficients with an unpenalised mean; two rounds, the second with large residuals held back (Huber)."""
    from sklearn.linear_model import Ridge

    weight = np.ones(len(target))
    for _ in range(2):
        model = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-3, max_iter=200).fit(design, target, sample_weight=weight)
        residual = np.abs(target - model.predict(design))
        scale = max(float(np.median(residual)) * 1.4826, 1e-3)
        weight = np.minimum(1.0, 2.0 * scale / np.maximum(residual, 1e-9))
    coefficients: np.ndarray = model.coef_
    return coefficients

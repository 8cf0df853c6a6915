"""What a run has learned, in one piece: the market, the vintages, and the history of levels.

`Levels` answers "where did the market stand on day D, raw and published, given what was known then". The raw level of
an area is what its listings show without the drivers' effects, and these as of the day: demand, scarcity, raw
materials, weather and hazards move it at once, and the published level follows. Periods are calendar weeks; in areas in
which a hazard that touches them is active, each such day is a period of its own.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.integrity.trust import Trust
from features.level import ALL, Raw, category_unit, nearest, period_start, raw_levels, segment_unit
from models.base.compose import Market
from models.knobs import Knobs, LevelKnobs
from models.level.closed import Closed, Part, ProductLevel, parts
from models.level.dampening import Step, publish
from models.level.market_side import MarketSide, area_of, hazard_part
from models.level.pace import Pace, category_of
from models.training.vintage import Vintage

__all__ = ["Closed", "Learned", "Levels", "Part", "ProductLevel"]


@dataclass
class Levels:
    """Levels by period, oldest first, and what is needed to say where they stand within a period.

    `residual` has, for each market row, its log price above expectation (NaN before the first vintage), `shock` what of
    it the drivers made by what was known when it was seen. `fixed` holds levels published by earlier snapshots: unit →
    period → published; they are never computed anew. `settled` are the parts of weeks that are over. `paces` has a
    cut-off and how quickly levels follow by what was known then, oldest first; they count from the day after it.
    `usual` keeps how far sellers lie apart (`models.level.evidence`).
    """

    rows: pd.DataFrame
    residual: np.ndarray
    knobs: LevelKnobs
    closed: list[Closed] = field(default_factory=list)
    products: dict[str, list[ProductLevel]] = field(default_factory=dict)
    fixed: dict[str, dict[int, float]] = field(default_factory=dict)
    trust: Trust | None = None
    side: MarketSide = field(default_factory=MarketSide)
    shock: np.ndarray = field(default_factory=lambda: np.zeros(0))
    settled: dict[str, list[Part]] = field(default_factory=dict)
    paces: list[tuple[int, Pace]] = field(default_factory=list)
    usual: dict[tuple[int, int, int], float | None] = field(default_factory=dict, repr=False)
    _open: dict[int, Closed] = field(default_factory=dict, repr=False)
    _raws: dict[int, tuple[dict[str, Raw], dict[str, tuple[float, ...]]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.days = self.rows["day"].to_numpy()
        if len(self.shock) != len(self.rows):
            self.shock = np.zeros(len(self.rows))
        pairs = zip(self.rows["category"], self.rows["region"], strict=True)
        self.units = np.array([segment_unit(category, region) for category, region in pairs], dtype=object)

    @property
    def step(self) -> Step:
        return Step(self.knobs.step_down, self.knobs.step_up)

    def before(self, period: int) -> Closed:
        """Where the levels stood at the end of the last period before `period`."""
        place = bisect.bisect_left(self.closed, period, key=lambda each: each.period)
        return self.closed[place - 1] if place else Closed(period - self.knobs.period, {}, {}, {})

    def at(self, day: int) -> Closed:
        """Levels as of the end of a day: the day's period up to that day, on top of the periods before it."""
        if day not in self._open:
            if len(self._open) > 4000:
                self._open.clear()
            self._open[day] = self._settled_by(day) or self._step_to(day)[0]
        return self._open[day]

    def _settled_by(self, day: int) -> Closed | None:
        """The closed period that ends with `day`: what was published for it holds, whatever came to light later."""
        period = day + 1 - self.knobs.period
        place = bisect.bisect_left(self.closed, period, key=lambda each: each.period)
        there = place < len(self.closed) and self.closed[place].period == period
        return self.closed[place] if there else None

    def close(self, period: int) -> None:
        """Settle a period that is over; its rows' residuals must be known."""
        last = period + self.knobs.period - 1
        closed, found = self._step_to(last, final=True)
        self.closed.append(closed)
        self._keep(found, last)
        self._open.pop(last, None)

    def settle_open(self, last: int) -> None:
        """Settle the parts that are over of the week that is not; `last` is the day the data end with."""
        if not self._settled_by(last):
            self._keep(self._step_to(last)[1], last - 1)
            self._open.pop(last, None)

    def _keep(self, found: dict[str, list[Part]], until: int) -> None:
        for unit, each in found.items():
            known = {part.period for part in self.settled.get(unit, ())}
            over = [part for part in each if part.last <= until and part.period not in known]
            if over:
                self.settled.setdefault(unit, []).extend(over)

    def _step_to(self, day: int, final: bool = False) -> tuple[Closed, dict[str, list[Part]]]:
        """Where the levels stand at the end of a day, and the parts of its week in areas under a hazard."""
        week = period_start(day, self.knobs.period)
        before = self.before(week)
        raw, shocks = self._raw(day)
        start = self._restated(before.published, before, day)
        published = self._publish(start, raw, shocks, week, day)
        if final:
            published |= {unit: self.fixed[unit][week] for unit in published if week in self.fixed.get(unit, {})}
        found: dict[str, list[Part]] = {}
        for unit, active in self.side.active(raw, week, day).items():
            if not self._told_whole(unit, week):
                found[unit] = self._by_parts(unit, parts(week, day, active), start, final)
                published |= {unit: found[unit][-1].published} if np.isfinite(found[unit][-1].published) else {}
        evidence = {unit: each.evidence for unit, each in raw.items()}
        since = {unit: each[-1].period for unit, each in found.items()}
        return Closed(week, {unit: each.level for unit, each in raw.items()}, published, evidence, shocks, since), found

    def _raw(self, day: int) -> tuple[dict[str, Raw], dict[str, tuple[float, ...]]]:
        """Raw levels at the end of a day by what was seen in its week so far, and what the drivers make of them."""
        if day not in self._raws:
            if len(self._raws) > 60:
                self._raws.clear()
            week = period_start(day, self.knobs.period)
            low, high = np.searchsorted(self.days, [week, day + 1])
            trend = self._trend(int(low), int(high), day, self.before(week))
            shocks = self.side.of_units(trend, day)
            raw = {
                unit: Raw(each.level + sum(shocks[unit]), each.evidence) if unit in shocks else each
                for unit, each in trend.items()
            }
            self._raws[day] = raw, shocks
        return self._raws[day]

    def _trend(self, low: int, high: int, day: int, before: Closed) -> dict[str, Raw]:
        """Levels of the rows from `low` to `high` without what the drivers make of them."""
        residual = self.residual[low:high] - self.shock[low:high]
        known = np.isfinite(residual)
        if not known.any() and not before.raw:
            return {}
        # What the drivers made of the week before is reckoned as it is understood now, so that better knowledge of
        # their effects moves what is called trend, and not the level.
        then = self.side.of_units(before.raw, before.period + self.knobs.period - 1, self.side.on(day))
        start = {unit: level - sum(then.get(unit, ())) for unit, level in before.raw.items()} if then else before.raw
        start = self._restated(start, before, day)
        places = low + np.flatnonzero(known)
        weight = self.trust.weights(places, np.full(len(places), day)) if self.trust is not None else None
        rows = self.rows.iloc[low:high][known]
        pace = self._pace(day).kappa
        return raw_levels(rows, residual[known], start, self.knobs.kappa, self.knobs.trim, weight, pace)

    def _restated(self, start: dict[str, float], before: Closed, day: int) -> dict[str, float]:
        """The levels a week before, less what since then was understood as season or as the region's own effect, so
        that neither counts twice; of all together, the mean of it."""
        out = start
        for pace in self._learned_since(before.period, day):
            if pace.season or pace.region:
                seen = {category_of(unit): n for unit, n in before.evidence.items() if unit.startswith("category:")}
                moved = sum(n * pace.season.get(name, 0.0) for name, n in seen.items()) / max(sum(seen.values()), 1)
                out = {unit: level - self._newly_said(pace, unit, moved) for unit, level in out.items()}
        return out

    @staticmethod
    def _newly_said(pace: Pace, unit: str, of_all: float) -> float:
        area = area_of(unit)
        return of_all if area is None else pace.season.get(area[0], 0.0) + pace.region.get(area[1], 0.0)

    def _learned_since(self, period: int, day: int) -> list[Pace]:
        """What was learned from the last day of a period on, as known on a day."""
        last = period + self.knobs.period - 1
        low, high = (bisect.bisect_left(self.paces, each, key=lambda pace: pace[0]) for each in (last, day))
        return [pace for _, pace in self.paces[low:high]]

    def newly_season(self, category: str, period: int, day: int) -> float:
        """What from the end of a period to a day was understood as a category's season (log)."""
        return sum(pace.season.get(category, 0.0) for pace in self._learned_since(period, day))

    def _pace(self, day: int) -> Pace:
        """How quickly levels follow, as known on a day."""
        place = bisect.bisect_left(self.paces, day, key=lambda each: each[0])
        return self.paces[place - 1][1] if place else Pace()

    def _publish(
        self, before: dict[str, float], raw: dict[str, Raw], shocks: dict[str, tuple[float, ...]], first: int, last: int
    ) -> dict[str, float]:
        """The rule of dampening over the days from `first` to `last`."""
        then = self.side.of_units(raw, first - 1, self.side.on(last))
        hazard = {unit: (hazard_part(then, unit), hazard_part(shocks, unit)) for unit in then.keys() | shocks.keys()}
        news = self.side.news(raw, first, last)
        return publish(before, raw, self.step, self.knobs.n_min, news, hazard)

    def _told_whole(self, unit: str, week: int) -> bool:
        """Whether a week was published as a whole, before the hazard in it was known of: that stands."""
        days = range(week, week + self.knobs.period)
        known = self.closed[-1].period >= week if self.closed else False
        if known and not any(part.period in days for part in self.settled.get(unit, ())):
            return True
        fixed = self.fixed.get(unit, {})
        return week in fixed and week in self.fixed.get(ALL, {}) and not any(day in fixed for day in days[1:])

    def _by_parts(self, unit: str, spans: list[tuple[int, int]], start: dict[str, float], final: bool) -> list[Part]:
        """The published level of one area, part after part; sellers too few to be evidence in one count in the next."""
        told = {(part.period, part.last): part for part in self.settled.get(unit, ())}
        state, out, since = dict(start), [], spans[0][0]
        for first, last in spans:
            part = told.get((first, last))
            if part is None:
                raw, shocks = self._raw(last)
                seen = Raw(raw[unit].level, self._sellers(unit, since, last)) if unit in raw else Raw(0.0, 0)
                own = {unit: shocks[unit]} if unit in shocks else {}
                after = self._publish(state, {unit: seen}, own, first, last).get(unit, float("nan"))
                if final or last < spans[-1][1]:
                    after = self.fixed.get(unit, {}).get(first, after)
                part = Part(first, last - first + 1, seen.level, after, seen.evidence)
            if np.isfinite(part.published):
                state[unit] = part.published
            if part.evidence >= self.knobs.n_min or self.side.news([unit], first, last):
                since = last + 1
            out.append(part)
        return out

    def _sellers(self, unit: str, first: int, last: int) -> int:
        """The effective number of sellers of an area from day `first` to day `last`."""
        low, high = (int(place) for place in np.searchsorted(self.days, [first, last + 1]))
        chosen = low + np.flatnonzero((self.units[low:high] == unit) & np.isfinite(self.residual[low:high]))
        if len(chosen) == 0:
            return 0
        weight = self.trust.weights(chosen, np.full(len(chosen), last)) if self.trust is not None else None
        levels = raw_levels(
            self.rows.iloc[chosen], self.residual[chosen], {}, self.knobs.kappa, self.knobs.trim, weight
        )
        return levels[unit].evidence

    def open_rows(self, day: int) -> tuple[int, int, np.ndarray]:
        """The rows of a day's period up to the day, and their areas' raw levels as known that day."""
        period = period_start(day, self.knobs.period)
        low, high = (int(place) for place in np.searchsorted(self.days, [period, day + 1]))
        return low, high, self.of_rows(low, high, self.at(day))

    def of_rows(self, low: int, high: int, at: Closed) -> np.ndarray:
        """The level of each row: of the most specific area that has one, with what the drivers made of the row itself;
        0 where no area has one."""
        if not at.raw:
            return np.zeros(high - low)
        trend = at.trend
        own = {unit: nearest(trend, str(unit))[0] for unit in set(self.units[low:high])}
        out: np.ndarray = np.array([own[unit] for unit in self.units[low:high]], dtype=float) + self.shock[low:high]
        return out

    def of_categories(self, high: int) -> np.ndarray:
        """For the first `high` rows the level of their category as a whole in the week of each, without what drivers
        made of it; of a week that is not over, the one of the week before. 0 where none was known."""
        out = np.zeros(high)
        codes, names = pd.factorize(self.rows["category"].iloc[:high])
        starts = [*np.searchsorted(self.days[:high], [each.period for each in self.closed]).tolist(), high]
        for closed, (low, behind) in zip(self.closed, itertools.pairwise(starts), strict=True):
            level = np.array([nearest(closed.trend, category_unit(str(name)))[0] for name in names])
            out[low:behind] = level[codes[low:behind]]
        return out

    def of_questions(self, questions: pd.DataFrame, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The raw level of each question's area as known at the end of its day, and what of it the drivers make; 0 as
        long as no level is published there."""
        units = [segment_unit(*pair) for pair in zip(questions["category"], questions["region"], strict=True)]
        known: dict[tuple[int, str], tuple[float, float]] = {}
        for key in set(zip(days.tolist(), units, strict=True)):
            at = self.at(key[0])
            level, unit = nearest(at.raw, key[1])
            there = nearest(at.published, key[1])[1] is not None
            known[key] = (level, sum(at.shocks.get(unit or "", ()))) if there else (0.0, 0.0)
        found = np.array([known[key] for key in zip(days.tolist(), units, strict=True)], float).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def product_before(self, product: str, period: int) -> ProductLevel | None:
        """A product's newest reference price from before `period`."""
        history = self.products.get(product, ())
        place = bisect.bisect_left(history, period, key=lambda each: each.period)
        return history[place - 1] if place else None

    def product_settled(self, product: str, day: int) -> ProductLevel | None:
        """A product's reference price as published for the closed period that ends with `day`."""
        before = self.product_before(product, day + 1)
        return before if before is not None and before.period == day + 1 - self.knobs.period else None


@dataclass(frozen=True)
class Learned:
    """All a valuer needs. `vintages` are in order of their cut-offs."""

    market: Market
    vintages: Sequence[Vintage]
    levels: Levels
    knobs: Knobs

    def vintage(self, day: int) -> Vintage | None:
        """The newest vintage with a cut-off on or before a day; None before the first."""
        known = [each for each in self.vintages if each.cutoff <= day]
        return known[-1] if known else None

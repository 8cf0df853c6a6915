"""What lies ahead, asked of one snapshot: forecasts of areas and series, and the price that sells in time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from features.level import segment_unit
from models.forecast import market
from models.forecast.offers import Seen, Values, offers_seen, with_worth
from models.forecast.outlook import Outlook, look_ahead
from models.forecast.selling import SaleModel, fit_sales
from models.forecast.shapes import Forecast, Path, Selling
from models.forecast.telling import tell_best, tell_path, tell_selling
from models.knobs import ForecastKnobs, SellingKnobs
from warehouse.valuation import ValuationRequest

_KEPT = 256
Learned = tuple[Seen, SaleModel | None]


def _sellers(log: float) -> str:
    return f"{max(math.expm1(log), 0):.1f}"


def no_season(category: str, days: np.ndarray) -> np.ndarray:
    """For a valuer without one."""
    return np.zeros(len(days))


def season_then(learned: Any) -> market.SeasonThen:
    """The season of the vintage that was the newest on each day: with the level of that day it is what prices did."""

    def season(category: str, days: np.ndarray) -> np.ndarray:
        out = np.zeros(len(days))
        for place, day in enumerate(days):
            vintage = learned.vintage(int(day))
            if vintage is not None:
                out[place] = float(vintage.effects.of_season(category, int(day)))
        return out

    return season if learned is not None else no_season


@dataclass
class Forecaster:
    """Answers about times to come from one snapshot; equal questions are answered once. Thread-safe.

    `cursor` gives a fresh DuckDB cursor on the snapshot; `last` is the day of the data cut-off.
    """

    snapshot: str
    last: date
    anchor: str
    cursor: Callable[[], Any]
    season: market.SeasonThen
    knobs: ForecastKnobs
    selling: SellingKnobs
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of_category(self, category: str, region: str | None, weeks: int, as_of: date | None = None) -> Forecast:
        """Prices and sales of a segment in the weeks ahead; of the area above it where the segment is too new."""
        day = self._day(as_of)
        work = partial(self._area, category, region, weeks, day)
        found: Forecast = self._once(("category", category, region, weeks, day), work)
        return found

    def of_series(self, name: str, periods: int, as_of: date | None = None) -> Forecast:
        """A published price series in the periods ahead. Raises `market.UnknownSeries`."""
        day = self._day(as_of)
        found: Forecast = self._once(("series", name, periods, day), partial(self._series, name, periods, day))
        return found

    def to_sell(
        self,
        values: Values,
        request: ValuationRequest,
        within: int,
        chance: float | None = None,
        price: Decimal | None = None,
    ) -> Selling:
        """The price that sells within so many days, or the chance at a price; `values` says what things were worth."""
        day = self._day(request.as_of)
        worth = values.value_many([request])[0]
        category = worth.subject.understood.get("category")
        seen, model = self._once(("offers", category, day), partial(self._learn, values, category, day))
        wanted = self.selling.chance if chance is None else chance
        return tell_selling(self.snapshot, worth, category or "", within, wanted, price, seen, model)

    def _day(self, as_of: date | None) -> date:
        return self.last if as_of is None else min(as_of, self.last)

    def _once(self, key: Any, work: Callable[[], Any]) -> Any:
        with self._lock:
            if key not in self._known:
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[key] = work()
            return self._known[key]

    def _area(self, category: str, region: str | None, weeks: int, day: date) -> Forecast:
        with self.cursor() as connection:
            found = market.levels(connection, category, region, day, self.season, self.knobs.least)
            sold = market.sales(connection, category, region, day)
            any_level = bool(found) or bool(market.levels(connection, category, region, day, self.season, 1))
        asked = f"{category}, {region}" if region else category
        sales = None
        if sold is not None and len(sold.values) >= self.knobs.least:
            sales = tell_path(sold.name, sold, look_ahead(sold, weeks, self.knobs), _sellers)
        if not found:
            return self._answer(asked, day, None, None, sales, None, [], "too_short" if any_level else "no_data")
        notes = []
        if found[0].name != segment_unit(category, region or ""):
            notes.append(f"the level of {found[0].name}: the area itself has none for long enough")
        outlook = look_ahead(found[0], weeks, self.knobs, found[1:])
        now = float(found[0].values[-1])
        prices = tell_path(found[0].name, found[0], outlook, lambda log: f"{math.exp(log - now):.4f}")
        return self._answer(asked, day, prices, outlook, sales, None, notes, None)

    def _series(self, name: str, periods: int, day: date) -> Forecast:
        with self.cursor() as connection:
            found = market.published_series(connection, name, day)
        notes = [f"{found.title}, {found.statistic}" + (f", for {found.unit}" if found.unit else ""), *found.notes]
        if len(found.series.values) < self.knobs.least:
            return self._answer(found.id, day, None, None, None, found.currency, notes, "too_short")
        outlook = look_ahead(found.series, periods, self.knobs)
        prices = tell_path(found.id, found.series, outlook, lambda log: f"{math.exp(log):.2f}")
        return self._answer(found.id, day, prices, outlook, None, found.currency, notes, None)

    def _answer(
        self, asked: str, day: date, prices: Path | None, outlook: Outlook | None, sales: Path | None,
        currency: str | None, notes: list[str], reason: Any,
    ) -> Forecast:  # fmt: skip
        days = outlook.days if outlook else np.array([])
        return Forecast(
            snapshot=self.snapshot, value_date=day.isoformat(), asked=asked, currency=currency, prices=prices,
            sales=sales, best_to_sell=tell_best(outlook.highest if outlook else None, days),
            best_to_buy=tell_best(outlook.lowest if outlook else None, days), notes=notes, reason=reason,
        )  # fmt: skip

    def _learn(self, values: Values, category: str | None, day: date) -> Learned:
        with self.cursor() as connection:
            rows = offers_seen(connection, day, self.selling)
        seen = with_worth(rows, values, category, self.selling)
        if int(seen.offers.sold.sum()) < self.selling.least_ended:
            return seen, None
        knobs = self.selling
        return seen, fit_sales(seen.offers, alpha=knobs.alpha, furthest=knobs.furthest, least_own=knobs.least_own)


def open_forecaster(snapshot: Any, connection: Any, valuer: Any) -> Forecaster:
    """A forecaster on an open snapshot. `valuer` may be one that has learned nothing."""
    from models.knobs import default_knobs

    knobs = default_knobs()
    cutoff = snapshot.manifest.get("data_cutoff")
    learned = getattr(valuer, "learned", None)
    return Forecaster(
        snapshot=snapshot.id,
        last=date.fromisoformat(str(cutoff)[:10]) if cutoff else date(1970, 1, 1),
        anchor=str(snapshot.manifest.get("anchor") or ""),
        cursor=connection.cursor,
        season=season_then(learned),
        knobs=knobs.forecast,
        selling=knobs.selling,
    )

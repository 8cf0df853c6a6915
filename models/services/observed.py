"""Observed prices of services, and what they say of an hour's price over an hour's wage.

Every offer or sale of a known job is a price of some hours. Over wage × hours of its own place and day it says by how
much customers pay more than the wage. That is believed from the whole down: all services, the occupation, the job, the
job in a region, each drawn to the one above by the number of sellers, m = (n·median + κ·m_above) / (n + κ). With no
prices at all the documented overhead is what is left; with many, the observed price is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from features.market import day_date
from features.taxonomy import tree
from models.answers.currency import Rates
from models.base.robust import weighted_median
from models.knobs import ServiceKnobs, default_knobs
from models.services.asked import SERVICES, work_of
from models.services.jobs import catalogue, service_data
from models.services.wages import Found, Wages

_COLUMNS = ("category", "ln_price", "day", "kind", "seller", "region", "currency")
_SOLD = ("sold", "traded")
_UNPAID = 1.0  # standard deviation of log prices of an hour between jobs, where no wage is known


@dataclass(frozen=True, slots=True)
class Markup:
    """Log of an hour's price over its wage: for the job anywhere, and in the region; `spread` of prices around it.

    `unsure` is the standard deviation of the markup itself. `sellers` of the job stand behind it, `all_sellers` behind
    what it was drawn to. `shown` are (row of the market table, its seller's markup, weight), the newest first.
    """

    job: float
    region: float
    spread: float
    unsure: float
    sellers: int
    all_sellers: int
    shown: tuple[tuple[int, float, float], ...]
    prior: float = 1.0
    """Share of what was believed before prices of the job were seen: κ / (n + κ)."""


def default_overhead() -> float:
    """What a customer pays for an hour over its wage, where no prices are seen: 1 / (wage share × billed share)."""
    rule = service_data("hour")["overhead"]
    return 1.0 / (float(rule["wage_share"]) * float(rule["billed_share"]))


def shrunk(median: float, n: float, above: float, kappa: float) -> float:
    """A median of n voices drawn to what lies above it."""
    return (n * median + kappa * above) / (n + kappa)


@dataclass
class Observed:
    """The rows of a market that are work, each with its job, hours and log price; days in order."""

    rows: pd.DataFrame
    wages: Wages
    rates: Rates
    knobs: ServiceKnobs = field(default_factory=lambda: default_knobs().services)
    _days: dict[tuple[int, bool], pd.DataFrame] = field(default_factory=dict)

    def ln_month(self, found: Found, day: int) -> float:
        """Log of the reference's wage in its own month, in the anchor at the rate of `day`; NaN without a rate."""
        rate = self.rates.on(found.paid.currency, day_date(day))
        return float("nan") if rate is None else math.log(found.paid.hour / rate.value)

    def markup(self, job: str, region: str, day: int, gaps: Mapping[str, float], *, paid: bool) -> Markup | None:
        """What observed prices say of a job as of a day; None where neither wages nor prices of it are known.

        `paid`: the wage of the job's occupation is known, and the markup is over it. Otherwise it is the log price of
        an hour itself. `gaps` is the log of asking over sold prices by category.
        """
        voices, knobs = self._voices(day, paid, gaps), self.knobs
        # Hours' prices without a wage differ more between jobs than markups do: what lies above says as much less.
        wide = knobs.between if paid else _UNPAID
        kappa = knobs.kappa * (knobs.between / wide) ** 2
        occupation = catalogue().jobs[job].occupation
        own = voices[voices["job"] == job]
        if not paid and own.empty:
            return None
        near = voices[voices["occupation"] == occupation]
        top = math.log(default_overhead()) if paid else _middle(voices)
        general = shrunk(_middle(voices), len(voices), top, kappa) if len(voices) else top
        group = shrunk(_middle(near), len(near), general, kappa) if len(near) else general
        anywhere = shrunk(_middle(own), len(own), group, kappa) if len(own) else group
        here = own[own["region"] == region] if region else own.iloc[:0]
        local = shrunk(_middle(here), len(here), anywhere, kappa) if len(here) else anywhere
        n = len(own)
        seen = 1.4826 * float(np.median(np.abs(own["over"] - _middle(own)))) if n > 1 else 0.0
        spread = math.sqrt((n * seen**2 + kappa * knobs.spread**2) / (n + kappa))
        unsure = wide * math.sqrt(kappa / (n + kappa)) * math.sqrt(
            kappa / (len(near) + kappa)
        )  # fmt: skip
        newest = own.sort_values(["day", "row"], ascending=False)
        shown = tuple(zip(newest["row"].tolist(), newest["over"].tolist(), newest["weight"].tolist(), strict=True))
        return Markup(anywhere, local, spread, unsure, n, len(voices), shown, kappa / (n + kappa))

    def _voices(self, day: int, paid: bool, gaps: Mapping[str, float]) -> pd.DataFrame:
        """One row for each seller and job known on a day: the middle of what they asked or got, over the wage."""
        key = (day, paid)
        if key not in self._days:
            if len(self._days) > 60:
                self._days.clear()
            self._days[key] = self._heard(day, paid, gaps)
        return self._days[key]

    def _heard(self, day: int, paid: bool, gaps: Mapping[str, float]) -> pd.DataFrame:
        rows = self.rows
        rows = rows[(rows["day"] <= day) & (rows["day"] > day - self.knobs.window)]
        named = zip(rows["occupation"], rows["region"], rows["currency"], rows["day"], strict=True)
        wage = np.array([self._wage(*each, day) for each in named], float)
        wanted = np.isfinite(wage) == paid
        rows, wage = rows[wanted], np.nan_to_num(wage[wanted], nan=0.0)
        gap = np.array([gaps.get(category, gaps.get("", 0.0)) for category in rows["category"]], float)
        sold = rows["kind"].isin(_SOLD).to_numpy(bool)
        over = rows["ln_price"].to_numpy(float) - rows["ln_hours"].to_numpy(float) - np.where(sold, 0.0, gap) - wage
        return _by_seller(rows.assign(over=over, weight=np.where(sold, self.knobs.sold_weight, 1.0)))

    def _wage(self, occupation: str, region: str, currency: str, seen: int, day: int) -> float:
        """The log wage beside a price when it was seen, by the figures known on `day`; NaN where none is."""
        found = self.wages.of(occupation, region or None, day_date(day))
        if found is None or (not region and currency != found.paid.currency):
            return float("nan")
        return self.ln_month(found, seen) + self.wages.move(found.paid.period, day_date(seen)).log + found.region


def observed_work(market: pd.DataFrame, wages: Wages, rates: Rates, knobs: ServiceKnobs) -> Observed:
    """The rows of a market table that are work of a known job; `row` is their place in the table."""
    out: list[dict[str, Any]] = []
    likely = _likely(market)
    for place in likely:
        row = market.iloc[place]
        work = work_of(str(row["title"]), {**row["attributes"], "category": str(row["category"])})
        if work is None:
            continue
        said = {name: row[name] for name in _COLUMNS}
        out.append(said | {"row": int(place), "job": work.job.name, "occupation": work.job.occupation,
                           "ln_hours": math.log(work.hours[1])})  # fmt: skip
    columns = [*_COLUMNS, "row", "job", "occupation", "ln_hours"]
    return Observed(pd.DataFrame(out, columns=columns), wages, rates, knobs)


def _likely(market: pd.DataFrame) -> np.ndarray:
    """Places of the rows whose category is a service: the others are not read."""
    names = {name for name in market["category"].unique() if tree().under(str(name), SERVICES)}
    return np.flatnonzero(market["category"].isin(names).to_numpy(bool))


def _by_seller(rows: pd.DataFrame) -> pd.DataFrame:
    """Each seller once for each job: the weighted middle of their prices, at their newest day."""
    columns = ["job", "occupation", "region", "day", "row", "over", "weight"]
    out = []
    for (_, job), each in rows.groupby(["seller", "job"], sort=True):
        newest = each.iloc[-1]
        middle = weighted_median(each["over"].to_numpy(float), each["weight"].to_numpy(float))
        out.append((job, newest["occupation"], newest["region"], int(newest["day"]), int(newest["row"]), middle,
                    float(each["weight"].max())))  # fmt: skip
    return pd.DataFrame(out, columns=columns)


def _middle(voices: pd.DataFrame) -> float:
    if voices.empty:
        return 0.0
    return weighted_median(voices["over"].to_numpy(float), voices["weight"].to_numpy(float))

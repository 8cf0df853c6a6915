"""Wages of occupations: what an hour is paid, where, as of a day, and how it is spread from the 10th percentile up.

From `mart.wage_rate`. The nation's figures are the reference; a region stands against them by the occupation's own
wages there, else by those of all occupations that are known on both sides.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import NormalDist, median
from typing import Any

from models.services.jobs import service_data

_SQL = """
    SELECT occupation, any_value(title), upper(region), period, currency, source,
        coalesce(sum(employment), 0)::BIGINT,
        median(p10)::DOUBLE, median(p25)::DOUBLE, median(median)::DOUBLE, median(p75)::DOUBLE, median(p90)::DOUBLE,
        median(mean)::DOUBLE
    FROM mart.wage_rate
    WHERE region IS NOT NULL
    GROUP BY occupation, region, period, currency, source
    ORDER BY period, source
"""
_SERIES = """
    SELECT series, period, days, value::DOUBLE, title, source FROM mart.price_series
    WHERE list_contains(?, series) AND value > 0 ORDER BY series, period
"""
_LEAST_COMMON = 5
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Paid:
    """What an hour of an occupation is paid in a region: percentile → amount in `currency`; 50 is the median."""

    occupation: str
    title: str
    region: str
    period: date
    currency: str
    source: str
    employment: int
    percentiles: Mapping[int, float]

    @property
    def hour(self) -> float:
        return self.percentiles[50]

    def at(self, percentile: float) -> float | None:
        """Log of the wage at a percentile (10 to 90) over the median; None where the spread is not known.

        Between published percentiles the log wage runs straight over the normal score, as it would if wages were
        log-normal there.
        """
        known = sorted(self.percentiles)
        if len(known) < 2:
            return None
        place = min(max(percentile, known[0]), known[-1])
        scores = [_NORMAL.inv_cdf(each / 100) for each in known]
        logs = [math.log(self.percentiles[each]) for each in known]
        return _straight(_NORMAL.inv_cdf(place / 100), scores, logs) - math.log(self.hour)


@dataclass(frozen=True, slots=True)
class Found:
    """An occupation's wage as of a day: the reference, the log of the region's over it, and the words for that."""

    paid: Paid
    region: float
    said: str
    own: Paid


@dataclass(frozen=True, slots=True)
class Move:
    """A log change from one day to another, with what says so."""

    log: float
    said: str
    source: str | None
    day: date | None


@dataclass(frozen=True)
class Wages:
    """All wages of a snapshot, by occupation and region in order of their periods, and the series that move them."""

    paid: Mapping[str, Mapping[str, tuple[Paid, ...]]] = field(default_factory=dict)
    series: Mapping[str, tuple[tuple[date, float, str, str], ...]] = field(default_factory=dict)

    def of(self, occupation: str, region: str | None, day: date) -> Found | None:
        """The wage of an occupation as known on a day; None where no wage of it is known."""
        code = self._code(occupation, day)
        if code is None:
            return None
        nation = _country(region)
        reference = self._newest(code, nation, day)
        wider = (region or "").strip().upper()
        own = self._newest(code, wider, day) if wider else None
        if reference is None:
            reference = own or self._anywhere(code, nation, day)
        if reference is None or (wider and _country(wider) != _country(reference.region)):
            return None
        if own is not None:
            log = math.log(own.hour / reference.hour)
            return Found(reference, log, f"{own.title} in {own.region}: {own.hour:.2f} {own.currency} an hour", own)
        log, said = self._elsewhere(reference, wider, day)
        return Found(reference, log, said, reference)

    def move(self, period: date, day: date) -> Move:
        """How far wages went from the month of a figure to a day, by the first series known at both ends."""
        for name in service_data("hour")["trend"]["series"]:
            known = self.series.get(name, ())
            last = bisect_right([end for end, *_ in known], day) - 1
            first = bisect_right([end for end, *_ in known], period + timedelta(days=45)) - 1
            if first >= 0 and last > first:
                end, value, title, source = known[last]
                said = f"{title or name}: {value:g} by {end}, {known[first][1]:g} in the month of the wages"
                return Move(math.log(value / known[first][1]), said, source, end)
        return Move(0.0, f"no data: no series of wages or prices reaches from {period} to the day", None, None)

    def _code(self, occupation: str, day: date) -> str | None:
        """The code under which the work is published: its own, that of its broad group, or a sibling's in it."""
        broad = f"{occupation[:6]}0"
        siblings = sorted(code for code in self.paid if code[:6] == occupation[:6])
        for code in (occupation, broad, *siblings):
            if any(each[0].period <= day for each in self.paid.get(code, {}).values()):
                return code
        return None

    def _newest(self, code: str, region: str, day: date) -> Paid | None:
        known = [each for each in self.paid.get(code, {}).get(region, ()) if each.period <= day]
        return known[-1] if known else None

    def _anywhere(self, code: str, nation: str, day: date) -> Paid | None:
        """Where the nation's own figure is missing: the region of the nation with the most people in that work."""
        newest = [self._newest(code, region, day) for region in self.paid.get(code, {}) if _country(region) == nation]
        known = [each for each in newest if each is not None]
        return max(known, key=lambda each: (each.employment, each.region), default=None)

    def _elsewhere(self, reference: Paid, region: str, day: date) -> tuple[float, str]:
        """A region without the occupation's own wages: the usual ratio of the occupations known in both."""
        if not region or region == reference.region:
            return 0.0, "no region stated" if not region else f"wages of {reference.region}"
        ratios = []
        for code in self.paid:
            here, there = self._newest(code, region, day), self._newest(code, reference.region, day)
            if here is not None and there is not None:
                ratios.append(math.log(here.hour / there.hour))
        if len(ratios) < _LEAST_COMMON:
            return 0.0, f"no data: no wages of this work are known in {region}; those of {reference.region} stand in"
        said = (
            f"{len(ratios)} other occupations in {region} against {reference.region}; this one is not published there"
        )
        return median(ratios), said


def read_wages(connection: Any) -> Wages:
    """The wages and the series that move them, of a snapshot's database."""
    rows: dict[str, dict[str, list[Paid]]] = {}
    for code, title, region, period, currency, source, people, *figures, mean in connection.execute(_SQL).fetchall():
        known = {p: float(v) for p, v in zip((10, 25, 50, 75, 90), figures, strict=True) if v is not None and v > 0}
        if 50 not in known:
            # Top-coded or suppressed medians: the mean is all there is.
            known = {50: float(mean)} if mean else {}
        if known:
            paid = Paid(code, title, region, period, currency, source, int(people), _rising(known))
            rows.setdefault(code, {}).setdefault(region, []).append(paid)
    wanted = list(service_data("hour")["trend"]["series"])
    series: dict[str, list[tuple[date, float, str, str]]] = {}
    for name, period, days, value, title, source in connection.execute(_SERIES, [wanted]).fetchall():
        series.setdefault(name, []).append((period + timedelta(days=int(days) or 1), value, title, source))
    return Wages(
        {code: {region: tuple(each) for region, each in regions.items()} for code, regions in rows.items()},
        {name: tuple(each) for name, each in series.items()},
    )


def _rising(known: Mapping[int, float]) -> dict[int, float]:
    """Percentiles that do not fall: one that is below what lies under it is left out."""
    out = {50: known[50]}
    for place, amount in sorted(known.items()):
        below = [out[each] for each in out if each < place]
        above = [out[each] for each in out if each > place]
        if all(amount >= each for each in below) and all(amount <= each for each in above):
            out[place] = amount
    return out


def _country(region: str | None) -> str:
    """The country of an ISO 3166-2 code; without a region the one whose wages Katy reads."""
    return (region or "US").strip().upper().split("-")[0]


def _straight(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    place = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
    share = (x - xs[place]) / (xs[place + 1] - xs[place])
    return ys[place] + share * (ys[place + 1] - ys[place])

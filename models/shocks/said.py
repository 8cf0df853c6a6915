"""The drivers of a value in plain words, with the numbers behind them, their source and their date."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from features.drivers import Drivers, Seen
from features.drivers.table import DEMAND, WEATHER
from features.drivers.weather import sensitive
from features.hazards import goods_touched
from features.market import day_date
from models.shocks.effects import Curve, Shocks

# What an effect is told of: words, and so much of the driver.
_UNITS = {
    "wanted": ("twice as many wanted posts", math.log(2)),
    "turnover": ("sales quicker by a standard deviation", 1.0),
    "scarcity": ("a tenth fewer new offers", -math.log(0.9)),
}
_RECENT = 120  # days after its beginning in which a hazard is still named


@dataclass(frozen=True)
class Said:
    """What is known of one factor: sentences, who was read, and the day it is of (ISO)."""

    evidence: list[str]
    source: str | None
    date: str | None


def said(factor: str, drivers: Drivers, shocks: Shocks, category: str, region: str, day: int) -> Said | None:
    """What there is to say of a factor (one of `FACTORS`) of an area on a day; None where there is no data."""
    if factor == "hazard":
        return _hazard(drivers, shocks, category, region, day)
    if factor == "weather":
        return _weather(drivers, shocks, category, region, day)
    told: list[str] = []
    seen = None
    for name in DEMAND if factor == "demand" else (factor,):
        found = drivers.seen(name, category, region, day - (shocks.lag if name == "commodity" else 0))
        if found is not None:
            slope = shocks.slope.get(name, {}).get(category, 0.0)
            told += [_words(name, found, drivers), _effect(name, slope, name in shocks.tried, category)]
            seen = found
    if seen is None:
        return None
    source = drivers.source.get(factor) or drivers.source.get(DEMAND[0])
    return Said(told, source, day_date(seen.day).isoformat())


def _words(name: str, seen: Seen, drivers: Drivers) -> str:
    if name == "commodity":
        return _commodity(seen, drivers)
    return {"wanted": _wanted, "turnover": _turnover, "scarcity": _scarcity}[name](seen)


def _effect(name: str, slope: float, tried: bool, category: str) -> str:
    goods = category.replace("_", " ")
    if not slope:
        return (
            f"no effect on {goods} prices found"
            if tried
            else f"too little is known yet of what it does to {goods} prices"
        )
    if name == "commodity":
        return f"{slope:.0%} of what such goods are expected to follow has reached {goods} prices in the past"
    unit, log = _UNITS[name]
    size = slope * log
    return f"in the past {unit} went with {_per_cent(size)} in {goods} prices"


def _per_cent(log: float) -> str:
    return f"{math.expm1(log) * 100:+.1f} %"


def _where(seen: Seen) -> str:
    return f" in {seen.region}" if seen.region else ""


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.5 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


def _wanted(seen: Seen) -> str:
    posts, usual = seen.detail[:2]
    return f"{_number(posts)} wanted posts{_where(seen)} in the week to {day_date(seen.day)}, usually {_number(usual)}"


def _turnover(seen: Seen) -> str:
    gone, offers, days, usual_gone, usual_offers, usual_days = seen.detail[:6]
    words = (
        f"{_number(gone)} of {_number(offers)} offers sold or ended{_where(seen)} in the week to {day_date(seen.day)},"
        f" usually {_number(usual_gone)} of {_number(usual_offers)}"
    )
    if days == days and usual_days == usual_days:
        words += f"; after {_number(days)} days on the market, usually {_number(usual_days)}"
    return words


def _scarcity(seen: Seen) -> str:
    offers, usual = seen.detail[:2]
    return f"{_number(offers)} new offers{_where(seen)} in the week to {day_date(seen.day)}, usually {_number(usual)}"


def _commodity(seen: Seen, drivers: Drivers) -> str:
    material, now, then, period, share = seen.detail[:5]
    change = math.log(now / then)
    return (
        f"{drivers.titles[int(material)]} {_per_cent(change)} against the reference ({then:g} to {now:g}, as of"
        f" {day_date(int(period))}); expected to make {share:.0%} of that in such goods"
    )


def _weather(drivers: Drivers, shocks: Shocks, category: str, region: str, day: int) -> Said | None:
    said, source, date = [], None, None
    for name in WEATHER:
        seen = drivers.seen(name, category, region, day) if category in sensitive(name) else None
        if seen is None:
            continue
        week, usual = seen.detail[:2]
        words = {
            "rain": f"{_number(week)} mm of rain in seven days, usually {_number(usual)}",
            "snow": f"{_number(week)} cm of snow in seven days, usually {_number(usual)}",
            "heat": f"{week:.0f} °C by day on average over seven days, usually {usual:.0f}",
            "cold": f"{week:.0f} °C by night on average over seven days, usually {usual:.0f}",
            "frost": "the first frost has come" if week > 0 else "no frost yet",
        }[name]
        slope = shocks.slope.get(name, {}).get(category, 0.0)
        effect = f": {_per_cent(slope * seen.value)}" if slope else ": no effect found"
        said.append(words + (effect if name in shocks.tried else ": its effect is not known yet"))
        source, date = drivers.source.get(name), day_date(seen.day).isoformat()
    return Said(said, source, date) if said else None


def _hazard(drivers: Drivers, shocks: Shocks, category: str, region: str, day: int) -> Said | None:
    said, dates = [], []
    for (kind, place), each in sorted(drivers.hazards.items()):
        begun = each.newest(day)
        curve = shocks.curve.get(kind, Curve(0.0, 1.0))
        touched = category in curve.size or any(category == one for _, one in goods_touched(kind, "extreme"))
        if begun is None or day - begun > _RECENT or not touched or (region and place != region):
            continue
        state = "goes on" if each.is_active(day) else "is over"
        words = f"{kind.replace('_', ' ')} in {place} since {day_date(begun)} (day {day - begun + 1}; {state})"
        size = curve.size.get(category, 0.0)
        if size:
            felt = size * float(drivers.felt(kind, region, np.array([day]), curve.rise, curve.half_life)[0])
            words += (
                f": {_per_cent(felt)}; learned from {curve.events} beginning{'s' * (curve.events != 1)}, up to"
                f" {_per_cent(size)}, halving every {curve.half_life:.0f} days"
            )
        else:
            words += ": no effect found" if kind in shocks.tried else ": no such event was learned from yet"
        said.append(words)
        dates.append(begun)
    return Said(said, drivers.source.get("hazard"), day_date(max(dates)).isoformat()) if said else None

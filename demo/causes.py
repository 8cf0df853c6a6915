"""What moves prices in the small town, each cause by itself: what it does to true values, and how the world looks.

A cause has an *effect* on log value by category, region and day, and a *trace* that can be observed: weather, warnings,
the price of copper, how many look for a thing, how many offer it. Either can be switched on without the other: a trace
without its effect is a red herring. Everything is drawn from the seed and from the cause's own name, so that switching
one on changes nothing of the others. Sizes are in data/causes.toml.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from demo.goods import Category, Product, catalogue, read_goods, read_toml
from demo.people import people
from demo.shocks import YEAR, Storm, season

CAUSES = ("condition", "region", "trend", "season", "demand", "scarcity", "commodity", "weather", "hazard", "attack")
# Those that leave something to be observed beside prices.
TRACED = ("demand", "scarcity", "commodity", "weather", "hazard")
HISTORY_DAYS = 730
_WARM, _SPREAD, _STAYS = 10.0, 4.0, 0.85
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Bump:
    """A stretch of days in which something swells and goes back, at most to `height`."""

    first: date
    days: int
    height: float

    def at(self, day: date) -> float:
        age = (day - self.first).days
        return self.height * math.sin(math.pi * age / self.days) ** 2 if 0 <= age < self.days else 0.0


@dataclass(frozen=True, slots=True)
class Weather:
    """A day's weather: °C and mm, and how far the night was from what is usual, in °C."""

    day: date
    coldest: float
    warmest: float
    rain: float
    odd: float


@dataclass(frozen=True)
class World:
    """All causes between two days. `causes` move true values; `traces` can be seen by who looks."""

    seed: int
    start: date
    end: date
    causes: frozenset[str]
    traces: frozenset[str]
    weather: dict[str, tuple[Weather, ...]]
    copper: dict[date, float]
    storms: tuple[tuple[Storm, str], ...]
    bumps: dict[str, dict[str, tuple[Bump, ...]]]

    def effects(self, category: str, grade: str, region: str, day: date) -> dict[str, float]:
        """The log effect of every cause on a thing's value; their sum over its base is its true log value."""
        out = dict.fromkeys(CAUSES, 0.0)
        for cause in self.causes - {"attack"}:
            out[cause] = self._effect(cause, category, grade, region, day)
        return out

    def _effect(self, cause: str, category: str, grade: str, region: str, day: date) -> float:
        goods = categories()[category]
        if cause == "condition":
            return math.log(goods.conditions.get(grade, people().grades[grade].value))
        if cause == "region":
            return math.log(people().regions[region].value)
        size = float(settings()[cause]["effect"][category])
        if not size:
            return 0.0
        if cause == "trend":
            return size * (day - self.end).days / YEAR
        if cause == "season":
            return size * season(goods.season, day)
        return size * self.strength(cause, category, region, day)

    def strength(self, cause: str, category: str, region: str, day: date) -> float:
        """How strongly a traced cause is at work, whether it moves prices or not."""
        if cause == "commodity":
            return math.log(self.copper[month_before(day)] / self.copper[month_before(self.start)])
        if cause == "weather":
            return self.cold(region, day)
        if cause == "hazard":
            return max((storm.effect(day, region) for storm, _ in self.storms), default=0.0)
        return sum(bump.at(day) for bump in self.bumps[cause].get(category, ()))

    def shown(self, cause: str, category: str, region: str, day: date) -> float:
        """The strength that can be observed: 0 where the cause leaves no trace."""
        return self.strength(cause, category, region, day) if cause in self.traces else 0.0

    def cold(self, region: str, day: date) -> float:
        """By how many standard deviations the last seven nights were colder than usual, in a cool week; at most 3."""
        known = self.weather[region]
        at = (day - known[0].day).days + 1
        week = known[max(at - _WEEK, 0) : at]
        if sum(each.coldest for each in week) / len(week) > _WARM:
            return 0.0
        odd = sum(each.odd for each in week) / len(week)
        return min(max(-odd / _weekly_spread(), 0.0), 3.0)


@cache
def settings() -> dict[str, Any]:
    """All that data/causes.toml says."""
    return read_toml("causes")


@cache
def _goods() -> tuple[dict[str, Category], dict[str, Product]]:
    said, town = settings(), catalogue()
    own, wire = read_goods({"copper wire": said["copper wire"]}, first_number=900)
    kept = {product.key: product for word in said["goods"] for product in town.of(word)[: said["products"]]}
    return {word: town.categories[word] for word in said["goods"]} | own, kept | wire


def categories() -> dict[str, Category]:
    """What the small town trades, by word."""
    return _goods()[0]


def products() -> dict[str, Product]:
    """Its products, by key."""
    return _goods()[1]


def month_before(day: date) -> date:
    """The first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def world(seed: int, end: date, causes: Collection[str], traces: Collection[str] | None = None) -> World:
    """The world of two years up to `end`; `traces` are those of the causes where nothing else is said.

    Raises ValueError for a cause that there is none of.
    """
    seen = frozenset(causes if traces is None else traces) & frozenset(TRACED)
    unknown = (set(causes) | set(traces or ())) - set(CAUSES)
    if unknown:
        raise ValueError(f"no such cause: {', '.join(sorted(unknown))}; there are {', '.join(CAUSES)}")
    start = end - timedelta(days=HISTORY_DAYS)
    lively = {cause for cause in TRACED if cause in seen or cause in causes}
    return World(
        seed=seed,
        start=start,
        end=end,
        causes=frozenset(causes),
        traces=seen,
        weather={code: _weather(seed, code, start, end, odd="weather" in lively) for code in people().regions},
        copper=_copper(seed, start, end, moves="commodity" in lively),
        storms=_storms(end) if "hazard" in lively else (),
        bumps={
            cause: {word: _bumps(seed, cause, word, start, end) for word in categories()} if cause in lively else {}
            for cause in ("demand", "scarcity")
        },
    )


def _weather(seed: int, region: str, start: date, end: date, *, odd: bool) -> tuple[Weather, ...]:
    """Usual nights of the year; where the weather is `odd`, cold and warm spells beside them."""
    dice = random.Random(f"{seed}/weather/{region}")
    first = date(start.year - int(settings()["weather"]["years"]), 1, 1)
    out, spell = [], 0.0
    for n in range((end - first).days + 1):
        day = first + timedelta(days=n)
        spell = _STAYS * spell + dice.gauss(0.0, _SPREAD * math.sqrt(1 - _STAYS**2))
        rain = dice.expovariate(1 / 8.0) if dice.random() < 0.3 else 0.0
        off = spell if odd else 0.0
        usual = 5.0 - 13.0 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / YEAR)
        wet = rain if odd else 2.4
        out.append(Weather(day, round(usual + off, 1), round(usual + off + 10.0, 1), round(wet, 1), off))
    return tuple(out)


@cache
def _weekly_spread() -> float:
    """The standard deviation of a mean of seven nights that follow one another."""
    pairs = sum(_STAYS ** abs(a - b) for a in range(_WEEK) for b in range(_WEEK))
    return _SPREAD * math.sqrt(pairs) / _WEEK


def _copper(seed: int, start: date, end: date, *, moves: bool) -> dict[date, float]:
    """Its mean price in each month, from half a year before the market's first day."""
    said, dice = settings()["commodity"], random.Random(f"{seed}/copper")
    month, wander, out = month_before(start - timedelta(days=150)), 0.0, {}
    while month <= end:
        age = (month - start).days / 30.4
        swing = float(said["cycle"]) * math.sin(2 * math.pi * age / 16)
        out[month] = round(float(said["price"]) * math.exp(wander + swing if moves else 0.0), 2)
        wander += dice.gauss(0.0, said["spread"])
        month = (month + timedelta(days=32)).replace(day=1)
    return out


def _storms(end: date) -> tuple[tuple[Storm, str], ...]:
    said = settings()["hazard"]
    return tuple(
        (
            Storm(
                name=f"storm {number}",
                day=end - timedelta(days=before),
                peak=float(said["weights"][severity]),
                rise=said["rise"],
                half_life=said["half_life"],
                region=region,
                other_region=0.0,
            ),
            severity,
        )
        for number, (before, region, severity) in enumerate(said["storms"], 1)
    )


def _bumps(seed: int, cause: str, category: str, start: date, end: date) -> tuple[Bump, ...]:
    said, dice = settings()[cause], random.Random(f"{seed}/{cause}/{category}")
    day, out = start + timedelta(days=dice.randint(60, 60 + said["every"])), []
    while day <= end:
        out.append(Bump(day, said["lasts"], dice.uniform(0.6, 1.0)))
        day += timedelta(days=said["every"] + dice.randint(-20, 20))
    return tuple(out)

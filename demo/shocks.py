"""What moves prices: season, trend, age, the wandering level of the market, and storms.

`Climate.factors` gives every multiplier of a product's true value by name; their product times the product's base is
the true value. All of them are known exactly, because the town is made up.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

from demo.goods import Product, Season, catalogue, read_toml
from demo.people import people

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm: log effect `peak` on a category of sensitivity 1, rising over `rise` days, then halving."""

    name: str
    day: date
    peak: float
    rise: int
    half_life: float
    region: str
    other_region: float

    def effect(self, day: date, region: str) -> float:
        """The log effect on a category of sensitivity 1 in a region on a day; 0 before the storm."""
        age = (day - self.day).days
        if age < 0:
            return 0.0
        felt = self.peak if region == self.region else self.peak * self.other_region
        if age < self.rise:
            return felt * (age + 1) / (self.rise + 1)
        return felt * math.pow(0.5, (age - self.rise) / self.half_life)


@dataclass(frozen=True, slots=True)
class Climate:
    """Everything that moves prices between two days; `levels` holds weekly log levels of each category."""

    start: date
    end: date
    storms: tuple[Storm, ...]
    levels: dict[str, tuple[float, ...]]

    def factors(self, product: Product, grade: str, region: str, day: date) -> dict[str, float]:
        """The multipliers of `product.base` that make its true value in that condition, region and on that day."""
        category = catalogue().categories[product.category]
        years = (day - self.end).days / YEAR
        condition = category.conditions.get(grade, people().grades[grade].value)
        storm = sum(one.effect(day, region) for one in self.storms)
        return {
            "condition": condition,
            "region": people().regions[region].value,
            "season": math.exp(season(category.season, day)),
            "trend": math.exp(category.trend * years),
            "depreciation": math.exp(category.depreciation * years),
            "level": math.exp(self.level(product.category, day)),
            "storm": math.exp(category.storm * storm),
        }

    def value(self, product: Product, grade: str, region: str, day: date) -> float:
        """The true value in US dollars."""
        return product.base * math.prod(self.factors(product, grade, region, day).values())

    def level(self, category: str, day: date) -> float:
        """The market's log level for a category, drawn for each week and joined by straight lines."""
        weeks = self.levels[category]
        place = min(max((day - self.start).days / 7, 0.0), len(weeks) - 1.001)
        first = int(place)
        return weeks[first] + (weeks[first + 1] - weeks[first]) * (place - first)


def season(swing: Season, day: date) -> float:
    """The log seasonal effect of a day: a cosine with mean zero over the year."""
    peak = date(day.year, swing.month, swing.day)
    return swing.size * math.cos(2 * math.pi * swing.cycles * (day - peak).days / YEAR)


def climate(seed: int, start: date, end: date) -> Climate:
    """The climate of a town between two days: equal seeds and days give equal climates."""
    told = read_toml("shocks")
    storms = tuple(
        Storm(
            name=s["name"],
            day=end - timedelta(days=s["days_before_end"]),
            peak=s["peak"],
            rise=s["rise"],
            half_life=s["half_life"],
            region=s["region"],
            other_region=s["other_region"],
        )
        for s in told["storm"]
    )
    weeks = (end - start).days // 7 + 3
    pull = told["level"]["pull"]
    everything = _walk(random.Random(f"{seed}/level"), weeks, told["level"]["everything"], pull)
    levels = {}
    for word in catalogue().categories:
        own = _walk(random.Random(f"{seed}/level/{word}"), weeks, told["level"]["category"], pull)
        levels[word] = tuple(a + b for a, b in zip(everything, own, strict=True))
    return Climate(start, end, storms, levels)


def _walk(dice: random.Random, steps: int, spread: float, pull: float) -> list[float]:
    place, path = 0.0, []
    for _ in range(steps):
        path.append(place)
        place = place * (1 - pull) + dice.gauss(0.0, spread)
    return path

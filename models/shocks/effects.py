"""The learned effects of drivers on log prices, and what they say of a category, a region and a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from features.drivers import Drivers
from features.drivers.table import DEMAND, WEATHER

FACTORS = ("demand", "scarcity", "commodity", "weather", "hazard")
NONE = (0.0,) * len(FACTORS)
HAZARD = FACTORS.index("hazard")
_FACTOR = dict.fromkeys(WEATHER, "weather") | dict.fromkeys(DEMAND, "demand")
_PLACE = {name: FACTORS.index(_FACTOR.get(name, name)) for name in (*FACTORS, *_FACTOR)}  # each driver's factor


@dataclass(frozen=True)
class Curve:
    """What a kind of hazard does: log effect `size` by category at its height, for a severe one; it rises over `rise`
    days and then halves every `half_life` days. `events` is how many it was learned from."""

    rise: float
    half_life: float
    size: dict[str, float] = field(default_factory=dict)
    events: int = 0


@dataclass(frozen=True)
class Shocks:
    """Effects by driver and category: log price for one unit of the driver. What is not listed is 0.

    `slope` has a dictionary for each name of `features.drivers` (of "commodity" the pass-through, 1 is the prior's);
    `lag` is the days after which raw materials reach the goods. `tried` are the drivers there was data enough to test.
    """

    slope: dict[str, dict[str, float]] = field(default_factory=dict)
    lag: int = 0
    curve: dict[str, Curve] = field(default_factory=dict)
    tried: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(self.slope.values()) or any(each.size for each in self.curve.values())

    def moves(self, category: str) -> bool:
        """Whether anything is known to move the prices of a category."""
        return any(category in each for each in self.slope.values()) or any(
            category in each.size for each in self.curve.values()
        )

    def has(self, name: str) -> bool:
        """Whether a driver, or a kind of hazard, is known to move any prices."""
        return bool(self.slope.get(name)) or (name in self.curve and bool(self.curve[name].size))

    def of(self, drivers: Drivers, category: str, region: str, days: np.ndarray) -> np.ndarray:
        """Log effects on each day, one column for each of `FACTORS`."""
        days = np.asarray(days)
        out = np.zeros((len(days), len(FACTORS)))
        for name, slopes in self.slope.items():
            slope = slopes.get(category, 0.0)
            if slope:
                asked = days - self.lag if name == "commodity" else days
                out[:, _PLACE[name]] += slope * np.nan_to_num(drivers.value(name, category, region, asked))
        for kind, curve in self.curve.items():
            size = curve.size.get(category, 0.0)
            if size:
                out[:, HAZARD] += size * drivers.felt(kind, region, days, curve.rise, curve.half_life)
        return out

    def on(self, drivers: Drivers, units: Sequence[tuple[str, str]], day: int) -> list[tuple[float, ...]]:
        """Log effects on one day for each (category, region): the same as `of`, quick for many areas and one day."""
        asked = {category for category, _ in units}
        slopes = {
            category: [(name, each[category]) for name, each in self.slope.items() if each.get(category)]
            for category in asked
        }
        hazardous = {category: any(each.size.get(category) for each in self.curve.values()) for category in asked}
        out = []
        for category, region in units:
            if hazardous[category]:
                out.append(tuple(map(float, self.of(drivers, category, region, np.array([day]))[0])))
                continue
            effects = list(NONE)
            for name, slope in slopes[category]:
                value = drivers.now(name, category, region, day - self.lag if name == "commodity" else day)
                effects[_PLACE[name]] += slope * value
            out.append(tuple(effects))
        return out

    def of_rows(self, drivers: Drivers, category: np.ndarray, region: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The sum of the log effects on each row."""
        out = np.zeros(len(days))
        if not self:
            return out
        import pandas as pd

        for (own, place), rows in pd.Series(np.arange(len(days))).groupby([category, region], sort=False):
            if self.moves(str(own)):
                chosen = rows.to_numpy()
                out[chosen] = self.of(drivers, str(own), str(place), days[chosen]).sum(axis=1)
        return out

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Shocks:
        curve = {kind: Curve(**each) for kind, each in told["curve"].items()}
        return cls(told["slope"], int(told["lag"]), curve, tuple(told["tried"]))

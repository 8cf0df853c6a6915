"""What the drivers say of areas: their effects on a day, news of hazards in a period, and where one is active."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from features.drivers import Drivers
from features.hazards import goods_touched
from features.level import ALL, segment_unit
from models.shocks.effects import HAZARD, Shocks

_NOTHING = Shocks()


@dataclass
class MarketSide:
    """Drivers, and what was known of their effects: `known` has a cut-off and the effects learned by it, oldest first.

    On a day those count that were learned on the days before it.
    """

    drivers: Drivers = field(default_factory=Drivers)
    known: list[tuple[int, Shocks]] = field(default_factory=list)

    def on(self, day: int) -> Shocks:
        """The effects as known on a day."""
        place = bisect.bisect_left(self.known, day, key=lambda each: each[0])
        return self.known[place - 1][1] if place else _NOTHING

    def of_units(self, units: Iterable[str], day: int, model: Shocks | None = None) -> dict[str, tuple[float, ...]]:
        """Log effects by factor on a day, of the areas that are moved at all."""
        shocks = self.on(day) if model is None else model
        if not shocks:
            return {}
        asked = [(unit, area) for unit in units if (area := area_of(unit)) is not None]
        found = shocks.on(self.drivers, [area for _, area in asked], day)
        return {unit: each for (unit, _), each in zip(asked, found, strict=True) if any(each)}

    def news(self, units: Iterable[str], first: int, last: int) -> set[str]:
        """Areas of which a hazard that touches them began, was told anew or ended from day `first` to day `last`."""
        told = {pair for pair, each in self.drivers.hazards.items() if each.has_news(first, last)}
        return self._touched(units, told, last) if told else set()

    def active(self, units: Iterable[str], first: int, last: int) -> dict[str, set[int]]:
        """The days from `first` to `last` on which a hazard is active, of the regional areas that it touches."""
        out: dict[str, set[int]] = {}
        regional = [unit for unit in units if unit.startswith("segment:")] if self.drivers.hazards else []
        for pair, each in self.drivers.hazards.items():
            days = {day for day in range(first, last + 1) if each.is_active(day)}
            for unit in self._touched(regional, {pair}, last) if days else ():
                out.setdefault(unit, set()).update(days)
        return out

    def _touched(self, units: Iterable[str], hazards: set[tuple[str, str]], day: int) -> set[str]:
        """Areas that one of the hazards (kind, region) touches: by the goods it is known for, or by what was learned.

        A category as a whole is touched where its prices were learned to move.
        """
        model = self.on(day)
        learned = {kind: set(curve.size) for kind, curve in model.curve.items()}
        wanted: set[str] = set()
        for kind, region in hazards:
            wanted |= {segment_unit(name, region) for name in _goods(kind) | learned.get(kind, set())}
            wanted |= {segment_unit(name, "") for name in learned.get(kind, ())}
        return wanted.intersection(units)


@cache
def _goods(kind: str) -> frozenset[str]:
    return frozenset(category for _, category in goods_touched(kind, "extreme") if category)


def area_of(unit: str) -> tuple[str, str] | None:
    """Category and region of an area; None of all."""
    if unit == ALL:
        return None
    kind, _, name = unit.partition(":")
    category, _, region = name.rpartition("|") if kind == "segment" else (name, "", "")
    return category, region


def hazard_part(shocks: dict[str, tuple[float, ...]], unit: str) -> float:
    """What a hazard does to an area, of its effects."""
    each = shocks.get(unit)
    return each[HAZARD] if each is not None else 0.0

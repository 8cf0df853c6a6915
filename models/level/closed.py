"""Where the levels stood at the end of a period, and the shorter periods of areas under a hazard."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Closed:
    """All areas' levels at the end of one period.

    `raw` is the whole market side but season, in logs; `shocks` what of it the drivers make (one figure for each of
    `models.shocks.effects.FACTORS`; areas they do not move are left out). `since` is the first day of the period of
    areas whose period is not the calendar's, because a hazard is active in them.
    """

    period: int
    raw: dict[str, float]
    published: dict[str, float]
    evidence: dict[str, int]
    shocks: dict[str, tuple[float, ...]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)

    @cached_property
    def trend(self) -> dict[str, float]:
        """The raw levels without what the drivers make of them."""
        if not self.shocks:
            return self.raw
        return {unit: level - sum(self.shocks.get(unit, ())) for unit, level in self.raw.items()}


@dataclass(frozen=True)
class ProductLevel:
    """A product's log reference price at the end of one period: raw and published, and the sellers behind it."""

    period: int
    raw: float
    published: float
    evidence: int


@dataclass(frozen=True)
class Part:
    """A part of a calendar period, of an area in which a hazard was active in it: `days` from day `period` on."""

    period: int
    days: int
    raw: float
    published: float
    evidence: int

    @property
    def last(self) -> int:
        return self.period + self.days - 1


def parts(first: int, last: int, active: set[int]) -> list[tuple[int, int]]:
    """The days from `first` to `last` as periods: each active day is one, and so is each run of others."""
    out: list[tuple[int, int]] = []
    for day in range(first, last + 1):
        if out and day not in active and day - 1 not in active:
            out[-1] = (out[-1][0], day)
        else:
            out.append((day, day))
    return out

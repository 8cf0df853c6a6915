"""The price of an hour of work, and of a job: pure arithmetic on logs.

ln V = ln hours + ln wage + markup + skill, and region, trend and demand as factors beside it. The interval is that of
a sum of independent errors: prices of one job differ (`spread`), the markup is not known exactly (`unsure`), and a job
may take fewer or more hours than usual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Parts:
    """The logs that make a service's value in the anchor; `wage` is that of the reference, or 0 where none is known."""

    hours: float
    wage: float
    markup: float
    skill: float
    region: float = 0.0
    trend: float = 0.0
    demand: float = 0.0

    @property
    def base(self) -> float:
        """Own attributes, no region, the wages' own month, no shock."""
        return self.hours + self.wage + self.markup + self.skill

    @property
    def value(self) -> float:
        return self.base + self.region + self.trend + self.demand


def interval(
    hours: tuple[float, float, float], spread: float, unsure: float, coverage: float, hours_share: float = 1.0
) -> tuple[float, float]:
    """Log distances below and above the value that hold `coverage` of such prices, if the parts err independently.

    Low and high hours are taken for the ends of the same share of jobs. Where prices of the whole job are seen, their
    spread holds that of the hours already: of the hours' own only `hours_share` counts.
    """
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    money = (z * spread) ** 2 + (z * unsure) ** 2
    low, typical, high = (math.log(each) for each in hours)
    below, above = ((typical - low) ** 2 * hours_share, (high - typical) ** 2 * hours_share)
    return -math.sqrt(money + below), math.sqrt(money + above)

"""Exchange rates of a snapshot: the anchor currency into any other, as of a day. A rate is never dampened."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """`value` units of the currency for one unit of the anchor, published on `day`."""

    value: float
    day: date


class Rates:
    """Rates by currency in order of days, read from `core.fx_to_anchor`."""

    def __init__(self, connection: Any, anchor: str) -> None:
        self.anchor = anchor
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[float]] = {}
        rows = connection.execute(
            "SELECT currency, observed_on, rate FROM core.fx_to_anchor WHERE rate > 0 ORDER BY currency, observed_on"
        ).fetchall()
        for currency, day, rate in rows:
            self._days.setdefault(currency, []).append(day)
            self._rates.setdefault(currency, []).append(1.0 / float(rate))

    def on(self, currency: str, day: date) -> Rate | None:
        """The newest rate published on or before a day, or None."""
        if currency == self.anchor:
            return Rate(1.0, day)
        days = self._days.get(currency, [])
        place = bisect.bisect_right(days, day)
        return Rate(self._rates[currency][place - 1], days[place - 1]) if place else None

    @property
    def currencies(self) -> list[str]:
        return sorted({self.anchor, *self._days})

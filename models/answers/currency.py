"""Exchange rates of a snapshot: the anchor currency into any other, as of a day. A rate is never dampened."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """`value` units of the currency for one unit of the anchor, published on `day`."""

    value: float
    day: date


class Rates:
    """Rates by currency in order of days."""

    def __init__(self, anchor: str, rates: Iterable[tuple[str, date, float]] = ()) -> None:
        """`rates` are (currency, day, units of the anchor for one unit of the currency), ordered by day."""
        self.anchor = anchor
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[float]] = {}
        for currency, day, rate in rates:
            self._days.setdefault(currency, []).append(day)
            self._rates.setdefault(currency, []).append(1.0 / float(rate))

    @classmethod
    def read(cls, connection: Any, anchor: str) -> Rates:
        """The rates of a snapshot's database."""
        rows = connection.execute(
            "SELECT currency, observed_on, rate FROM core.fx_to_anchor WHERE rate > 0 ORDER BY currency, observed_on"
        ).fetchall()
        return cls(anchor, rows)

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

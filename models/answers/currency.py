"""Exchange rates of a snapshot: the anchor currency into any other, as of a day, at the rate that people pay.

Where a currency is in trouble that is the parallel or an implied rate (`features.anchors`). A rate is never dampened.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

OFFICIAL = "official"
_RATES = "SELECT currency, observed_on, rate FROM core.fx_to_anchor WHERE rate > 0 ORDER BY currency, observed_on"
_KINDS = """
    SELECT currency, observed_on, rate, kind, source, quoted_on, premium, carried
    FROM core.fx_to_anchor WHERE rate > 0 ORDER BY currency, observed_on
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """`value` units of the currency for one unit of the anchor, published on `day`.

    `kind` is official, parallel or implied; of the latter two `premium` is by how much the anchor costs more than
    officially (0.86: 86 %), and `carried` says that the premium is older than the rate it stands on.
    """

    value: float
    day: date
    kind: str = OFFICIAL
    source: str | None = None
    premium: float | None = None
    carried: bool = False

    @property
    def name(self) -> str:
        """Whose rate of which kind, for a factor's source: "exchange rates" where an official one counts."""
        return "exchange rates" if self.kind == OFFICIAL else f"{self.kind} rate: {self.source or 'no source named'}"

    def said(self, currency: str) -> str:
        """The rate in words, with its kind and premium where it is not the official one."""
        amount = f"{self.value:.6g} {currency}"
        if self.kind == OFFICIAL:
            return f"rate of {self.day.isoformat()}: {amount}"
        words = f"{currency} is in trouble: {self.kind} rate of {self.day.isoformat()}: {amount}"
        if self.premium is not None:
            words += f", {abs(self.premium):.0%} {'above' if self.premium >= 0 else 'below'} the official one"
        return words + (" (its last known premium on the official rate of the day)" if self.carried else "")


class Rates:
    """Rates by currency in order of days."""

    def __init__(self, anchor: str, rates: Iterable[tuple[Any, ...]] = ()) -> None:
        """`rates` are (currency, day, units of the anchor for one unit of the currency), ordered by day; then, where
        known, kind, source, the day it was quoted, premium and whether that is carried."""
        self.anchor = anchor
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Rate]] = {}
        for row in rates:
            whole: tuple[Any, ...] = row + (None,) * (8 - len(row))
            currency, day, rate, kind, source, quoted, premium, carried = whole
            self._days.setdefault(currency, []).append(day)
            self._rates.setdefault(currency, []).append(
                Rate(1.0 / float(rate), quoted or day, kind or OFFICIAL, source, _number(premium), bool(carried))
            )

    @classmethod
    def read(cls, connection: Any, anchor: str) -> Rates:
        """The rates of a snapshot's database; of one from before kinds were told, official ones."""
        known = connection.execute(
            "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'core' AND table_name = 'fx_to_anchor' "
            "AND column_name = 'kind'"
        ).fetchone()[0]
        rows = connection.execute(_KINDS if known else _RATES).fetchall()
        return cls(anchor, rows)

    def on(self, currency: str, day: date) -> Rate | None:
        """The newest rate published on or before a day, or None."""
        if currency == self.anchor:
            return Rate(1.0, day)
        days = self._days.get(currency, [])
        place = bisect.bisect_right(days, day)
        return self._rates[currency][place - 1] if place else None

    @property
    def currencies(self) -> list[str]:
        return sorted({self.anchor, *self._days})


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(float(value)) else float(value)

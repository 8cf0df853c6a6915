"""A valuation without its currency, and in any other measure.

The currency factor is the last of a valuation's factors: without it the same numbers say the value in the anchor, and a
numeraire's price divides it. So two values keep their ratio in whatever they are told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.exchange.yardsticks import Price
from warehouse.valuation import Valuation


@dataclass(frozen=True, slots=True)
class Worth:
    """A value in the anchor, not rounded, with its 90 % interval; `hangs_on` names the level it moves with."""

    value: float
    low: float
    high: float
    confidence: str
    hangs_on: str


def worth(valuation: Valuation) -> Worth | None:
    """What a valuation says in the anchor; None where the value is unknown."""
    if valuation.fmv is None or valuation.base is None or valuation.low is None or valuation.high is None:
        return None
    exact = Decimal(valuation.base)
    for factor in valuation.factors:
        if factor.name != "currency":
            exact *= Decimal(factor.value)
    told = Decimal(valuation.fmv)
    # A value of half a cent is told as 0.00 or 0.01: there the interval says nothing and is left at the value.
    low, high = (float(Decimal(end) / told) if told > 0 else 1.0 for end in (valuation.low, valuation.high))
    value = float(exact)
    category = str(valuation.subject.understood.get("category", ""))
    return Worth(
        value, value * min(low, 1.0) or value / 100, value * max(high, 1.0), valuation.confidence or "D", category
    )


def times(one: Worth, count: float) -> Worth:
    """So many of a thing: the value grows with the number, and the errors are the same error for each."""
    return Worth(one.value * count, one.low * count, one.high * count, one.confidence, one.hangs_on)


def told(value: Worth, price: Price) -> dict[str, Any]:
    """A value in units of a numeraire: amount, interval, the price used with its day and source."""
    return {
        "unit": price.unit,
        "amount": _number(value.value / price.value, price.places),
        "low": _number(value.low / price.value, price.places),
        "high": _number(value.high / price.value, price.places),
        "price": f"{_number(price.value, 6)} {price.anchor}",
        "date": price.day.isoformat(),
        "source": price.source,
    }


def _number(value: float, places: int) -> str:
    """Decimal text with so many places, and with more where the number is small: three digits at least."""
    if value > 0:
        places = max(places, 2 - math.floor(math.log10(value)))
    return f"{value:.{min(places, 12)}f}"

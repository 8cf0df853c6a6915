"""Bundles: the worth of several things and services together. Pure arithmetic.

The sum of the parts is exact, to the minor unit. Errors of parts that hang on one level of the market go together, so
their half-widths add; between such groups they are taken as independent, so the squares of the half-widths add.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from warehouse.valuation import minor_unit


@dataclass(frozen=True, slots=True)
class Part:
    """A part's value with its interval, how many there are of it, and the level of the market that it hangs on."""

    value: Decimal
    low: Decimal
    high: Decimal
    count: Decimal = Decimal(1)
    hangs_on: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """The whole: `parts` is the sum of the parts before, `value` after the discount."""

    parts: Decimal
    value: Decimal
    low: Decimal
    high: Decimal


def together(parts: Sequence[Part], currency: str, discount: Decimal = Decimal(1)) -> Sum:
    """The sum of parts × discount (0.95: 5 % less), with the interval of a sum."""
    unit = minor_unit(currency)
    each = [(part.value * part.count).quantize(unit, ROUND_HALF_EVEN) for part in parts]
    whole = sum(each, Decimal(0))
    below = _half_width([(part.hangs_on, (part.value - part.low) * part.count) for part in parts])
    above = _half_width([(part.hangs_on, (part.high - part.value) * part.count) for part in parts])
    low = max(whole - below, Decimal(0))
    return Sum(
        whole.quantize(unit),
        *((end * discount).quantize(unit, ROUND_HALF_EVEN) for end in (whole, low, whole + above)),
    )


def _half_width(widths: Sequence[tuple[str, Decimal]]) -> Decimal:
    groups: dict[str, float] = {}
    for place, (hangs_on, width) in enumerate(widths):
        # What hangs on no known level hangs on its own.
        key = hangs_on or f"#{place}"
        groups[key] = groups.get(key, 0.0) + float(width)
    return Decimal(repr(math.sqrt(sum(width**2 for width in groups.values()))))


def bundle_discount(ratios: Sequence[float], least: int, kappa: float) -> Decimal:
    """The share of their parts' worth that bundles bring: the median of what is seen, drawn to 1; 1 of too few.

    `ratios` has one for each seller: price of a bundle over the sum of its parts' values. It never adds to a sum.
    """
    n = len(ratios)
    if n < least:
        return Decimal(1)
    middle = sorted(math.log(ratio) for ratio in ratios)
    median = (middle[(n - 1) // 2] + middle[n // 2]) / 2
    return Decimal(f"{min(1.0, max(0.5, math.exp(median * n / (n + kappa)))):.4f}")

"""Parts in logs as amounts of money that add up to the cent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal


def logarithmic_mean(a: float, b: float) -> float:
    """(a − b) / ln(a / b), and a where both are equal: what one unit of log is worth between two amounts.

    With it parts φ of ln(v / v0) become amounts φ · L(v, v0) that sum to v − v0 (the additive logarithmic mean Divisia
    index, B. W. Ang, Energy Policy 32, 2004).
    """
    gap = math.log(a / b)
    # Near equality the quotient is noise over noise; the mean's own series is not.
    return math.sqrt(a * b) * (1 + gap * gap / 24) if abs(gap) < 1e-4 else (a - b) / gap


def apportion(amounts: Sequence[Decimal], total: Decimal, unit: Decimal) -> list[Decimal]:
    """Amounts in whole units that sum to `total`, each within one unit of its own (Hamilton's largest remainders).

    `total` is the sum of the amounts rounded to `unit`.
    """
    floors = [(amount / unit).to_integral_value(rounding=ROUND_FLOOR) for amount in amounts]
    rest = [amount / unit - floor for amount, floor in zip(amounts, floors, strict=True)]
    left = int(total / unit - sum(floors, Decimal(0)))
    assert 0 <= left <= len(amounts), f"{total} is not the rounded sum of {amounts}"
    chosen = sorted(range(len(amounts)), key=lambda place: (-rest[place], place))[:left]
    return [(floor + (place in chosen)) * unit for place, floor in enumerate(floors)]

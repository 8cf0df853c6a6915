"""How much of one thing goes for another: the ratio of two values, its interval, and offers in whole numbers.

The interval is on the log ratio. Where the two values' errors are independent, squares of the half-widths add; where
both hang on the same level (one category), nothing says that they are, and the half-widths themselves add, which holds
however the errors hang together (each end by the union bound: at least 80 % where both intervals hold 90 %).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.exchange.worth import Worth


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many of the first go for one of the second, with an interval; `independent` says how it was formed."""

    value: float
    low: float
    high: float
    independent: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """`first` of the one for `second` of the other; `fit` is how far that is from the ratio in half-widths, 0 to 1."""

    first: int
    second: int
    fit: float


def ratio(one: Worth, other: Worth) -> Ratio:
    """How many of `one` go for one of `other`. The unit of account cancels."""
    middle = math.log(other.value) - math.log(one.value)
    independent = not one.hangs_on or one.hangs_on != other.hangs_on
    add = math.hypot if independent else (lambda left, right: left + right)
    down = add(math.log(other.value / other.low), math.log(one.high / one.value))
    up = add(math.log(other.high / other.value), math.log(one.value / one.low))
    return Ratio(math.exp(middle), math.exp(middle - down), math.exp(middle + up), independent)


def simplest(low: float, high: float) -> tuple[int, int]:
    """The fraction with the smallest numerator and denominator in [low, high], 0 < low ≤ high (Stern–Brocot tree).

    By continued fractions: the integer parts in common, then the smallest integer that fits between.
    """
    whole = math.ceil(low)
    if whole <= high:
        return max(whole, 1), 1
    below = math.floor(low)
    first, second = simplest(1 / (high - below), 1 / (low - below))
    return below * first + second, first


def offers(found: Ratio, most: int = 12, shown: int = 5) -> list[Offer]:
    """Offers in whole numbers within the interval: the simplest first, the smaller side at most `most`.

    Among them are always the simplest fraction of the interval and, for each number of the smaller side, the one
    nearest to the ratio.
    """
    swapped = found.value < 1
    low, middle, high = (1 / found.high, 1 / found.value, 1 / found.low) if swapped else (
        found.low, found.value, found.high,
    )  # fmt: skip
    pairs = {simplest(low, high)}
    for count in range(1, most + 1):
        nearest = max(1, round(middle * count))
        if low <= nearest / count <= high and math.gcd(nearest, count) == 1:
            pairs.add((nearest, count))
    order = sorted(pairs, key=lambda pair: (sum(pair), pair))
    kept = order[:shown]
    # The nearest that says it best, where the simple ones leave it out.
    best = min(order, key=lambda pair: (round(_off(pair, low, middle, high), 2), sum(pair)))
    kept = kept if best in kept else [*kept[:-1], best]
    return [Offer(*(pair[::-1] if swapped else pair), round(_off(pair, low, middle, high), 4)) for pair in kept]


def _off(pair: tuple[int, int], low: float, middle: float, high: float) -> float:
    """How far a fraction is from the middle, in half-widths of its side."""
    log = math.log(pair[0] / pair[1]) - math.log(middle)
    width = math.log(high / middle) if log >= 0 else math.log(middle / low)
    return min(abs(log) / width, 1.0) if width > 1e-12 else (0.0 if abs(log) < 1e-9 else 1.0)

"""The rules for tickets, subscriptions, benefits, future harvests and rental by value: pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def along(x: float, steps: Sequence[Sequence[float]]) -> float:
    """Straight between given steps, level beyond their ends."""
    if x <= steps[0][0]:
        return float(steps[0][1])
    for (left, low), (right, high) in pairwise(steps):
        if x <= right:
            return float(low + (high - low) * (x - left) / (right - left))
    return float(steps[-1][1])


def ticket(face: float, days_to_go: int, decay: Sequence[Sequence[float]]) -> float:
    """Face value × the share left so many days before the event; nothing once it is over."""
    return 0.0 if days_to_go < 0 else face * along(days_to_go, decay)


def subscription(price_a_month: float, months: float, share: float) -> float:
    """Remaining months × price × the share that the next holder gets."""
    return price_a_month * max(months, 0.0) * share


def benefit(face: float, share: float) -> float:
    """Face value × the share that can be used."""
    return face * share


def to_come(price: float, season: float, days: int, delivery: float, discount: float) -> float:
    """What is promised: today's price × e^season at that time × chance of delivery, discounted at a yearly rate."""
    return price * math.exp(season - math.log1p(discount) * max(days, 0) / 365.25) * delivery


def rent(day_rate: float, days: float, curve: float) -> float:
    """The rent of so many days: a day's rent × days ^ curve. A longer term costs more, and a day of it less."""
    return day_rate * float(days**curve)


def owners_day(
    value: float, life: float, interest: float, upkeep: float, days_let: float, handing_over: float
) -> float:
    """A day's rent that bears an owner's cost: (interest + 1 / life + upkeep) × value / days let × handing over."""
    return value * (interest + 1.0 / life + upkeep) / days_let * handing_over


def rental_curve(slope: float, n: float, usual: float, kappa: float, least: float, most: float) -> float:
    """The curve seen in n rentals drawn to the usual one."""
    return float(min(max((n * slope + kappa * usual) / (n + kappa), least), most))

"""The contributions inside a base: parts in logs as amounts of money, grouped, with small attributes pooled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from models.explanation.amounts import apportion, logarithmic_mean
from models.explanation.parts import Part
from models.explanation.shapes import Contribution, Contributions
from warehouse.valuation import minor_unit

OTHERS = "others"
# Groups whose parts are worth a name of their own.
_NAMED = ("attributes", "measures")


def contributions(
    parts: Sequence[Part], base: Decimal, currency: str, *, usual_of: str, listings: int, smallest: float
) -> Contributions:
    """Parts of ln(base / start) as amounts that, with the start, sum to the base in whole minor units.

    `base` is in `currency`, not rounded. Of attributes and measures those that make at least the share `smallest` of
    the base are named; the rest of their group is pooled.
    """
    unit = minor_unit(currency)
    start = float(base) * math.exp(-sum(part.phi for part in parts))
    worth = logarithmic_mean(float(base), start)
    kept = _pooled(parts, smallest * float(base) / worth)
    total = base.quantize(unit, rounding=ROUND_HALF_EVEN)
    exact = [Decimal(repr(part.phi * worth)) for part in kept]
    # The start is what is left, so that the sum is the base to the last digit.
    amounts = apportion([base - sum(exact, Decimal(0)), *exact], total, unit)
    return Contributions(
        currency=currency,
        usual_of=usual_of,
        listings=listings,
        start=str(amounts[0]),
        base=str(total),
        parts=[
            Contribution(group=part.group, name=part.name, log=f"{part.phi:.6f}", amount=str(amount))
            for part, amount in zip(kept, amounts[1:], strict=True)
        ],
    )


def _pooled(parts: Sequence[Part], least: float) -> list[Part]:
    """One part for each group and name; parts of attributes and measures below `least` together. Largest first."""
    joined: dict[tuple[str, str], Part] = {}
    for part in parts:
        joined[part.group, part.name] = _add(joined.get((part.group, part.name)), part)
    out: dict[tuple[str, str], Part] = {}
    for part in joined.values():
        small = part.group in _NAMED and abs(part.phi) < least
        named = Part(part.group, OTHERS, part.phi) if small else part
        out[named.group, named.name] = _add(out.get((named.group, named.name)), named)
    kept = [part for part in out.values() if abs(part.phi) > 1e-9]
    alone = {group for group in _NAMED if sum(part.group == group for part in kept) == 1}
    told = [Part(part.group, "", part.phi) if part.group in alone and part.name == OTHERS else part for part in kept]
    return sorted(told, key=lambda part: -abs(part.phi))


def _add(before: Part | None, part: Part) -> Part:
    return part if before is None else Part(part.group, part.name, before.phi + part.phi)

"""Factors: the steps from the base to the value, in their fixed order, each a ratio of the model's own values.

The model is additive in logs beyond its base, so V(first k own, rest reference) / V(first k − 1 own, rest reference)
is the exponential of the k-th effect alone, and the product telescopes exactly. Rounding happens once, here: base and
factors to six places, and the value is the quantised product of those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from warehouse.valuation import FACTOR_ORDER, SIX_PLACES, Factor, minor_unit, recompute

NO_DATA = "no data"
# A bound is written out in minor units: e^60 of a value of twelve digits has some forty.
_MOST, _DIGITS = 60.0, 60


@dataclass(frozen=True)
class Effect:
    """One effect in natural logs, with what speaks for it. Without evidence it is 0 and says so."""

    log: float = 0.0
    evidence: list[str] = field(default_factory=list)
    source: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Computed:
    """Base, factors and value as they are shown; `market_value` leaves the dampening out."""

    base: str
    factors: list[Factor]
    fmv: Decimal
    market_value: Decimal
    dampening: str


def six(value: float) -> str:
    """A positive number as decimal text with six places, half-even."""
    return str(Decimal(repr(value)).quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN))


def compute(ln_base: float, effects: dict[str, Effect], currency: str) -> Computed:
    """The value that a log base and effects make, in `currency`."""
    base = six(math.exp(ln_base))
    factors = []
    for name in FACTOR_ORDER:
        effect = effects.get(name, Effect())
        factors.append(
            Factor(
                name=name,
                value=six(math.exp(effect.log)),
                evidence=effect.evidence or [NO_DATA],
                source=effect.source,
                date=effect.date,
            )
        )
    undamped = [factor for factor in factors if factor.name != "dampening"]
    return Computed(
        base=base,
        factors=factors,
        fmv=recompute(base, factors, currency),
        market_value=recompute(base, undamped, currency),
        dampening=next(factor.value for factor in factors if factor.name == "dampening"),
    )


def bound(computed: Computed, log: float, currency: str) -> Decimal:
    """The value times e^log, in whole minor units; of a market gone mad no more than e^±60 of it."""
    with localcontext() as context:
        context.prec = _DIGITS
        exact = Decimal(computed.base)
        for factor in computed.factors:
            exact *= Decimal(factor.value)
        times = Decimal(repr(math.exp(min(max(log, -_MOST), _MOST))))
        return (exact * times).quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)

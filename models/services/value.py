"""What work is worth: from the parts of an hour's price to the `Valuation` that is handed out.

The identity of all values holds here too, to the cent. `base` is hours × wage of the reference (the nation, in the
month the wages are of) × what customers pay over a wage × skill: hours and skill are the work's own attributes, and
work has no condition. `region` is the region's wages and prices against the reference's, `trend` how wages went since
their month, `demand` the local demand that the market level tells apart. The other factors are 1 and say why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from features.identity import product_of
from features.market import day_date
from features.taxonomy import read_category
from models.answers import factors as steps
from models.answers.currency import Rate
from models.answers.factors import Computed, Effect
from models.services.asked import Asked
from models.services.given import Given, comparables, confidence
from models.services.hour import Parts, interval
from models.services.observed import Markup
from models.services.said import work_words
from models.services.skill import Skill, percentile
from models.services.wages import Found, Move
from warehouse.valuation import Subject, Valuation, ValuationRequest, valuation_id


@dataclass(frozen=True, slots=True)
class Known:
    """All that was found out about a piece of work; logs are in the anchor."""

    request: ValuationRequest
    asked: Asked
    skill: Skill
    day: int
    region: str
    found: Found | None
    ln_wage: float
    move: Move
    markup: Markup
    demand: Effect
    rate: Rate
    currency: str


def value_work(known: Known, given: Given) -> Valuation:
    """The valuation of a piece of work of which a wage or prices are known."""
    parts = _parts(known)
    effects = _effects(known, parts)
    computed = steps.compute(parts.base, effects, known.currency)
    ends = interval(known.asked.hours, known.markup.spread, known.markup.unsure, given.coverage)
    low, high = (steps.bound(computed, end, known.currency) for end in ends)
    low, high = min(low, computed.fmv), max(high, computed.fmv)
    value_date = day_date(known.day).isoformat()
    shown = comparables(known.markup.shown, given, math.exp(parts.value - known.markup.region + known.rate_log))
    return Valuation(
        id=valuation_id(given.snapshot, given.code_version, known.request),
        subject=Subject(asked=known.request, understood=_understood(known, parts)),
        value_date=value_date,
        currency=known.currency,
        fmv=str(computed.fmv),
        market_value=str(computed.market_value),
        low=str(low),
        high=str(high),
        confidence=confidence(low, high, known.markup.sellers),
        base=computed.base,
        factors=computed.factors,
        comparables=shown,
        dampening=computed.dampening,
        narrative=work_words(known, parts, computed, str(low), str(high), given),
        snapshot=given.snapshot,
        model="services",
    )

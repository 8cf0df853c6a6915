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
from models.answers.factors import Effect
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
    ends = interval(known.asked.hours, known.markup.spread, known.markup.unsure, given.coverage, known.markup.prior)
    low, high = (steps.bound(computed, end, known.currency) for end in ends)
    low, high = min(low, computed.fmv), max(high, computed.fmv)
    value_date = day_date(known.day).isoformat()
    shown = comparables(known.markup.shown, given, parts.value - known.markup.region + math.log(known.rate.value))
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


def _parts(known: Known) -> Parts:
    """The logs of a value. Skill is told by the reference's wages; what the region pays more for it is the region's."""
    place = percentile(known.skill)
    found = known.found
    skill = (found.paid.at(place) or 0.0) if found is not None and known.skill.stated else 0.0
    own = found.own.at(place) if found is not None and known.skill.stated else None
    local = (found.region if found is not None else 0.0) + (own - skill if own is not None else 0.0)
    return Parts(
        hours=math.log(known.asked.hours[1]),
        wage=known.ln_wage,
        markup=known.markup.job,
        skill=skill,
        region=local + known.markup.region - known.markup.job,
        trend=known.move.log,
        demand=known.demand.log,
    )


def _effects(known: Known, parts: Parts) -> dict[str, Effect]:
    found, markup = known.found, known.markup
    day = day_date(known.day).isoformat()
    region = [found.said] if found is not None else []
    if markup.region != markup.job:
        region.append(f"prices of this work in {known.region} against elsewhere")
    source, period = (found.own.source, found.own.period.isoformat()) if found is not None else ("listings", day)
    return {
        "condition": Effect(0.0, ["no data: work has no condition; skill is part of the base"]),
        "region": Effect(parts.region, region or ["no data"], source, period),
        "trend": Effect(
            parts.trend,
            [known.move.said] if found is not None else ["no data: prices of the day are used as they are"],
            known.move.source,
            known.move.day.isoformat() if known.move.day else None,
        ),
        "demand": known.demand,
        "dampening": Effect(0.0, ["not dampened: wages and the middle of many sellers' prices make it"]),
        "currency": money_effect(known.rate, known.currency, day),
    }


def money_effect(rate: Rate, currency: str, day: str) -> Effect:
    """The factor of the currency, as all values have it."""
    if rate.value == 1.0 and rate.day.isoformat() == day:
        return Effect(0.0, [f"values are formed in {currency}"])
    return Effect(math.log(rate.value), [rate.said(currency)], rate.name, rate.day.isoformat())


def _understood(known: Known, parts: Parts) -> dict[str, Any]:
    text = known.request.text
    category = read_category(known.request.attributes.get("category"), text).category
    job, (low, typical, high) = known.asked.job, known.asked.hours
    said: dict[str, Any] = {
        "kind": "service",
        "category": category,
        "product": product_of(text, None, None, None, category),
        "grade": "unstated",
        "region": known.region,
        "brand": "",
        "attributes": dict(sorted(known.request.attributes.items())),
        "job": job.name,
        "occupation": job.occupation,
        "hours": [round(each, 4) for each in (low, typical, high)],
        "hours_stated": known.asked.stated,
        "people": known.asked.people,
        "hour": f"{math.exp(parts.value - parts.hours + math.log(known.rate.value)):.2f} {known.currency}",
        "markup": round(math.exp(known.markup.region), 4) if known.found is not None else None,
        "sellers": known.markup.sellers,
    }
    if known.skill.stated:
        said["skill"] = {"percentile": round(percentile(known.skill), 1), "multiplier": round(math.exp(parts.skill), 4)}
    return said

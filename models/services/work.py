"""Questions about work on one snapshot: what is known of the job, its wage, its prices and the local demand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from features.level import nearest, segment_unit
from features.market import day_date
from features.taxonomy import read_category
from models.answers.currency import Rates
from models.answers.factors import NO_DATA, Effect
from models.level.market_side import area_of
from models.level.state import Learned
from models.services.asked import Asked
from models.services.given import Given, not_known
from models.services.observed import Markup, Observed
from models.services.said import HELP
from models.services.skill import read_skill
from models.services.value import Known, value_work
from models.services.wages import Found, Move
from models.shocks.effects import FACTORS, NONE
from models.shocks.said import said
from warehouse.valuation import Valuation, ValuationRequest


def answer_work(
    request: ValuationRequest, asked: Asked, day: int, observed: Observed, rates: Rates,
    learned: Learned | None, given: Given,
) -> Valuation:  # fmt: skip
    """What a piece of work is worth as of a day; an honest unknown where neither wage nor prices are known."""
    when = day_date(day)
    region = (request.region or request.attributes.get("region") or "").strip()
    currency = request.currency or rates.anchor
    rate = rates.on(currency, when)
    found, ln_wage, move, markup = _found(asked, region, day, observed, _gaps(learned, day))
    understood = {"kind": "service", "job": asked.job.name, "occupation": asked.job.occupation, "region": region}
    if markup is None:
        why = (
            f"{request.text} is work ({asked.job.label}, SOC {asked.job.occupation}), but neither a wage of it "
            f"{f'for {region} ' if region else ''}nor a price is known on {when.isoformat()}. {HELP}"
        )
        return not_known(request, understood, why, when, currency, given)
    if rate is None:
        why = f"No exchange rate of {currency} is known on {when.isoformat()}: `katy import rates` brings them."
        return not_known(request, understood, why, when, currency, given, "no_exchange_rate")
    demand = _demand(request, region, day, learned)
    skill = read_skill(request.attributes)
    known = Known(request, asked, skill, day, region, found, ln_wage, move, markup, demand, rate, currency)
    return value_work(known, given)


def _found(
    asked: Asked, region: str, day: int, observed: Observed, gaps: Mapping[str, float]
) -> tuple[Found | None, float, Move, Markup | None]:
    """The wage, its log in the anchor, how wages moved since, and what prices say over it."""
    found = observed.wages.of(asked.job.occupation, region or None, day_date(day))
    ln_wage = observed.ln_month(found, day) if found is not None else float("nan")
    if found is None or not math.isfinite(ln_wage):
        still = Move(0.0, NO_DATA, None, None)
        return None, 0.0, still, observed.markup(asked.job.name, region, day, gaps, paid=False)
    move = observed.wages.move(found.paid.period, day_date(day))
    return found, ln_wage, move, observed.markup(asked.job.name, region, day, gaps, paid=True)


def _gaps(learned: Learned | None, day: int) -> Mapping[str, float]:
    vintage = learned.vintage(day) if learned is not None else None
    return vintage.effects.gap if vintage is not None else {}


def _demand(request: ValuationRequest, region: str, day: int, learned: Learned | None) -> Effect:
    """Local demand for such work, where the market level tells it apart for its own category."""
    nothing = Effect(0.0, ["no data: too few offers of such work to tell its demand"])
    if learned is None or not len(learned.levels.days) or day < learned.levels.days[0]:
        return nothing
    category = read_category(request.attributes.get("category"), request.text).category
    at: Any = learned.levels.at(day)
    _, unit = nearest(at.raw, segment_unit(category, region))
    area = area_of(unit or "")
    log = at.shocks.get(unit or "", NONE)[FACTORS.index("demand")]
    if area is None or area[0] != category or not log:
        return nothing
    side = learned.levels.side
    words = said("demand", side.drivers, side.on(day), *area, day)
    evidence = words.evidence if words is not None else [f"learned from the past of {category}"]
    return Effect(log, evidence, words.source if words else "listings", words.date if words else None)

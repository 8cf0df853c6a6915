"""A service's value in plain English, from its own numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from features.market import day_date
from models.answers.explain import per_cent
from models.answers.factors import Computed
from models.services.given import Given
from models.services.hour import Parts
from models.services.jobs import catalogue, service_data
from models.services.observed import default_overhead
from models.services.skill import percentile

if TYPE_CHECKING:
    from models.services.value import Known

HELP = (
    "`katy collect bls_oews` brings wages of the United States; offers or sales of such work, imported or collected, "
    "would tell its price by themselves."
)


def work_words(known: Known, parts: Parts, computed: Computed, low: str, high: str, given: Given) -> str:
    """What the work is worth, what an hour of it is made of, and what the interval assumes."""
    said = [
        f"On {day_date(known.day).isoformat()}, {known.request.text} ({known.asked.job.label}) is worth about "
        f"{computed.fmv} {known.currency}; about {given.coverage:.0%} of such work is expected to cost between {low} "
        f"and {high}.",
        _hours(known),
        _wage(known, parts, given.anchor),
        _markup(known),
    ]
    if known.skill.stated:
        said.append(_skill(known, parts))
    named = {"region": "where it is", "trend": "wages since then", "demand": "local demand"}
    moved = [
        f"{per_cent(each.value)} for {named[each.name]} ({'; '.join(each.evidence)})"
        for each in computed.factors
        if each.name in named and Decimal(each.value) != 1
    ]
    said += [f"{', '.join(moved)}."] if moved else []
    said += [f"× {each.value} for the exchange rate ({each.evidence[0]})." for each in computed.factors
             if each.name == "currency" and Decimal(each.value) != 1]  # fmt: skip
    said.append(
        "Materials, travel and vehicles are not in it. The interval takes the spread of prices, the doubt about what "
        "customers pay over a wage, and the hours for independent; it has not been checked against later prices."
    )
    return " ".join(each for each in said if each)


def _hours(known: Known) -> str:
    low, typical, high = known.asked.hours
    crew = f" of {known.asked.people} people together" if known.asked.people > 1 else ""
    if known.asked.stated:
        return f"It counts {typical:.3g} hour{'s' if typical != 1 else ''}{crew}."
    source = catalogue().sources[known.asked.job.source]
    why = f"{source[:1].lower()}{source[1:]}"
    return f"Such work takes {low:.3g} to {high:.3g} hours{crew}, usually {typical:.3g} ({why})."


def _wage(known: Known, parts: Parts, anchor: str) -> str:
    found = known.found
    if found is None:
        hour = f"{math.exp(parts.markup):.2f} {anchor}"
        return f"No wage of this occupation is known; sellers' own prices of an hour make {hour}."
    paid = found.paid
    return (
        f"{paid.title} (SOC {paid.occupation}) are paid {paid.hour:.2f} {paid.currency} an hour in the middle, "
        f"{paid.region}, {paid.period:%B %Y} ({paid.source})."
    )


def _markup(known: Known) -> str:
    markup = known.markup
    if known.found is None:
        return f"{markup.sellers} sellers of it are known."
    times = math.exp(markup.job)
    rule = service_data("hour")["overhead"]
    usual = (
        f"{default_overhead():.2f}: wages are {rule['wage_share']:.0%} of what an hour costs an employer "
        f"({rule['wage_share_source']}), and {rule['billed_share']:.0%} of hours are billed "
        f"({rule['billed_share_source']})"
    )
    if markup.all_sellers == 0:
        return f"A customer pays {times:.2f} times the wage: no prices of services are known, so the usual {usual}."
    return (
        f"A customer pays {times:.2f} times the wage, learned from {markup.sellers} sellers of this work and "
        f"{markup.all_sellers} of any, and drawn to the usual {usual}."
    )


def _skill(known: Known, parts: Parts) -> str:
    stated = ", ".join(known.skill.said)
    place = percentile(known.skill)
    if known.found is None or known.found.paid.at(place) is None:
        return f"Skill ({stated}) changes nothing here: how wages of this work are spread is not known."
    times = f"{math.exp(parts.skill):.3f}"
    return f"Skill ({stated}) stands at percentile {place:.0f} of the occupation's wages: × {times}."

"""The narrative: a valuation in plain English, saying only what its numbers say."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from features.condition import UNSTATED, scale
from warehouse.valuation import Comparable, Factor, ValuationRequest

# What moved the value, said by what it is; for the others the evidence says it: rain, a storm, the price of copper.
_SAYS = {
    "condition": "its condition",
    "region": "where it is",
    "trend": "how the market has moved since the reference date",
    "season": "the time of year",
}
_CAUSES = {
    "demand": "Demand",
    "scarcity": "Scarcity",
    "commodity": "Materials",
    "weather": "The weather",
    "hazard": "A disaster",
}


_ITS_PART = re.compile(r": [+−-]?\d+(?:\.\d+)? %$")
_MOVES_NOTHING = ("no effect found", "not known yet")


def per_cent(factor: str) -> str:
    """A factor as a change: "1.153000" → "+15.3 %", and what rounds to nothing → "0.0 %"."""
    change = round((Decimal(factor) - 1) * 100, 1)
    return f"{change:+.1f} %" if change else "0.0 %"


def grade_words(grade: str) -> str:
    """How a grade is said in a sentence."""
    return (
        "condition not stated"
        if grade == UNSTATED
        else f'condition "{grade.replace("_", " ")}" ({scale().meaning[grade]})'
    )


def added(title: str, maker: str | None) -> list[str]:
    """What the question was read with that it does not say, a sentence each."""
    return [f'It is read as "{title}": others who write of such things name the maker.'] if maker else []


def not_heard(request: ValuationRequest, grade: str, regions: Collection[str]) -> list[str]:
    """What of a question moved nothing because it was not understood or never seen, a sentence each.

    `regions` are those of which any price is known.
    """
    out = []
    if request.condition and request.condition.strip() and grade == UNSTATED:
        known = ", ".join(each.replace("_", " ") for each in scale().grades)
        out.append(f'The condition "{request.condition}" says no grade and counts as not stated; grades are {known}.')
    if request.region and request.region not in regions:
        out.append(f'No price was ever seen in "{request.region}": the value is that of anywhere.')
    return out


def _moves(factors: list[Factor]) -> list[str]:
    """What each factor that is not 1 does, a sentence each; those of the thing and the calendar in one."""
    moved = {factor.name: factor for factor in factors if Decimal(factor.value) != 1}
    named = [f"{per_cent(moved[name].value)} for {said}" for name, said in _SAYS.items() if name in moved]
    out = [f"{', '.join(named)}."] if named else []
    for name, cause in _CAUSES.items():
        if name in moved:
            out.append(f"{_evidence(moved[name], cause)}: {per_cent(moved[name].value)}.")
    if "dampening" in moved:
        change = per_cent(moved["dampening"].value)
        out.append(f"{change} for dampening, which holds a published value back from sudden moves.")
    if "currency" in moved:
        rate = moved["currency"]
        out.append(f"× {rate.value} for the exchange rate ({rate.evidence[0]}).")
    return out


def _evidence(factor: Factor, cause: str) -> str:
    """The first evidence that moved it, as the beginning of a sentence; the cause's name where there is none.

    Its own part of the change is left out: the sentence ends with the whole.
    """
    for each in factor.evidence:
        said = _ITS_PART.sub("", each.strip().rstrip("."))
        if said and said != "no data" and not said.endswith(_MOVES_NOTHING):
            return said[:1].upper() + said[1:]
    return cause


def narrate(
    *,
    title: str,
    category: str,
    grade: str,
    fmv: str,
    low: str,
    high: str,
    currency: str,
    value_date: str,
    base: str,
    anchor: str,
    factors: list[Factor],
    comparables: list[Comparable],
    only_asking: bool,
    coverage: float,
    cases: int,
    asides: Sequence[str] = (),
) -> str:
    """A few sentences from the numbers of a valuation; `asides` stand behind what the value is."""
    parts = [
        f"On {value_date}, {title} ({category.replace('_', ' ')}, {grade_words(grade)})"
        f" is worth about {fmv} {currency};"
        f" {coverage:.0%} of such things bring between {low} and {high}."
    ]
    parts += asides
    parts.append(
        f"It starts from a base of {Decimal(base):.2f} {anchor}: the thing in good condition, anywhere, out of season,"
        " at the reference date."
    )
    parts += _moves(factors)
    if comparables:
        first = comparables[0]
        verb = "sold" if first.kind in ("sold", "traded") else "was offered"
        parts.append(
            f"The closest of {len(comparables)} comparables shown, “{first.title}”, {verb} for {first.price}"
            f" {first.currency} on {first.observed_at[:10]};"
            f" moved to this thing, time and condition that is {first.adjusted}."
        )
    if only_asking:
        parts.append("Only asking prices are known for such things; what they sell for in the end may be less.")
    if cases == 0:
        parts.append("Nothing like it has been checked against real prices yet, so the interval is a wide guess.")
    return " ".join(parts)


# What the narrative of every unknown value begins with.
UNKNOWN = "The value is unknown. "
_HELP = {
    "no_data": "Nothing has been read into the warehouse yet. Import listings or run an agent, then publish.",
    "nothing_comparable": "Nothing like it has been seen. Brand, model and category would help;"
    " so would any source that trades such things.",
    "no_exchange_rate": "No exchange rate is known for that currency by that day."
    " Ask in another currency, or import rates.",
    "before_data": "Nothing had been seen by that day. Ask about a later one.",
    "too_vague": "That could be too many things. Brand, model, size or category would help.",
}


SEVERAL = (
    "No price of several of them together was seen: ask for one, or for “3x” of it in a bundle (katy value-bundle)."
)


def unknown(reason: str, more: str = "") -> str:
    """Why there is no value, and what would help; `more` takes the place of what usually would."""
    return f"{UNKNOWN}{more or _HELP[reason]}"

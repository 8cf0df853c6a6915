"""The model's value, the community's, and where the model is in doubt both in one: beside each other, each by its name.

The fair market value itself is not changed by anything here.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from models.community.combine import combined, in_doubt
from models.community.shapes import Band, Evidence
from models.community.value import community, counted
from models.knobs import CommunityKnobs
from warehouse.valuation import Valuation, minor_unit


class Range(BaseModel):
    """A value with its 90 % interval: decimal text in the money of the answer."""

    model_config = ConfigDict(frozen=True)

    value: str
    low: str
    high: str


class CommunityValue(Range):
    """What members take it to be worth. `effective` is how many independent people their number comes to.

    `largest_share` is the largest share of the weight that one person has, `reach` the factor by which one person,
    saying anything at all, could have moved the value.
    """

    n: int
    effective: float
    largest_share: float
    reach: float


class ModelValue(Range):
    """The model's fair market value, as a valuation has it."""

    confidence: str
    valuation: str


class CombinedValue(Range):
    """Model and community in one value, weighed by `cases` past cases; `share` is the community's weight in it."""

    share: float
    cases: int
    because: str


class Beside(BaseModel):
    """The values beside each other; what is not there says why."""

    model_config = ConfigDict(frozen=True)

    currency: str
    model: ModelValue | None
    community: CommunityValue | None
    combined: CombinedValue | None
    notes: list[str]


def beside(thing: str, known: Evidence, valuation: Valuation | None, currency: str, knobs: CommunityKnobs) -> Beside:
    """What is known of `thing`; `valuation` is the model's, in `currency`, or None where there is no model."""
    notes: list[str] = []
    model = _model(valuation, currency)
    if model is None:
        notes.append("the model knows no value" + (f" ({valuation.reason})" if valuation and valuation.reason else ""))
    found = community(thing, known, knobs)
    if found is None:
        there = len(counted(known.estimates, thing))
        notes.append(f"a community value needs {knobs.least} people's estimates; {there} count so far")
        return Beside(currency=currency, model=model, community=None, combined=None, notes=notes)
    told = CommunityValue(
        **_range(found.band, currency),
        n=found.n,
        effective=round(found.effective, 2),
        largest_share=round(max(found.shares.values()), 4),
        reach=round(found.reach, 4),
    )
    because = _doubt(valuation, model)
    both = None
    if because is None:
        notes.append("the model stands on its own evidence here, so nothing is combined")
    else:
        made = combined(_band(model), found.band, known.cases, knobs)
        both = CombinedValue(
            **_range(made.band, currency), share=round(made.share, 4), cases=made.cases, because=because
        )
    return Beside(currency=currency, model=model, community=told, combined=both, notes=notes)


def known_before(thing: str, known: Evidence, valuation: Valuation | None, knobs: CommunityKnobs) -> dict[str, Any]:
    """What is kept beside a price that followed: the model's and the community's {value, low, high}, or None."""
    found = community(thing, known, knobs)
    currency = valuation.currency if valuation is not None else "USD"
    model = _model(valuation, currency)
    return {
        "model": None if model is None else model.model_dump(include=set(Range.model_fields)),
        "community": None if found is None else _range(found.band, currency),
    }


def _doubt(valuation: Valuation | None, model: ModelValue | None) -> str | None:
    if valuation is None or model is None:
        return in_doubt(None, None, 0, False)
    category = valuation.subject.understood.get("category")
    return in_doubt(valuation.confidence, category, len(valuation.comparables), True)


def _model(valuation: Valuation | None, currency: str) -> ModelValue | None:
    if valuation is None or valuation.currency != currency:
        return None
    fmv, low, high, confidence = valuation.fmv, valuation.low, valuation.high, valuation.confidence
    if fmv is None or low is None or high is None or confidence is None or min(map(Decimal, (fmv, low, high))) <= 0:
        return None
    return ModelValue(value=fmv, low=low, high=high, confidence=confidence, valuation=valuation.id)


def _band(model: ModelValue | None) -> Band | None:
    return None if model is None else Band.of(float(model.value), float(model.low), float(model.high))


def _range(band: Band, currency: str) -> dict[str, str]:
    place = minor_unit(currency)
    value, low, high = (
        str(max(Decimal(amount).quantize(place, rounding=ROUND_HALF_EVEN), place)) for amount in band.amounts
    )
    return {"value": value, "low": low, "high": high}

"""What all answers about services and other things that are no goods share: who answers, comparables, confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from features.condition import UNSTATED
from models.answers import factors as steps
from models.answers.factors import Effect
from warehouse.valuation import Comparable, Confidence, Reason, Subject, Valuation, ValuationRequest, valuation_id


@dataclass(frozen=True, slots=True)
class Given:
    """The snapshot and code that answer, the market's rows, and how many comparables are shown."""

    snapshot: str
    code_version: str
    anchor: str
    rows: pd.DataFrame
    shown: int
    coverage: float


def comparables(found: Sequence[tuple[int, float, float]], given: Given, ln_rest: float) -> list[Comparable]:
    """Listings as evidence: (row, log of its level, weight); e^(ln_rest + level) is its price moved to the thing."""
    total = sum(weight for _, _, weight in found) or 1.0
    return [
        _comparable(given.rows.iloc[row], math.exp(ln_rest + level), weight / total)
        for row, level, weight in found[: given.shown]
    ]


def _comparable(seen: Any, adjusted: float, weight: float) -> Comparable:
    moment = pd.Timestamp(seen["observed_at"])
    moment = moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment
    return Comparable(
        listing=str(seen["listing"]),
        title=str(seen["title"]),
        kind=str(seen["kind"]),
        price=_cents(str(seen["price"])),
        currency=str(seen["currency"]),
        observed_at=moment.floor("s").isoformat() + "Z",
        condition=None if seen["grade"] == UNSTATED else str(seen["grade"]),
        region=str(seen["region"]) or None,
        url=seen["url"] if isinstance(seen["url"], str) else None,
        found_at=str(seen["found_at"]),
        similarity=1.0,
        weight=round(weight, 4),
        adjusted=f"{adjusted:.2f}",
    )


def confidence(low: Decimal, high: Decimal, sellers: int) -> Confidence:
    """As for goods by the width of the interval, but never above C where no prices of it have been seen."""
    ratio = float(high / low) if low > 0 else math.inf
    if ratio >= 6 or (ratio >= 3 and sellers == 0):
        return "D"
    if sellers < 5 or ratio >= 3:
        return "C"
    return "A" if ratio < 1.35 else "B" if ratio < 1.8 else "C"


@dataclass(frozen=True, slots=True)
class Ruled:
    """A value that a stated rule makes: log base in the anchor, its effects, log ends of the interval, and words.

    `seen` are the rows behind it as `comparables` takes them, `ln_rest` what moves them; `understood` what was read.
    """

    ln_base: float
    low: float
    high: float
    words: str
    understood: dict[str, Any]
    effects: dict[str, Effect]
    rule: str
    seen: tuple[tuple[int, float, float], ...] = ()
    ln_rest: float = 0.0


def ruled(request: ValuationRequest, made: Ruled, when: date, currency: str, given: Given) -> Valuation:
    """The valuation that a rule makes."""
    computed = steps.compute(made.ln_base, made.effects, currency)
    low, high = (steps.bound(computed, end, currency) for end in (made.low, made.high))
    low, high = min(low, computed.fmv), max(high, computed.fmv)
    worth = f"On {when.isoformat()}, {request.text} is worth about {computed.fmv} {currency}, between {low} and {high}."
    return Valuation(
        id=valuation_id(given.snapshot, given.code_version, request),
        subject=Subject(asked=request, understood=made.understood),
        value_date=when.isoformat(),
        currency=currency,
        fmv=str(computed.fmv),
        market_value=str(computed.market_value),
        low=str(low),
        high=str(high),
        confidence=confidence(low, high, len(made.seen)),
        base=computed.base,
        factors=computed.factors,
        comparables=comparables(made.seen, given, made.ln_rest),
        dampening=computed.dampening,
        narrative=f"{worth} {made.words}",
        snapshot=given.snapshot,
        model=made.rule,
    )


def not_known(
    request: ValuationRequest, understood: dict[str, Any], why: str, when: date, currency: str, given: Given,
    reason: Reason = "nothing_comparable", rule: str = "services",
) -> Valuation:  # fmt: skip
    """The honest answer where a rule lacks what it needs: `why` says what, and what would help."""
    return Valuation.unknown(
        request, understood=understood, when=when, reason=reason, narrative=why, currency=currency,
        snapshot=given.snapshot, code_version=given.code_version, model=rule,
    )  # fmt: skip


def _cents(price: str) -> str:
    value = Decimal(price)
    cents = value.quantize(Decimal("0.01"))
    return str(cents) if value == cents else f"{value.normalize():f}"

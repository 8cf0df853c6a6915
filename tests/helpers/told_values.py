"""Things of the demo with a value that a test says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from demo.truth import Question
from katy.demo_summary import Compared
from warehouse.valuation import Subject, Valuation, ValuationRequest


def told_value(
    text: str, category: str, true: Decimal, fmv: str | None, low: str | None = None, high: str | None = None
) -> Compared:
    """A thing whose value is `fmv` between `low` and `high`; without one for want of data."""
    question = Question(text, "good", "US-MO", date(2026, 11, 20), category, category, true)
    valuation = Valuation(
        id="0" * 32,
        subject=Subject(asked=ValuationRequest(text=question.text), understood={}),
        value_date="2026-11-20",
        currency="USD",
        fmv=fmv,
        market_value=fmv,
        low=low,
        high=high,
        confidence="B" if fmv else None,
        base=fmv,
        factors=[],
        comparables=[],
        dampening=None,
        narrative="",
        snapshot="s",
        model="m",
        reason=None if fmv else "no_data",
    )
    return Compared(question, valuation)

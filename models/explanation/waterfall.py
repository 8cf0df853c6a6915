"""The waterfall: from the base through every factor to the value, as steps and as a Vega-Lite picture.

The picture is a plain Vega-Lite specification (version 6) with its data in it, so that any program can draw it without
asking anybody for anything. The page draws the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from models.explanation.shown import change, factor_label, money
from warehouse.valuation import Factor, Valuation

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH, ROW_HEIGHT, GUTTER = 700, 34, 100
StepKind = Literal["base", "up", "down", "total"]


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall, from `start` to `end` in the valuation's currency, with its label and its text."""

    label: str
    start: Decimal
    end: Decimal
    kind: StepKind
    text: str


@dataclass(frozen=True, slots=True)
class Colours:
    """What the picture is painted with; CSS variables on the page."""

    bars: Mapping[str, str]
    ink: str
    soft: str


PLAIN = Colours({"base": "#8b9796", "up": "#2f8f6b", "down": "#c2663a", "total": "#1f5f5b"}, "#1d2425", "#5d6868")


def converted_base(valuation: Valuation) -> Decimal:
    """The base in the valuation's currency, not rounded."""
    value = Decimal(valuation.base or 0)
    for factor in valuation.factors:
        if factor.name == "currency":
            value *= Decimal(factor.value)
    return value


def running(valuation: Valuation) -> Iterator[tuple[Factor, Decimal, Decimal]]:
    """Each factor but the exchange rate with the value before and after it, in the valuation's currency.

    Multiplication commutes: the base is converted first, so that every step is in the money that was asked for.
    """
    before = converted_base(valuation)
    for factor in valuation.factors:
        if factor.name != "currency":
            after = before * Decimal(factor.value)
            yield factor, before, after
            before = after


def steps(valuation: Valuation) -> list[Step]:
    """The waterfall: the base, every factor that changes something, the value. Empty where the value is unknown."""
    if valuation.fmv is None or valuation.base is None:
        return []
    currency = valuation.currency
    base = converted_base(valuation)
    shown = [Step("Typical price", Decimal(0), base, "base", money(base, currency))]
    for factor, before, after in running(valuation):
        if before != after:
            shown.append(_moved(factor_label(factor), before, after, currency))
    fmv = Decimal(valuation.fmv)
    shown.append(Step("Fair value", Decimal(0), fmv, "total", money(fmv, currency)))
    return shown


def sum_steps(
    first: str, start: Decimal, changes: Sequence[tuple[str, Decimal]], last: str, currency: str
) -> list[Step]:
    """A waterfall of a sum: a start, what is added and taken away, and what comes out."""
    shown = [Step(first, Decimal(0), start, "base", money(start, currency))]
    at = start
    for label, amount in changes:
        shown.append(_moved(label, at, at + amount, currency))
        at += amount
    return [*shown, Step(last, Decimal(0), at, "total", money(at, currency))]


def _moved(label: str, before: Decimal, after: Decimal, currency: str) -> Step:
    return Step(label, before, after, "up" if after > before else "down", change(after - before, currency))


def specification(steps: Sequence[Step], *, width: int = WIDTH, colours: Colours = PLAIN) -> dict[str, Any]:
    """The Vega-Lite specification of a waterfall: a bar a step, ties between them, amounts at their right.

    Steps must have labels that differ.
    """
    inner = width - GUTTER - 24  # what Vega adds around the drawing
    # Room for the text at the right of the longest bar, about seven pixels a letter.
    room = max(len(step.text) for step in steps) * 7.6 + 12
    top = max(float(max(step.start, step.end)) for step in steps) * inner / max(inner - room, 60) or 1.0
    down = {
        "field": "label", "type": "nominal", "sort": [step.label for step in steps],
        "axis": {
            "title": None, "domain": False, "ticks": False, "labelLimit": 0, "labelPadding": 8, "minExtent": GUTTER,
        },
    }  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": inner,
        "height": ROW_HEIGHT * len(steps),
        "data": {"values": _rows(steps)},
        "layer": [
            {
                "transform": [{"filter": "datum.next !== datum.label"}],
                "mark": {"type": "rule", "color": colours.soft, "strokeDash": [2, 2], "strokeWidth": 1},
                "encoding": {"x": _across("end", top), "y": down, "y2": {"field": "next"}},
            },
            {
                "mark": {"type": "bar", "height": 18, "cornerRadius": 2},
                "encoding": {
                    "x": _across("start", top), "x2": {"field": "end"}, "y": down,
                    "color": {
                        "field": "kind", "type": "nominal", "legend": None,
                        "scale": {"domain": list(colours.bars), "range": list(colours.bars.values())},
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 7, "color": colours.ink, "fontSize": 13},
                "encoding": {"x": _across("right", top), "y": down, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }  # fmt: skip


def _across(field: str, top: float) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, top], "nice": False}, "axis": None}


def _rows(steps: Sequence[Step]) -> list[dict[str, Any]]:
    last = len(steps) - 1
    return [
        {
            "label": step.label,
            "start": float(step.start),
            "end": float(step.end),
            "right": float(max(step.start, step.end)),
            "next": steps[min(place + 1, last)].label,
            "kind": step.kind,
            "text": step.text,
        }
        for place, step in enumerate(steps)
    ]

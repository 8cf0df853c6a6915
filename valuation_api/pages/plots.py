"""The page's plots as SVG text: Altair describes them, vl-convert draws them here, with no browser and no network.

Colours are CSS variables and fonts are the page's own, so one drawing serves light and dark. Each plot is drawn twice,
for a wide and for a narrow screen; the style sheet shows one. The drawings are silent to screen readers: the page puts
a text alternative and a table of the same numbers beside them.
"""

from __future__ import annotations

import statistics
import string
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from models.explanation.shown import money
from models.explanation.waterfall import Colours, Step, specification
from valuation_api.shelf import PricePoint

WIDE, NARROW = 700, 320
HISTORY_HEIGHT = 240
# More days than this are shown by the week.
MOST_DAYS = 120
LONGEST_TEXT = 18
_DRAWABLE = frozenset(string.ascii_letters + string.digits + " .,:;+-−×%()/'\"<>&$€£¥₹")
KIND_NAMES = {"asking": "Asked", "sold": "Sold", "wanted": "Wanted", "traded": "Traded"}
KIND_COLOURS = {
    "Asked": "var(--plot-asked)",
    "Sold": "var(--plot-sold)",
    "Wanted": "var(--plot-other)",
    "Traded": "var(--plot-other)",
    "Other": "var(--plot-other)",
}
INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"
COLOURS = Colours(
    {
        "base": "var(--plot-base)",
        "up": "var(--plot-up)",
        "down": "var(--plot-down)",
        "total": "var(--plot-total)",
    },
    INK,
    SOFT,
)


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture in two widths, and what it shows in one sentence."""

    wide: str
    narrow: str
    alt: str


def waterfall(steps: Sequence[Step], currency: str) -> Plot:
    """The way from the typical price to the fair value, one bar a step."""
    return _waterfall(tuple(steps), currency)


@lru_cache(maxsize=256)
def _waterfall(steps: tuple[Step, ...], currency: str) -> Plot:
    parts = [f"{step.label} {step.text}" for step in steps]
    alt = f"Waterfall from {parts[0]} to {parts[-1]}. " + (
        "Steps: " + ", ".join(parts[1:-1]) + "." if len(parts) > 2 else "Nothing changes it on the way."
    )
    return Plot(_waterfall_svg(steps, WIDE), _waterfall_svg(steps, NARROW), alt)


def _waterfall_svg(steps: tuple[Step, ...], width: int) -> str:
    safe = [replace(step, label=_drawable(step.label), text=_drawable(step.text)) for step in steps]
    return draw(specification(_distinct(safe), width=width, colours=COLOURS))


def _distinct(steps: list[Step]) -> list[Step]:
    """Labels made safe to draw may have become equal; a bar each needs them to differ."""
    out: list[Step] = []
    for step in steps:
        known, label, number = {other.label for other in out}, step.label, 1
        while label in known:
            number += 1
            label = f"{step.label[: LONGEST_TEXT - 4]} {number}"
        out.append(replace(step, label=label))
    return out


def _drawable(text: str) -> str:
    """A short text that is safe to draw, whatever comes.

    Plots are labelled with the house's own words and amounts of money. Nothing else is handed to the native renderer:
    a character that XML forbids (U+FFFE) makes it end the whole process, a cut surrogate pair makes it fail.
    """
    plain = "".join(letter if letter in _DRAWABLE else "?" for letter in text)
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - 1] + "…"


def history(points: Sequence[PricePoint], value: tuple[float, float, float] | None = None) -> Plot | None:
    """Prices over time, a line for each kind; `value` (low, fmv, high in the same currency) becomes a band and a line.

    None where there is nothing to draw.
    """
    return _history(tuple(points), value) if points else None


@lru_cache(maxsize=256)
def _history(points: tuple[PricePoint, ...], value: tuple[float, float, float] | None) -> Plot:
    currency = points[0].currency
    rows, step = thinned(points)
    prices = [row["median"] for row in rows]
    count = sum(point.n for point in points)
    alt = (
        f"{'Weekly' if step == 7 else 'Daily'} median prices from {points[0].day} to {points[-1].day}, {count:,} "
        f"observations, between {money(str(round(min(prices), 2)), currency)} and "
        f"{money(str(round(max(prices), 2)), currency)}."
    )
    return Plot(_history_svg(rows, value, currency, WIDE), _history_svg(rows, value, currency, NARROW), alt)


def thinned(points: Sequence[PricePoint]) -> tuple[list[dict[str, Any]], int]:
    """The points as rows to draw, by the week (median of its days) where days are too many; and the step in days."""
    step = 7 if len({point.day for point in points}) > MOST_DAYS else 1
    gathered: dict[tuple[date, str], list[PricePoint]] = defaultdict(list)
    for point in points:
        day = point.day - timedelta(days=point.day.weekday()) if step == 7 else point.day
        gathered[(day, KIND_NAMES.get(point.kind, "Other"))].append(point)
    return [
        {
            "day": day.isoformat(),
            "kind": kind,
            "median": statistics.median(float(point.median) for point in some),
            "n": sum(point.n for point in some),
        }
        for (day, kind), some in sorted(gathered.items())
    ], step


def _history_svg(
    rows: list[dict[str, Any]], value: tuple[float, float, float] | None, currency: str, width: int
) -> str:
    import altair as alt

    kinds = [kind for kind in KIND_COLOURS if any(row["kind"] == kind for row in rows)]
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[KIND_COLOURS[kind] for kind in kinds]),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", symbolType="circle"),
    )
    day = alt.X(
        "day:T", axis=alt.Axis(title=None, grid=False, tickCount=4 if width == NARROW else 8, labelOverlap=True)
    )
    price = alt.Y(
        "median:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(title=None, tickCount=5, format="~s" if width == NARROW else ",~r", domain=False, ticks=False),
    )
    data = alt.Data(values=rows)
    layers: list[Any] = []
    if value is not None:
        low, fmv, high = value
        band = alt.Chart(alt.Data(values=[{"low": low, "high": high, "fmv": fmv}]))
        layers.append(band.mark_rect(color="var(--plot-total)", opacity=0.12).encode(y="low:Q", y2="high:Q"))
        layers.append(band.mark_rule(color="var(--plot-total)", strokeWidth=1.5).encode(y="fmv:Q"))
    chart = alt.Chart(data)
    layers.append(chart.mark_line(strokeWidth=1.5, opacity=0.55).encode(x=day, y=price, color=colour))
    layers.append(
        chart.mark_circle(opacity=0.85).encode(
            x=day,
            y=price,
            color=colour,
            size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[14, 90], zero=True)),
        )
    )
    return draw(alt.layer(*layers).properties(width=width - 46, height=HISTORY_HEIGHT).to_dict())


def draw(drawing: dict[str, Any]) -> str:
    """A Vega-Lite specification in the page's own style, as SVG."""
    import vl_convert

    axis = {
        "labelColor": INK, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "labelFontSize": 13,
        "labelFont": "inherit",
    }  # fmt: skip
    legend = {"labelColor": INK, "labelFontSize": 13, "labelFont": "inherit", "padding": 0}
    style = {
        "aria": False, "background": "transparent", "font": "inherit", "padding": 2, "numberFormat": ",",
        "view": {"stroke": None}, "axis": axis, "legend": legend,
    }  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg({**drawing, "config": style}, allowed_base_urls=[])
    # Decoration for those who see it; the page says the same in words and in a table.
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)

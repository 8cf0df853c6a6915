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
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from valuation_api.pages.view import Step, money
from valuation_api.shelf import PricePoint

if TYPE_CHECKING:
    import altair

WIDE, NARROW = 700, 320
ROW_HEIGHT = 34
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
STEP_COLOURS = {
    "base": "var(--plot-base)",
    "up": "var(--plot-up)",
    "down": "var(--plot-down)",
    "total": "var(--plot-total)",
}
INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"


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
    import altair as alt

    labels = [_drawable(step.label) for step in steps]
    rows = [
        {
            "label": labels[place],
            "start": float(step.start),
            "end": float(step.end),
            "right": float(max(step.start, step.end)),
            "next": labels[min(place + 1, len(labels) - 1)],
            "kind": step.kind,
            "text": _drawable(step.text),
        }
        for place, step in enumerate(steps)
    ]
    gutter = 100
    # What Vega adds around the drawing.
    inner = width - gutter - 24
    # Room for the text at the right of the longest bar, about seven pixels a letter.
    room = max(len(step.text) for step in steps) * 7.6 + 12
    top = max(float(max(step.start, step.end)) for step in steps) * inner / max(inner - room, 60) or 1.0
    across = alt.X("start:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=None)
    down = alt.Y(
        "label:N",
        sort=labels,
        axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=0, labelPadding=8, minExtent=gutter),
    )
    chart = alt.Chart(alt.Data(values=rows))
    bars = chart.mark_bar(height=18, cornerRadius=2).encode(
        x=across,
        x2="end:Q",
        y=down,
        color=alt.Color(
            "kind:N", legend=None, scale=alt.Scale(domain=list(STEP_COLOURS), range=list(STEP_COLOURS.values()))
        ),
    )
    ties = (
        alt.Chart(alt.Data(values=rows[:-1]))
        .mark_rule(color=SOFT, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=alt.X("end:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=None), y=down, y2="next:N")
    )
    texts = chart.mark_text(align="left", dx=7, color=INK, fontSize=13).encode(
        x=alt.X("right:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=None), y=down, text="text:N"
    )
    return _draw(alt.layer(ties, bars, texts).properties(width=inner, height=ROW_HEIGHT * len(steps)))


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
    return _draw(alt.layer(*layers).properties(width=width - 46, height=HISTORY_HEIGHT))


def _draw(chart: altair.LayerChart) -> str:
    import vl_convert

    styled = (
        chart.configure(
            aria=False, background="transparent", font="inherit", padding=2, numberFormat=",", view={"stroke": None}
        )
        .configure_axis(
            labelColor=INK, gridColor=LINE, domainColor=LINE, tickColor=LINE, labelFontSize=13, labelFont="inherit"
        )
        .configure_legend(labelColor=INK, labelFontSize=13, labelFont="inherit", padding=0)
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])
    # Decoration for those who see it; the page says the same in words and in a table.
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)

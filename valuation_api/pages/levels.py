"""How the market stood: a unit's raw and published level by period with its evidence, as a plot and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from valuation_api.pages.plots import NARROW, SOFT, WIDE, Plot, draw
from warehouse import query
from warehouse.snapshot import Snapshot

MOST_UNITS = 300
MOST_PERIODS = 400
_UNITS = """
    SELECT unit, count(*) AS periods, sum(evidence)::BIGINT AS evidence
    FROM mart.level
    GROUP BY unit
    ORDER BY unit <> 'all', unit LIKE 'product:%', evidence DESC, unit
    LIMIT ?
"""
_LEVELS = """
    SELECT period, exp(raw), published_ratio, evidence, reconstructed
    FROM mart.level
    WHERE unit = ?
    ORDER BY period DESC
    LIMIT ?
"""
RAW, PUBLISHED = "Before dampening", "Published"


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """A period of a unit: multiples of the reference, for a product prices in the anchor; sellers seen in it."""

    period: date
    raw: float | None
    published: float | None
    evidence: int
    reconstructed: bool


def shown(snapshot: Snapshot, unit: str) -> dict[str, Any]:
    """What the page shows of the unit asked for, or of the market as a whole."""
    with query.reading(snapshot) as connection:
        units = connection.execute(_UNITS, [MOST_UNITS]).fetchall()
        unit = unit.strip() or (units[0][0] if units else "all")
        found = connection.execute(_LEVELS, [unit, MOST_PERIODS]).fetchall()
    points = tuple(LevelPoint(day, raw, told, int(seen or 0), old) for day, raw, told, seen, old in reversed(found))
    return {
        "status": 200 if points or not units else 404,
        "unit": unit,
        "units": [name for name, _, _ in units],
        "points": points,
        "plot": plot(points, unit.startswith("product:")) if points else None,
        "is_price": unit.startswith("product:"),
    }


@lru_cache(maxsize=64)
def plot(points: tuple[LevelPoint, ...], is_price: bool) -> Plot:
    """The two lines over the bars of evidence."""
    known = [point.published for point in points if point.published is not None]
    what = "prices in the anchor currency" if is_price else "multiples of the reference"
    between = f", between {min(known):,.3g} and {max(known):,.3g}" if known else ""
    alt = (
        f"Published and raw level by period from {points[0].period} to {points[-1].period} as {what}{between}; "
        f"{sum(point.evidence for point in points):,} sellers seen, counted in each period."
    )
    return Plot(draw(_drawing(points, WIDE)), draw(_drawing(points, NARROW)), alt)


def _drawing(points: tuple[LevelPoint, ...], width: int) -> dict[str, Any]:
    import altair

    rows = [
        {"day": point.period.isoformat(), "line": name, "value": value}
        for point in points
        for name, value in ((RAW, point.raw), (PUBLISHED, point.published))
        if value is not None
    ]
    bars = [{"day": point.period.isoformat(), "n": point.evidence} for point in points]
    ticks = 4 if width == NARROW else 8
    colour = altair.Color(
        "line:N",
        scale=altair.Scale(domain=[PUBLISHED, RAW], range=["var(--plot-total)", "var(--plot-down)"]),
        legend=altair.Legend(title=None, orient="top", direction="horizontal", symbolType="circle"),
    )
    day = altair.X("day:T", axis=altair.Axis(title=None, grid=False, tickCount=ticks, labelOverlap=True))
    up = altair.Y(
        "value:Q",
        scale=altair.Scale(zero=False, nice=True),
        axis=altair.Axis(title=None, tickCount=5, domain=False, ticks=False, minExtent=38),
    )
    base = altair.Chart(altair.Data(values=rows)).encode(x=day, y=up, color=colour)
    lines = altair.layer(base.mark_line(strokeWidth=1.6), base.mark_circle(size=12)).properties(
        width=width - 60, height=210
    )
    seen = (
        altair.Chart(altair.Data(values=bars))
        .mark_bar(color="var(--plot-base)", size=max(1.5, min(14.0, (width - 60) / max(len(points), 1) - 1)))
        .encode(
            x=altair.X("day:T", axis=None),
            y=altair.Y("n:Q", axis=_evidence_axis()),
        )
        .properties(width=width - 60, height=60)
    )
    drawing: dict[str, Any] = altair.vconcat(lines, seen, spacing=6).resolve_scale(x="shared").to_dict()
    return drawing


def _evidence_axis() -> Any:
    import altair

    return altair.Axis(
        title="sellers",
        titleColor=SOFT,
        titleFontWeight="normal",
        format=",.0f",
        tickCount=2,
        domain=False,
        ticks=False,
        minExtent=38,
    )

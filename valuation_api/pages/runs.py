"""How good the runs were: the quality tables of all kept snapshots, one after the other, as a plot and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from valuation_api.pages.plots import NARROW, WIDE, Plot, draw
from warehouse import snapshot as snapshots
from warehouse.home import Home

ALL = "all"
# Measures in the order in which they are shown; what a run has besides stands in its manifest.
COLOURS = {
    "MdAPE": "var(--plot-total)",
    "PPE10": "var(--plot-up)",
    "PPE20": "var(--plot-sold)",
    "RMSLE": "var(--plot-down)",
    "coverage": "var(--plot-other)",
}

_SHORT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """What one published run says of itself for one category."""

    snapshot: str
    published_at: str
    data_cutoff: str
    code: str
    n: int
    measures: tuple[tuple[str, float], ...]

    def measure(self, name: str) -> float | None:
        return dict(self.measures).get(name)


def shown(home: Home, category: str) -> dict[str, Any]:
    """What the page shows of a category over all kept snapshots."""
    kept = snapshots.listing(home)
    names = {str(row["category"]) for one in kept for row in one.manifest.get("quality") or []}
    told = tuple(run for one in kept if (run := _run(one.manifest, one.id, category)) is not None)
    columns = [name for name in COLOURS if any(run.measure(name) is not None for run in told)]
    return {
        "status": 200 if told or not names else 404,
        "category": category,
        "categories": sorted(names, key=lambda name: (name != ALL, name)),
        "runs": told[::-1],
        "columns": columns,
        "plot": plot(told, tuple(columns)) if told and columns else None,
    }


def _run(manifest: dict[str, Any], snapshot: str, category: str) -> Run | None:
    row = next((one for one in manifest.get("quality") or [] if str(one["category"]) == category), None)
    if row is None:
        return None
    measures = tuple((name, float(row[name])) for name in COLOURS if isinstance(row.get(name), int | float))
    at, cut_off, code = (str(manifest.get(name) or "") for name in ("published_at", "data_cutoff", "code_version"))
    return Run(snapshot, at, cut_off[:10], code, int(row.get("n") or 0), measures)


@lru_cache(maxsize=64)
def plot(told: tuple[Run, ...], columns: tuple[str, ...]) -> Plot:
    """A line for each measure, by the time of publication."""
    last = ", ".join(f"{name} {value:.3g}" for name, value in told[-1].measures)
    alt = f"Quality of {len(told)} published runs. The newest, of {told[-1].published_at[:10]}: {last}."
    return Plot(draw(_drawing(told, columns, WIDE)), draw(_drawing(told, columns, NARROW)), alt)


def _drawing(told: tuple[Run, ...], columns: tuple[str, ...], width: int) -> dict[str, Any]:
    import altair

    rows = [
        {"at": datetime.fromisoformat(run.published_at).isoformat(), "measure": name, "value": value}
        for run in told
        for name, value in run.measures
    ]
    colour = altair.Color(
        "measure:N",
        scale=altair.Scale(domain=list(columns), range=[COLOURS[name] for name in columns]),
        legend=altair.Legend(title=None, orient="top", direction="horizontal", symbolType="circle"),
    )
    base = altair.Chart(altair.Data(values=rows)).encode(
        x=altair.X(
            "at:T",
            scale=altair.Scale(type="utc"),
            axis=altair.Axis(title=None, grid=False, labelOverlap=True, **_ticks(told, 4 if width == NARROW else 8)),
        ),
        y=altair.Y(
            "value:Q",
            scale=altair.Scale(zero=True, nice=True),
            axis=altair.Axis(title=None, tickCount=5, domain=False, ticks=False),
        ),
        color=colour,
    )
    layers = altair.layer(base.mark_line(strokeWidth=1.6), base.mark_circle(size=34))
    drawing: dict[str, Any] = layers.properties(width=width - 46, height=220).to_dict()
    return drawing


def _ticks(told: tuple[Run, ...], most: int) -> dict[str, Any]:
    """Where the axis of time is marked. Left alone, an axis around a single run is marked in milliseconds."""
    at = sorted({datetime.fromisoformat(run.published_at) for run in told})
    if at[-1] - at[0] >= _SHORT:
        return {"tickCount": most}
    return {"values": [int(each.timestamp() * 1000) for each in at], "format": "%Y-%m-%d %H:%M"}

"""Values through time beside the truth: round a storm, an attack and a season's peak; and their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.town_run import Thing, weeks
from demo.alone import SmallTown
from demo.causes import categories, products, settings

NEAR = 0.10
_STEPS = ("true", "published", "raw")


@dataclass(frozen=True)
class Story:
    """A stretch of time of one category in one region: the days asked about, and its phases by their first day."""

    cause: str
    category: str
    region: str
    days: tuple[date, ...]
    phases: tuple[tuple[str, date], ...]
    shock: date | None
    only: tuple[str, ...] = ()

    def things(self) -> list[Thing]:
        """All products of the category (or `only` some), in good condition, on each day."""
        keys = self.only or tuple(key for key, each in products().items() if each.category == self.category)
        return [Thing(key, "good", self.region, day) for day in self.days for key in keys]


def story(town: SmallTown, cause: str) -> Story | None:
    """What is looked at closely of a cause; None of those that only the table is about."""
    end = town.world.end
    if cause == "hazard":
        category = next(iter(_moved(cause)))
        storm = max((each for each, _ in town.world.storms if each.region == "US-MO"), key=lambda each: each.day)
        days = [storm.day + timedelta(days=n) for n in range(-28, (end - storm.day).days + 1)]
        phases = (("before", days[0]), ("shock", storm.day), ("decay", storm.day + timedelta(days=14)))
        return Story(cause, category, "US-MO", tuple(days), phases, storm.day)
    if cause == "season":
        category = max(_moved(cause), key=lambda word: categories()[word].season.size)
        swing = categories()[category].season
        peak = max(d for d in weeks(town, 364, 1) if (d.month, d.day) == (swing.month, swing.day))
        days = weeks(town, 364)
        phases = (("high", days[0]), ("falling", peak + timedelta(days=60)), ("low", peak + timedelta(days=120)),
                  ("rising", peak + timedelta(days=240)))  # fmt: skip
        return Story(cause, category, "US-MO", tuple(days), phases, None)
    if cause == "attack":
        said = settings()["attack"]
        first, last = (end - timedelta(days=said[name]) for name in ("from", "to"))
        days = weeks(town, said["from"] + 42, 3)
        phases = (("before", days[0]), ("attack", first), ("after", last))
        only = (str(said["product"]),)
        return Story(cause, products()[only[0]].category, "US-MO", tuple(days), phases, first, only)
    return None


def _moved(cause: str) -> list[str]:
    return [word for word, size in settings()[cause]["effect"].items() if size]


def phase_table(told: Story, answered: pd.DataFrame) -> list[dict[str, Any]]:
    """For each phase the median absolute error of published and raw value against the truth, and their bias."""
    starts = pd.to_datetime([first for _, first in told.phases])
    place = np.searchsorted(starts, answered["day"].to_numpy(), side="right") - 1
    out = []
    for number, (name, first) in enumerate(told.phases):
        part = answered[place == number]
        off, raw = (np.expm1(part[column] - part["true"]) for column in ("fmv", "market"))
        out.append(
            {
                "cause": told.cause,
                "phase": name,
                "from": first.isoformat(),
                "n": len(part),
                "mdape": round(float(off.abs().median()), 4),
                "mdape_raw": round(float(raw.abs().median()), 4),
                "bias": round(float(off.median()), 4),
                "bias_raw": round(float(raw.median()), 4),
            }
        )
    return out


def days_until_near(told: Story, answered: pd.DataFrame, column: str) -> int | None:
    """Days from the shock until the median value is within 10 % of the truth for the rest of the time; None for never.

    0 says that it was never further off.
    """
    if told.shock is None:
        return None
    since = answered[answered["day"] >= pd.Timestamp(told.shock)]
    off = np.expm1(since[column] - since["true"]).groupby(since["day"]).median().abs()
    far = off.index[off > NEAR]
    if len(far) == 0:
        return 0
    later = off.index[off.index > far[-1]]
    return int((later[0] - pd.Timestamp(told.shock)).days) if len(later) else None


def levels(answered: pd.DataFrame) -> pd.DataFrame:
    """The mean over products of true, published and raw log values by day, 100 being the true one's mean."""
    columns = answered[["true", "fmv", "market"]].set_axis(list(_STEPS), axis=1)
    daily = columns.groupby(answered["day"].to_numpy()).mean()
    index = 100 * np.exp(daily - daily["true"].mean())
    return index.rename_axis("day").reset_index().melt("day", var_name="level", value_name="index")


def draw(told: Story, answered: pd.DataFrame, folder: Path) -> list[Path]:
    """The levels as pictures, SVG and PNG, and as a Vega-Lite specification."""
    import altair as alt

    what = f"{told.category}, {told.region}: {told.cause} alone"
    colours = alt.Scale(domain=list(_STEPS), range=["#222222", "#0b6e99", "#d9822b"])
    dashes = alt.Scale(domain=list(_STEPS), range=[[1, 0], [1, 0], [4, 3]])
    lines = (
        alt.Chart(levels(answered), title=what)
        .mark_line(interpolate="linear")
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b %Y", labelAngle=-30)),
            y=alt.Y("index:Q", title="level, 100 = mean of the true one", scale=alt.Scale(zero=False)),
            color=alt.Color("level:N", scale=colours, title=None),
            strokeDash=alt.StrokeDash("level:N", scale=dashes, title=None),
        )
    )
    marks = pd.DataFrame([{"day": pd.Timestamp(first), "phase": name} for name, first in told.phases])
    rules = alt.Chart(marks).mark_rule(color="#aaaaaa").encode(x="day:T")
    names = rules.mark_text(align="left", dx=4, dy=-2, color="#555555", baseline="bottom").encode(
        text="phase:N", y=alt.value(12)
    )
    picture = (rules + names + lines).properties(width=700, height=300)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"town-{told.cause}.{kind}" for kind in ("svg", "png", "vl.json")]
    picture.save(str(paths[0]))
    picture.save(str(paths[1]), scale_factor=1.5)
    paths[2].write_text(picture.to_json(), "utf-8")
    return paths

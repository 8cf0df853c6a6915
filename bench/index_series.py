"""Contaminated daily series: the raw mean beside the robust level, by month; a part of `katy bench index`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.index.series import cap_of, censored, local_level, mixed

MODELS = ("GeForce RTX 4080", "GeForce RTX 3070", "GeForce GTX 1080")
CUT_OFF = "GeForce RTX 4090"
_EPOCH = pd.Timestamp("1970-01-01")


def read(folder: Path) -> pd.DataFrame:
    """The wide table with its columns in the order of time: models × days."""
    rows = pd.read_csv(folder / "price_history" / "ebay_sold_daily_mean_nvidia_gpu.csv", index_col=0)
    rows.columns = pd.to_datetime(rows.columns)
    return rows.sort_index(axis=1)


def monthly(rows: pd.DataFrame, model: str) -> pd.DataFrame:
    """By month: the raw mean of the days, the level at its last day seen, and the days seen."""
    values = rows.loc[model].dropna()
    days = (values.index - _EPOCH).days.to_numpy()
    month = values.index.to_period("M")
    ends = pd.Series(days).groupby(np.asarray(month)).max()
    found = local_level(days, np.log(values.to_numpy()), ends.to_numpy())
    return pd.DataFrame(
        {
            "month": ends.index.astype(str),
            "days": values.groupby(month).size().to_numpy(),
            "raw mean": values.groupby(month).mean().to_numpy(),
            "level": np.exp(found.level),
            "error": np.exp(found.level) * found.error,
            "spread": found.spread,
        }
    )


def figures(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """A table for each of three models, for one that is cut off throughout, and what is said of every series."""
    rows = read(folder)
    cap = cap_of(rows.max(axis=1).to_dict())
    out: dict[str, list[dict[str, Any]]] = {}
    for model in (*MODELS, CUT_OFF):
        table = monthly(rows, model)
        said = _said(table, float(rows.loc[model].max()), cap)
        shown = table.drop(columns="spread").round({"raw mean": 1, "level": 1, "error": 1})
        out[f"{model}: {said or 'nothing against it'}"] = shown.to_dict("records")
    told = []
    for model in rows.index:
        table = monthly(rows, model)
        said = _said(table, float(rows.loc[model].max()), cap)
        months = table[table["days"] >= 5]
        jumps = np.log(months[["raw mean", "level"]]).diff().abs().median()
        told.append(
            {"model": model, "raw mean's move a month": float(jumps["raw mean"]), "level's": float(jumps["level"]),
             "said": said}
        )  # fmt: skip
    out[f"every series (cap of the source: {cap:g})" if cap else "every series"] = told
    return out


def _said(table: pd.DataFrame, highest: float, cap: float | None) -> str:
    last = table.iloc[-1]
    against = (
        censored(float(np.log(last["level"])), float(last["spread"]), highest, cap),
        mixed(float(last["spread"])),
    )
    return "; ".join(each for each in against if each)


def plot(folder: Path, target: Path) -> None:
    """The days' means as dots, the level of each day as a line, for three models; .svg or .png by the name."""
    import altair as alt

    rows = read(folder)
    parts = []
    for model in MODELS:
        values = rows.loc[model].dropna()
        days = (values.index - _EPOCH).days.to_numpy()
        level = np.exp(local_level(days, np.log(values.to_numpy()), days).level)
        parts.append(pd.DataFrame({"day": values.index, "raw": values.to_numpy(), "level": level, "model": model}))
    table = pd.concat(parts)
    records = table.assign(day=table["day"].dt.strftime("%Y-%m-%d")).to_dict("records")
    shared = alt.Chart(alt.Data(values=records)).encode(x=alt.X("day:T", title=None), color=alt.Color("model:N"))
    dots = shared.mark_circle(size=18, opacity=0.45).encode(y=alt.Y("raw:Q", title="USD: daily means, and level"))
    lines = shared.mark_line(strokeWidth=2).encode(y="level:Q")
    alt.layer(dots, lines).properties(width=760, height=360).save(str(target))

"""Forecasts from rolling origins, beside the naive and the seasonal naive one: scaled error and coverage.

    katy bench forecast DATA_FOLDER [--series 40] [--only NAME] [--json FILE]

Each group of series is cut in time. On the earlier origins the candidate is chosen and the interval is sized (its 90 %
conformal half-width by horizon, pooled over the group); on the last quarter both are judged. The errors there choose
nothing. Scaled errors are mean absolute log errors divided by the mean move from one period to the next (MASE).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from bench import forecast_season
from bench.index import avocados, show, sneakers
from bench.index_series import read as gpus
from features.index.season import Season, fit_season, shrunk
from features.index.series import local_level
from models.forecast.candidates import NAIVE, SEASONAL_NAIVE
from models.forecast.rolling import Errors, mase, quantiles, roll, winner, with_plain
from models.forecast.series import MONTH, Series, regular

SEED = 13
COVERAGE = 0.90
_EPOCH = pd.Timestamp("1970-01-01")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def avocado(folder: Path, column: str) -> list[Series]:
    """Weekly log price, or log volume, by place and type."""
    rows = avocados(folder)
    rows["volume"] = rows["value"] / np.exp(rows["log_price"])
    rows["value"] = rows["log_price"] if column == "price" else np.log(rows["volume"])
    return [
        regular(unit, some["period"].to_numpy() * 7, some["value"].to_numpy(), 7.0)
        for unit, some in rows.groupby("unit", sort=True)
    ]


def fred(folder: Path) -> list[Series]:
    """Monthly log values of the last twenty years of each published series."""
    out = []
    for file in sorted((folder / "price_history" / "fred").glob("*.csv")):
        rows = pd.read_csv(file, parse_dates=["Date"]).tail(240)
        values = pd.to_numeric(rows.iloc[:, 1], errors="coerce")
        use = (values > 0).to_numpy()
        if use.sum() >= 120:
            days = (rows["Date"] - _EPOCH).dt.days.to_numpy()
            out.append(regular(file.stem, days[use], np.log(values.to_numpy()[use]), MONTH))
    return out


def stockx(folder: Path) -> list[Series]:
    """Weekly median log price of each sneaker seen in 30 weeks or more."""
    rows = sneakers(folder)
    weekly = rows.groupby(["product", "period"])["log_price"].median().reset_index()
    return [
        regular(product, some["period"].to_numpy() * 7 + 4, some["log_price"].to_numpy(), 7.0)
        for product, some in weekly.groupby("product", sort=True)
        if len(some) >= 30
    ]


def gpu(folder: Path, robust: bool) -> list[Series]:
    """Weekly log price of each graphics card from April 2024 on: the robust level, or the raw mean."""
    rows = gpus(folder)
    rows = rows.loc[:, rows.columns >= "2024-04-01"]
    out = []
    for model, values in rows.iterrows():
        seen = values.dropna()
        days = (seen.index - _EPOCH).days.to_numpy()
        week = (days - 4) // 7
        last = pd.Series(days).groupby(week).max()
        if robust:
            said = local_level(days, np.log(seen.to_numpy(float)), last.to_numpy()).level
        else:
            said = np.log(pd.Series(seen.to_numpy(float)).groupby(week).mean().to_numpy())
        if len(last) >= 18:
            out.append(regular(str(model), last.index.to_numpy() * 7 + 4, said, 7.0))
    return out


Reader = Callable[[Path], list[Series]]
GROUPS: dict[str, tuple[Reader, int]] = {
    "avocado prices, weekly": (lambda folder: avocado(folder, "price"), 12),
    "avocado volumes (demand), weekly": (lambda folder: avocado(folder, "volume"), 12),
    "average prices and price indices, monthly": (fred, 12),
    "sneakers' sold prices, weekly": (stockx, 6),
    "graphics cards, robust weekly level": (lambda folder: gpu(folder, True), 4),
    "graphics cards, raw weekly mean": (lambda folder: gpu(folder, False), 4),
}


def _origins(series: Series, horizon: int, count: int) -> tuple[list[int], list[int]]:
    """Origins to choose and to size by, all of whose targets are known before the first origin to judge by."""
    length = len(series.values)
    first = round(0.75 * length)
    early, late = max(round(0.4 * length), 8), first - horizon
    chosen = sorted({int(each) for each in np.linspace(early, late, count)}) if late >= early else []
    return chosen, sorted({int(each) for each in np.linspace(first, length - horizon, count)})


def _seasons(some: Sequence[Series], origins: Sequence[list[int]]) -> list[dict[int, Season]]:
    """For each series the season known at its origins, shrunk to its siblings; learned at every fourth origin."""
    out: list[dict[int, Season]] = [{} for _ in some]
    count = max(len(each) for each in origins)
    known: dict[str, Season] = {}
    for place in range(count):
        there = [number for number, each in enumerate(origins) if place < len(each)]
        if place % 4 == 0:
            cut = {str(number): some[number].until(origins[number][place]) for number in there}
            own = {key: fit_season(each.days, each.values, step=each.step) for key, each in cut.items()}
            known = shrunk(own)[0]
        for number in there:
            if str(number) in known:
                out[number][origins[number][place]] = known[str(number)]
    return out


def measure(some: Sequence[Series], horizon: int, count: int) -> dict[str, Any]:
    """The candidate chosen early, and how it did late."""
    pairs = [_origins(each, horizon, count) for each in some]
    kept = [place for place, (early, late) in enumerate(pairs) if early and late]
    some, pairs = [some[place] for place in kept], [pairs[place] for place in kept]
    halves: list[list[Errors]] = []
    for half in (0, 1):
        seasons = _seasons(some, [pair[half] for pair in pairs])
        rolled = [
            roll(each, horizon, pair[half], season) for each, pair, season in zip(some, pairs, seasons, strict=True)
        ]
        halves.append(rolled)
    names = sorted(set().union(*(each.by_candidate for half in halves for each in half)))
    early, late = ([with_plain(each, names) for each in half] for half in halves)
    # Both halves in one scale, that of the time before the first origin.
    late = [_rescaled(each, before.scale) for each, before in zip(late, early, strict=True)]
    chosen, before = winner(early)
    width, _ = quantiles(early, chosen, COVERAGE)
    inside = [np.abs(each.by_candidate[chosen]) <= width for each in late]
    seen = [np.isfinite(each.by_candidate[chosen]) for each in late]
    covered = np.vstack(inside).astype(float)
    covered[~np.vstack(seen)] = np.nan
    return {
        "series": len(some),
        "chosen": chosen,
        "MASE": mase(late, chosen),
        "naive": mase(late, NAIVE),
        "seasonal naive": mase(late, SEASONAL_NAIVE),
        "best in hindsight": min(names, key=lambda name: mase(late, name)),
        "coverage": float(np.nanmean(covered)),
        "coverage, first": float(np.nanmean(covered[:, 0])),
        "coverage, last": float(np.nanmean(covered[:, -1])),
        "all": {name: {"before": before[name], "after": mase(late, name)} for name in names},
    }


def _rescaled(errors: Errors, scale: float) -> Errors:
    moved = {name: each * errors.scale / scale for name, each in errors.by_candidate.items()}
    return Errors(errors.series, errors.origins, scale, moved)


def main() -> int:
    asked = argparse.ArgumentParser(prog=sys.argv[0], description=__doc__.partition("\n")[0])
    asked.add_argument("folder", type=Path, help="the folder with the public data files")
    asked.add_argument("--series", type=int, default=40, help="at most so many series of a group, drawn at random")
    asked.add_argument("--origins", type=int, default=8, help="origins to choose by, and as many to judge by")
    asked.add_argument("--only", default="", help="only groups with this in their name, or season")
    asked.add_argument("--json", type=Path, help="also write the figures there")
    said = asked.parse_args()
    figures: dict[str, Any] = {}
    for name, (reader, horizon) in GROUPS.items():
        if said.only not in name:
            continue
        started = time.perf_counter()
        some = reader(said.folder)
        drawn = np.random.default_rng(SEED).permutation(len(some))[: said.series]
        found = measure([some[place] for place in sorted(drawn)], horizon, said.origins)
        figures[name] = {"horizon": horizon, **found, "seconds": time.perf_counter() - started}
        show(name, [{"candidate": way, **scores} for way, scores in found["all"].items()])
    if figures:
        show("Judged on the last quarter", [{"group": name, **_told(each)} for name, each in figures.items()])
    if said.only in "season":
        figures["season"] = seasons(said.folder, said.series)
        for rows in figures["season"]:
            show("Season", rows)
    if said.json:
        said.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def _told(found: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in found.items() if name != "all"}


def seasons(folder: Path, most: int) -> list[list[dict[str, Any]]]:
    """The ways to learn a season, on made series and on real ones."""
    rows = [row for weeks in (75, 110, 160) for size in (0.0, 0.05, 0.15) for row in forecast_season.made(weeks, size)]
    drawn = np.random.default_rng(SEED)
    real = []
    for name in ("avocado prices, weekly", "average prices and price indices, monthly"):
        some = GROUPS[name][0](folder)
        chosen = [some[place] for place in sorted(drawn.permutation(len(some))[:most])]
        real += forecast_season.real(chosen, name)
    return [rows, real]


if __name__ == "__main__":
    sys.exit(main())

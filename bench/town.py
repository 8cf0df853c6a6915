"""What each factor of a value makes of a cause that works alone, in a small town whose true values are known.

    katy bench town [--quick] [--only hazard,season] [--seed 7] [--plot FOLDER] [--json FILE]

For each cause two years of a market are simulated in which nothing else happens, imported, learned and published as
any data are; then Katy is asked, as of every second week of the last year. *Nothing* is a market in which weather,
warnings, copper, demand and supply move and no price does. docs/town.md says how to read it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from bench import town_phases, town_table
from bench.town_run import FACTORS, answers, published, things, weeks
from demo.alone import SmallTown, simulate
from demo.causes import CAUSES, TRACED

END = date(2026, 11, 20)
SEED = 7
# With --quick: what the cause moves, and something that it leaves alone.
QUICK = {
    "commodity": ("copper wire", "laptop"),
    "season": ("winter coat", "laptop"),
    "scarcity": ("winter coat", "generator"),
    "demand": ("generator", "winter coat"),
    "weather": ("winter coat", "laptop"),
}
_ELSE = ("generator", "laptop")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="katy bench town", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="two categories and a lighter hedonic model")
    parser.add_argument("--only", metavar="CAUSES", help=f"some of nothing,{','.join(CAUSES)}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which town [default: {SEED}]")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="draw levels through season, storm and attack")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    asked = parser.parse_args(argv)
    chosen = asked.only.split(",") if asked.only else ["nothing", *CAUSES]
    unknown = [cause for cause in chosen if cause not in ("nothing", *CAUSES)]
    if unknown:
        parser.error(f"no such cause: {', '.join(unknown)}; there are nothing, {', '.join(CAUSES)}")
    figures = measure(chosen, seed=asked.seed, quick=asked.quick, plot=asked.plot, keep=asked.json)
    show(figures)
    return 0


def measure(causes: list[str], *, seed: int, quick: bool, plot: Path | None, keep: Path | None) -> dict[str, Any]:
    """The figures of each cause; written to `keep` after each one."""
    figures: dict[str, Any] = {"seed": seed, "quick": quick, "causes": [], "phases": [], "until_near": []}
    for cause in causes:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="katy-town-") as folder:
            town = town_of(cause, seed=seed, quick=quick)
            snapshot = published(town, Path(folder), light=quick)
            grades = ("good", "like_new", "fair", "parts") if cause == "condition" else ("good",)
            asked = answers(town, snapshot, things(town, weeks(town, 364, 14), grades))
            row = town_table.cause_row(asked, cause) | {"seconds": round(time.monotonic() - began)}
            figures["causes"].append(row)
            told = town_phases.story(town, cause)
            if told is not None:
                through = answers(town, snapshot, told.things())
                _tell(figures, told, through, plot)
        console.print(_line(row))
        if keep:
            keep.write_text(json.dumps(figures, indent=1), "utf-8")
    figures["misses"] = town_table.misses(figures["causes"])
    if keep:
        keep.write_text(json.dumps(figures, indent=1), "utf-8")
    return figures


def town_of(cause: str, *, seed: int, quick: bool) -> SmallTown:
    """The market of a cause: of "nothing", all traces and no effect."""
    goods = QUICK.get(cause, _ELSE) if quick else None
    if cause == "nothing":
        return simulate((), seed=seed, end=END, traces=TRACED, goods=goods)
    return simulate((cause,), seed=seed, end=END, goods=goods)


def _tell(figures: dict[str, Any], told: town_phases.Story, through: pd.DataFrame, plot: Path | None) -> None:
    figures["phases"] += town_phases.phase_table(told, through)
    if told.shock is not None:
        near = {name: town_phases.days_until_near(told, through, name) for name in ("fmv", "market")}
        figures["until_near"].append({"cause": told.cause, **near})
    if plot is not None:
        for path in town_phases.draw(told, through, plot):
            console.print(f"  {path}", markup=False)


def _line(row: dict[str, Any]) -> str:
    own = row["own"]
    said = (
        f"follows {own['share']:.0%}, error {own['error']:.3f} of {own['size']:.3f}" if own else "no factor of its own"
    )
    return f"{row['cause']}: {said}; published values off by {row['mdape']:.1%} (median); {row['seconds']} s"


def show(figures: dict[str, Any]) -> None:
    """The tables: cause × factor, the causes' own factors, phases, misses."""
    title = "Mean absolute error of each log factor, ×100 (a cause's own in brackets)"
    table = Table("cause", *FACTORS, title=title, title_justify="left")
    own = Table("cause", "true size", "error", "share followed", "correlation", "MdAPE", "raw", "in interval",
                title="Its own factor, and values against the truth", title_justify="left")  # fmt: skip
    for row in figures["causes"]:
        cells = [f"{100 * row['moved'][name]:.1f}" for name in FACTORS]
        table.add_row(
            row["cause"],
            *(f"({cell})" if name == row["cause"] else cell for name, cell in zip(FACTORS, cells, strict=True)),
        )
        part = row["own"]
        figures_of = [f"{part[name]:.3f}" for name in ("size", "error", "share", "correlation")] if part else [""] * 4
        own.add_row(row["cause"], *figures_of, f"{row['mdape']:.1%}", f"{row['mdape_raw']:.1%}", f"{row['inside']:.0%}")
    console.print(table)
    console.print(own)
    if figures["phases"]:
        phases = Table("cause", "phase", "from", "n", "MdAPE", "raw", "bias", "raw bias",
                       title="Through time, against the truth", title_justify="left")  # fmt: skip
        for each in figures["phases"]:
            errors = (f"{each[name]:.1%}" for name in ("mdape", "mdape_raw"))
            biases = (f"{each[name]:+.1%}" for name in ("bias", "bias_raw"))
            phases.add_row(each["cause"], each["phase"], each["from"], str(each["n"]), *errors, *biases)
        console.print(phases)
    for each in figures["until_near"]:
        days = {name: "never" if each[name] is None else f"{each[name]} days" for name in ("fmv", "market")}
        console.print(f"{each['cause']}: within 10 % for good after {days['fmv']}, undampened after {days['market']}")
    for miss in figures["misses"]:
        console.print(f"- {miss}", markup=False)


if __name__ == "__main__":
    sys.exit(main())

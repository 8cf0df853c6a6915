"""The tables of `bench.manipulation`: moves by kind and size of attack, and the breakdown points."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

GOAL = 0.03  # one seller with a fifth of the comparables at the threefold price
BROKEN = (0.10, 0.50)  # moves at which a value is called broken
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def show(figures: dict[str, Any]) -> bool:
    """Tables on the screen; whether the goal is met."""
    cells = pd.DataFrame(figures["cells"])
    at_once, learned = cells[cells["after"] == "at once"], cells[cells["after"] == "learned"]
    seeds = ", ".join(str(seed) for seed in figures["seeds"])
    _moves(
        at_once[at_once["factor"] == 3.0], f"At once, threefold price: market value moves by %, worst of seeds {seeds}"
    )
    _factors(at_once[at_once["share"] == 0.2])
    _moves(learned, "After learning anew from the poisoned rows, threefold price: market value moves by %")
    for limit in BROKEN:
        _breakdown(figures, limit)
    worst = figures["worst"]
    console.print(
        f"One seller with 20 % of the comparables at 3×: market value at most {worst['market_value']:.1%}, "
        f"fmv at most {worst['fmv']:.1%} (goal {GOAL:.0%}: {'met' if max(worst.values()) <= GOAL else 'MISSED'}); "
        f"{figures['seconds']:.0f} s in all. Honest values miss the truth by (ln, by comparables): "
        + ", ".join(f"{n}: " + " ".join(f"{miss:+.2f}" for miss in each) for n, each in figures["true"].items())
    )
    return max(worst.values()) <= GOAL


def show_everywhere(figures: dict[str, Any]) -> bool:
    """One seller's moves of all products on the screen; whether the goal is met on every one."""
    summary = figures["summary"]
    shown = Table("", *(f"{factor}×" for factor in summary), title="One seller with a fifth, every product in turn: %")
    for name in next(iter(summary.values())):
        size = 1 if name == "products" else 100
        shown.add_row(name, *(f"{size * each[name]:.{0 if size == 1 else 1}f}" for each in summary.values()))
    console.print(shown)
    return max(summary["3"]["market_value, worst"], summary["3"]["fmv, worst"]) <= GOAL


def goal_cells(cells: pd.DataFrame) -> dict[str, float]:
    """The largest moves of the attack that the goal is about, at once."""
    chosen = cells[
        (cells["kind"] == "one seller")
        & (cells["share"] == 0.2)
        & (cells["factor"] == 3.0)
        & (cells["after"] == "at once")
    ]
    return {name: float(chosen[name].abs().max()) for name in ("market_value", "fmv")}


def worst_of(moves: pd.Series) -> float:
    """The move that is largest either way."""
    return float(moves.iloc[int(moves.abs().argmax())])


def _moves(cells: pd.DataFrame, title: str) -> None:
    counts = sorted(cells["comparables"].unique())
    shown = Table("attacker", "share", *(f"n={n}" for n in counts), "fmv, worst", "level, worst", title=title)
    for (kind, share), part in cells.groupby(["kind", "share"], sort=False):
        moves = [worst_of(part[part["comparables"] == n]["market_value"]) for n in counts]
        moves += [worst_of(part[name]) for name in ("fmv", "level")]
        shown.add_row(str(kind), f"{share:.0%}", *(f"{100 * each:+.1f}" for each in moves))
    console.print(shown)


def _factors(cells: pd.DataFrame) -> None:
    factors = sorted(cells["factor"].unique())
    shown = Table(
        "attacker",
        *(f"{factor:g}×" for factor in factors),
        title="At once, a fifth of the comparables: worst of products and seeds, market value, %",
    )
    for kind, part in cells.groupby("kind", sort=False):
        worst = [worst_of(part[part["factor"] == factor]["market_value"]) for factor in factors]
        shown.add_row(str(kind), *(f"{100 * each:+.1f}" for each in worst))
    console.print(shown)


def _breakdown(figures: dict[str, Any], limit: float) -> None:
    counts = list(figures["true"])
    title = f"Breakdown: smallest share of the comparables (and accounts) that moves a value by more than {limit:.0%}"
    points = Table("attacker", *(f"n={n}" for n in counts), "half of the weight", title=title)
    for kind, by_count in figures["breakdown"][str(limit)].items():
        found = ["never" if by_count[n] is None else f"{by_count[n][0]:.0%} ({by_count[n][1]})" for n in counts]
        theory = figures["theory"][kind]
        points.add_row(kind, *found, "never" if theory >= 1.0 else f"{theory:.0%}")
    console.print(points)

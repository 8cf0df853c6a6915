"""What the demo ends with: Katy's published values beside the true values of the town, which nothing else may read."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from katy import tables
from warehouse.valuation import Valuation, ValuationRequest

if TYPE_CHECKING:
    from rich.console import Console

    from demo.town import Town
    from demo.truth import Question
    from warehouse.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing of the town: what was asked, its true value, and what Katy said."""

    question: Question
    valuation: Valuation

    @property
    def said(self) -> Decimal | None:
        return None if self.valuation.fmv is None else Decimal(self.valuation.fmv)

    @property
    def off(self) -> float | None:
        """How far the value is from the truth, as a share of the truth; None where Katy does not know."""
        return None if self.said is None else float(self.said / self.question.true_value - 1)

    @property
    def inside(self) -> bool | None:
        """Whether the true value is inside the interval; None where there is none."""
        low, high = self.valuation.low, self.valuation.high
        if low is None or high is None:
            return None
        return Decimal(low) <= self.question.true_value <= Decimal(high)


@dataclass(frozen=True, slots=True)
class Total:
    """The comparison in figures. Shares are of the things that Katy gave a value.

    `error_low` and `error_high` bound the median error with 95 % confidence: of so few things it is itself uncertain.
    """

    asked: int
    unknown: int
    median_error: float
    error_low: float
    error_high: float
    within_10: float
    within_20: float
    inside_interval: float
    median_ratio: float


def compare(town: Town, snapshot: Snapshot) -> list[Compared]:
    """Ask the published snapshot for each of the town's questions, as anybody could, and put the truth beside it."""
    from demo.truth import questions
    from models.answers.value import open_valuer

    asked = questions(town)
    requests = [ValuationRequest(text=q.text, condition=q.condition, region=q.region) for q in asked]
    valuer = open_valuer(snapshot)
    try:
        valuations = valuer.value_many(requests)
    finally:
        valuer.close()
    return [Compared(question, valuation) for question, valuation in zip(asked, valuations, strict=True)]


def total(compared: Sequence[Compared]) -> Total:
    """Median absolute error, shares within 10 and 20 %, and how often the truth lies in the interval."""
    offs = [one.off for one in compared if one.off is not None]
    inside = [one.inside for one in compared if one.inside is not None]

    def share(hits: Sequence[bool]) -> float:
        return sum(hits) / len(hits) if hits else float("nan")

    error_low, error_high = median_bounds([abs(off) for off in offs])
    return Total(
        asked=len(compared),
        unknown=len(compared) - len(offs),
        median_error=statistics.median(abs(off) for off in offs) if offs else float("nan"),
        error_low=error_low,
        error_high=error_high,
        within_10=share([abs(off) <= 0.10 for off in offs]),
        within_20=share([abs(off) <= 0.20 for off in offs]),
        inside_interval=share(inside),
        median_ratio=statistics.median(1 + off for off in offs) if offs else float("nan"),
    )


def median_bounds(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Between which two of the values the median of all such values lies, at least with this confidence.

    Order statistics and the binomial distribution of how many lie below the median, whatever the values' distribution
    is (Conover 1999, section 3.2); the smallest and the largest where these are too few, NaN without any.
    """
    ordered, count = sorted(values), len(values)
    if not ordered:
        return float("nan"), float("nan")
    below, left_out = 0.0, 0
    while left_out < (count - 1) // 2:
        below += math.comb(count, left_out) / 2**count
        if 2 * below > 1 - confidence:
            break
        left_out += 1
    left_out = max(left_out - 1, 0)
    return ordered[left_out], ordered[count - 1 - left_out]


def show(console: Console, compared: Sequence[Compared]) -> None:
    """Print the table and its figures; one line per thing, tabular also when piped."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    day = compared[0].question.day if compared else "—"
    console.print(f"Published values and true values on {day}, in USD", style="bold")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for name, side in (
        ("thing", "left"),
        ("condition", "left"),
        ("region", "left"),
        ("true", "right"),
        ("Katy", "right"),
        ("90 % interval", "right"),
        ("off", "right"),
        ("sure", "left"),
    ):
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=name != "thing")
    for one in compared:
        asked, given = one.question, one.valuation
        interval = f"{given.low} – {given.high}" if given.low is not None else ""
        off = "unknown" if one.off is None else f"{one.off:+.0%}"
        mark = "" if one.inside in (True, None) else " !"
        table.add_row(
            escape(asked.text),
            asked.condition,
            asked.region,
            f"{asked.true_value}",
            given.fmv or given.reason or "",
            interval + mark,
            off,
            given.confidence or "",
        )
    tables.show(console, table)
    console.print(said(total(compared)))


def said(figures: Total) -> str:
    """The figures in a sentence."""
    return (
        f"{figures.asked} things, {figures.unknown} unknown. Median error {figures.median_error:.1%} "
        f"(95 % sure: {figures.error_low:.1%} – {figures.error_high:.1%}), "
        f"median ratio {figures.median_ratio:.2f}; {figures.within_10:.0%} within 10 %, {figures.within_20:.0%} within "
        f"20 %. The true value is inside the 90 % interval for {figures.inside_interval:.0%} (! marks the others)."
    )

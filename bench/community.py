"""How far the community's value is off, beside the plain mean and the median, with a clique that pushes.

    katy bench community [--things N] [--json FILE]

Simulated: 30 valuers of different skill and bias (deviation of errors 0.1 to 0.8 in logs, bias 0.15), each settled
thing estimated by 12 of them; prices scatter by 0.15 around the true value. A clique of 8 says three times the true
value of the thing that is asked about, give or take 5 %. Four kinds of clique: fresh accounts within minutes; fresh
accounts over days; accounts that have pushed before; accounts that valued like the others, each by itself, until now.
A fifth has 60 fresh accounts. Told are the median absolute error and the bias in logs, how often the 90 % interval held
the price, and the largest share of one person.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from models.community.shapes import Z90, Estimate, Evidence, Price
from models.community.value import community
from models.knobs import default_knobs

VALUERS, CLIQUE, SETTLED, EACH, PUSH, NOISE = 30, 8, 60, 12, math.log(3), 0.15
KINDS = (
    "no clique",
    "fresh, in a burst",
    "fresh, over days",
    "pushed before",
    "honest until now",
    "two in three liars",
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


def town(kind: str, seed: int) -> tuple[Evidence, float, float]:
    """A town's past, one thing asked about: the evidence, ln of the true value and ln of the price that follows."""
    random = np.random.default_rng(seed)
    skill, bias = np.exp(random.uniform(math.log(0.1), math.log(0.8), VALUERS)), random.normal(0, 0.15, VALUERS)
    liars = [f"clique {number}" for number in range(60 if kind == "two in three liars" else CLIQUE)]
    estimates, prices = [], []
    for number in range(SETTLED + 1):
        thing, true, asked = f"thing {number}", random.normal(5, 1), number == SETTLED
        who = range(VALUERS) if asked else random.choice(VALUERS, EACH, replace=False)
        for one in who:
            log = true + bias[one] + skill[one] * random.standard_normal()
            estimates.append(Estimate(f"valuer {one}", thing, "other", log, number + random.uniform(0, 0.9)))
        estimates += _clique(kind, liars if kind != "no clique" else [], thing, true, number, asked, random)
        price = true + NOISE * random.standard_normal()
        if not asked:
            prices.append(Price(thing, price, number + 0.95))
    return Evidence(estimates, prices), true, price


def _clique(
    kind: str, liars: list[str], thing: str, true: float, number: int, asked: bool, random: np.random.Generator
) -> list[Estimate]:
    if asked:
        span = 0.003 if kind == "fresh, in a burst" else 0.9
        logs = true + PUSH + 0.05 * random.uniform(-1, 1, len(liars))
    elif kind == "pushed before" and number % 6 == 0:
        span, logs = 0.9, true + PUSH + 0.05 * random.uniform(-1, 1, len(liars))
    elif kind in ("pushed before", "honest until now") and number % 3 == 1:
        span, logs = 0.9, true + 0.3 * random.standard_normal(len(liars))
    else:
        return []
    moments = number + random.uniform(0, span, len(liars))
    return [Estimate(*each) for each in zip(liars, [thing] * len(liars), ["other"] * len(liars), logs, moments)]  # noqa: B905


def measure(kind: str, things: int) -> dict[str, Any]:
    """Errors of the three ways over so many towns."""
    off: dict[str, list[float]] = {"mean": [], "median": [], "community": []}
    held, effective, share, reach = [], [], [], []
    for seed in range(things):
        known, true, price = town(kind, seed)
        asked = f"thing {SETTLED}"
        logs = [each.log for each in known.estimates if each.thing == asked]
        found = community(asked, known, default_knobs().community)
        assert found is not None
        off["mean"].append(math.log(np.mean(np.exp(logs))) - true)
        off["median"].append(float(np.median(logs)) - true)
        off["community"].append(found.band.log - true)
        held.append(abs(found.band.log - price) <= Z90 * found.band.sd)
        effective.append(found.effective)
        share.append(max(found.shares.values()))
        reach.append(found.reach)
    return {
        "kind": kind,
        **{f"{name} |error|": float(np.median(np.abs(each))) for name, each in off.items()},
        **{f"{name} bias": float(np.mean(each)) for name, each in off.items()},
        "held": float(np.mean(held)),
        "effective": float(np.median(effective)),
        "largest share": float(np.max(share)),
        "reach": float(np.median(reach)),
    }


def main() -> None:
    """Measure, print, and write the figures where they are wanted."""
    parser = argparse.ArgumentParser(prog="katy bench community", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--things", type=int, default=200, help="towns simulated for each kind of clique")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    rows = [measure(kind, chosen.things) for kind in KINDS]
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*(each if isinstance(each, str) else f"{each:.3f}" for each in row.values()))
    console.print(table)
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

"""How far attackers of several kinds and sizes move a value, on a made-up market with known truth.

    katy bench manipulation [--quick | --full | --everywhere] [--seeds N …] [--json FILE]

On each of the seeds Katy's models learn the honest market once. Then attackers' rows are added, comparables, levels and
the products' reference prices are formed anew with the old vintages (`at once`), and in fewer cells everything is
learned anew from the poisoned rows (`learned`; there the attackers' other sales alone are what it is held against, for
learning anew moves values by itself). Told is how far the attacked products' `fmv` and `market_value` and their
categories' raw levels move, in %, the worst of the seeds. The breakdown point is the smallest share of a product's
comparables at which, on any seed, one of the two moves by more than 10 % (or 50 %), found by search at the threefold
price; for a ring it is told in accounts too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.manipulation_everywhere import TITLES, Values, everywhere, summed_up
from bench.manipulation_market import ATTACKED, KINDS, LAST, Attack, attacked, honest, table
from bench.manipulation_show import BROKEN, GOAL, goal_cells, show, show_everywhere

SEEDS = (31, 32, 33)  # nothing was tuned on these
SHARES = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50)
FACTORS = (0.33, 1.5, 3.0, 10.0)
SEARCHED = (*SHARES, 0.65, 0.80)
LEARNED = (
    ("one seller", 0.2),
    ("fresh accounts", 0.2),
    ("fresh accounts", 0.4),
    ("coordinated ring", 0.4),
    ("import file", 0.2),
    ("patient accounts", 0.2),
)


@dataclass(frozen=True)
class Cell:
    """One attack on one product: moves as shares (0.03: three per cent); `accounts` are the sellers he sells it as."""

    seed: int
    kind: str
    share: float
    factor: float
    comparables: int
    accounts: int
    after: str
    fmv: float
    market_value: float
    level: float


class OldVintages:
    """Stands for the store of vintages, and gives those learned from the honest market, whatever there is now."""

    def __init__(self, vintages: list[Any]) -> None:
        self.left = list(vintages)

    def load(self, key: str) -> Any:
        return self.left.pop(0)

    def keep(self, vintage: Any) -> None:
        raise AssertionError("nothing new is learned")


class Laboratory:
    """The honest market, what was learned from it, and what it says of the attacked products."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rows = honest(seed)
        self.learned = self._learn(table(self.rows), None)
        self.before = self._values(self.learned)
        self._anew: dict[int, dict[str, tuple[float, float, float]]] = {}

    def run(self, attack: Attack, *, again: bool = False) -> list[Cell]:
        """The cells of an attack, one for each product; `again`: with everything learned anew."""
        added = attacked(attack, self.seed)
        store = None if again else OldVintages(list(self.learned.vintages))
        now = self._values(self._learn(table(self.rows, added), store))
        before = self._without(added) if again else self.before
        out = []
        for title, (_, count) in ATTACKED.items():
            moves = [float(np.exp(after - then) - 1) for then, after in zip(before[title], now[title], strict=True)]
            accounts = int(added[added["title"].str.startswith(title)]["seller"].nunique())
            after = "learned" if again else "at once"
            out.append(Cell(self.seed, attack.kind, attack.share, attack.factor, count, accounts, after, *moves))
        return out

    def _without(self, added: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
        """The values learned anew with the attackers' sales of other things alone."""
        other = added[~added["title"].str.startswith(tuple(ATTACKED))]
        if len(other) == 0:
            return self.before
        if len(other) not in self._anew:
            self._anew[len(other)] = self._values(self._learn(table(self.rows, other), None))
        return self._anew[len(other)]

    def with_rows(self, added: pd.DataFrame | None) -> Values:
        """Logs of fmv and market value of all products, with rows added and the old vintages."""
        rows = table(self.rows) if added is None else table(self.rows, added)
        found = self._values(self._learn(rows, OldVintages(list(self.learned.vintages))), TITLES)
        return {title: (fmv, market_value) for title, (fmv, market_value, _) in found.items()}

    def _learn(self, rows: pd.DataFrame, store: Any) -> Any:
        from models.knobs import default_knobs
        from models.training.learn import learn

        # Weekly ends of the data would be leaves; four cut-offs are what a run of five months has.
        ends = [LAST - 91, LAST - 61, LAST - 30]
        return learn(rows, default_knobs(), code_version="bench", store=store, cutoffs=ends)

    def _values(self, learned: Any, titles: Sequence[str] = tuple(ATTACKED)) -> dict[str, tuple[float, float, float]]:
        """By product: logs of fmv and market value, and the raw level of its category."""
        from features.level import category_unit, nearest
        from features.taxonomy import categorise
        from models.evaluation.evaluate import valuer_of
        from warehouse.valuation import ValuationRequest

        valuer = valuer_of(learned)
        asked = [ValuationRequest(text=title, condition="good", region="US-MO") for title in titles]
        raw = learned.levels.at(LAST).raw
        out = {}
        for title, answer in zip(titles, valuer.value_many(asked), strict=True):
            if answer.fmv is None or answer.market_value is None:
                raise RuntimeError(f'the made-up market gives no value for "{title}": {answer.reason}')
            level = nearest(raw, category_unit(categorise(None, title)))[0]
            out[title] = (float(np.log(float(answer.fmv))), float(np.log(float(answer.market_value))), level)
        return out


def measure(seeds: Sequence[int], *, quick: bool = False, full: bool = False) -> dict[str, Any]:
    """All cells on all seeds, and the breakdown points."""
    started = time.perf_counter()
    attacks = [*itertools.product(KINDS, (0.2, 0.5) if quick else SEARCHED, (3.0,))]
    others = [] if quick else [factor for factor in FACTORS if factor != 3.0]
    more = [*itertools.product(KINDS, SHARES if full else (0.2,), others)]
    cells: list[Cell] = []
    missed = []
    for place, seed in enumerate(seeds):
        laboratory = Laboratory(seed)
        missed.append(truth_error(laboratory))
        # The first seed has other prices and learning anew (as dear as twenty attacks) in all cells.
        chosen = attacks + more if full or not place else attacks
        cells += [cell for kind, share, factor in chosen for cell in laboratory.run(Attack(kind, share, factor))]
        for kind, share in LEARNED[: (1 if quick or place else None)]:
            cells += laboratory.run(Attack(kind, share, 3.0), again=True)
    return {
        "seeds": list(seeds),
        "cells": [asdict(cell) for cell in cells],
        "breakdown": {str(limit): breakdown(cells, limit) for limit in BROKEN},
        "true": {count: [each[count] for each in missed] for count in missed[0]},
        "theory": theory(),
        "worst": goal_cells(pd.DataFrame([asdict(cell) for cell in cells])),
        "goal": GOAL,
        "seconds": time.perf_counter() - started,
    }


def measure_everywhere(seeds: Sequence[int]) -> dict[str, Any]:
    """What one seller does to every product of the markets, and what it comes to."""
    laboratories = (Laboratory(seed) for seed in seeds)
    moves = [asdict(move) for each in laboratories for move in everywhere(each.seed, each.rows, each.with_rows)]
    return {"seeds": list(seeds), "moves": moves, "summary": summed_up(pd.DataFrame(moves)), "goal": GOAL}


def theory() -> dict[str, float]:
    """Kind → the share of the comparables at which attackers, each taken for an honest voice, have half of the weight:
    there a median breaks (breakdown point ½: Donoho and Huber 1983).

    Half-life of 60 days and twice the weight of a sale, the knobs before anything is learned: whoever sells now has
    more than an equal share of it. One seller is one voice, and never has half.
    """
    fair = _voice(pd.DataFrame(honest(SEEDS[0])))
    out = {kind: 1.0 / (1.0 + _voice(attacked(Attack(kind, 0.5, 3.0), SEEDS[0])) / fair) for kind in KINDS}
    return {**out, "one seller": 1.0, "relisted item": 1.0}


def _voice(rows: pd.DataFrame) -> float:
    """The mean weight of the attacked products' rows by age and kind of price."""
    from models.knobs import default_knobs

    knobs = default_knobs().comparables
    part = rows[rows["title"].str.startswith(tuple(ATTACKED))]
    weight = np.where(part["kind"] == "asking", 1.0, knobs.sold_weight) * 0.5 ** (
        (LAST - part["day"]) / knobs.half_life
    )
    return float(weight.mean())


def truth_error(laboratory: Laboratory) -> dict[str, float]:
    """How far the honest market's own values are from the truth, by number of comparables: ln."""
    return {
        str(count): float(laboratory.before[title][1] - np.log(price)) for title, (price, count) in ATTACKED.items()
    }


def breakdown(cells: list[Cell], limit: float) -> dict[str, dict[str, tuple[float, int] | None]]:
    """Kind → number of comparables → the smallest share searched at which, on any seed, the market value or the fmv
    moves by more than `limit`, and the accounts that it takes; None where no share does."""
    out: dict[str, dict[str, tuple[float, int] | None]] = {}
    for kind, count in itertools.product(KINDS, [count for _, count in ATTACKED.values()]):
        broken = [
            (cell.share, cell.accounts) for cell in cells
            if (cell.kind, cell.comparables, cell.factor, cell.after) == (kind, count, 3.0, "at once")
            and max(abs(cell.market_value), abs(cell.fmv)) > limit
        ]  # fmt: skip
        out.setdefault(kind, {})[str(count)] = min(broken, default=None)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description="How far attackers move a value, on a made-up market with known truth")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), help="the markets that are made up")
    parser.add_argument("--quick", action="store_true", help="two sizes, one price factor, one cell learned anew")
    parser.add_argument("--full", action="store_true", help="every size at every price factor")
    parser.add_argument("--everywhere", action="store_true", help="one seller with a fifth, on every product in turn")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    if asked.everywhere:
        figures = measure_everywhere(asked.seeds)
    else:
        figures = measure(asked.seeds, quick=asked.quick, full=asked.full)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1), "utf-8")
    return 0 if (show_everywhere if asked.everywhere else show)(figures) else 1


if __name__ == "__main__":
    sys.exit(main())

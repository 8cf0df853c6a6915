"""One seller with a fifth of the comparables, let loose on every product of the made-up market in turn.

The attacked five of `bench.manipulation` are five draws of how prices happen to lie; a rule that gives way where there
is one recent sale of the very same words, or four sellers who are far apart, is met on one product of ten or thirty.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.manipulation_market import ATTACKED, GAP, GRADES, KINDS, OTHERS

SHARE, FACTORS = 0.2, (1.5, 3.0)
Values = Mapping[str, tuple[float, float]]  # title → logs of fmv and market value
# One of each category at a time: who attacks all of a category's products is a crowd, and no single seller of each.
ROUNDS = tuple(zip(*([title, *others] for title, others in zip(ATTACKED, OTHERS.values(), strict=True)), strict=True))
TITLES = tuple(title for titles in ROUNDS for title in titles)


@dataclass(frozen=True)
class Move:
    """What one seller did to one product: moves as shares; `comparables` are the honest ones."""

    seed: int
    title: str
    factor: float
    comparables: int
    fmv: float
    market_value: float


def everywhere(seed: int, rows: pd.DataFrame, values: Callable[[pd.DataFrame | None], Values]) -> list[Move]:
    """The moves of all products; `values` gives those of the honest market with rows added to it, or as it is."""
    before, out = values(None), []
    for factor in FACTORS:
        for number, titles in enumerate(ROUNDS):
            random = np.random.default_rng([seed, int(1000 * factor), number])
            own = {title: rows[rows["title"].str.startswith(title)] for title in titles}
            added: list[dict[str, object]] = []
            for place, (title, there) in enumerate(own.items()):
                k = max(1, math.ceil(SHARE * len(there) / (1 - SHARE) - 1e-9))
                added += KINDS["one seller"](random, title, typical(there), math.log(factor), k, f"single{place}")
            now = values(pd.DataFrame(added))
            for title, there in own.items():
                moves = [float(np.exp(after - then) - 1) for then, after in zip(before[title], now[title], strict=True)]
                out.append(Move(seed, title, factor, len(there), *moves))
    return out


def typical(rows: pd.DataFrame) -> float:
    """The mean log price of a product's honest rows, in good condition and sold."""
    asked = np.where(rows["kind"] == "asking", GAP, 0.0)
    return float((rows["ln_price"] - rows["condition"].map(GRADES) - asked).mean())


def summed_up(moves: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By factor the number of products, and of the moves the median, the ninth tenth and the largest (absolute)."""
    out = {}
    for factor, part in moves.groupby("factor"):
        told: dict[str, float] = {"products": len(part)}
        for name in ("market_value", "fmv"):
            size = part[name].abs()
            told |= {
                f"{name}, median": size.median(),
                f"{name}, 90 %": size.quantile(0.9),
                f"{name}, worst": size.max(),
            }
        out[f"{factor:g}"] = {name: round(float(value), 6) for name, value in told.items()}
    return out

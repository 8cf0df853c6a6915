"""The quality table of a run: how the newest replayed values compared with the prices that followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.market import last_of_each_listing
from models.evaluation.metrics import rounded
from models.level.state import Learned
from models.life.too_good import Suspicion, made_rows

_LEAST_LINEAR = 20


def replayed_table(learned: Learned, suspected: Sequence[Suspicion] = ()) -> list[dict[str, Any]]:
    """One row per category with cases, and one for all: errors of values given the day before, from stored scores.

    `linear_MdAPE` is the error of the linear baseline in the place of the base value, `beside_MdAPE` Katy's on the
    `linear_n` cases that both were replayed on (a first vintage has none). Of a category of which half the listings or
    more have a price that is a formula (`suspected`) no figure is given. `katy evaluate` gives the whole table of
    out-of-sample figures.
    """
    if not learned.vintages:
        return []
    scores = learned.vintages[-1].scores
    made = _made(learned.market.rows, suspected)
    believed = scores[~scores["category"].isin(made)]
    groups = [("all", believed), *sorted(scores.groupby("category"), key=lambda item: -len(item[1]))]
    return [_row(str(name), part, str(name) in made) for name, part in groups if len(part)]


def _row(name: str, part: pd.DataFrame, made: bool) -> dict[str, Any]:
    score = part["score"].to_numpy(float)
    figures: dict[str, float | int | None] = {
        "n": len(part),
        "MdAPE": _middle(score),
        "PPE10": float(np.mean(_error(score) <= 0.10)),
        "PPE20": float(np.mean(_error(score) <= 0.20)),
        "RMSLE": float(np.sqrt(np.mean(score**2))),
        **_beside(part),
    }
    return {"category": name, **(dict.fromkeys(figures) | {"n": len(part)} if made else rounded(figures))}


def _beside(part: pd.DataFrame) -> dict[str, float | int | None]:
    """Katy and the linear baseline on the cases that have both."""
    linear = part["linear"].to_numpy(float) if "linear" in part else np.full(len(part), np.nan)
    both = np.isfinite(linear)
    enough = both.sum() >= _LEAST_LINEAR
    return {
        "linear_n": int(both.sum()),
        "linear_MdAPE": _middle(linear[both]) if enough else None,
        "beside_MdAPE": _middle(part["score"].to_numpy(float)[both]) if enough else None,
    }


def _made(rows: pd.DataFrame, suspected: Sequence[Suspicion]) -> set[str]:
    """Categories of which half the listings or more have a price that is a formula."""
    if not suspected:
        return set()
    latest = last_of_each_listing(rows)
    share = pd.Series(made_rows(latest, suspected)).groupby(latest["category"].to_numpy(object)).mean()
    return {str(name) for name in share.index[share >= 0.5]}


def _error(score: np.ndarray) -> np.ndarray:
    """|value − price| / price of scores ln(price) − ln(value)."""
    out: np.ndarray = np.abs(1 - np.exp(-score))
    return out


def _middle(score: np.ndarray) -> float:
    return float(np.median(_error(score)))

"""The quality table of a run: how the newest replayed values compared with the prices that followed."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.evaluation.metrics import rounded
from models.level.state import Learned


def replayed_table(learned: Learned) -> list[dict[str, Any]]:
    """One row per category with cases, and one for all: errors of values given the day before, from stored scores.

    These are errors in logs, of the published value; `katy evaluate` gives the whole table beside baselines.
    """
    if not learned.vintages:
        return []
    scores = learned.vintages[-1].scores
    rows = []
    groups = [("all", scores), *sorted(scores.groupby("category"), key=lambda item: -len(item[1]))]
    for name, part in groups:
        if len(part) == 0:
            continue
        error = np.abs(1 - np.exp(-part["score"].to_numpy(float)))
        rows.append(
            {
                "category": str(name),
                **rounded(
                    {
                        "n": len(part),
                        "MdAPE": float(np.median(error)),
                        "PPE10": float(np.mean(error <= 0.10)),
                        "PPE20": float(np.mean(error <= 0.20)),
                        "RMSLE": float(np.sqrt(np.mean(part["score"].to_numpy(float) ** 2))),
                    }
                ),
            }
        )
    return rows

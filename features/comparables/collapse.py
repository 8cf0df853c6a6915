"""Nobody counts twice among the comparables of a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Found:
    """Candidates for many questions, flat: parallel arrays, one entry for each (question, market row)."""

    question: np.ndarray
    row: np.ndarray
    similarity: np.ndarray


def collapse(rows: pd.DataFrame, found: Found, market_listing: np.ndarray, market_seller: np.ndarray) -> Found:
    """Each listing once (its newest row), and each seller's copies of one title once."""
    table = pd.DataFrame(
        {
            "question": found.question,
            "row": found.row,
            "similarity": found.similarity,
            "listing": market_listing[found.row],
            "seller": market_seller[found.row],
            "title": rows["title"].to_numpy(object)[found.row],
        }
    ).sort_values(["question", "row"], kind="stable")
    table = table.drop_duplicates(["question", "listing"], keep="last")
    table = table.drop_duplicates(["question", "seller", "title"], keep="last")
    return Found(table["question"].to_numpy(), table["row"].to_numpy(), table["similarity"].to_numpy())

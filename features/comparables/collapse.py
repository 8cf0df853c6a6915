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


def collapse(found: Found, listing: np.ndarray, seller: np.ndarray, title: np.ndarray) -> Found:
    """Each listing once (its newest row), and each seller's copies of one title once; the three arrays name or number
    the listing, seller and title of every row of the market."""
    table = pd.DataFrame(
        {
            "question": found.question,
            "row": found.row,
            "similarity": found.similarity,
            "listing": listing[found.row],
            "seller": seller[found.row],
            "title": title[found.row],
        }
    ).sort_values(["question", "row"], kind="stable")
    table = table.drop_duplicates(["question", "listing"], keep="last")
    table = table.drop_duplicates(["question", "seller", "title"], keep="last")
    return Found(table["question"].to_numpy(), table["row"].to_numpy(), table["similarity"].to_numpy())

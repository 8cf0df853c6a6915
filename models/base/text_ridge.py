"""A ridge regression over the words of titles: the linear part under the hedonic model's trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.text import char_matrix, weighted, word_matrix
from models.base.ridge import Design, fit_linear


@dataclass(frozen=True)
class TextRidge:
    """A linear model over hashed words, character pieces and the product key, around the mean of each category.

    The means matter for a question of a few words: what it does not say is as in its category, not as in the market.
    """

    idf: np.ndarray
    coefficients: np.ndarray
    mean: float
    categories: dict[str, float]
    products: dict[str, float]

    def predict(self, design: sp.csr_matrix, rows: pd.DataFrame) -> np.ndarray:
        own = rows["product"].map(self.products).fillna(0.0).to_numpy(float)
        around = rows["category"].map(self.categories).fillna(0.0).to_numpy(float)
        out: np.ndarray = design @ self.coefficients + self.mean + own + around
        return out


def text_design(titles: pd.Series, idf: np.ndarray) -> sp.csr_matrix:
    """Words and character pieces side by side, idf-weighted, each half of length 1: (n, words + pieces)."""
    unique, place = np.unique(titles.to_numpy(object).astype(str), return_inverse=True)
    words, pieces = word_matrix(unique.tolist()), char_matrix(unique.tolist())
    split = words.shape[1]
    both = sp.hstack([weighted(words, idf[:split]), weighted(pieces, idf[split:])], format="csr")
    return both if len(unique) == len(titles) and bool((place == np.arange(len(titles))).all()) else both[place]


def fit_ridge(
    design: sp.csr_matrix, rows: pd.DataFrame, target: np.ndarray, idf: np.ndarray, alpha: float
) -> TextRidge:
    """Fit on rows' designs; a product met twice or more gets a coefficient of its own."""
    around = category_means(rows["category"], target)
    products = rows["product"]
    counts = products.value_counts()
    place = {key: position for position, key in enumerate(sorted(str(k) for k, n in counts.items() if n >= 2))}
    column = products.map(place)
    there = column.notna().to_numpy()
    row = np.flatnonzero(there)
    indicator = sp.csr_matrix(
        (np.ones(len(row), np.float32), (row, column[there].astype(int))), shape=(len(products), max(len(place), 1))
    )
    rest = target - rows["category"].map(around).to_numpy(float)
    beta, constant = fit_linear(Design.of([design, indicator]), rest, alpha)
    own = {key: round(float(beta[design.shape[1] + position]), 8) for key, position in place.items()}
    return TextRidge(idf, beta[: design.shape[1]], constant, around, own)


def category_means(categories: pd.Series, target: np.ndarray, drawn: float = 3.0) -> dict[str, float]:
    """Each category's distance from the mean of all, drawn to 0 by `drawn` cases."""
    table = pd.DataFrame({"category": categories.to_numpy(object), "target": target - target.mean()})
    groups = table.groupby("category")["target"].agg(["sum", "size"])
    means = groups["sum"] / (groups["size"] + drawn)
    return {str(name): round(float(value), 8) for name, value in means.items()}

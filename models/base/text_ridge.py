"""A ridge regression over the words of titles: the linear part under the hedonic model's trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.text import char_matrix, weighted, word_matrix
from models.base.ridge import Part, fit_together


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
    place, unique = pd.factorize(titles.to_numpy(object))
    words, pieces = word_matrix(unique.tolist()), char_matrix(unique.tolist())
    split = words.shape[1]
    both = sp.hstack([weighted(words, idf[:split]), weighted(pieces, idf[split:])], format="csr")
    return both if len(unique) == len(titles) else both[place]


def fit_ridges(
    design: sp.csr_matrix,
    rows: pd.DataFrame,
    target: np.ndarray,
    idf: np.ndarray,
    alpha: float,
    insides: Sequence[np.ndarray],
) -> list[TextRidge]:
    """A fit for each choice of rows (`insides`, rising places); a product met twice or more gets a coefficient of its
    own."""
    products, names = pd.factorize(rows["product"])
    arounds, keys, parts = [], [], []
    for inside in insides:
        categories, chosen = rows["category"].iloc[inside], products[inside]
        arounds.append(category_means(categories, target[inside]))
        often = np.flatnonzero(np.bincount(chosen, minlength=len(names)) >= 2)
        keys.append(sorted(str(names[each]) for each in often))
        place = {key: position for position, key in enumerate(keys[-1])}
        column = np.full(len(names), -1)
        column[often] = [place[str(names[each])] for each in often]
        row = np.flatnonzero(column[chosen] >= 0)
        indicator = sp.csr_matrix(
            (np.ones(len(row), np.float32), (row, column[chosen][row])), shape=(len(inside), max(len(often), 1))
        )
        rest = target[inside] - categories.map(arounds[-1]).to_numpy(float)
        parts.append(Part(inside, rest, 1, (indicator,)))
    out = []
    for around, own, (beta, constant) in zip(arounds, keys, fit_together([design], parts, alpha), strict=True):
        told = {key: round(float(each), 8) for key, each in zip(own, beta[design.shape[1] :], strict=False)}
        out.append(TextRidge(idf, beta[: design.shape[1]], constant, around, told))
    return out


def category_means(categories: pd.Series, target: np.ndarray, drawn: float = 3.0) -> dict[str, float]:
    """Each category's distance from the mean of all, drawn to 0 by `drawn` cases."""
    table = pd.DataFrame({"category": categories.to_numpy(object), "target": target - target.mean()})
    groups = table.groupby("category")["target"].agg(["sum", "size"])
    means = groups["sum"] / (groups["size"] + drawn)
    return {str(name): round(float(value), 8) for name, value in means.items()}

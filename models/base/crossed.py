"""A ridge regression whose words and attributes may mean something else in each category.

"16GB" is worth more in memory than in a phone, "yes" more under one heading than under another. So every word and
attribute stands twice: by itself and together with its category (the "easy" domain adaptation of Daumé III, ACL 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.attributes import AttributeReader
from features.text import char_matrix, inverse_document_frequency, neutral, token_matrix, weighted
from models.base.numerics import Numerics, learn_numerics
from models.base.ridge import Part, fit_together
from models.base.text_ridge import category_means

Weights = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Tokens:
    """Words, character pieces and attributes of rows, as sparse tables: counts at first, then weighted."""

    words: sp.csr_matrix
    pieces: sp.csr_matrix
    attributes: sp.csr_matrix

    def __getitem__(self, rows: np.ndarray) -> Tokens:
        return Tokens(self.words[rows], self.pieces[rows], self.attributes[rows])

    def weights(self) -> Weights:
        """The idf of each table's columns."""
        return (
            inverse_document_frequency(self.words),
            inverse_document_frequency(self.pieces),
            inverse_document_frequency(self.attributes),
        )

    def weighted(self, weights: Weights) -> Tokens:
        """Counts times idf, each table's rows of length 1."""
        return Tokens(
            weighted(self.words, weights[0]), weighted(self.pieces, weights[1]), weighted(self.attributes, weights[2])
        )


def read_tokens(rows: pd.DataFrame, reader: AttributeReader) -> Tokens:
    """Words with and without their category, character pieces, and attributes likewise."""
    categories = [str(category) for category in rows["category"]]
    titles = [neutral(str(title)).split() for title in rows["title"]]
    place, unique = pd.factorize(rows["title"].to_numpy(object))
    return Tokens(
        token_matrix(titles, categories),
        char_matrix(unique.tolist())[place],
        token_matrix(reader.tokens(list(rows["attributes"])), categories),
    )


@dataclass(frozen=True)
class Crossed:
    """The fitted regression. Without `numerics` it reads the title alone.

    `coefficients` are those of the columns of words and pieces and, with `numerics`, of attributes and their numbers.
    """

    coefficients: np.ndarray
    mean: float
    categories: dict[str, float]
    numerics: Numerics | None

    def pieces(self, tokens: Tokens, rows: pd.DataFrame, numbers: np.ndarray) -> np.ndarray:
        """The addends of each answer: words, category, attributes, and the mean; shape (rows, 4)."""
        around = rows["category"].map(self.categories).fillna(0.0).to_numpy(float)
        split, behind = np.cumsum([tokens.words.shape[1], tokens.pieces.shape[1]])
        words = tokens.words @ self.coefficients[:split] + tokens.pieces @ self.coefficients[split:behind]
        said = np.zeros(len(rows))
        if self.numerics is not None:
            last = behind + tokens.attributes.shape[1]
            said = tokens.attributes @ self.coefficients[behind:last]
            said = said + self.numerics.design(numbers, rows["category"]) @ self.coefficients[last:]
        return np.column_stack([words, around, said, np.full(len(rows), self.mean)])

    def predict(self, tokens: Tokens, rows: pd.DataFrame, numbers: np.ndarray) -> np.ndarray:
        """Log prices of rows; `tokens` weighted as those it was fitted on."""
        out: np.ndarray = self.pieces(tokens, rows, numbers).sum(axis=1)
        return out


def fit_crossed(
    tokens: Tokens,
    rows: pd.DataFrame,
    numbers: np.ndarray,
    target: np.ndarray,
    alpha: float,
    insides: Sequence[np.ndarray],
) -> list[tuple[Crossed, Crossed]]:
    """For each choice of rows (`insides`, rising places) a fit of the title alone and one that reads attributes as
    well, of rows that have none too; the tokens are weighted."""
    told, parts = [], []
    for inside in insides:
        categories = rows["category"].iloc[inside]
        around, numerics = category_means(categories, target[inside]), learn_numerics(numbers[inside], categories)
        rest = target[inside] - categories.map(around).to_numpy(float)
        design = numerics.design(numbers[inside], categories)
        parts += [Part(inside, rest, 2), Part(inside, rest, 3, (design,))]
        told += [(around, None), (around, numerics)]
    found = fit_together([tokens.words, tokens.pieces, tokens.attributes], parts, alpha)
    fits = [Crossed(*fit, around, numerics) for fit, (around, numerics) in zip(found, told, strict=True)]
    return list(zip(fits[::2], fits[1::2], strict=True))

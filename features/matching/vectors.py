"""Texts as vectors, learned here: hashed words and character pieces, weighted by rarity, turned by an SVD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp

from features.matching.side import Side, split
from features.text import inverse_document_frequency, weighted

WORD_BITS = 16
PIECE_BITS = 16
DIMENSIONS = 96
NAMES = (
    *("words_cosine", "pieces_cosine", "vector_cosine"),
    *("whole_words_cosine", "whole_pieces_cosine", "whole_vector_cosine"),
)
_PIECES = (2, 4)


@cache
def _hashers() -> tuple[Any, Any]:
    # Lazy: scikit-learn takes a second to import.
    from sklearn.feature_extraction.text import HashingVectorizer

    shared = {"alternate_sign": False, "norm": None, "lowercase": False, "dtype": np.float32}
    words = HashingVectorizer(n_features=2**WORD_BITS, analyzer=split, binary=True, **shared)
    pieces = HashingVectorizer(n_features=2**PIECE_BITS, analyzer="char_wb", ngram_range=_PIECES, binary=True, **shared)
    return words, pieces


@dataclass(frozen=True)
class Vectors:
    """The vectors of different texts, a row each, all of length 1: by words, by pieces, and dense by the SVD."""

    words: sp.csr_matrix
    pieces: sp.csr_matrix
    dense: np.ndarray
    title: np.ndarray
    """The row of the title of each side."""
    whole: np.ndarray
    """The row of the whole text of each side."""

    def cosines(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Cosines of the pairs of sides (left[i], right[i]), by number: shape (n, len(NAMES)), float64."""
        columns = []
        for row in (self.title, self.whole):
            one, other = row[left], row[right]
            columns += [_products(matrix, one, other) for matrix in (self.words, self.pieces)]
            columns.append(np.einsum("ij,ij->i", self.dense[one], self.dense[other]))
        return np.column_stack(columns).astype(np.float64)


def _products(matrix: sp.csr_matrix, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    products: np.ndarray = np.asarray(matrix[one].multiply(matrix[other]).sum(axis=1)).ravel()
    return products


@dataclass(frozen=True)
class TextSpace:
    """What was learned of texts: the rarity of words and pieces, and the directions of the SVD."""

    word_idf: np.ndarray
    piece_idf: np.ndarray
    components: np.ndarray
    """Shape (2**WORD_BITS + 2**PIECE_BITS, dimensions), float32, over [words, pieces]; rows never seen are zero."""

    @classmethod
    def fit(cls, sides: Sequence[Side], *, seed: int = 0) -> TextSpace:
        """Learn from the texts of sides: titles and whole texts alike."""
        from sklearn.utils.extmath import randomized_svd

        texts = sorted({side.title for side in sides} | {side.whole for side in sides})
        words, pieces = (hasher.transform(texts).tocsr() for hasher in _hashers())
        idf = inverse_document_frequency(words), inverse_document_frequency(pieces)
        stacked = sp.hstack([weighted(words, idf[0]), weighted(pieces, idf[1])]).tocsr()
        used = np.unique(stacked.indices)
        dimensions = min(DIMENSIONS, len(texts) - 1, len(used) - 1)
        components = np.zeros((stacked.shape[1], max(dimensions, 1)), dtype=np.float32)
        # One text, or texts without a word, have no direction of their own.
        if dimensions > 0:
            _, _, directions = randomized_svd(stacked[:, used], dimensions, n_iter=4, random_state=seed)
            components[used] = directions.T
        return cls(*idf, components)

    def vectors(self, sides: Sequence[Side]) -> Vectors:
        """Return the vectors of sides; a text that several have is turned once."""
        place: dict[str, int] = {}
        title = [place.setdefault(side.title, len(place)) for side in sides]
        whole = [place.setdefault(side.whole, len(place)) for side in sides]
        words, pieces = (hasher.transform(list(place)).tocsr() for hasher in _hashers())
        words, pieces = weighted(words, self.word_idf), weighted(pieces, self.piece_idf)
        dense = np.asarray(sp.hstack([words, pieces]).tocsr() @ self.components)
        length = np.linalg.norm(dense, axis=1, keepdims=True)
        length[length == 0] = 1
        dense = (dense / length).astype(np.float32)
        return Vectors(words, pieces, dense, np.array(title, dtype=np.intp), np.array(whole, dtype=np.intp))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what is kept of the space; rows that were never seen are left out."""
        used = np.flatnonzero(self.components.any(axis=1))
        return {
            "word_idf": self.word_idf,
            "piece_idf": self.piece_idf,
            "used": used.astype(np.int32),
            "directions": self.components[used],
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> TextSpace:
        """Make a space of what :meth:`arrays` gave."""
        components = np.zeros((2**WORD_BITS + 2**PIECE_BITS, arrays["directions"].shape[1]), dtype=np.float32)
        components[arrays["used"]] = arrays["directions"]
        return cls(arrays["word_idf"], arrays["piece_idf"], components)

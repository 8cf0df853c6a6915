"""Titles as sparse vectors: hashed words and character n-grams, so that nothing is learned but their weights."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp

from features.condition import without_condition
from features.title import plain, words

WORD_BITS = 18
CHAR_BITS = 18
TOKEN_BITS = 18


@cache
def _hashers() -> tuple[Any, Any]:
    # Lazy: scikit-learn takes a second to import, and most commands never vectorise anything.
    from sklearn.feature_extraction.text import HashingVectorizer

    word = HashingVectorizer(
        n_features=2**WORD_BITS, analyzer=_word_grams, alternate_sign=False, norm=None, binary=True, dtype=np.float32
    )
    char = HashingVectorizer(
        n_features=2**CHAR_BITS,
        analyzer="char_wb",
        ngram_range=(3, 4),
        lowercase=False,
        alternate_sign=False,
        norm=None,
        binary=True,
        dtype=np.float32,
    )
    return word, char


def _word_grams(text: str) -> list[str]:
    single = text.split()
    return single + [f"{left} {right}" for left, right in itertools.pairwise(single)]


@lru_cache(maxsize=400_000)
def neutral(title: str) -> str:
    """The words of a title that say what the thing is, without those that say in what state it is."""
    return " ".join(words(without_condition(plain(title))))


def word_matrix(titles: Sequence[str]) -> sp.csr_matrix:
    """Binary word and word-pair counts of neutral titles: shape (len(titles), 2**WORD_BITS)."""
    return _hashed(_hashers()[0], titles, WORD_BITS)


def char_matrix(titles: Sequence[str]) -> sp.csr_matrix:
    """Binary counts of 3- and 4-character pieces of neutral titles: shape (len(titles), 2**CHAR_BITS).

    The matrix must not be changed: a learning asks three times in a row for that of all its titles, cutting them into
    pieces is slow, and so the last large one is kept.
    """
    global _last
    kept = _last
    if len(kept[0]) == len(titles) >= _LARGE and kept[0] == list(titles):
        return kept[1]
    out = _hashed(_hashers()[1], titles, CHAR_BITS)
    if len(titles) >= _LARGE:
        _last = (list(titles), out)
    return out


_LARGE = 2_000
_last: tuple[list[str], sp.csr_matrix] = ([], None)


@cache
def _token_hasher() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        n_features=2**TOKEN_BITS, analyzer=_as_is, alternate_sign=False, norm=None, binary=True, dtype=np.float32
    )


def _as_is(tokens: list[str]) -> list[str]:
    return tokens


def token_matrix(rows: Sequence[list[str]]) -> sp.csr_matrix:
    """Binary counts of given tokens: shape (len(rows), 2**TOKEN_BITS)."""
    if not rows:
        return sp.csr_matrix((0, 2**TOKEN_BITS), dtype=np.float32)
    return _token_hasher().transform(rows).tocsr()


def _hashed(hasher: Any, titles: Sequence[str], bits: int) -> sp.csr_matrix:
    # Of no texts at all scikit-learn's hasher makes no matrix but an error.
    if not titles:
        return sp.csr_matrix((0, 2**bits), dtype=np.float32)
    return hasher.transform([neutral(title) for title in titles]).tocsr()


def inverse_document_frequency(matrix: sp.csr_matrix) -> np.ndarray:
    """Smoothed idf per column, ln((1 + n)/(1 + df)) + 1 (Salton and Buckley 1988, as scikit-learn smooths it)."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    weights: np.ndarray = (np.log((1 + matrix.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
    return weights


def weighted(matrix: sp.csr_matrix, idf: np.ndarray) -> sp.csr_matrix:
    """Rows times idf, scaled to length 1; an empty row stays empty."""
    out = matrix.multiply(idf[np.newaxis, :]).tocsr().astype(np.float32)
    norms = np.sqrt(np.asarray(out.multiply(out).sum(axis=1)).ravel())
    norms[norms == 0] = 1
    return sp.diags_array((1 / norms).astype(np.float32)) @ out

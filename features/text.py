"""Titles as sparse vectors: hashed words and character n-grams, so that nothing is learned but their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from features.condition import without_condition
from features.hashed import Rows, binary
from features.title import plain, words

WORD_BITS = 18
CHAR_BITS = 18
TOKEN_BITS = 18


@lru_cache(maxsize=400_000)
def neutral(title: str) -> str:
    """The words of a title that say what the thing is, without those that say in what state it is."""
    return " ".join(words(without_condition(plain(title))))


def word_matrix(titles: Sequence[str]) -> sp.csr_matrix:
    """Binary word and word-pair counts of neutral titles: shape (len(titles), 2**WORD_BITS). It must not be changed."""
    return _kept("words", _words, titles)


def char_matrix(titles: Sequence[str]) -> sp.csr_matrix:
    """Binary counts of 3- and 4-character pieces of neutral titles: shape (len(titles), 2**CHAR_BITS).

    Pieces are of one word, with a blank before and behind it. The matrix must not be changed.
    """
    return _kept("pieces", _pieces, titles)


def token_matrix(rows: Sequence[list[str]], groups: Sequence[str] | None = None) -> sp.csr_matrix:
    """Binary counts of given tokens, and of each behind its row's group where there are `groups`: shape (len(rows),
    2**TOKEN_BITS)."""
    tokens = Rows.of(rows)
    return binary([tokens] if groups is None else [tokens, tokens.within(groups)], TOKEN_BITS)


def _words(titles: Sequence[str]) -> sp.csr_matrix:
    tokens = Rows.of(neutral(title).split() for title in titles)
    return binary([tokens, tokens.pairs()], WORD_BITS)


def _pieces(titles: Sequence[str]) -> sp.csr_matrix:
    tokens = Rows.of(neutral(title).split() for title in titles)
    return binary([tokens.parts(_cut(word) for word in tokens.known)], CHAR_BITS)


def _cut(word: str) -> list[str]:
    """The pieces of a word between blanks; one too short for a piece is one."""
    inside = f" {word} "
    return [inside[at : at + 3] for at in range(max(len(inside) - 2, 1))] + [
        inside[at : at + 4] for at in range(len(inside) - 3)
    ]


_LARGE = 2_000
_last: dict[str, tuple[dict[str, int], sp.csr_matrix]] = {}


def _kept(name: str, make: Callable[[Sequence[str]], sp.csr_matrix], titles: Sequence[str]) -> sp.csr_matrix:
    """A learning asks for the matrix of all its titles and then of parts of them, the next one of hardly any others:
    the rows of the last large matrix are kept, and only titles that are not among them are read."""
    titles = list(titles)
    if len(titles) < _LARGE:
        return make(titles)
    place, matrix = _last.get(name, ({}, None))
    fresh = [title for title in dict.fromkeys(titles) if title not in place]
    if fresh:
        known = [title for title in dict.fromkeys(titles) if title in place]
        made = make(fresh)
        if known:
            made = sp.vstack([matrix[[place[title] for title in known]], made], format="csr")
        whole, place, matrix = len(place), {title: row for row, title in enumerate([*known, *fresh])}, made
        # A part with a few new titles does not put out the rest.
        if 2 * len(place) >= whole:
            _last[name] = place, matrix
    rows = np.fromiter((place[title] for title in titles), np.int64, len(titles))
    return matrix if np.array_equal(rows, np.arange(matrix.shape[0])) else matrix[rows]


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

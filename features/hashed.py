"""Tokens as sparse columns by their hash (Weinberger et al., ICML 2009): no dictionary is learned or kept.

The column of a token is |MurmurHash3(token)| modulo the number of columns, as scikit-learn's `FeatureHasher` has it.
Each different token is hashed once, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp


@dataclass(frozen=True)
class Rows:
    """Rows of tokens as numbers: `token[first[i]:first[i + 1]]` are row i's, as places in `known`."""

    known: list[str]
    token: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> Rows:
        place: dict[str, int] = {}
        token: list[int] = []
        first = [0]
        for row in rows:
            token += [place.setdefault(each, len(place)) for each in row]
            first.append(len(token))
        return cls(list(place), np.array(token, np.int64), np.array(first, np.int64))

    @property
    def row(self) -> np.ndarray:
        """The row of each token."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def pairs(self) -> Rows:
        """Each two tokens that stand side by side, as one with a blank between."""
        behind = np.ones(len(self.token), bool)
        behind[self.first[:-1][np.diff(self.first) > 0]] = False
        right = np.flatnonzero(behind)
        many = np.maximum(np.diff(self.first) - 1, 0)
        return self._joined(self.token[right - 1], self.token[right], self.known, " ", many)

    def within(self, groups: Sequence[str]) -> Rows:
        """Each token behind its row's group, with a bar between."""
        names, group = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
        return self._joined(group[self.row], self.token, names.tolist(), "|", np.diff(self.first))

    def _joined(self, left: np.ndarray, right: np.ndarray, names: list[str], between: str, many: np.ndarray) -> Rows:
        size = max(len(self.known), 1)
        both, token = np.unique(left * size + right, return_inverse=True)
        known = [f"{names[key // size]}{between}{self.known[key % size]}" for key in both.tolist()]
        return Rows(known, token, np.concatenate([[0], np.cumsum(many)]))

    def parts(self, cut: Iterable[Sequence[str]]) -> Rows:
        """Each token replaced by its parts; `cut` has those of each known token, in order."""
        pieces = Rows.of(cut)
        many = np.diff(pieces.first)[self.token]
        behind = np.cumsum(many)
        inside = np.arange(behind[-1] if len(behind) else 0) - np.repeat(behind - many, many)
        token = pieces.token[np.repeat(pieces.first[self.token], many) + inside]
        return Rows(pieces.known, token, np.concatenate([[0], behind])[self.first])


def columns(tokens: Sequence[str], bits: int) -> np.ndarray:
    """The column of each token among 2**bits."""
    out: np.ndarray = (np.abs(np.fromiter(map(_hash, tokens), np.int64, len(tokens))) % 2**bits).astype(np.int32)
    return out


@lru_cache(maxsize=400_000)
def _hash(token: str) -> int:
    from sklearn.utils import murmurhash3_32

    return int(murmurhash3_32(token, seed=0))


def binary(parts: Sequence[Rows], bits: int) -> sp.csr_matrix:
    """1 in the column of every token that one of the parts has in a row, shape (rows, 2**bits), float32."""
    place = [columns(each.known, bits)[each.token] for each in parts]
    shape = (len(parts[0].first) - 1, 2**bits)
    if len(parts) == 1:
        data = (np.ones(len(place[0]), np.float32), place[0], parts[0].first.astype(np.int32))
        out = sp.csr_matrix(data, shape=shape)
        out.sum_duplicates()
    else:
        row = np.concatenate([each.row for each in parts]).astype(np.int32)
        column = np.concatenate(place)
        out = sp.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)
        out.sum_duplicates()
    out.data[:] = 1.0
    return out

"""How a pair stands among its rivals: is this the likeliest partner in the other catalogue, and by how much?

Both catalogues are known as lists of items, without any word of which of their pairs were decided or asked. Two items
that are alike say little where a third is more so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from features.matching.item import Item
from features.matching.side import read_side
from features.matching.vectors import TextSpace, Vectors

GROUP = "competition"
_SIMILARITIES = ("title", "whole", "vector")
_OWN = ("rank", "lead", "lead_ratio", "rival", "crowd")
NAMES = tuple(
    f"{similarity}_{name}"
    for similarity in _SIMILARITIES
    for name in (*(f"left_{own}" for own in _OWN), *(f"right_{own}" for own in _OWN), "least_lead", "worst_rank")
)
_BLOCK = 256
_CROWD = 5


class Catalogue:
    """Two catalogues in which the sides of pairs stand."""

    def __init__(self, space: TextSpace, left: Sequence[Item], right: Sequence[Item]) -> None:
        self.place = tuple(
            {item: number for number, item in enumerate(dict.fromkeys(items))} for items in (left, right)
        )
        self.vectors = tuple(space.vectors([read_side(item) for item in place]) for place in self.place)

    def features(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """Columns NAMES of pairs (left[i], right[i]) of items of the catalogues: shape (n, len(NAMES))."""
        one, other = (
            np.array([place[item] for item in items], dtype=np.intp)
            for place, items in zip(self.place, (left, right), strict=True)
        )
        columns = []
        for similarity in range(len(_SIMILARITIES)):
            own = _standing(self.vectors[0], self.vectors[1], one, other, similarity)
            back = _standing(self.vectors[1], self.vectors[0], other, one, similarity)
            columns += [own, back, np.minimum(own[:, 1:2], back[:, 1:2]), np.maximum(own[:, :1], back[:, :1])]
        return np.hstack(columns) if len(one) else np.zeros((0, len(NAMES)))


def _standing(own: Vectors, others: Vectors, one: np.ndarray, other: np.ndarray, similarity: int) -> np.ndarray:
    """Columns _OWN: rank (ln(1 + number of likelier partners)), lead over the best rival, its ratio, rival, crowd."""
    out = np.zeros((len(one), len(_OWN)))
    order = np.argsort(one, kind="stable")
    for rows, block in _blocks(own, others, np.unique(one), similarity):
        inside = order[np.searchsorted(one[order], rows[0]) : np.searchsorted(one[order], rows[-1], side="right")]
        row = np.searchsorted(rows, one[inside])
        mine = block[row, other[inside]]
        crowd = min(_CROWD + 1, block.shape[1])
        best = -np.partition(-block, crowd - 1, axis=1)[:, :crowd]
        best = -np.sort(-best, axis=1)
        second = best[row, min(1, crowd - 1)]
        rival = np.where(mine >= best[row, 0], second, best[row, 0])
        above = (block[row] > mine[:, None]).sum(axis=1)
        out[inside] = np.column_stack(
            [np.log1p(above), mine - rival, mine / (rival + 1e-6), rival, best[row, :_CROWD].mean(axis=1)]
        )
    return out


def _blocks(
    own: Vectors, others: Vectors, rows: np.ndarray, similarity: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Similarities of some items to the whole other catalogue, a block of rows at a time."""
    one, other = (_turned(vectors, similarity) for vectors in (own, others))
    against = other.T
    for start in range(0, len(rows), _BLOCK):
        chosen = rows[start : start + _BLOCK]
        block = one[chosen] @ against
        yield chosen, block.toarray() if sp.issparse(block) else block


def _turned(vectors: Vectors, similarity: int) -> Any:
    """Rows whose products are the similarity: half words and half pieces of title or whole text, or the dense ones."""
    if similarity == _SIMILARITIES.index("vector"):
        return vectors.dense[vectors.title]
    at = vectors.title if similarity == _SIMILARITIES.index("title") else vectors.whole
    return sp.hstack([vectors.words[at], vectors.pieces[at]]).tocsr() * np.float32(np.sqrt(0.5))

"""The book of products and its scorer in a snapshot: written at a publish, opened for questions and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.matching.blocking import pieces
from features.matching.book import FOLDER, ProductBook
from features.matching.form import FormedProducts
from features.matching.item import Item
from features.matching.pair_model import PairModel
from features.matching.scorer import PairScorer

_BOOK, _SCORER = "book", "scorer"
# Logistic regression of "same" on the share of pieces, on the pairs of the prior that do not contradict each other.
_SLOPE, _MIDDLE = 7.1, 0.37


class WordsScorer:
    """Scores a pair by the share of pieces that its sides have in common (Dice 1945): where nothing was learned."""

    key = "words"

    def score(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """P(same product) of each pair: float64 in [0, 1], shape (n,)."""
        shares = [_share(set(pieces(one)), set(pieces(other))) for one, other in zip(left, right, strict=True)]
        chances: np.ndarray = 1 / (1 + np.exp(-_SLOPE * (np.array(shares, np.float64) - _MIDDLE)))
        return chances

    def reasons(self, left: Item, right: Item) -> list[str]:
        """How many of their words the two share, in words."""
        share = _share(set(pieces(left)), set(pieces(right)))
        return [f"{share:.0%} of their words and codes are the same"]


def save_products(formed: FormedProducts, snapshot: Path) -> None:
    """Write what a run formed into a snapshot's folder (which has no products yet)."""
    folder = snapshot / FOLDER
    formed.book.save(folder / _BOOK)
    scorer = formed.scorers.latest
    if scorer.learned:
        scorer.model.save(folder / _SCORER)


def open_book(snapshot: Path) -> ProductBook | None:
    """The book of a snapshot; None where the snapshot is from before there were any."""
    folder = snapshot / FOLDER / _BOOK
    return ProductBook.load(folder) if folder.is_dir() else None


def open_products(snapshot: Path) -> tuple[ProductBook, PairScorer] | None:
    """The book of a snapshot and the scorer of its day; None where the snapshot is from before there were any.

    Where no two listings were ever in doubt no scorer was learned; the likeness of words stands in for it.
    """
    book, folder = open_book(snapshot), snapshot / FOLDER
    if book is None:
        return None
    scorer: PairScorer = PairModel.load(folder / _SCORER) if (folder / _SCORER).is_dir() else WordsScorer()
    return book, scorer


def _share(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)

"""What every model of pairs offers: the probability that two items are the same product, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from features.matching.item import Item


class PairScorer(Protocol):
    """Judges pairs of items."""

    @property
    def key(self) -> str:
        """Return the hash of what the scorer learned from."""
        ...

    def score(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """Return P(same product) of each pair (left[i], right[i]): float64 in [0, 1], shape (n,)."""
        ...

    def reasons(self, left: Item, right: Item) -> list[str]:
        """Return what spoke for or against the pair, in plain words, the weightiest first."""
        ...

"""The open pool: all records of one side against all of the other, as a warehouse meets them.

Nobody says there which pairs are worth asking. Blocking proposes candidates for each left record, and the model judges
them. Positives are the pairs that test.txt calls the same. Pairs that train.txt or valid.txt decide are set aside, for
they are known. What no file labels counts as different, so that the precision is a lower bound.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from bench.matching_measures import Figures, precision_at_recall
from features.matching.blocking import Blocks, pieces
from features.matching.item import Item

RECALL = 0.95
CANDIDATES = 20
Pair = tuple[Item, Item]
Score = Callable[[Sequence[Item], Sequence[Item]], np.ndarray]


@dataclass(frozen=True)
class OpenPool:
    """What was found in the open pool; ``figures`` is None where blocking or model cannot reach the recall."""

    left: int
    right: int
    candidates: int
    positives: int
    proposed: float
    """Share of the positives that are among the candidates."""
    figures: Figures | None


def candidates(left: Sequence[Item], right: Sequence[Item], top: int) -> list[Pair]:
    """Pairs that blocking proposes: the `top` likeliest of the right side for each of the left."""
    blocks = Blocks.of([pieces(item) for item in right])
    proposed = []
    for item in left:
        found, _ = blocks.like(pieces(item), before=len(right), top=top)
        proposed += [(item, right[position]) for position in found.tolist()]
    return proposed


def measure(
    left: Sequence[Item],
    right: Sequence[Item],
    same: Collection[Pair],
    known: Collection[Pair],
    score: Score,
    *,
    top: int = CANDIDATES,
) -> OpenPool:
    """Propose and judge pairs of two whole sides; ``same`` are the positives, ``known`` the pairs set aside."""
    pairs = [pair for pair in candidates(left, right, top) if pair not in known]
    scores = score([one for one, _ in pairs], [other for _, other in pairs])
    truth = np.array([pair in same for pair in pairs], dtype=np.int8)
    found = precision_at_recall(truth, scores, RECALL, len(same))
    share = float(truth.sum()) / (len(same) or 1)
    return OpenPool(len(left), len(right), len(pairs), len(same), share, found)

"""What decided pairs tell of others: a thing whose match is known hardly has a second one in the same catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.matching.item import Item
from features.matching.side import read_side
from features.matching.vectors import TextSpace

GROUP = "decided"
NAMES = ("left_matched", "right_matched", "left_match_alike", "right_match_alike")


class Decided:
    """Matches that are known between two catalogues."""

    def __init__(self, space: TextSpace, left: Sequence[Item], right: Sequence[Item], same: Sequence[int]) -> None:
        self.space = space
        self.partners: tuple[dict[Item, set[Item]], dict[Item, set[Item]]] = ({}, {})
        for one, other, truth in zip(left, right, same, strict=True):
            if truth:
                self.partners[0].setdefault(one, set()).add(other)
                self.partners[1].setdefault(other, set()).add(one)

    def features(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """Columns NAMES: known matches of each side other than this pair, and how alike they are to its partner.

        A pair's own decision never counts, so that pairs one learns from read as pairs one asks about.
        """
        known = {item for partners in self.partners for item in partners}
        items = list(dict.fromkeys([*left, *right, *sorted(known, key=repr)]))
        place = {item: number for number, item in enumerate(items)}
        vectors = self.space.vectors([read_side(item) for item in items])
        dense = vectors.dense[vectors.title]
        out = np.full((len(left), len(NAMES)), np.nan)
        for row, (one, other) in enumerate(zip(left, right, strict=True)):
            for side, (own, partner) in enumerate(((one, other), (other, one))):
                matches = [place[match] for match in self.partners[side].get(own, ()) if match != partner]
                out[row, side] = len(matches)
                if matches:
                    out[row, 2 + side] = float(np.max(dense[matches] @ dense[place[partner]]))
        return out

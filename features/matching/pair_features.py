"""All plain features of pairs in one matrix, each column with a name and the group it belongs to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.matching import codes, fields, numbers, strings, vectors
from features.matching.evidence import marks
from features.matching.item import Item
from features.matching.side import Side, read_side
from features.matching.vectors import TextSpace

GROUPS = ("strings", "codes", "numbers", "price", "fields", "vectors")
# Group → features of both sides together, and those that each side has of its own.
_NAMES = {
    "strings": (strings.NAMES, strings.SIDED),
    "codes": (codes.NAMES, codes.SIDED),
    "numbers": (numbers.NAMES, numbers.SIDED),
    "price": (numbers.PRICE_NAMES, numbers.PRICE_SIDED),
}


@dataclass(frozen=True)
class PairRows:
    """Features of n pairs, shape (n, columns), NaN where not known; and the marks that words leave (see evidence)."""

    matrix: np.ndarray
    marks: list[list[str]]


@dataclass(frozen=True)
class PairFeatures:
    """Turns pairs of items into features, with what was learned of words from the items alone.

    ``sides`` says that all left items come from one source and all right ones from another, each with its own habits.
    Without it a pair has no order: the same features come out either way.
    """

    idf: dict[str, float]
    unseen: float
    fields: tuple[str, ...]
    space: TextSpace
    sides: bool

    @classmethod
    def fit(cls, items: Sequence[Item], *, sides: bool = False, seed: int = 0) -> PairFeatures:
        """Learn rarities, fields and vectors from items; what is equal counts once, no label is looked at."""
        once = sorted({(item.title, item): None for item in items}, key=lambda pair: (pair[0], repr(pair[1])))
        read = [read_side(item) for _, item in once]
        counts = Counter(word for side in read for word in side.word_set.union(side.codes))
        idf = {word: math.log((1 + len(read)) / (1 + times)) + 1 for word, times in sorted(counts.items())}
        space = TextSpace.fit(read, seed=seed)
        return cls(idf, math.log(1 + len(read)) + 1, fields.learn_fields(read), space, sides)

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        parts = [[*both, *_twice(sided)] for both, sided in _NAMES.values()]
        return [name for part in parts for name in part] + fields.field_names(self.fields) + list(vectors.NAMES)

    @property
    def groups(self) -> list[str]:
        """The group, one of GROUPS, of each column."""
        out = [group for group, (both, sided) in _NAMES.items() for _ in (*both, *_twice(sided))]
        return out + ["fields"] * len(fields.field_names(self.fields)) + ["vectors"] * len(vectors.NAMES)

    def rows(self, left: Sequence[Item], right: Sequence[Item]) -> PairRows:
        """Return the features of the pairs (left[i], right[i])."""
        if not self.sides:
            left, right = _ordered(left, right)
        place: dict[Item, int] = {}
        for item in (*left, *right):
            place.setdefault(item, len(place))
        read = [read_side(item) for item in place]
        one = np.array([place[item] for item in left], dtype=np.intp)
        other = np.array([place[item] for item in right], dtype=np.intp)
        pairs = [self._row(read[i], read[j]) for i, j in zip(one, other, strict=True)]
        width = len(self.names) - len(vectors.NAMES)
        plain = np.array([row for row, _ in pairs], dtype=np.float64).reshape(len(pairs), width)
        cosines = self.space.vectors(read).cosines(one, other) if pairs else np.zeros((0, len(vectors.NAMES)))
        matrix = np.hstack([plain, cosines])
        return PairRows(matrix if self.sides else self._unordered(matrix), [seen for _, seen in pairs])

    def _row(self, left: Side, right: Side) -> tuple[list[float], list[str]]:
        aligned = strings.align(left, right)
        row = [
            *strings.string_features(left, right, aligned, self.idf, self.unseen),
            *codes.code_features(left, right, self.idf, self.unseen),
            *numbers.number_features(left, right),
            *numbers.price_features(left, right),
            *fields.field_features(left, right, self.fields),
        ]
        return row, marks(left, right, aligned, sides=self.sides)

    def _unordered(self, matrix: np.ndarray) -> np.ndarray:
        """Put the smaller value of what each side has of its own first; NaN counts as the largest."""
        start = 0
        for both, sided in _NAMES.values():
            first = start + len(both)
            second, end = first + len(sided), first + 2 * len(sided)
            two = np.stack([matrix[:, first:second], matrix[:, second:end]])
            two.sort(axis=0)
            matrix[:, first:second], matrix[:, second:end] = two
            start = end
        return matrix


def _twice(sided: Sequence[str]) -> list[str]:
    return [f"left_{name}" for name in sided] + [f"right_{name}" for name in sided]


def _ordered(left: Sequence[Item], right: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Each pair in one fixed order, so that swapping its sides changes nothing."""
    pairs = [
        (one, other) if _place(one, other) <= _place(other, one) else (other, one)
        for one, other in zip(left, right, strict=True)
    ]
    return [one for one, _ in pairs], [other for _, other in pairs]


def _place(item: Item, other: Item) -> tuple[str, str, str]:
    # The rest of an item matters only between two of one title and key.
    tied = (item.title, item.key) == (other.title, other.key)
    return item.title, item.key, repr(item) if tied else ""

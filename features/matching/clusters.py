"""Products as clusters of keys: who belongs where, how it came to be so, and the rules of joining.

A cluster is named after the key that founded it, and its first keys speak for it for ever: a new key must agree with
all of them, so that a chain of small steps (A like B, B like C) cannot carry a product away from what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from features.matching.item import Item

How = Literal["founded", "exact", "matched", "merged", "split", "person"]


@dataclass(frozen=True, slots=True)
class Unit:
    """All listings of one key as one thing: the day it was first seen (days since 1970) and its words of that day."""

    key: str
    day: int
    item: Item


@dataclass(frozen=True, slots=True)
class Link:
    """From `day` on, listings of `key` are examples of `product`. Fields as in `warehouse.records.ProductLink`."""

    key: str
    product: str
    day: int
    how: How
    why: str
    probability: float | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """When a key joins a product. Probabilities are the scorer's."""

    candidates: int = 30
    """Keys that blocking hands over."""
    compared: int = 4
    """Of these, so many are scored: the most alike that contradict nothing."""
    alike: float = 0.2
    """Least cosine of a pair that is scored."""
    representatives: int = 5
    """The first keys of a product; the newcomer is held against each."""
    join: float = 0.6
    """Least mean probability over the representatives."""
    each: float = 0.2
    """Least probability against any of them."""
    merge: float = 0.9
    """Least mean probability, to both, of a key that shows two products to be one."""


RULES = Rules()


class Clusters:
    """The products of keys, given by their positions in an order fixed for ever; a product is its founder's position.

    `moves` collects what changed, as links; `quiet` changes are those that links told before.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys
        self.place = {key: position for position, key in enumerate(keys)}
        self.product: dict[int, int] = {}
        self.members: dict[int, list[int]] = {}
        self.how: dict[int, str] = {}
        self.moves: list[Link] = []
        self._before: dict[int, list[int]] = {}
        self._apart: dict[str, set[str]] = {}

    def keep_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keys that are never to be in one product, whatever speaks for it."""
        for one, other in pairs:
            self._apart.setdefault(one, set()).add(other)
            self._apart.setdefault(other, set()).add(one)

    def kept_apart(self, group: Iterable[int], product: int) -> bool:
        """Whether some key of a group is to be kept apart from some key of a product."""
        if not self._apart:
            return False
        for position in group:
            for other in self._apart.get(self.keys[position], ()):
                there = self.place.get(other)
                if there is not None and self.product.get(there) == product:
                    return True
        return False

    def quiet(self, link: Link) -> None:
        """Take in what an earlier run decided. A key whose product is no longer known is one by itself."""
        position = self.place.get(link.key)
        if position is not None:
            self._put(position, self.place.get(link.product, position), link.how)

    def move(
        self,
        positions: Iterable[int],
        product: int,
        day: int,
        how: How,
        why: str,
        probability: float | None = None,
        model: str | None = None,
    ) -> None:
        """Put keys into a product from a day on, and say so with a link each."""
        for position in list(positions):
            self._put(position, product, how)
            self.moves.append(Link(self.keys[position], self.keys[product], day, how, why, probability, model))

    def _put(self, position: int, product: int, how: str) -> None:
        left = self.product.get(position)
        if left == product:
            return
        if left is not None:
            self.members[left].remove(position)
            self._before.setdefault(position, []).append(left)
        self.product[position] = product
        self.how[position] = how
        self.members.setdefault(product, []).append(position)

    def representatives(self, product: int, limit: int) -> list[int]:
        """The keys that speak for a product: its founder and those that joined first."""
        return self.members[product][:limit]

    def party(self, position: int) -> list[int]:
        """Who goes with a key: all of its product where it founded that, or all that it once brought along."""
        if self.product[position] == position:
            return list(self.members[position])
        here = self.members[self.product[position]]
        return [each for each in here if each == position or position in self._before.get(each, ())]

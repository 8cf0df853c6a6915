"""Scorers that a test can foresee, and small worlds of listings."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from features.identity import product_of
from features.matching.blocking import pieces
from features.matching.clusters import Unit
from features.matching.item import Item
from features.matching.prior import make_product, write


class Overlap:
    """Scores a pair by the share of pieces it has in common (Dice 1945), steeply around `half`."""

    def __init__(self, key: str = "overlap", half: float = 0.45) -> None:
        self.key, self.half, self.asked = key, half, 0

    def score(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        self.asked += len(left)
        shared = [self._share(set(pieces(a)), set(pieces(b))) for a, b in zip(left, right, strict=True)]
        return 1 / (1 + np.exp(-14 * (np.array(shared) - self.half)))

    def reasons(self, left: Item, right: Item) -> list[str]:
        return ["alike in their words"]

    def _share(self, one: set[str], other: set[str]) -> float:
        return 2 * len(one & other) / max(len(one) + len(other), 1)


class Told:
    """Scores the pairs it was told of; all others are not the same."""

    key = "told"

    def __init__(self, **told: float) -> None:
        self.told = {frozenset(pair.split("_")): score for pair, score in told.items()}

    def score(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        return np.array([self.told.get(frozenset((a.key, b.key)), 0.0) for a, b in zip(left, right, strict=True)])

    def reasons(self, left: Item, right: Item) -> list[str]:
        return ["so it was told"]


def unit(key: str, day: int, title: str | None = None, **said: str) -> Unit:
    """A key first seen on a day; without a title all are worded alike, so that the scorer alone decides."""
    return Unit(key, day, Item(key=key, title=title or f"brass table lamp nr {key}", **said))


def world(products: int, seed: int, *, days: int = 100, each: int = 3) -> tuple[list[Unit], dict[str, int]]:
    """Units of made-up products over some days, and which product each key is of."""
    dice, units, truth = random.Random(seed), {}, {}
    for number in range(products):
        product = make_product(dice)
        for _ in range(dice.randint(1, 2 * each - 1)):
            item = write(dice, product, "")
            key = product_of(item.title, item.brand, None, None, "")
            if key not in units:
                units[key], truth[key] = Unit(key, dice.randrange(days), replace(item, key=key)), number
    return list(units.values()), truth


@pytest.fixture(scope="session")
def overlap() -> type[Overlap]:
    return Overlap


@pytest.fixture(scope="session")
def told() -> type[Told]:
    return Told


@pytest.fixture(scope="session")
def new_unit() -> Callable[..., Unit]:
    return unit


@pytest.fixture(scope="session")
def new_world() -> Callable[..., tuple[list[Unit], dict[str, int]]]:
    return world

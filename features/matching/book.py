"""The book of products: which product a key belonged to on a day, and which products a thing in question may be.

It is made from links at a publish and read from plain arrays and Parquet files, so that it opens at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.matching.blocking import Blocks, pieces, text_hashes
from features.matching.clusters import Link, Unit
from features.matching.conflict import conflict, facts_of, thing_of
from features.matching.explain import why_same
from features.matching.item import Item
from features.matching.scorer import PairScorer

FOLDER = "products"
_CANDIDATES, _TOP = 30, 5
_DAY_BITS = 24
_TEXTS = ("key", "title", "brand", "description", "category", "gtin", "mpn")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a thing may be: the probability that it is, the key that is nearest to it, and why."""

    product: str
    probability: float
    key: str
    reasons: tuple[str, ...]


class ProductBook:
    """Keys in their order with their words, and the links between keys and products."""

    def __init__(self, items: pa.Table, days: np.ndarray, links: pa.Table, blocks: Blocks) -> None:
        """`items` has a row for each key in order, `days` the day of each; `links` has key, product and day.

        Of two links of a key on one day the later row holds.
        """
        self.items, self.days, self.links, self.blocks = items, days, links, blocks
        hashed = text_hashes(links.column("key").to_pylist())
        self._known, place = np.unique(hashed, return_inverse=True)
        spans = (place.astype(np.int64) << _DAY_BITS) + np.asarray(links.column("day"), np.int64)
        order = np.argsort(spans, kind="stable")
        self._spans, self._product = spans[order], order

    @classmethod
    def of(cls, units: Sequence[Unit], links: Sequence[Link]) -> ProductBook:
        """The book of units and links, in any order; links of one key and day stand in the order they were made."""
        first: dict[str, int] = {}
        for link in links:
            first[link.key] = min(link.day, first.get(link.key, link.day))
        placed = sorted(units, key=lambda unit: (first.get(unit.key, unit.day), unit.key))
        return cls(
            _item_table([unit.item for unit in placed]),
            np.array([first.get(unit.key, unit.day) for unit in placed], np.int64),
            pa.table(
                {
                    "key": pa.array([link.key for link in links], pa.string()),
                    "product": pa.array([link.product for link in links], pa.string()),
                    "day": pa.array([link.day for link in links], pa.int64()),
                }
            ),
            Blocks.of([pieces(unit.item) for unit in placed]),
        )

    def products_on(self, keys: Sequence[str], days: np.ndarray) -> list[str]:
        """The product of each key on its day; a key is its own product before its first link, and where it has none."""
        asked = text_hashes(list(keys))
        place = np.searchsorted(self._known, asked)
        inside = np.minimum(place, max(len(self._known) - 1, 0))
        known = (self._known[inside] == asked) if len(self._known) else np.zeros(len(asked), bool)
        spans = (inside.astype(np.int64) << _DAY_BITS) + np.asarray(days, np.int64)
        last = np.searchsorted(self._spans, spans, side="right") - 1
        known &= last >= 0
        known[known] &= (self._spans[last[known]] >> _DAY_BITS) == inside[known]
        out = list(keys)
        rows = self._product[last[known]]
        for position, product in zip(np.flatnonzero(known), self._products(rows), strict=True):
            out[position] = product
        return out

    def product_on(self, key: str, day: int) -> str:
        """The product of a key on a day (days since 1970)."""
        return self.products_on([key], np.array([day]))[0]

    def knows(self, key: str, day: int) -> bool:
        """Whether a key was seen by a day (days since 1970)."""
        asked = text_hashes([key])[0]
        place = int(np.searchsorted(self._known, asked))
        if place == len(self._known) or self._known[place] != asked:
            return False
        first = int(np.searchsorted(self._spans, place << _DAY_BITS))
        return bool(self._spans[first] <= (place << _DAY_BITS) + day)

    def _products(self, rows: np.ndarray) -> list[str]:
        chosen: list[str] = self.links.column("product").take(pa.array(rows, pa.int64())).to_pylist()
        return chosen

    def resolve(
        self, item: Item, day: int, scorer: PairScorer, *, top: int = _TOP, least: float = 0.05
    ) -> list[Candidate]:
        """The products known on a day that an item may be an example of, the likeliest first; at most `top`.

        Products exclude each other. With odds o of each by itself, P = o / (1 + Σ o): what is left is the chance of
        none of them.
        """
        thing = thing_of(item)
        facts = facts_of(thing)
        fitting = [(other, thing_of(other)) for other in fits(item, self.near(item, day))]
        if not fitting:
            return []
        scores = scorer.score([item] * len(fitting), [other for other, _ in fitting])
        best: dict[str, tuple[float, Item]] = {}
        products = self.products_on([other.key for other, _ in fitting], np.full(len(fitting), day))
        for product, (other, each), score in zip(products, fitting, scores, strict=True):
            exact = (thing.gtin and thing.gtin == each.gtin) or (facts.maker and facts.maker == facts_of(each).maker)
            chance = 0.999 if exact else round(min(float(score), 0.999), 4)
            if chance > best.get(product, (-1.0, other))[0]:
                best[product] = (chance, other)
        total = 1 + sum(chance / (1 - chance) for chance, _ in best.values())
        found = [
            Candidate(product, round(chance / (1 - chance) / total, 4), other.key, _reasons(item, other, scorer))
            for product, (chance, other) in sorted(best.items(), key=lambda one: (-one[1][0], one[0]))[:top]
        ]
        return [each for each in found if each.probability >= least]

    def near(self, item: Item, day: int) -> list[Item]:
        """The wordings known on a day that are most alike an item."""
        before = int(np.searchsorted(self.days, day, side="right"))
        near, _cosines = self.blocks.like(pieces(item), before=before, top=_CANDIDATES, least=0.05)
        return self.items_at(near)

    def items_at(self, positions: np.ndarray) -> list[Item]:
        """The words of keys by their positions."""
        rows = self.items.take(pa.array(positions, pa.int64())).to_pylist()
        return [Item(**{**row, "attributes": tuple(json.loads(row["attributes"]).items())}) for row in rows]

    def save(self, folder: Path) -> None:
        """Write the book below `folder`, which must not be there."""
        folder.mkdir(parents=True)
        pq.write_table(self.items.append_column("day", pa.array(self.days, pa.int64())), folder / "keys.parquet")
        pq.write_table(self.links, folder / "links.parquet")
        self.blocks.save(folder)

    @classmethod
    def load(cls, folder: Path) -> ProductBook:
        """The book that `save` wrote."""
        keys = pq.read_table(folder / "keys.parquet", partitioning=None)
        links = pq.read_table(folder / "links.parquet", partitioning=None)
        days = keys.column("day").to_numpy()
        return cls(keys.drop_columns(["day"]), days, links, Blocks.load(folder))


def fits(item: Item, others: Sequence[Item]) -> list[Item]:
    """Those of some wordings that contradict nothing of an item."""
    facts = facts_of(thing_of(item))
    return [other for other in others if conflict(facts, facts_of(thing_of(other))) is None]


def _reasons(item: Item, other: Item, scorer: PairScorer) -> tuple[str, ...]:
    return (why_same(thing_of(item), thing_of(other)), *scorer.reasons(item, other)[:3])


def _item_table(items: Sequence[Item]) -> pa.Table:
    texts = {name: pa.array([getattr(item, name) for item in items], pa.string()) for name in _TEXTS}
    return pa.table(
        texts
        | {
            "price": pa.array([item.price for item in items], pa.float64()),
            "attributes": pa.array([json.dumps(dict(item.attributes)) for item in items], pa.string()),
        }
    )

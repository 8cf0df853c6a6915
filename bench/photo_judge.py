"""Catalogues with something left out, and who says whether two products are the same thing in other words."""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz import fuzz

from features.matching.conflict import conflict, facts_of, thing_of
from features.matching.item import Item
from features.matching.scorer import PairScorer
from features.photo.picture import Look
from features.search.product import Product
from features.text import neutral
from models.photos.evidence import Catalogue

# Two titles of one maker that contradict each other in nothing and share this much (in 100) are one thing.
_ALIKE = 60.0


class Without:
    """A catalogue without some products, and with made-up barcodes for others."""

    def __init__(self, whole: Catalogue, hidden: Callable[[Product], bool], numbers: dict[str, Product]) -> None:
        self._whole, self._hidden, self._numbers = whole, hidden, numbers

    def by_gtin(self, gtin: str) -> list[Product]:
        made_up = [self._numbers[gtin]] if gtin in self._numbers else []
        return [each for each in made_up or self._whole.by_gtin(gtin) if not self._hidden(each)]

    def named(self, gtin: str) -> str | None:
        return self._whole.named(gtin)

    def search(self, text: str, limit: int) -> list[Product]:
        # As many as are asked for: what is hidden leaves no gap.
        found = [each for each in self._whole.search(text, 100) if not self._hidden(each)]
        return found[:limit]

    def item(self, product: Product) -> Item:
        return self._whole.item(product)

    def lookalikes(self, look: Look) -> list[tuple[Product, float]]:
        return [each for each in self._whole.lookalikes(look) if not self._hidden(each[0])]


class Judge:
    """Whether two products of the warehouse are the same thing in other words."""

    def __init__(self, catalogue: Catalogue, scorer: PairScorer) -> None:
        self.catalogue, self.scorer = catalogue, scorer
        self._known: dict[tuple[str, str], bool] = {}

    def same(self, one: Product, other: Product) -> bool:
        """By codes or words shared without contradiction; of one maker, also by like words or the pair model."""
        pair = (one.product, other.product)
        if pair not in self._known:
            self._known[pair] = one.product == other.product or self._same(one, other)
        return self._known[pair]

    def _same(self, one: Product, other: Product) -> bool:
        items = [self.catalogue.item(each) for each in (one, other)]
        left, right = (thing_of(item) for item in items)
        if conflict(facts_of(left), facts_of(right)) is not None:
            return False
        shared = set(left.codes) & set(right.codes)
        if shared or set(neutral(one.title).split()) == set(neutral(other.title).split()):
            return True
        if left.brand != right.brand:
            return False
        alike = fuzz.token_set_ratio(neutral(one.title), neutral(other.title)) >= _ALIKE
        return alike or float(self.scorer.score(items[:1], items[1:])[0]) >= 0.5

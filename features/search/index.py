"""The product search of one snapshot: words and barcodes, filters, facets, pages, and what is being typed."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from features.search import query
from features.search.build import SELLERS_ADD, SHORTNESS_ADDS, Indexes
from features.search.product import Product, unpacked
from features.search.spelling import Vocabulary
from features.search.words import asked_words, key, typed, words
from warehouse.reading.gtin import read_gtin

FACETS = ("category", "brand", "grade", "price")
MOST_FOUND, DEEPEST = 100, 10_000
# Where fewer products than this have all the words, words may be missing.
FEW = 10
_MOST_VALUES = 20
_COMPLETIONS = 8
# 0–1, 1–2.5, 2.5–5, 5–10 … in the anchor currency: about equal steps to the eye of a buyer.
_BANDS = (0.0, *(step * 10.0**power for power in range(7) for step in (1, 2.5, 5)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: words, and what the products must be. Prices are in the anchor currency, both ends included."""

    text: str
    category: str | None = None
    brand: str | None = None
    region: str | None = None
    kind: str | None = None
    grade: str | None = None
    min_price: float | None = None
    max_price: float | None = None
    facets: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, and how many of the found products have it. A band of prices says where it begins and ends."""

    value: str
    products: int
    min_price: float | None = None
    max_price: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Products with their relevance (0–1), best first; how many there are in all; the facets that were asked for."""

    total: int = 0
    found: list[tuple[Product, float]] = field(default_factory=list)
    facets: dict[str, list[FacetValue]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a person may be typing: their text with its last word completed, and a product it leads to."""

    completion: str
    product: Product


class ProductSearch:
    """Searches one snapshot's products; safe to use from several threads."""

    def __init__(self, indexes: Indexes) -> None:
        self._schema, self._searcher = indexes.products.schema, indexes.products.searcher()
        self._vocabulary = Vocabulary(indexes.products, indexes.words)
        self.suggest = lru_cache(maxsize=2_000)(self._suggest)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def product(self, name: str) -> Product | None:
        """The product with this id."""
        hits = self._searcher.search(self._term("product", name), 1, count=False).hits
        return self._shown(hits[0][1]) if hits else None

    def by_barcode(self, gtin: str) -> list[Product]:
        """The products sold under a GTIN, in any of its lengths, best known first; none where it is no valid one."""
        wanted = self._barcode(gtin)
        hits = self._searcher.search(wanted, MOST_FOUND, count=False).hits if wanted is not None else ()
        return [self._shown(address) for _, address in hits]

    def best_known(self, limit: int) -> list[Product]:
        """The products that most sell, those with more listings first among equals."""
        from tantivy import Query

        hits = self._searcher.search(Query.all_query(), limit, count=False).hits
        return [self._shown(address) for _, address in hits]

    def search(self, asked: Asked) -> Answer:
        """The products that answer best. A barcode finds its product alone; what no product has finds nothing."""
        code = self._barcode(asked.text)
        if code is not None:
            return self._answer(asked, self._filtered(code, asked), 1.0)
        question = query.read(asked_words(asked.text), self._vocabulary, len(self))
        best = None
        tiers = query.tiers(question)
        for least in tiers:
            wanted = query.at_least(self._schema, question, least)
            best = wanted or best
            # Filters decide nothing here: they take away from what the words find, and never add to it.
            if wanted is not None and least != tiers[-1] and self._many(wanted):
                break
        if best is None:
            return Answer()
        worth = question.worth * (1 + SELLERS_ADD + SHORTNESS_ADDS)
        return self._answer(asked, self._filtered(best, asked), worth)

    def _suggest(self, text: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Products for a text that is being typed, the best known first, one for each title."""
        from tantivy import Occur, Query

        complete, beginning = typed(text)
        needed = [self._any(reading.text[0] for reading in self._vocabulary.readings(word)) for word in complete]
        completions = self._vocabulary.completions(beginning, _COMPLETIONS) if beginning else ()
        needed += [self._any(completions)] if beginning else []
        wanted = self._barcode(text) or (Query.boolean_query([(Occur.Must, one) for one in needed]) if needed else None)
        if wanted is None:
            return ()
        hits = self._searcher.search(wanted, 4 * limit, count=False).hits
        by_title: dict[str, Product] = {}
        for product in (self._shown(address) for _, address in hits):
            by_title.setdefault(key(product.title), product)
        shown = list(by_title.values())[:limit]
        return tuple(Suggestion(_completed(text, completions, one.title), one) for one in shown)

    def _answer(self, asked: Asked, wanted: Any, worth: float) -> Answer:
        offset, limit = min(asked.offset, DEEPEST), min(asked.limit, MOST_FOUND)
        result = self._searcher.search(wanted, limit, offset=offset, weight_by_field="standing")
        found = [(self._shown(address), round(min(1.0, score / worth), 4)) for score, address in result.hits]
        return Answer(int(result.count), found, self._facets(wanted, asked.facets))

    def _many(self, wanted: Any) -> bool:
        return len(self._searcher.search(wanted, FEW, count=False).hits) == FEW

    def _filtered(self, wanted: Any, asked: Asked) -> Any:
        """The query with what the products must be, which counts for nothing in their relevance."""
        from tantivy import FieldType, Occur, Query

        named = {
            "category": asked.category and asked.category.strip().casefold(),
            "brand": asked.brand and key(asked.brand),
            "region": asked.region and asked.region.strip(),
            "kind": asked.kind,
            "grade": asked.grade,
        }
        filters = [self._term(name, value) for name, value in named.items() if value is not None]
        if asked.min_price is not None or asked.max_price is not None:
            ends = {"lower_bound": asked.min_price, "upper_bound": asked.max_price}
            filters.append(Query.range_query(self._schema, "price", FieldType.Float, **ends))
        must = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in filters]
        return Query.boolean_query([(Occur.Must, wanted), *must]) if must else wanted

    def _facets(self, wanted: Any, names: tuple[str, ...]) -> dict[str, list[FacetValue]]:
        if not names:
            return {}
        counted = self._searcher.aggregate(wanted, {name: _aggregation(name) for name in names})
        return {name: [_value(bucket) for bucket in counted[name]["buckets"] if bucket["doc_count"]] for name in names}

    def _barcode(self, text: str) -> Any | None:
        """The query for the product with this barcode; None where the text is none, or no product has it."""
        from tantivy import Query

        code = read_gtin(text[:40])
        if code is None or not self._searcher.doc_freq("gtin", code.zfill(14)):
            return None
        return Query.const_score_query(self._term("gtin", code.zfill(14)), 1 + SELLERS_ADD + SHORTNESS_ADDS)

    def _any(self, texts: Any) -> Any:
        from tantivy import Query

        terms = [self._term(name, text) for text in texts for name in ("words", "more")]
        return Query.const_score_query(Query.disjunction_max_query(terms), 1.0) if terms else Query.empty_query()

    def _term(self, name: str, text: str) -> Any:
        from tantivy import Query

        # A command line may hand in half a character; tantivy takes whole ones.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        return Query.term_query(self._schema, name, whole, index_option="basic")

    def _shown(self, address: Any) -> Product:
        return unpacked(self._searcher.doc(address)["shown"][0])


def _aggregation(name: str) -> dict[str, Any]:
    if name != "price":
        return {"terms": {"field": name, "size": _MOST_VALUES, "order": {"_count": "desc"}}}
    bands: list[dict[str, float]] = [{"from": low, "to": high} for low, high in itertools.pairwise(_BANDS)]
    return {"range": {"field": "price", "ranges": [*bands, {"from": _BANDS[-1]}]}}


def _value(bucket: dict[str, Any]) -> FacetValue:
    low, high = bucket.get("from"), bucket.get("to")
    if low is None:
        return FacetValue(str(bucket["key"]), int(bucket["doc_count"]))
    name = f"{low:g}-" if high is None else f"{low:g}-{high:g}"
    return FacetValue(name, int(bucket["doc_count"]), low, high)


def _completed(text: str, completions: tuple[str, ...], title: str) -> str:
    """The text with its last word as the title writes it."""
    before = re.sub(r"[^\W_]+$", "", text)
    for written in re.findall(r"[^\W_]+(?:['.-][^\W_]+)*", title):
        if not set(words(written)).isdisjoint(completions):
            return f"{before}{written}"
    return text

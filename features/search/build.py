"""The index of a snapshot's products, written at its publish: tantivy's files, and with them a dictionary of all words.

    search/products/   a document for each product, the best known first
    search/words/      a document for each word that any product has, the most frequent first
    search/about.json  the version of this layout, and how many products there are

One thread writes one segment in a fixed order, and that order stands among equal answers: equal warehouses answer
equally.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from features.search.product import Product, of_row
from features.search.words import joins, key, parts, title_words, words
from features.taxonomy import tree
from warehouse.reading.gtin import read_gtin

FOLDER = "search"
PRODUCTS, WORDS, ABOUT = "products", "words", "about.json"
# The layout: a reader of another version does not understand it.
VERSION = 1
# Memory that writing may take; a million products need less than half of it.
HEAP_BYTES = 1_000_000_000
_BATCH = 10_000
# ISO 3166-2: a country, and a part of it.
_SUBDIVISION = re.compile(r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
# By how much a product that many sell, and one with a short title, stands above its equals.
SELLERS_ADD, SHORTNESS_ADDS = 0.08, 0.05
_MANY_SELLERS = 1_000


@dataclass(frozen=True, slots=True)
class Indexes:
    """tantivy's two indexes, written to the end."""

    products: Any
    words: Any


def write_index(connection: Any, folder: Path) -> int:
    """Write the index of mart.product and mart.listing into a new folder; returns how many products it has."""
    for name in (PRODUCTS, WORDS):
        (folder / name).mkdir(parents=True)
    count = build(connection, folder).products.searcher().num_docs
    for lock in folder.glob("*/.tantivy-*.lock"):
        lock.unlink()
    (folder / ABOUT).write_text(json.dumps({"version": VERSION, "products": count}) + "\n", encoding="utf-8")
    return int(count)


def build(connection: Any, folder: Path | None = None) -> Indexes:
    """Both indexes from mart.product and mart.listing: below `folder`, or in memory."""
    import tantivy

    def made(schema: Any, name: str, documents: Iterable[Any]) -> Any:
        index = tantivy.Index(schema, path=None if folder is None else str(folder / name))
        writer = index.writer(HEAP_BYTES, 1)
        for document in documents:
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index

    schema = product_schema()
    products = made(schema, PRODUCTS, (_document(tantivy, *row) for row in _rows(connection)))
    vocabulary = _vocabulary(products.searcher())
    return Indexes(products, made(word_schema(), WORDS, (tantivy.Document(word=w, products=n) for w, n in vocabulary)))


def product_schema() -> Any:
    """The fields of a product's document.

    Found by: `words` (title, brand, codes) and `more` (category, other titles), by `gtin` and `product` whole. Filtered
    and counted by: category (its own and those above it), brand, region, kind, grade, price.
    """
    import tantivy

    fields = tantivy.SchemaBuilder()
    fields.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    fields.add_text_field("more", tokenizer_name="whitespace", index_option="basic")
    for name in ("product", "gtin"):
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("category", "brand", "region", "kind", "grade"):
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    fields.add_float_field("price", fast=True)
    fields.add_float_field("standing", fast=True)
    fields.add_bytes_field("shown", stored=True)
    return fields.build()


def word_schema() -> Any:
    """The fields of a word's document: the word, and how many products have it."""
    import tantivy

    fields = tantivy.SchemaBuilder()
    fields.add_text_field("word", tokenizer_name="raw", index_option="basic", stored=True)
    fields.add_integer_field("products", fast=True)
    return fields.build()


def _rows(connection: Any) -> Iterator[tuple[Product, float | None, list[list[str]]]]:
    """Each product, its median price, and its titles, regions, kinds, grades, GTINs and part numbers."""
    sql = resources.files("features").joinpath("sql/search_rows.sql").read_text("utf-8")
    cursor = connection.execute(sql)
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            price = None if row[8] is None else float(row[8])
            yield of_row(row[:10]), price, [[str(text) for text in texts or ()] for texts in row[10:]]


def _document(tantivy: Any, product: Product, price: float | None, lists: list[list[str]]) -> Any:
    titles, regions, kinds, grades, gtins, part_numbers = lists
    own = title_words(product.title, product.brand, part_numbers)
    known = set(own.split())
    categories, category_words = _category(product.category) if product.category else ((), frozenset())
    others = [word for text in set(titles) - {product.title} for word in words(text)]
    others += [piece for word in known if len(pieces := parts(word)) > 1 for piece in pieces]
    document = tantivy.Document(
        product=product.product,
        words=own,
        more=" ".join(sorted(category_words.union(others) - known)),
        category=list(categories),
        gtin=[code.zfill(14) for code in map(read_gtin, gtins) if code],
        region=sorted({*regions, *(text[:2] for text in regions if _SUBDIVISION.match(text))}),
        kind=kinds,
        grade=grades,
        standing=_standing(max(product.sellers, 0), len(known)),
        shown=product.packed().encode(),
    )
    if product.brand and key(product.brand):
        document.add_text("brand", key(product.brand))
    if price is not None:
        document.add_float("price", price)
    return document


@lru_cache(maxsize=10_000)
def _category(name: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """A category with those above it, and the words they are called by; one the tree does not know stands alone."""
    known = tree()
    if name not in known:
        return (name,), frozenset(words(name))
    path = known.path(name)
    # Not the tree's own words: "screwdriver" would find every drill.
    texts = [name, *(known[each].label for each in path)]
    return tuple(path), frozenset(word for text in texts for word in words(text) if not joins(word))


def _standing(sellers: int, length: int) -> float:
    """What tantivy weighs a score with, as log2(2 + standing): 1 for a long title of no known seller, 1.13 at most."""
    known = min(1.0, math.log1p(sellers) / math.log1p(_MANY_SELLERS))
    return float(2 ** (1 + SELLERS_ADD * known + SHORTNESS_ADDS * 4 / (4 + length)) - 2)


def _vocabulary(searcher: Any) -> list[tuple[str, int]]:
    """All words with the number of products that have them, the most frequent first, then by the alphabet."""
    counts: dict[str, int] = dict(searcher.terms_with_prefix("more", ""))
    for word, products in searcher.terms_with_prefix("words", ""):
        counts[word] = counts.get(word, 0) + products
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))

"""What things in question are, by a market table alone: for tests on rows that no snapshot keeps a book of products of.

A valuer that took each question for a thing of its own words would not be the one that people ask, nor the one whose
replayed misses size the intervals: with a book, a wording that was met is the product that it was found to be, and
another one is held against them.
"""

from __future__ import annotations

import pandas as pd

from features.guessing import CategoryGuesses
from features.identity import product_of
from features.matching.book import ProductBook
from features.matching.clusters import Link, Unit
from features.matching.item import Item
from features.understanding import Understanding

_TOLD = ["title", "brand", "gtin", "mpn", "category"]


def understanding_of(rows: pd.DataFrame) -> Understanding:
    """The book of the products of a market table's wordings, by day. Categories are only what words and people say."""
    return Understanding(CategoryGuesses([]), book_of(rows))


def book_of(rows: pd.DataFrame) -> ProductBook:
    """The same without categories; `rows` in order of time, as a market table is."""
    rows = rows.reindex(columns=[*_TOLD, "attributes", "day", "product"])  # what a table lacks, nobody said
    before = rows.groupby(_TOLD, dropna=False, sort=False)["product"].shift()
    changed = rows[(rows["product"] != before).to_numpy()]
    units: dict[str, Unit] = {}
    links = []
    for title, brand, gtin, mpn, category, said, day, product in changed.itertuples(index=False, name=None):
        named = [_text(each) for each in (brand, gtin, mpn)]
        key = product_of(str(title), *named, str(category))
        told = tuple(sorted((str(name), str(text)) for name, text in said.items()))
        if key not in units:
            item = Item(key, str(title), brand=named[0], category=category, gtin=named[1], mpn=named[2],
                        attributes=told)  # fmt: skip
            units[key] = Unit(key, int(day), item)
        links.append(Link(key, str(product), int(day), "matched", ""))
    return ProductBook.of(list(units.values()), links)


def _text(value: object) -> str | None:
    return value or None if isinstance(value, str) else None

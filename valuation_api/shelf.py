"""The shelf: products, price histories, places and currencies of one snapshot, as its `mart` views have them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb

from features.photo.neighbours import Neighbours
from features.search.index import Answer, Asked, ProductSearch, Suggestion
from features.search.opening import open_search
from features.search.product import Product, money
from models.photos.catalogue import SnapshotCatalogue, looks_of
from warehouse import query
from warehouse.snapshot import Snapshot

__all__ = ["PricePoint", "Product", "Shelf", "open_shelf"]


@dataclass(frozen=True, slots=True)
class PricePoint:
    """The prices of one product, kind and day: median, low, high as decimal text in `currency`, over `n` listings."""

    day: date
    kind: str
    median: str
    low: str
    high: str
    n: int
    currency: str


_HISTORY = """
    SELECT day, kind, median, low, high, n, currency
    FROM mart.price_history
    WHERE product = ? AND day >= ? AND day <= ?
    ORDER BY day, kind
"""
_REGIONS = """
    SELECT region FROM mart.listing WHERE region IS NOT NULL GROUP BY region ORDER BY count(*) DESC, region LIMIT 40
"""
_CURRENCIES = """
    SELECT currency FROM mart.fx_rate UNION SELECT currency FROM mart.product WHERE currency IS NOT NULL
    ORDER BY currency
"""


class Shelf:
    """Reads one snapshot's market data: products are asked of the search index, histories of DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, products: ProductSearch) -> None:
        self._connection, self._products = connection, products
        self.regions = [str(row[0]) for row in connection.execute(_REGIONS).fetchall()]
        self.currencies = [str(row[0]) for row in connection.execute(_CURRENCIES).fetchall()]

    def __len__(self) -> int:
        """How many products there are."""
        return len(self._products)

    def product(self, name: str) -> Product | None:
        """The product with this id."""
        return self._products.product(name)

    def best_known(self, limit: int) -> list[Product]:
        """The products that most sell, best known first."""
        return self._products.best_known(limit)

    def find(self, asked: Asked) -> Answer:
        """What answers a search, with the count of all that do, and facets."""
        return self._products.search(asked)

    def search(self, text: str, limit: int) -> list[tuple[Product, float]]:
        """The products nearest to `text`, best first, with a score in 0–1; misspelt words are understood."""
        return self.find(Asked(text, limit=limit)).found

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Products for a text that is being typed."""
        return self._products.suggest(text, limit)

    def catalogue(self) -> SnapshotCatalogue:
        """What pictures are held against; it can be asked as long as the shelf is open."""
        return SnapshotCatalogue(self._connection, self._products, self._looks)

    @cached_property
    def _looks(self) -> Neighbours | None:
        with self._cursor() as cursor:
            return looks_of(cursor)

    def history(self, product: str, first: date = date.min, last: date = date.max) -> list[PricePoint]:
        """The prices of `product` day by day within [first, last], oldest first."""
        with self._cursor() as cursor:
            rows = cursor.execute(_HISTORY, [product, first, last]).fetchall()
        return [
            PricePoint(day, kind, money(median, code), money(low, code), money(high, code), n, code)
            for day, kind, median, low, high, n, code in rows
        ]

    def close(self) -> None:
        self._connection.close()

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        # A DuckDB connection serves one thread at a time; a cursor is a connection of its own to the same file.
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def open_shelf(snapshot: Snapshot) -> Shelf:
    """The shelf of `snapshot`, read-only; the file may be replaced or pruned meanwhile without harm."""
    products = open_search(snapshot)
    return Shelf(query.read_only(snapshot.database), products)

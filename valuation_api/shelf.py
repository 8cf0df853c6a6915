"""The shelf: products, price histories, places and currencies of one snapshot, as its `mart` views have them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import duckdb

from valuation_api.search import ProductIndex
from warehouse import query
from warehouse.snapshot import Snapshot
from warehouse.valuation import minor_unit


@dataclass(frozen=True, slots=True)
class Product:
    """One thing the market trades, as mart.product has it; `median_price` is decimal text in `currency`."""

    product: str
    title: str
    category: str | None
    brand: str | None
    listings: int
    sellers: int
    first_seen: date | None
    last_seen: date | None
    median_price: str | None
    currency: str | None


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


def money(amount: Any, currency: str | None) -> str:
    """An amount as decimal text with the currency's minor unit, half-even."""
    return str(Decimal(str(amount)).quantize(minor_unit(currency or "USD"), rounding=ROUND_HALF_EVEN))


_PRODUCTS = """
    SELECT product, title, category, brand, listings, sellers,
           CAST(first_seen AS DATE), CAST(last_seen AS DATE), median_price, currency
    FROM mart.product
    ORDER BY product
"""
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
    """Reads one snapshot's market data. The product list is kept in memory; histories are asked of DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.products = {row[0]: _product(row) for row in connection.execute(_PRODUCTS).fetchall()}
        self._index = ProductIndex(
            (p.product, " ".join(filter(None, (p.title, p.brand, p.category))), p.listings)
            for p in self.products.values()
        )
        self.regions = [str(row[0]) for row in connection.execute(_REGIONS).fetchall()]
        self.currencies = [str(row[0]) for row in connection.execute(_CURRENCIES).fetchall()]

    def search(self, text: str, limit: int) -> list[tuple[Product, float]]:
        """The products nearest to `text`, best first, with a score in 0–1; misspelt words are understood."""
        return [(self.products[name], score) for name, score in self._index.search(text, limit)]

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
    return Shelf(query.read_only(snapshot.database))


def _product(row: tuple[Any, ...]) -> Product:
    name, title, category, brand, listings, sellers, first_seen, last_seen, median, currency = row
    return Product(
        name,
        title or name,
        category,
        brand,
        listings,
        sellers,
        first_seen,
        last_seen,
        None if median is None else money(median, currency),
        currency,
    )

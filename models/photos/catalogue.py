"""What one snapshot holds, as the evidence of pictures asks for it: by number, by words and by looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from features.matching.item import Item
from features.matching.published import WordsScorer, open_products
from features.matching.scorer import PairScorer
from features.photo.neighbours import Neighbours
from features.photo.picture import Look
from features.search.index import Asked, ProductSearch
from features.search.product import Product
from features.thing import read_thing

_NAMED = """
    SELECT title, brand FROM mart.product_fact
    WHERE lpad(gtin, 14, '0') = ?
    ORDER BY observed_at DESC, source LIMIT 1
"""
_HAS_LOOKS = """
    SELECT 1 FROM information_schema.tables WHERE table_schema = 'mart' AND table_name = 'photo_look'
"""
_PRODUCT_OF = "SELECT product FROM mart.listing WHERE source = ? AND id = ?"


# A photo of a listing shows what it sells, but a person seldom holds that very photo in hand.
SAME_PHOTO = 0.9


class Looks(Protocol):
    """The looks of listing photos; `features.photo.neighbours.Neighbours` has them."""

    def nearest(self, look: Look, top: int) -> list[tuple[tuple[str, str], float]]:
        """The listings (source, id) whose photos are taken for the same as this look, and how alike they are (0–1)."""
        ...


class SnapshotCatalogue:
    """A catalogue over a snapshot's database and product search; safe to use from several threads."""

    def __init__(self, connection: Any, search: ProductSearch, looks: Looks | None = None) -> None:
        self._connection, self._search, self._looks = connection, search, looks

    def by_gtin(self, gtin: str) -> list[Product]:
        return self._search.by_barcode(gtin)

    def named(self, gtin: str) -> str | None:
        rows = self._rows(_NAMED, [gtin])
        if not rows:
            return None
        title, brand = rows[0]
        return title if not brand or brand.casefold() in title.casefold() else f"{brand} {title}"

    def search(self, text: str, limit: int) -> list[Product]:
        return [product for product, _ in self._search.search(Asked(text, limit=limit)).found]

    def item(self, product: Product) -> Item:
        return Item(
            key=product.product,
            title=product.title,
            brand=product.brand or read_thing(product.title).brand,
            category=product.category,
        )

    def lookalikes(self, look: Look) -> list[tuple[Product, float]]:
        if self._looks is None:
            return []
        best: dict[str, float] = {}
        for listing, alike in self._looks.nearest(look, 10):
            for (product,) in self._rows(_PRODUCT_OF, list(listing)):
                best[product] = max(best.get(product, 0.0), SAME_PHOTO * alike)
        known = ((self._search.product(name), probability) for name, probability in best.items())
        return [(product, probability) for product, probability in known if product is not None]

    def _rows(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        # A connection of DuckDB serves one thread at a time; a cursor is one of its own.
        with self._connection.cursor() as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(sql, parameters).fetchall()
        return rows


def looks_of(connection: Any) -> Neighbours | None:
    """The looks of a snapshot's listing photos; None where it is from before there were any."""
    found = connection.execute(_HAS_LOOKS).fetchone()
    return Neighbours.read(connection) if found else None


def scorer_of(snapshot: Path) -> PairScorer:
    """The pair scorer in a snapshot's folder; one that compares words alone where it has none."""
    opened = open_products(snapshot)
    return opened[1] if opened is not None else WordsScorer()

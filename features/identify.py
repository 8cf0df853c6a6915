"""What each listing is, written into the warehouse: category, key and grade, and the product that holds now.

The listing's own first observation decides, so that later observations change nothing about earlier days. Which product
a key belongs to on which day is in `core.product_link`; here is only where that stands now.
"""

from __future__ import annotations

from typing import Any, Protocol

import pyarrow as pa

from features.condition import grade
from features.identity import product_of
from features.taxonomy import read_category
from warehouse.database import script, transaction

_FIRST = """
    SELECT DISTINCT ON (source, id) source, id, title, category, brand, gtin, mpn, condition,
           date_diff('day', DATE '1970-01-01', CAST(observed_at AT TIME ZONE 'UTC' AS DATE)) AS day
    FROM core.observation ORDER BY source, id, observed_at, run, row
"""


class Guess(Protocol):
    """Categories guessed for titles whose words name none, each by what was known on the title's day."""

    def __call__(self, first: dict[str, list[Any]], categories: list[str], how: list[str]) -> list[float | None]:
        """Change `categories` and `how` in place where a guess is good enough; returns the confidence of each guess."""
        ...


def write_identity(connection: Any, guess: Guess | None = None) -> int:
    """Fill `core.identity` anew from core.observation; each listing's product is its key. Returns the rows."""
    table = connection.sql(_FIRST).to_arrow_table()
    first: dict[str, list[Any]] = {name: table.column(name).to_pylist() for name in table.column_names}
    read = [read_category(stated, title) for stated, title in zip(first["category"], first["title"], strict=True)]
    categories, how = [each.category for each in read], [each.how for each in read]
    confidence: list[float | None] = [None] * len(read)
    if guess is not None:
        confidence = guess(first, categories, how)
    named = (first[name] for name in ("title", "brand", "gtin", "mpn"))
    keys = [product_of(*row) for row in zip(*named, categories, strict=True)]
    grades = [grade(stated, title) for stated, title in zip(first["condition"], first["title"], strict=True)]
    identity = pa.table(
        {
            "source": table.column("source"),
            "id": table.column("id"),
            "product": pa.array(keys, pa.string()),
            "category": pa.array(categories, pa.string()),
            "grade": pa.array(grades, pa.string()),
            "key": pa.array(keys, pa.string()),
            "category_how": pa.array(how, pa.string()),
            "category_confidence": pa.array(confidence, pa.float64()),
        }
    )
    connection.register("new_identity", identity)
    with transaction(connection):
        connection.execute(script("core", "identity"))
        connection.execute("DELETE FROM core.identity")
        connection.execute("INSERT INTO core.identity BY NAME SELECT * FROM new_identity")
    connection.unregister("new_identity")
    return int(table.num_rows)


def write_products(connection: Any) -> None:
    """Bring `core.product_link` up to date with the links that are loaded, and each listing's product with it."""
    with transaction(connection):
        connection.execute(script("core", "product_link"))
        connection.execute(
            """UPDATE core.identity SET product = link.product FROM core.product_link AS link
               WHERE link.product_key = identity.key AND link.until IS NULL"""
        )

"""How the market names a product or a listing that is to be estimated: from a published snapshot, not from a member."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from warehouse import query

_ASKED = """
    SELECT title, brand, category FROM mart.listing
    WHERE CASE WHEN $product IS NOT NULL THEN product = $product ELSE source = $source AND id = $id END
    ORDER BY observed_at DESC, source, id LIMIT 1
"""


def words_of(database: Path, about: str) -> dict[str, str] | None:
    """Title, brand and category of "product:ID" or "listing:SOURCE/ID"; None where the market knows no such thing."""
    kind, _, name = about.partition(":")
    source, _, id = name.partition("/")
    asked = {"product": name if kind == "product" else None, "source": source, "id": id}
    with closing(query.read_only(database)) as connection:
        row = connection.execute(_ASKED, asked).fetchone()
    if row is None:
        return None
    named = zip(("title", "brand", "category"), row, strict=True)
    return {name: str(text)[:120] if name == "brand" else str(text)[:200] for name, text in named if text}

"""Records that are made once by their client's key: the key gives the id, so the row itself remembers it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from ledger.books.canonical import canonical, sha256
from ledger.books.errors import KeyReused
from ledger.books.idempotency import check_key
from ledger.books.store import UnitOfWork, insert_new


def id_of(table: Table, *, key: str, by: str) -> str:
    """The id of what `key` makes in the hands of `by`."""
    return f"{table.name[:18]}_{sha256(canonical([table.name, by, key]))[:20]}"


def insert_once(
    unit: UnitOfWork, table: Table, *, key: str, by: str, said: dict[str, Any], also: dict[str, Any]
) -> tuple[str, bool]:
    """Insert a row of `said` and `also` under the id that `key` gives in the hands of `by`; its id, and if it is new.

    The same key with the same `said` changes nothing; with another it raises `KeyReused`.
    """
    check_key(key)
    own = id_of(table, key=key, by=by)
    known = select(table).where(table.c.id == own)
    row = unit.connection.execute(known).mappings().one_or_none()
    # Looked for first: what is sent again much later might not be inserted any more (a crisis that ends in the past).
    if row is None:
        if insert_new(unit.connection, table, [{"id": own, **said, **also}]):
            return own, True
        row = unit.connection.execute(known).mappings().one()
    if any(row[name] != value for name, value in said.items()):
        raise KeyReused.of(key)
    return own, False

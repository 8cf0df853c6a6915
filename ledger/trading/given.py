"""What was given out: every valuation the API answers is kept, bytes and hash, so that a trade can freeze it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.books.canonical import sha256
from ledger.books.errors import Tampered
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import given_valuation
from warehouse.valuation import Valuation, ValuationRequest

# Databases limit the number of values in one question.
_AT_ONCE = 500


def keep(ledger: Ledger, valuation: Valuation, request: ValuationRequest) -> None:
    """Keep one valuation that is given out. Keeping it again changes nothing."""
    keep_many(ledger, [(valuation, request)])


def keep_many(ledger: Ledger, given: Sequence[tuple[Valuation, ValuationRequest]]) -> None:
    """Keep valuations that are given out, in one transaction; nothing is written for those that are kept already.

    Raises `Tampered` where an id was given out before with other bytes: equal ids stand for equal answers.
    """
    rows: dict[str, dict[str, Any]] = {}
    for valuation, request in given:
        content = valuation.canonical_json()
        rows[valuation.id] = {
            "id": valuation.id,
            "request": request.model_dump_json(),
            "content": content,
            "sha256": sha256(content),
        }
    with ledger.reading() as connection:
        new = _not_kept(connection, rows)
    if not new:
        return

    def work(unit: UnitOfWork) -> None:
        # Another writer may have kept some since we looked.
        added = insert_new(unit.connection, given_valuation, [{**rows[id], "given_at": unit.now} for id in new])
        if added != len(new):
            _not_kept(unit.connection, rows)

    ledger.transact(work)


def fetch(ledger: Ledger, id: str) -> bytes | None:
    """The exact bytes of a valuation that was given out; None where there is none. Raises `Tampered`."""
    with ledger.reading() as connection:
        return content_of(connection, id)


def content_of(connection: Connection, id: str) -> bytes | None:
    """The same, inside a transaction."""
    row = connection.execute(
        select(given_valuation.c.content, given_valuation.c.sha256).where(given_valuation.c.id == id)
    ).one_or_none()
    if row is None:
        return None
    content = bytes(row.content)
    if sha256(content) != row.sha256:
        raise Tampered(f"valuation {id} is not as it was given out: its bytes do not give their hash")
    return content


def _not_kept(connection: Connection, rows: dict[str, dict[str, Any]]) -> list[str]:
    kept: dict[str, str] = {}
    ids = list(rows)
    for start in range(0, len(ids), _AT_ONCE):
        found = connection.execute(
            select(given_valuation.c.id, given_valuation.c.sha256).where(
                given_valuation.c.id.in_(ids[start : start + _AT_ONCE])
            )
        )
        kept.update((row.id, row.sha256) for row in found)
    for id, known in kept.items():
        if known != rows[id]["sha256"]:
            raise Tampered(f"valuation {id} was given out before with other bytes; equal ids must be equal answers")
    return [id for id in ids if id not in kept]

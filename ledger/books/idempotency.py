"""Doing a thing once, however often it is asked for.

The answer is kept in the same transaction as the work, so there is no moment in which one exists without the other.
The same key with the same request gets the first answer again; with another request it is a conflict. A refusal keeps
nothing: nothing was done, and the key may be tried again. A second call that arrives while this process still works
on the first is told so; one that arrives at another process waits for the first and gets its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, select, update

from ledger.books.canonical import canonical, sha256
from ledger.books.errors import KeyInFlight, KeyReused
from ledger.books.store import Ledger, UnitOfWork, insert_new
from ledger.tables import idempotency
from warehouse.errors import BadInput

Answer = TypeVar("Answer", bound=BaseModel)
LONGEST_KEY = 255


def once(
    ledger: Ledger,
    *,
    account: str,
    key: str,
    request: Mapping[str, Any],
    answer: type[Answer],
    work: Callable[[UnitOfWork], Answer],
) -> Answer:
    """Do `work` for `account` under `key`, or give the answer it gave the first time.

    `request` is everything that was asked, the operation's name included. Raises `BadInput` for a key that cannot
    be one, `KeyReused` where the key stands for another request, `KeyInFlight` where the first is still being done.
    """
    check_key(key)
    fingerprint = sha256(canonical(dict(request)))

    def first_or_again(unit: UnitOfWork) -> Answer:
        if not _claim(unit, account, key, fingerprint):
            return _first_answer(unit.connection, account, key, fingerprint, answer)
        result = work(unit)
        kept = unit.connection.execute(
            update(idempotency)
            .where(idempotency.c.account == account, idempotency.c.key == key)
            .values(answer=result.model_dump_json())
        )
        assert kept.rowcount == 1
        return result

    with _in_flight(ledger, account, key):
        return ledger.transact(first_or_again)


def check_key(key: str) -> None:
    """Raise `BadInput` unless `key` is 1 to 255 visible ASCII characters."""
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        raise BadInput(f"an idempotency key is 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID")


def _claim(unit: UnitOfWork, account: str, key: str, fingerprint: str) -> bool:
    row = {"account": account, "key": key, "request_sha256": fingerprint, "answer": None, "created_at": unit.now}
    return insert_new(unit.connection, idempotency, [row]) == 1


def _first_answer(connection: Connection, account: str, key: str, fingerprint: str, answer: type[Answer]) -> Answer:
    row = connection.execute(
        select(idempotency.c.request_sha256, idempotency.c.answer).where(
            idempotency.c.account == account, idempotency.c.key == key
        )
    ).one()
    if row.request_sha256 != fingerprint:
        raise KeyReused(f'the idempotency key "{key}" was used before for another request; use a new key for a new one')
    assert row.answer is not None, "an answer is committed together with its key"
    return answer.model_validate_json(row.answer)


@contextmanager
def _in_flight(ledger: Ledger, account: str, key: str) -> Iterator[None]:
    with ledger.in_flight_guard:
        if (account, key) in ledger.in_flight:
            raise KeyInFlight(f'the first request with the idempotency key "{key}" is still being worked on')
        ledger.in_flight.add((account, key))
    try:
        yield
    finally:
        with ledger.in_flight_guard:
            ledger.in_flight.discard((account, key))

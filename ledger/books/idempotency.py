"""Doing a thing once, however often it is asked for.

The answer is kept in the same transaction as the work, so there is no moment in which one exists without the other. It
is written last, together with the commit: whoever comes second with a key finds it there, and all that it did is rolled
back. The same key with the same request gets the first answer again; with another request it is a conflict. A refusal
keeps nothing: nothing was done, and the key may be tried again. A second call that arrives while this process still
works on the first is told so; one that arrives at another process waits for the first and gets its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from ledger.books.canonical import canonical, sha256
from ledger.books.errors import KeyInFlight, KeyReused
from ledger.books.prepared import Prepared
from ledger.books.store import Ledger, UnitOfWork
from ledger.tables import idempotency
from warehouse.errors import BadInput, KatyError

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

    def kept(unit: UnitOfWork) -> Answer:
        result = work(unit)
        unit.commit_with(
            _KEEP,
            {
                "account": account,
                "key": key,
                "request_sha256": fingerprint,
                "answer": result.model_dump_json(),
                "created_at": unit.now,
            },
        )
        return result

    with _in_flight(ledger, account, key):
        try:
            return ledger.transact(kept, commits=True)
        except (KatyError, IntegrityError):
            # What was done before may well be refused now: then its answer is the one to give.
            with ledger.reading() as connection:
                first = _first_answer(connection, account, key, fingerprint, answer)
            if first is None:
                raise
            return first


def check_key(key: str) -> None:
    """Raise `BadInput` unless `key` is 1 to 255 visible ASCII characters."""
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        raise BadInput(f"an idempotency key is 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID")


_KEPT = select(idempotency.c.request_sha256, idempotency.c.answer).where(
    idempotency.c.account == bindparam("of"), idempotency.c.key == bindparam("named")
)
_KEEP = Prepared(insert(idempotency).values({str(column.name): bindparam(column.name) for column in idempotency.c}))


def _first_answer(
    connection: Connection, account: str, key: str, fingerprint: str, answer: type[Answer]
) -> Answer | None:
    row = connection.execute(_KEPT, {"of": account, "named": key}).one_or_none()
    if row is None:
        return None
    if row.request_sha256 != fingerprint:
        raise KeyReused.of(key)
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

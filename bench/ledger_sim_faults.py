"""Failures at the driver: the n-th call to the database raises, before or after it was done.

They are put below SQLAlchemy, in the driver's own connection and cursor, so that no call passes beside them:
statements, COPY, commits and rollbacks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import event

from ledger.books.store import Ledger

T = TypeVar("T")


class InjectedError(Exception):
    """A failure that was put in on purpose."""


class Faults:
    """Counts the calls to the database, and raises at one of them once it is armed."""

    def __init__(self) -> None:
        self.calls = 0
        self.where = ""
        self._left = 0
        self._after = False
        self._error: Callable[[], Exception] = InjectedError

    def arm(self, number: int, *, after: bool, error: Callable[[], Exception] = InjectedError) -> None:
        """Let the `number`-th call from now on raise, once: before it is done, or after."""
        self._left, self._after, self._error = number, after, error

    def disarm(self) -> bool:
        """Let nothing raise any more; whether something was still to come."""
        waiting, self._left = self._left > 0, 0
        return waiting

    def call(self, what: str, do: Callable[[], T], drop: Callable[[], None] = lambda: None, said: str = "") -> T:
        """One call to the database, of the text `said`. Where it fails after it was done, what it opened is dropped:
        nobody fetches it."""
        self.calls += 1
        fails = self._left == 1
        self._left = max(self._left - 1, 0)
        if fails:
            self.where = f"{'after' if self._after else 'before'} a {what}"
        if fails and not self._after:
            raise self._error()
        done = do()
        if fails:
            drop()
            raise self._error()
        return done

    def put_under(self, ledger: Ledger) -> None:
        """From now on every call of these books comes through here."""
        make = _postgresql if ledger.engine.dialect.name == "postgresql" else _sqlite
        connect = make(self)

        @event.listens_for(ledger.engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, words: Any, named: Any) -> Any:
            return connect(*words, **named)

        ledger.engine.dispose()


def _sqlite(faults: Faults) -> Callable[..., Any]:
    class Cursor(sqlite3.Cursor):
        def execute(self, *said: Any) -> Any:
            return faults.call("statement", lambda: sqlite3.Cursor.execute(self, *said), self.close, said[0])

        def executemany(self, *said: Any) -> Any:
            return faults.call("statement", lambda: sqlite3.Cursor.executemany(self, *said), said=said[0])

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, *said: Any) -> Any:
            return self.cursor().execute(*said)

        def executemany(self, *said: Any) -> Any:
            return self.cursor().executemany(*said)

        def commit(self) -> None:
            faults.call("commit", lambda: sqlite3.Connection.commit(self))

        def rollback(self) -> None:
            faults.call("rollback", lambda: sqlite3.Connection.rollback(self))

    return lambda *words, **named: sqlite3.connect(*words, **{**named, "factory": Connection})


def _postgresql(faults: Faults) -> Callable[..., Any]:
    import psycopg

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, *words: Any, **named: Any) -> Any:
            return faults.call(
                "statement", lambda: psycopg.Cursor.execute(self, *words, **named), self.close, str(words[0])
            )

        def executemany(self, *words: Any, **named: Any) -> Any:
            return faults.call(
                "statement", lambda: psycopg.Cursor.executemany(self, *words, **named), said=str(words[0])
            )

        def copy(self, *words: Any, **named: Any) -> Any:
            return faults.call("statement", lambda: psycopg.Cursor.copy(self, *words, **named), said="COPY")

    class Connection(psycopg.Connection[Any]):
        def commit(self) -> None:
            faults.call("commit", lambda: psycopg.Connection.commit(self))

        def rollback(self) -> None:
            faults.call("rollback", lambda: psycopg.Connection.rollback(self))

    return lambda *words, **named: Connection.connect(*words, **{**named, "cursor_factory": Cursor})


def collided() -> Exception:
    """What PostgreSQL says where a transaction is to be tried again."""
    import psycopg

    return psycopg.errors.SerializationFailure("put in on purpose: try again")

"""Opening the books, and the unit of work: everything written inside it is kept together or not at all.

SQLite (WAL, every commit on disk before it is confirmed) takes writers one at a time. PostgreSQL takes many: they
queue for the rows they need, always in the same order (trade, balances by account, chain head, idempotency key), so
that they cannot wait for each other in a circle.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Table, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from ledger.books import migrate
from ledger.books.engine import WAIT_SECONDS, engine_of, target_of
from ledger.books.prepared import Prepared, in_company, together
from ledger.policy import crises
from ledger.policy import dated as policy
from ledger.policy.dated import Policies, Policy
from warehouse.errors import BadInput, Busy

T = TypeVar("T")
Clock = Callable[[], datetime]

_ATTEMPTS = 8
# Serialization failure and deadlock: PostgreSQL asks for the transaction to be tried again.
_TRY_AGAIN = {"40001", "40P01"}


def instant_text(moment: datetime) -> str:
    """A moment as the books keep it: UTC, microseconds, fixed width."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(slots=True)
class UnitOfWork:
    """One transaction for writing. What is not committed when it ends is rolled back.

    `now` is the moment it began, as the books keep it; `policy` the one that holds then.
    """

    connection: Connection
    now: str
    policy: Policy
    policies: Policies
    _committed: bool = False
    _travelling: ExitStack = field(default_factory=ExitStack)

    @property
    def today(self) -> str:
        """The day (UTC) on which it began."""
        return self.now[:10]

    def commit(self) -> None:
        """Keep everything; when this returns it is on disk."""
        assert not self._committed, "a unit of work is committed once"
        _or_drop(self.connection, self.connection.commit)
        self._committed = True

    def travel(self) -> None:
        """From here to the commit nothing is waited for: what is written travels to PostgreSQL together with it.

        Only prepared statements may follow, and `commit_with`.
        """
        self._travelling.enter_context(together(self.connection))

    def commit_with(self, last: Prepared, values: Mapping[str, Any]) -> None:
        """The same, with a last statement that travels together with it."""
        assert not self._committed, "a unit of work is committed once"

        def end() -> None:
            with self._travelling:
                if self.connection.dialect.name == "postgresql" and not in_company(self.connection):
                    self.travel()
                last.run(self.connection, values)
                self.connection.commit()

        _or_drop(self.connection, end)
        self._committed = True

    def stop_travelling(self) -> None:
        """Whatever happened, the connection is as any other again."""
        with suppress(DBAPIError):
            self._travelling.close()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of a community: a database, its policies and a clock. Safe to share between threads."""

    engine: Engine
    policies: Policies
    clock: Clock
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    in_flight_guard: threading.Lock = field(default_factory=threading.Lock)
    # SQLite's own way of waiting is to try again and again; threads of one process queue here instead.
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def policy(self) -> Policy:
        """The policy that holds today, with the crises that are open."""
        day = self.clock().astimezone(UTC).date()
        dated = self.policies.on(day)
        if not dated.sections.crises:
            return dated
        with self.reading() as connection:
            return crises.in_force(connection, dated, day)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the books throughout, whatever is written meanwhile."""
        options: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
        except DBAPIError as error:
            raise _told(error) or error from error.orig

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """A transaction for writing; call `commit` on it, or it never was."""
        with self._our_turn(), self.engine.connect().execution_options(katy_write=True) as connection:
            now = self.clock()
            day = now.astimezone(UTC).date()
            dated = self.policies.on(day)
            connection.begin()
            try:
                with together(connection):  # the transaction's beginning travels with the question
                    today = crises.in_force(connection, dated, day)
                unit = UnitOfWork(connection, instant_text(now), today, self.policies)
                try:
                    yield unit
                finally:
                    unit.stop_travelling()
            finally:
                if connection.in_transaction():
                    _or_drop(connection, connection.rollback)

    def transact(self, work: Callable[[UnitOfWork], T], *, commits: bool = False) -> T:
        """Do `work` in a unit of work and commit it, unless `work` itself `commits`. It may be called again where the
        database asks for it.

        Raises `Busy` where the database did not let this writer in for half a minute.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self.unit_of_work() as unit:
                    result = work(unit)
                    if not commits:
                        unit.commit()
                    return result
            except IntegrityError:
                # What another one has just written; whoever asked knows what that means.
                raise
            except DBAPIError as error:
                if _sqlstate(error) not in _TRY_AGAIN:
                    raise _told(error) or error from error.orig
                time.sleep(random.uniform(0.0, 0.01 * 2**attempt))
        raise Busy(f"the ledger is too busy: {_ATTEMPTS} attempts collided with others; try again in a moment")

    def close(self) -> None:
        """Give the connections back. A closed ledger opens new ones when it is used again."""
        self.engine.dispose()

    @contextmanager
    def _our_turn(self) -> Iterator[None]:
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise Busy("the ledger is being written to by others; try again in a moment")
        try:
            yield
        finally:
            self._turn.release()


def _or_drop(connection: Connection, end: Callable[[], None]) -> None:
    """End a transaction. Where that fails, its connection is closed for good: it may still hold what it had locked."""
    try:
        end()
    except BaseException as error:
        sound = False
        with suppress(Exception):
            # SQLite keeps a closed connection, and its lock, for as long as somebody holds the error that tells of it.
            cast(Any, connection.connection).rollback()
            sound = isinstance(error, IntegrityError)  # what travelled with the commit was refused, and nothing else
        if not sound:
            connection.invalidate()
        raise


def open_ledger(url: str, *, clock: Clock, policy_file: Path | None = None) -> Ledger:
    """Open the books at a SQLAlchemy URL (SQLite or PostgreSQL) and bring their tables up to date.

    `clock` says the time now (aware); `policy_file` holds the community's policy, the built-in defaults otherwise.
    Raises `BadInput` where the URL, the file or the database cannot be used.
    """
    policies = policy.read(policy_file or policy.DEFAULT)
    target = target_of(url)
    shown = target.render_as_string(hide_password=True)
    engine = engine_of(target)
    try:
        migrate.upgrade(engine)
    except DBAPIError as error:
        engine.dispose()
        if _is_locked(error):
            raise Busy(f"the ledger at {shown} is being written to by another process; try again") from error
        raise BadInput(
            f"the ledger at {shown} cannot be opened: {error.orig}; check the URL in KATY_LEDGER_URL"
        ) from error
    except BaseException:
        engine.dispose()
        raise
    return Ledger(engine, policies, clock)


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows that clash with none that is there; the number that were new.

    On PostgreSQL this waits for a transaction that is inserting the same key, and goes by how that one ends.
    """
    name = connection.dialect.name
    return sum(len(_new_insert(name, table, tuple(row)).rows(connection, row)) for row in rows)


@lru_cache
def _new_insert(dialect: str, table: Table, columns: tuple[str, ...]) -> Prepared:
    into = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    added = into.values({name: bindparam(name) for name in columns}).on_conflict_do_nothing()
    # The driver's row count does not tell the two cases apart on every database; a returned row does.
    return Prepared(added.returning(*table.primary_key.columns))


# From so many rows on PostgreSQL is faster with COPY.
_COPIED = 50


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert many new rows, the fastest way the database has; all of them or an error."""
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= _COPIED:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    _plain_insert(table, tuple(columns)).run_many(connection, [dict(zip(columns, row, strict=True)) for row in rows])


@lru_cache
def _plain_insert(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}))


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_locked(error: DBAPIError) -> bool:
    return _sqlstate(error) == "55P03" or (
        isinstance(error, OperationalError) and "database is locked" in str(error.orig)
    )


def _told(error: DBAPIError) -> Busy | None:
    """What only needs time, as such; None for everything else."""
    if _is_locked(error):
        return Busy("the ledger is being written to by others; try again in a moment")
    # PostgreSQL is not there, or ended this connection: class 08, 57P0x, or no answer at all.
    if error.connection_invalidated or (_sqlstate(error) or "").startswith(("08", "57P0")):
        return Busy("the ledger's database cannot be reached now; the same idempotency key makes it safe to try again")
    return None

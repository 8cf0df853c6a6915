"""Opening the books, and the unit of work: everything written inside it is kept together or not at all.

SQLite (WAL, every commit on disk before it is confirmed) takes writers one at a time. PostgreSQL takes many: they
queue for the rows they need, always in the same order (idempotency key, trade, balances by account, chain head), so
that they cannot wait for each other in a circle.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from ledger.books import migrate
from ledger.policy import dated as policy
from ledger.policy.dated import Policies, Policy
from warehouse.errors import BadInput, Busy

T = TypeVar("T")
Clock = Callable[[], datetime]

WAIT_SECONDS = 30.0
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

    def commit(self) -> None:
        """Keep everything; when this returns it is on disk."""
        assert not self._committed, "a unit of work is committed once"
        _or_drop(self.connection, self.connection.commit)
        self._committed = True


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
        """The policy that holds today."""
        return self.policies.on(self.clock().astimezone(UTC).date())

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
            today = self.policies.on(now.astimezone(UTC).date())
            work = UnitOfWork(connection, instant_text(now), today, self.policies)
            connection.begin()
            try:
                yield work
            finally:
                if connection.in_transaction():
                    _or_drop(connection, connection.rollback)

    def transact(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do `work` in a unit of work and commit it. `work` may be called again where the database asks for it.

        Raises `Busy` where the database did not let this writer in for half a minute.
        """
        for attempt in range(_ATTEMPTS):
            try:
                with self.unit_of_work() as unit:
                    result = work(unit)
                    unit.commit()
                    return result
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
    except BaseException:
        connection.invalidate()
        raise


def open_ledger(url: str, *, clock: Clock, policy_file: Path | None = None) -> Ledger:
    """Open the books at a SQLAlchemy URL (SQLite or PostgreSQL) and bring their tables up to date.

    `clock` says the time now (aware); `policy_file` holds the community's policy, the built-in defaults otherwise.
    Raises `BadInput` where the URL, the file or the database cannot be used.
    """
    policies = policy.read(policy_file or policy.DEFAULT)
    target = _target(url)
    shown = target.render_as_string(hide_password=True)
    engine = _engine(target)
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
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = 0
    for row in rows:
        # The driver's row count does not tell the two cases apart on every database; a returned row does.
        added = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key.columns)
        new += connection.execute(added).first() is not None
    return new


def _target(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise BadInput(
            "the ledger's URL cannot be read; write sqlite:////folder/ledger.sqlite or postgresql://…"
        ) from error
    if target.drivername in {"postgresql", "postgres"}:
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() not in {"sqlite", "postgresql"}:
        raise BadInput(f"the ledger can be kept in SQLite or PostgreSQL, not in {target.get_backend_name()}")
    if target.get_backend_name() == "sqlite":
        if target.database in {None, "", ":memory:"}:
            raise BadInput("the ledger's URL names no file; write sqlite:////folder/ledger.sqlite")
        _make_private_file(Path(str(target.database)))
    return target


def _make_private_file(path: Path) -> None:
    # Who traded what with whom is nobody else's business on a shared machine; SQLite's side files follow this mode.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise BadInput(f"the ledger's file {path} cannot be made: {error.strerror}; choose another folder") from error


def _engine(target: URL) -> Engine:
    if target.get_backend_name() == "postgresql":
        # Nobody waits for ever for somebody who holds a row, and nobody holds one for ever.
        limits = f"-c lock_timeout={WAIT_SECONDS:.3f}s -c idle_in_transaction_session_timeout={2 * WAIT_SECONDS:.3f}s"
        arguments = {} if "options" in target.query else {"options": limits}
        return create_engine(target, pool_size=20, max_overflow=20, pool_pre_ping=True, connect_args=arguments)
    engine = create_engine(target, pool_size=20, max_overflow=20, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        # Python's own handling of transactions begins them too late; `_begin` below does it.
        connection.isolation_level = None
        # What a person deletes is overwritten, not only forgotten.
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the one write lock before it reads what it decides on.
        writes = connection.get_execution_options().get("katy_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


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

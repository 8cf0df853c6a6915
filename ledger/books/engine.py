"""The databases that books are kept in: which URLs name one, and how connections to them are set up."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from warehouse.errors import BadInput

WAIT_SECONDS = 30.0
_IDLE_SECONDS = 3.0
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    # What a person deletes is overwritten, not only forgotten.
    "secure_delete = ON",
    # Ids come in no order, so a batch touches pages all over the indices: they are kept at hand (64 MB at most, of each
    # connection that reads so much), and carried from the log into the file when many (40 MB) have come together.
    "cache_size = -65536",
    "wal_autocheckpoint = 10000",
)


def _news(record: logging.LogRecord) -> bool:
    # Where statements travel together psycopg remarks on what the first error ended, which is raised anyway.
    return not record.getMessage().startswith("error ignored terminating")


logging.getLogger("psycopg").addFilter(_news)


def target_of(url: str) -> URL:
    """A URL as SQLAlchemy takes it; a file that it names is made. Raises `BadInput` where it names no books."""
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


def engine_of(target: URL) -> Engine:
    """The engine of a database: limits on waiting, full durability, and transactions that begin when they should."""
    if target.get_backend_name() == "postgresql":
        # Nobody waits for ever for somebody who holds a row, and nobody holds one for ever.
        limits = f"-c lock_timeout={WAIT_SECONDS:.3f}s -c idle_in_transaction_session_timeout={2 * WAIT_SECONDS:.3f}s"
        arguments = {} if "options" in target.query else {"options": limits}
        engine = create_engine(target, pool_size=20, max_overflow=20, connect_args=arguments)
        _ping_the_idle(engine)
        return engine
    engine = create_engine(target, pool_size=20, max_overflow=20, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        # Python's own handling of transactions begins them too late; `_begin` below does it.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the one write lock before it reads what it decides on.
        writes = connection.get_execution_options().get("katy_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _ping_the_idle(engine: Engine) -> None:
    """A connection that was not used for some seconds is asked whether it still is one; asking each time is dear."""

    @event.listens_for(engine, "checkin")
    def _used(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < _IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the server ended an idle connection") from error

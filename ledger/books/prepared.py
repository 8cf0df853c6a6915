"""Statements that are written in SQLAlchemy Core, compiled once and handed to the driver as they are.

Building, keying and wrapping a statement costs more than a small database takes to carry it out; what every payment
runs through is therefore prepared. On PostgreSQL, statements whose results are not waited for travel together
(pipeline). Errors and the engine's `before_cursor_execute` are as everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Prepared:
    """A Core statement whose values are all named by `bindparam`; safe to share between threads and engines."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def rows(self, connection: Connection, values: Values) -> Rows:
        """Run it and fetch all its rows. Raises what SQLAlchemy raises."""
        with _errors(connection, self.statement, values):
            found: Rows = self._run(connection, values).fetchall()
            return found

    def run(self, connection: Connection, values: Values) -> None:
        """Run it. Inside `together` an error may come with a later statement, and at the latest at its end."""
        with _errors(connection, self.statement, values):
            self._run(connection, values)

    def run_many(self, connection: Connection, values: Sequence[Values]) -> None:
        """Run it for each of many values; on PostgreSQL they travel together."""
        text, places = self._text(connection)
        said = [[each[name] for name in places] for each in values] if places is not None else values
        driver: Any = connection.connection.driver_connection
        with _errors(connection, self.statement, {}):
            _hear(connection, text, said, many=True)
            driver.cursor().executemany(text, said)

    def _run(self, connection: Connection, values: Values) -> Any:
        text, places = self._text(connection)
        said: Any = [values[name] for name in places] if places is not None else values
        driver: Any = connection.connection.driver_connection
        _hear(connection, text, said, many=False)
        return driver.execute(text, said)

    def _text(self, connection: Connection) -> tuple[str, list[str] | None]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self.statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
            places = list(compiled.positiontup) if compiled.positional else None
            self._compiled[name] = (str(compiled), places)
        return self._compiled[name]


def in_company(connection: Connection) -> bool:
    """Whether statements travel together now."""
    driver: Any = connection.connection.driver_connection
    return getattr(driver, "pgconn", None) is not None and driver.pgconn.pipeline_status != 0


def _hear(connection: Connection, text: str, said: Any, *, many: bool) -> None:
    for heard in connection.dispatch.before_cursor_execute:
        heard(connection, None, text, said, None, many)


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Statements that travel to PostgreSQL together, in another such block with those of that one; nothing else happens
    on SQLite, which is in this process."""
    if connection.dialect.name != "postgresql":
        yield
        return
    if in_company(connection):
        yield
        return
    driver: Any = connection.connection.driver_connection
    with _errors(connection, None, {}), driver.pipeline():
        yield


@contextmanager
def _errors(connection: Connection, statement: Executable | None, values: Values) -> Iterator[None]:
    """The driver's errors as SQLAlchemy tells them."""
    dialect: Any = connection.dialect
    base = dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)
        raise DBAPIError.instance(
            str(statement), _shown(values), error, base, connection_invalidated=gone, dialect=dialect
        ) from error


def _shown(values: Values) -> Sequence[Any]:
    return [dict(values)]

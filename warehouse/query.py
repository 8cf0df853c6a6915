"""SQL on a published snapshot: read-only, shut off from files and network, and stopped at its time limit."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.errors import BadInput, KatyError
from warehouse.snapshot import Snapshot

# Every reader in a process shares DuckDB's instance of the file, and with it this configuration: open snapshots only
# through `read_only`. A snapshot's folder takes no scratch files, so what does not fit into memory fails.
_CONFIG = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "TimeZone": "UTC",
    "memory_limit": "2GB",
    "lock_configuration": "true",
}
# DESCRIBE, SHOW, SUMMARIZE, VALUES and FROM are SELECT to DuckDB.
_READING = {"SELECT", "EXPLAIN"}
EXPORT_BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gave: at most `max_rows` rows (`truncated` says that there were more) of one snapshot."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool
    snapshot_id: str


def read_only(path: Path, memory: str | None = None, threads: int | None = None) -> DuckDBPyConnection:
    """A connection that can only read this database file: no writing, no files, no network, no other settings.

    `memory` and `threads` limit a process that reads nothing else; within one process all readers must agree.

    Any number of readers, also of other processes, may have the file open; other threads use `connection.cursor()`.
    """
    if not path.is_file():
        raise KatyError(
            f"{path} is not there: the snapshot was removed or is damaged; `katy snapshots` lists the others"
        )
    config = dict(_CONFIG)
    if memory is not None:
        config["memory_limit"] = memory
    if threads is not None:
        config["threads"] = str(threads)
    try:
        return duckdb.connect(str(path), read_only=True, config=config)
    except duckdb.Error as error:
        raise KatyError(f"{path} cannot be read: {error}. Run `katy run` to publish a whole snapshot") from error


def run(
    snapshot: Snapshot,
    sql: str,
    *,
    seconds: float,
    max_rows: int,
    memory: str | None = None,
    threads: int | None = None,
) -> Result:
    """Run one reading statement. BadInput: not SQL, not one statement, not reading; KatyError: too slow or big.

    `memory` and `threads` as in `read_only`.
    """
    with _reading(snapshot, sql, seconds, memory, threads) as connection:
        cursor = connection.execute(sql)
        columns = [column[0] for column in cursor.description or []]
        rows = cursor.fetchmany(max_rows + 1)
    return Result(columns, rows[:max_rows], len(rows) > max_rows, snapshot.id)


def export(snapshot: Snapshot, sql: str, target: Path, *, seconds: float) -> int:
    """Write all rows of one reading statement to a Parquet file, whole or not at all; returns how many. Errors as run.

    The file's metadata names the snapshot under the key "snapshot".
    """
    import pyarrow.parquet as pq

    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    rows = 0
    try:
        with _reading(snapshot, sql, seconds) as connection:
            batches = connection.sql(sql).to_arrow_reader(EXPORT_BATCH_ROWS)
            schema = batches.schema.with_metadata({"snapshot": snapshot.id})
            with pq.ParquetWriter(unfinished, schema, compression="zstd") as out:
                for batch in batches:
                    out.write_batch(batch.replace_schema_metadata(schema.metadata))
                    rows += batch.num_rows
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def export_view(snapshot: Snapshot, view: str, target: Path, *, where: str = "", seconds: float) -> int:
    """Write a documented view (`schema.name`), or its rows for which a SQL condition holds. Otherwise as export.

    The view's name must be one of `dictionary.dictionary`'s: it becomes part of the statement.
    """
    schema, _, name = view.partition(".")
    condition = f" WHERE (\n{where}\n)" if where.strip() else ""
    # The condition is an analyst's own SQL, run where it can only read.
    return export(snapshot, f'SELECT * FROM "{schema}"."{name}"{condition}', target, seconds=seconds)  # noqa: S608


@contextmanager
def reading(snapshot: Snapshot) -> Iterator[DuckDBPyConnection]:
    """A connection of `read_only`, closed at the end of the block."""
    connection = read_only(snapshot.database)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _reading(
    snapshot: Snapshot, sql: str, seconds: float, memory: str | None = None, threads: int | None = None
) -> Iterator[DuckDBPyConnection]:
    """A connection on which the statement may run, for as long as it may; whatever stops it is told in words."""
    connection = read_only(snapshot.database, memory, threads)
    try:
        _check(connection, sql)
        with _time_limit(connection, seconds):
            yield connection
    except duckdb.InterruptException:
        raise KatyError(
            f"the query was stopped after {seconds:g} seconds: narrow it (a WHERE, a LIMIT) or allow it more time"
        ) from None
    except duckdb.OutOfMemoryException:
        raise KatyError("the query needs more memory than it may have: narrow it, or let it group more") from None
    except (duckdb.PermissionException, duckdb.InvalidInputException) as error:
        raise BadInput(f"refused: {_first_line(error)}. SQL reads the published snapshot and nothing else") from None
    except duckdb.Error as error:
        raise BadInput(f"the query failed: {_first_line(error)}") from None
    finally:
        connection.close()


def _check(connection: DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise BadInput(f"one statement at a time: this has {len(statements)}")
    kind = statements[0].type.name
    if kind not in _READING:
        raise BadInput(
            f"{kind} is refused: SQL reads the published snapshot and changes neither it nor any setting. "
            "Use SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; `katy import` brings data in"
        )


@contextmanager
def _time_limit(connection: DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt the connection's query after so many seconds."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # the connection must outlive an interrupt that is just on its way


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")

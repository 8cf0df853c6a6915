"""The writer's DuckDB file: opened by one process at a time, under `lock.writer`.

Raw tables are laid out by `records.arrow_schema`, so that records and SQL cannot drift apart. Everything in the file
can be built again from the landing files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.errors import Busy, KatyError
from warehouse.home import Home
from warehouse.records import DECIMAL, RECORDS, Record, arrow_schema

SQL = Path(__file__).parent / "sql"
SCHEMAS = ("raw", "core", "mart", "ops")
_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    DECIMAL: f"DECIMAL({DECIMAL.precision}, {DECIMAL.scale})",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    pa.date32(): "DATE",
}


def open_writer(home: Home) -> DuckDBPyConnection:
    """The writer's connection, with every raw and ops table there and up to date. Call it inside `lock.writer`.

    What a killed writer left in its write-ahead log is taken in when it was committed and dropped when it was not.
    Raises Busy while another program has the file open, KatyError when the file cannot be read.
    """
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    config = {"TimeZone": "UTC", "autoinstall_known_extensions": "false", "python_enable_replacements": "false"}
    try:
        connection = duckdb.connect(str(home.warehouse), config=config)
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise Busy(
                f"{home.warehouse} is open in another program, which writes past Katy's own lock: close it there. "
                "To look at the data use `katy sql`, which reads the published snapshot"
            ) from error
        raise KatyError(
            f"{home.warehouse} cannot be opened: {error}. Everything in it came from {home.landing}: "
            "move the file (and its .wal) away, and the next run builds it again"
        ) from error
    try:
        _lay_out(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def script(layer: str, name: str) -> str:
    """The text of one SQL file: script("core", "observation") is warehouse/sql/core/observation.sql."""
    return (SQL / layer / f"{name}.sql").read_text(encoding="utf-8")


@contextlib.contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """All that is done in the block, or nothing of it."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def sql_columns(record: type[Record]) -> dict[str, str]:
    """The columns of a record's raw table with their SQL types, in order; `loaded_at` is added by the load."""
    return {
        field.name: _SQL_TYPES[field.type] + ("" if field.nullable else " NOT NULL") for field in arrow_schema(record)
    } | {"loaded_at": "TIMESTAMPTZ NOT NULL"}


def _lay_out(connection: DuckDBPyConnection) -> None:
    """Create what is missing and take in fields that a record has gained since; each step is there whole or not."""
    with transaction(connection):
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for name, record in RECORDS.items():
            if _lay_out_table(connection, name, sql_columns(record)):
                connection.execute(script("raw", name))
        if not _columns(connection, "ops", "loaded_file"):
            connection.execute(script("ops", "loaded_file"))


def _lay_out_table(connection: DuckDBPyConnection, name: str, wanted: dict[str, str]) -> bool:
    """Make raw.<name> have the wanted columns; True when it was changed."""
    have = _columns(connection, "raw", name)
    if not have:
        columns = ", ".join(f'"{column}" {kind}' for column, kind in wanted.items())
        connection.execute(f"CREATE TABLE raw.{name} ({columns})")
        return True
    missing = [column for column in wanted if column not in have]
    for column in missing:
        if "NOT NULL" in wanted[column]:
            raise KatyError(
                f"raw.{name} was made before its record had {column}, which no older row can be without. "
                "Move the warehouse file away, and the next run builds it again from the landing files"
            )
        connection.execute(f'ALTER TABLE raw.{name} ADD COLUMN "{column}" {wanted[column]}')
    return bool(missing)


def _columns(connection: DuckDBPyConnection, schema: str, table: str) -> list[str]:
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, table],
    ).fetchall()
    return [name for (name,) in found]

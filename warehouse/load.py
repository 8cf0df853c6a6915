"""The load: landing files into raw tables, once each, however often it is tried and whenever it is killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from warehouse.database import transaction
from warehouse.errors import KatyError
from warehouse.home import Home
from warehouse.landing import landed, run_of
from warehouse.records import RECORDS, Record, arrow_schema


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one landing file: `rows` = `loaded` + `known`, or nothing and a `problem` in words."""

    path: Path
    record: str
    source: str
    run: str
    rows: int
    loaded: int
    known: int
    problem: str | None = None


class _UnreadableError(Exception):
    """The file's bytes are no landing file (any more)."""


def load(
    connection: DuckDBPyConnection, home: Home, now: datetime, say: Callable[[str], None] | None = None
) -> list[Loaded]:
    """Load every landing file that has not been loaded, in the order of the runs that wrote them.

    A file is loaded in one transaction together with its line in ops.loaded_file: a process killed at any moment has
    loaded it wholly or not at all, and the next load goes on from there. A row whose key (`Record.key`) is in the raw
    table or earlier in the file is already known; the first row stays. A file that cannot be read is set aside as
    `….parquet.unreadable`, one with another layout stays where it is and is tried again; both are told through `say`
    and their `problem`, and the others are loaded.
    """
    done = {path for (path,) in connection.execute("SELECT path FROM ops.loaded_file").fetchall()}
    waiting = [
        (path, name)
        for name in RECORDS
        for path in landed(home, name)
        if str(path.relative_to(home.landing)) not in done
    ]
    results = []
    for path, name in sorted(waiting, key=lambda one: (one[0].name, str(one[0]))):
        result = _load_file(connection, home, path, name, now)
        if result.problem and say:
            say(result.problem)
        results.append(result)
    return results


def _load_file(connection: DuckDBPyConnection, home: Home, path: Path, name: str, now: datetime) -> Loaded:
    record = RECORDS[name]
    try:
        rows = _check_layout(path, record)
        try:
            with transaction(connection):
                loaded = _insert(connection, path, record, now)
                known = rows - loaded
                connection.execute(
                    "INSERT INTO ops.loaded_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [str(path.relative_to(home.landing)), name, _source(path), run_of(path), rows, loaded, known, now],
                )
        except (duckdb.ConstraintException, duckdb.ConversionException) as error:
            raise _OtherLayoutError(str(error).splitlines()[0]) from error
        except duckdb.Error as error:
            _check_bytes(path)
            raise KatyError(
                f"{path} could not be loaded: {error}. It stays, and the next load tries it again"
            ) from error
    except _UnreadableError as error:
        aside = path.with_name(path.name + ".unreadable")
        path.replace(aside)
        problem = (
            f"{path} cannot be read ({error}); set aside as {aside.name}. Read its source again for run {run_of(path)}"
        )
        return Loaded(path, name, _source(path), run_of(path), 0, 0, 0, problem)
    except _OtherLayoutError as error:
        problem = f"{path} is not loaded: {error}. It stays; load it with the version of Katy that wrote it"
        return Loaded(path, name, _source(path), run_of(path), 0, 0, 0, problem)
    return Loaded(path, name, _source(path), run_of(path), rows, loaded, known)


def _insert(connection: DuckDBPyConnection, path: Path, record: type[Record], now: datetime) -> int:
    """The file's rows that raw does not have, the first of each key; returns how many.

    One anti-join and one window for the whole file. All columns of a key are NOT NULL, so equality is enough.
    """
    columns = ", ".join(f'"{name}"' for name in arrow_schema(record).names if name in pq.read_schema(path).names)
    key = ", ".join(f'"{name}"' for name in record.key)
    inserted = connection.execute(
        f"""
        INSERT INTO raw.{record.record} ({columns}, loaded_at)
        SELECT {columns}, ?::TIMESTAMPTZ
        FROM read_parquet(?, file_row_number = true) AS landed
        ANTI JOIN raw.{record.record} AS known USING ({key})
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY file_row_number) = 1
        ORDER BY file_row_number
        """,  # noqa: S608 - names come from the records, never from data
        [now, _literal_path(path)],
    ).fetchone()
    return int(inserted[0]) if inserted else 0


def _literal_path(path: Path) -> str:
    """The path as DuckDB's reader takes it: signs that would make it a pattern stand for themselves."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


class _OtherLayoutError(Exception):
    """A good file of columns that this version does not know."""


def _check_layout(path: Path, record: type[Record]) -> int:
    """The number of rows of a file this version can load: its record's columns; later nullable ones may be missing."""
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error) from error
    have = {field.name: field.type for field in metadata.schema.to_arrow_schema()}
    wanted = arrow_schema(record)
    unknown = sorted(set(have) - set(wanted.names))
    if unknown:
        raise _OtherLayoutError(f"a {record.record} has no {', '.join(unknown)}")
    for field in wanted:
        if field.name not in have and not field.nullable:
            raise _OtherLayoutError(f"{field.name} is missing")
        if have.get(field.name, field.type) != field.type:
            raise _OtherLayoutError(f"{field.name} is {have[field.name]} instead of {field.type}")
    return int(metadata.num_rows)


def _check_bytes(path: Path) -> None:
    """Read the whole file without DuckDB, to tell a broken file from a broken load."""
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                file.read_row_group(group)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error) from error


def _unreadable(error: BaseException) -> BaseException:
    """Broken bytes come as ArrowInvalid or as an OSError without a number; one with a number is the system's."""
    if isinstance(error, OSError) and error.errno is not None:
        return KatyError(f"a landing file could not be read: {error}. Set that right; it is loaded by the next run")
    return _UnreadableError(str(error).splitlines()[0])


def _source(path: Path) -> str:
    return path.parent.parent.name

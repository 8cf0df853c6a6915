"""Landing files: what was read, written once as Parquet and never changed.

`landing/<record>/<source>/<YYYY-MM-DD>/<run>.parquet` appears under its name whole or not at all. A file that is
still being written has a name that no reader looks at, and is locked by its writer, so that what a killed process left
behind can be told from what a living one is writing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import operator
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.checks import SMALLEST, fault
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.records import Record, arrow_schema

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
RUN_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
# Also the size of a row group: small enough to be built as Python objects, large enough to compress and scan well.
BATCH_ROWS = 50_000
# What systems answer where the disk cannot link: another disk, no such thing, too many.
NO_HARD_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
_DOES_NOT_FIT = (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError)


def new_run(now: datetime) -> str:
    """A run's id: unique, and sorted by time as text (`20261121T041700Z-3f9a12`)."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def check_source(source: str) -> str:
    """The source's name, where it can name a folder; BadInput otherwise."""
    if not SOURCE_NAME.fullmatch(source):
        raise BadInput(
            f'source "{source}" cannot be used as a name: use up to 64 lower-case letters, digits, ".", "_" and "-", '
            "beginning with a letter or a digit"
        )
    return source


def landing_path(home: Home, record: str, source: str, run: str, now: datetime, part: int | None = None) -> Path:
    """Where a run's file of one record lies; a long run lands in numbered parts."""
    name = run if part is None else f"{run}.{part:05d}"
    return home.landing / record / source / f"{now.astimezone(UTC):%Y-%m-%d}" / f"{name}.parquet"


def run_of(path: Path) -> str:
    """The run that wrote a landing file."""
    return path.name.split(".", 1)[0]


def landed(home: Home, record: str) -> list[Path]:
    """The landing files of one kind of record, in the order of their runs: the order rows were read in."""
    files = (home.landing / record).glob("*/*/*.parquet")
    return sorted((f for f in files if not f.name.startswith(".")), key=lambda f: (f.name, str(f)))


def land(
    home: Home, rows: Iterable[Record], *, source: str, run: str, now: datetime, part: int | None = None
) -> list[Path]:
    """Write rows of one source and run to landing files, one for each kind of record among them.

    A run that lands as it goes numbers its parts; a part is written once, like a run. Rows are taken as a stream.
    Decimals are kept to ten places (half-even), a `dict` becomes JSON with sorted keys. When anything fails (also
    inside `rows`) nothing lands. A row of another source or run, one that fails the checks, a time without a zone, a
    number that does not fit, or a file that is there already raises BadInput.
    """
    check_source(source)
    if not RUN_NAME.fullmatch(run):
        raise BadInput(f'run "{run}" is not a run id: make one with landing.new_run')
    with contextlib.ExitStack() as open_files:
        files: dict[str, _LandingFile] = {}
        for row in rows:
            if row.source != source or row.run != run:
                raise BadInput(f"{row.record} of {row.source} {row.run} cannot land with {source} {run}")
            file = files.get(row.record)
            if file is None:
                path = landing_path(home, row.record, source, run, now, part)
                file = files[row.record] = open_files.enter_context(_LandingFile(path, type(row)).opened())
            file.add(row)
        for file in files.values():
            file.finish()
        # The report goes first: it carries the time that undated rows were given. Killed after it, the same import
        # done again finds that time and lands the same rows; killed before it, nothing has landed.
        for name in sorted(files, key=lambda name: (name != "run_report", name)):
            files[name].publish()
    return sorted(file.path for file in files.values())


def sweep(home: Home) -> list[Path]:
    """Remove unfinished landing files whose writer is dead; those of living writers are locked and stay."""
    removed = []
    for left in home.landing.glob("*/*/*/.*.tmp"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), left.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
            removed.append(left)
    return removed


class _LandingFile:
    """One landing file while it is written: beside its final place, under a name that no reader looks at."""

    def __init__(self, path: Path, record: type[Record]) -> None:
        self.path = path
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._schema = arrow_schema(record)
        self._values = operator.attrgetter(*self._schema.names)
        self._batch: list[Record] = []

    @contextlib.contextmanager
    def opened(self) -> Iterator[_LandingFile]:
        if self.path.exists():
            raise BadInput(f"{self.path} has landed already; a run writes its file once. Land under a new run id")
        make_folder(self.path.parent)
        with self._claimed() as out:
            self._out: IO[bytes] = out
            try:
                with pq.ParquetWriter(out, self._schema, compression="zstd") as self._writer:
                    yield self
            finally:
                self._temporary.unlink(missing_ok=True)

    def _claimed(self) -> IO[bytes]:
        """The new temporary file, locked; made again where a sweep came between making and locking it."""
        while True:
            out = self._temporary.open("wb")
            fcntl.flock(out, fcntl.LOCK_EX)
            if os.fstat(out.fileno()).st_nlink:
                return out
            out.close()

    def add(self, row: Record) -> None:
        wrong = fault(row)
        if wrong:
            raise BadInput(f"{_place(row)}: {wrong}")
        self._batch.append(row)
        if len(self._batch) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._writer.write_table(_table(self._batch, self._values, self._schema))
            self._batch.clear()

    def finish(self) -> None:
        """All bytes on the disk, still under the temporary name."""
        self._flush()
        self._writer.close()
        self._out.flush()
        os.fsync(self._out.fileno())

    def publish(self) -> None:
        """Give the file its name. A link refuses a name that is taken, where a rename would overwrite it."""
        try:
            os.link(self._temporary, self.path)
        except FileExistsError:
            raise BadInput(f"{self.path} has landed already; a run writes its file once") from None
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            self._temporary.rename(self.path)
        sync_folder(self.path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder of the data folder; BadInput where the system does not allow it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be made: {error.strerror}. Make it writable, or name another data folder with KATY_HOME"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _table(rows: list[Record], values: Any, schema: pa.Schema) -> pa.Table:
    columns = zip(*map(values, rows), strict=True)
    return pa.Table.from_arrays(
        [_array(list(column), field, rows) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _array(column: list[Any], field: pa.Field, rows: list[Record]) -> pa.Array:
    if not field.nullable and None in column:
        raise BadInput(f"{_place(rows[column.index(None)])}: {field.name} is missing")
    if pa.types.is_timestamp(field.type):
        for value, row in zip(column, rows, strict=True):
            if value is not None and value.tzinfo is None:
                raise BadInput(f"{_place(row)}: {field.name} {value} has no time zone")
    if isinstance(column[0], dict):
        column = [json.dumps(v, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for v in column]
    try:
        return pa.array(column, field.type)
    except _DOES_NOT_FIT:
        return pa.array([_fit(value, field, row) for value, row in zip(column, rows, strict=True)], field.type)


def _fit(value: Any, field: pa.Field, row: Record) -> Any:
    """A value that Arrow takes, or an error that names its row: the slow way, gone only when a batch does not fit."""
    if isinstance(value, Decimal):
        try:
            value = value.quantize(SMALLEST, ROUND_HALF_EVEN) if value.is_finite() else value
        except InvalidOperation:
            raise BadInput(f"{_place(row)}: {field.name} {value} is too large to keep") from None
    try:
        pa.array([value], field.type)
    except _DOES_NOT_FIT as error:
        raise BadInput(f"{_place(row)}: {field.name} {value!r:.200} cannot be kept as {field.type}: {error}") from None
    return value


def _place(row: Record) -> str:
    return f"{row.record} {getattr(row, 'found_at', None) or f'{row.source} row {row.row}'}"

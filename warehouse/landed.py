"""Reading landing files back as records, at any time and without a warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import KatyError
from warehouse.home import Home
from warehouse.landing import landed, run_of
from warehouse.records import Record, arrow_schema

_Row = TypeVar("_Row", bound=Any)
_JSON = ("attributes", "geocodes")


def rows_of(path: Path, record: type[_Row]) -> list[_Row]:
    """The records of one landing file; KatyError, naming it, where it cannot be read."""
    kind: type[Record] = record
    names = arrow_schema(kind).names
    try:
        rows = pq.read_table(path, columns=list(names), partitioning=None).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise KatyError(f"{path} cannot be read ({error}); the next `katy run` sets it aside") from error
    for row in rows:
        for name in _JSON:
            if name in row:
                row[name] = json.loads(row[name])
    return [record(**row) for row in rows]


def read_landed(home: Home, record: type[_Row], *, since: datetime) -> Iterator[_Row]:
    """The records of the runs that began since a moment, in the order of the runs."""
    for path in landed(home, record.record):
        began = datetime.strptime(run_of(path)[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if began >= since:
            yield from rows_of(path, record)

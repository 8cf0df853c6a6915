"""What is kept of what was fetched: the payload, compressed, persons taken out, with the hash of the original bytes.

One Parquet file for each part of a run, below `archive/<source>/<date>/`: an analyst can open it, and a source can be
read again from it. Bodies are forgotten after `KEPT_DAYS`; what was read from them has landed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.home import Home
from warehouse.landing import make_folder

# Bodies may hold what people wrote; after this time they are forgotten.
KEPT_DAYS = 30
LARGEST_KEPT = 2 * 1024 * 1024
CODEC = "zstd"
_SCHEMA = pa.schema(
    [
        ("url", pa.string()),
        ("fetched_at", pa.timestamp("us", tz="UTC")),
        ("status", pa.int32()),
        ("content_type", pa.string()),
        ("sha256", pa.string()),
        ("size", pa.int64()),
        ("kept_bytes", pa.int64()),
        ("body", pa.binary()),
    ]
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `sha256` and `size` are of the original body, `body` is the redacted one, compressed (zstd);
    `kept_bytes` is its length before compression. None where a body is not kept: too large, or not text of a source
    that may name persons.
    """

    url: str
    fetched_at: datetime
    status: int
    content_type: str
    sha256: str
    size: int
    kept_bytes: int | None
    body: bytes | None


def archive(home: Home, source: str, run: str, part: int, now: datetime, answers: Sequence[Kept]) -> Path | None:
    """Write one part of a run's answers; the file appears whole."""
    if not answers:
        return None
    path = home.archive / source / f"{now.astimezone(UTC):%Y-%m-%d}" / f"{run}.{part:05d}.parquet"
    make_folder(path.parent)
    unfinished = path.with_name(f".{path.name}.tmp")
    table = pa.Table.from_pylist([asdict(one) for one in answers], schema=_SCHEMA)
    pq.write_table(table, unfinished, compression={"body": "none"})
    unfinished.replace(path)
    return path


def archived(home: Home, source: str) -> Iterator[tuple[Kept, bytes | None]]:
    """Every answer kept of a source with its redacted body, the oldest run first."""
    for path in sorted((home.archive / source).glob("*/*.parquet"), key=lambda one: one.name):
        for row in pq.read_table(path, partitioning=None).to_pylist():
            body = row["body"]
            plain = None
            if body is not None:
                plain = pa.decompress(body, row["kept_bytes"], codec=CODEC, asbytes=True)
            yield Kept(**row), plain


def compress(body: bytes) -> bytes:
    packed: bytes = pa.compress(body, codec=CODEC, asbytes=True)
    return packed


def forget_old(home: Home, now: float | None = None) -> int:
    """Remove archive files older than `KEPT_DAYS` days; returns how many. `now` is a POSIX time."""
    before = (time.time() if now is None else now) - KEPT_DAYS * 86_400
    removed = 0
    for path in home.archive.glob("*/*/*.parquet"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed

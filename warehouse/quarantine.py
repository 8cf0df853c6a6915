"""The quarantine: rows that were read but not believed. Read straight from the landing files, so that it can be looked
at any time, also before any load and while a run is writing."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import BadInput, KatyError
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.records import Judgement, Quarantined, arrow_schema

RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Held:
    """A quarantined row, and when a person released it (None while nobody has)."""

    row: Quarantined
    released_at: datetime | None

    @property
    def released(self) -> bool:
        return self.released_at is not None


def listing(home: Home) -> list[Held]:
    """All quarantined rows, each once (the first time it was met), in the order they were met."""
    released: dict[str, datetime] = {}
    for judgement in judgements(home):
        if judgement.verdict == RELEASE:
            released.setdefault(judgement.about, judgement.judged_at)
    rows: dict[str, Quarantined] = {}
    for path in landed(home, Quarantined.record):
        for values in _read(path, list(arrow_schema(Quarantined).names)):
            rows.setdefault(values["id"], Quarantined(**values))
    return [Held(row, released.get(row.id)) for row in rows.values()]


def judgements(home: Home) -> list[Judgement]:
    """All judgements, oldest first."""
    found = [
        Judgement(**values)
        for path in landed(home, Judgement.record)
        for values in _read(path, list(arrow_schema(Judgement).names))
    ]
    return sorted(found, key=operator.attrgetter("judged_at", "id"))


def find(home: Home, id_prefix: str) -> Held:
    """The one quarantined row whose id begins so; BadInput when there is none, or more than one."""
    wanted = id_prefix.strip()
    hits = [held for held in listing(home) if wanted and held.row.id.startswith(wanted)]
    exact = [held for held in hits if held.row.id == wanted]
    if len(hits) == 1 or exact:
        return (exact or hits)[0]
    if not hits:
        raise BadInput(f'no quarantined row has an id beginning with "{wanted}": `katy quarantine list` shows them')
    some = ", ".join(held.row.id for held in hits[:5])
    raise BadInput(
        f'"{wanted}" could be {len(hits)} quarantined rows ({some}{", …" if len(hits) > 5 else ""}): say more'
    )


def _read(path: Path, columns: list[str]) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(path, columns=columns, partitioning=None).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise KatyError(f"{path} cannot be read ({error}); the next `katy run` sets it aside") from error
    return rows

"""The release of a quarantined row: a person corrects it, it is read again like any row, and becomes a record.

The row itself stays in the quarantine, with the judgement that released it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from spiders.agent.believe import Reading, fields_of, read_record
from spiders.files.importer import AHEAD
from spiders.files.plan import ImportOptions, plan_of
from spiders.files.record_rows import read_texts
from spiders.files.rows import Place, read_row
from spiders.files.run import Say, load_run
from spiders.files.shapes import SHAPES
from spiders.privacy import hide_fixed
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import land, new_run
from warehouse.quarantine import RELEASE, find
from warehouse.reading.words import fold_header
from warehouse.records import Judgement, Listing, Quarantined, Record

# What a record is called by and how much it is, for a person: the first of these fields that it has.
_CALLED = ("title", "series", "event", "headline", "place")
_AMOUNTS = ("price", "value", "rate", "mean")


@dataclass(frozen=True, slots=True)
class Released:
    """A released row: the record it became, and whether that was new."""

    quarantine_id: str
    record: Record
    loaded: int
    known: int

    def to_json(self) -> dict[str, Any]:
        """For programs: which record it became, by its key, and what it is called and costs."""
        record = self.record
        said = {
            name: getattr(record, name)
            for name in ("id", *_CALLED, *_AMOUNTS, *record.key, "currency")
            if hasattr(record, name)
        }
        texts = {name: None if value is None else str(value) for name, value in said.items()}
        done = {"quarantine_id": self.quarantine_id, "record": record.record, "source": record.source}
        return done | texts | {"loaded": self.loaded, "known": self.known}

    def told(self) -> str:
        """For a person: "Drill, 12.50 USD", "USD/ARS parallel, 131.5, 2022-07-29"."""
        record = self.record
        called = next((str(text) for name in _CALLED if (text := getattr(record, name, None))), "")
        if not called:
            called = " ".join(str(getattr(record, name)) for name in record.key if name != "source")
        amount = next((str(value) for name in _AMOUNTS if (value := getattr(record, name, None)) is not None), "")
        money = " ".join(filter(None, (amount, getattr(record, "currency", None))))
        return ", ".join(filter(None, (called, money)))


def release(
    home: Home, id_prefix: str, corrections: Mapping[str, str], *, clock: Callable[[], datetime], say: Say
) -> Released:
    """Read a quarantined row again with a person's corrections (field → value), land and load it.

    BadInput where the row is not there, was released before, or still cannot be believed.
    """
    held = find(home, id_prefix)
    row = held.row
    if held.released_at is not None:
        raise BadInput(f"row {row.id} ({row.found_at}) was released on {held.released_at:%Y-%m-%d %H:%M} UTC already")
    now = clock().astimezone(UTC)
    place = Place(row.found_at, new_run(now), 1, now)
    key = seller_key(home)
    said = _corrections(row, corrections, lambda name: pseudonym(key, row.source, name))
    record = _listing_again(row, said, place) if row.of_record == Listing.record else _record_again(row, said, place)
    if isinstance(record, Quarantined):
        raise BadInput(f"row {row.id} stays in the quarantine as {record.reason}: {record.message}")
    detail = {"corrections": said, "record": record.record, "key": [str(getattr(record, name)) for name in record.key]}
    if isinstance(record, Listing):
        detail["listing"] = record.id
    judgement = Judgement(
        id=hashlib.sha256(f"{RELEASE}\n{row.id}\n{place.run}".encode()).hexdigest()[:24],
        source=row.source,
        about=row.id,
        verdict=RELEASE,
        detail_json=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        judged_at=now,
        run=place.run,
        row=2,
    )
    land(home, [record, judgement], source=row.source, run=place.run, now=now)
    loaded, known = load_run(home, place.run, clock, say, record.record)
    return Released(row.id, record, loaded, known)


def _corrections(row: Quarantined, corrections: Mapping[str, str], hide: Callable[[str], str]) -> dict[str, str]:
    """What a person says, under the record's own names of fields; persons in it hidden."""
    if row.of_record == Listing.record:
        return hide_fixed(ImportOptions(source=row.source, fixed=corrections).checked().fixed, hide)
    fields = fields_of(row.of_record)
    shape = SHAPES.get(row.of_record)
    own = {fold_header(name): name for name in fields}
    named = {
        shape.field_named(name) if shape else own.get(fold_header(name), name): text
        for name, text in corrections.items()
    }
    return hide_fixed(named, hide, fields)


def _listing_again(row: Quarantined, corrections: Mapping[str, str], place: Place) -> Listing | Quarantined:
    """The row with the corrections in place of what it says."""
    found = {str(column): _text(cell) for column, cell in json.loads(row.row_json).items()}
    plan = plan_of(row.source, list(found), row.reading_json, place.read_at + AHEAD, row.quarantined_at)
    # A correction stands over the row, its column and a value said for all rows.
    places = {name: at for name, at in plan.places.items() if name not in corrections}
    attributes = {name: at for name, at in plan.attributes.items() if name not in corrections and name}
    # A person says the whole amount, whatever the column's header says.
    scales = {name: scale for name, scale in plan.scales.items() if name not in corrections}
    plan = replace(plan, places=places, attributes=attributes, scales=scales, fixed=plan.fixed | dict(corrections))
    return read_row(plan, [found.get(column, "") for column in plan.columns], place)


def _record_again(row: Quarantined, corrections: Mapping[str, str], place: Place) -> Record:
    """The row with the corrections over it, read as it was: by its columns' marks, but for what a person writes."""
    found = {str(name): _text(cell) for name, cell in json.loads(row.row_json).items() if name}
    reading = Reading.from_json(row.reading_json, row.source, place.run, row.quarantined_at)
    # What has no time of its own keeps that of its first reading; what is in the future is judged by today.
    defaults = {"observed_at": reading.now.isoformat(), **reading.defaults}
    marks = {name: mark for name, mark in reading.marks.items() if name not in corrections}
    reading = replace(reading, run=place.run, now=place.read_at, defaults=defaults, marks=marks)
    said = found | dict(corrections)
    if row.of_record not in SHAPES:
        return read_record(row.of_record, said, reading, found_at=place.found_at, number=place.row)
    if "currency" in corrections:
        reading = replace(reading, defaults=defaults | {"currency": corrections["currency"]})
    return read_texts(
        row.of_record,
        said,
        reading,
        found_at=place.found_at,
        number=place.row,
        price_path=f"--set {SHAPES[row.of_record].amount}",
        own_currency="currency" in corrections,
    )


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else "" if cell is None else json.dumps(cell, ensure_ascii=False)

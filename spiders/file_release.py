"""The release of a quarantined row: a person corrects it, it is read again like any row, and becomes a listing.

The row itself stays in the quarantine, with the judgement that released it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from spiders.file_plan import ImportOptions, plan_of
from spiders.file_privacy import hide_fixed
from spiders.file_rows import Place, read_row
from spiders.files import AHEAD, Say, load_run
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import land, new_run
from warehouse.quarantine import RELEASE, find
from warehouse.records import Judgement, Listing, Quarantined


@dataclass(frozen=True, slots=True)
class Released:
    """A released row: the listing it became, and whether that was new."""

    quarantine_id: str
    listing: Listing
    loaded: int
    known: int


def release(
    home: Home, id_prefix: str, corrections: Mapping[str, str], *, clock: Callable[[], datetime], say: Say
) -> Released:
    """Read a quarantined row again with a person's corrections (field → value), land and load it.

    BadInput where the row is not there, was released before, is of another record, or still cannot be believed.
    """
    held = find(home, id_prefix)
    row = held.row
    if held.released_at is not None:
        raise BadInput(f"row {row.id} ({row.found_at}) was released on {held.released_at:%Y-%m-%d %H:%M} UTC already")
    if row.of_record != Listing.record:
        raise BadInput(f"row {row.id} ({row.found_at}) is a {row.of_record}, and only listings can be released")
    now = clock().astimezone(UTC)
    run = new_run(now)
    key = seller_key(home)
    said = dict(ImportOptions(source=row.source, fixed=corrections).checked().fixed)
    said = hide_fixed(said, lambda name: pseudonym(key, row.source, name))
    listing = _read_again(row, said, Place(row.found_at, run, 1, now))
    judgement = Judgement(
        id=hashlib.sha256(f"{RELEASE}\n{row.id}\n{run}".encode()).hexdigest()[:24],
        source=row.source,
        about=row.id,
        verdict=RELEASE,
        detail_json=json.dumps({"corrections": said, "listing": listing.id}, sort_keys=True, ensure_ascii=False),
        judged_at=now,
        run=run,
        row=2,
    )
    land(home, [listing, judgement], source=row.source, run=run, now=now)
    loaded, known = load_run(home, run, clock, say)
    return Released(row.id, listing, loaded, known)


def _read_again(row: Quarantined, corrections: Mapping[str, str], place: Place) -> Listing:
    """The row with the corrections in place of what it says; BadInput, naming the reason, where that is not enough."""
    found = {str(column): _text(cell) for column, cell in json.loads(row.row_json).items()}
    plan = plan_of(row.source, list(found), row.reading_json, place.read_at + AHEAD, row.quarantined_at)
    # A correction stands over the row, its column and a value said for all rows.
    places = {name: at for name, at in plan.places.items() if name not in corrections}
    attributes = {name: at for name, at in plan.attributes.items() if name not in corrections and name}
    # A person says the whole amount, whatever the column's header says.
    scales = {name: scale for name, scale in plan.scales.items() if name not in corrections}
    plan = replace(plan, places=places, attributes=attributes, scales=scales, fixed=plan.fixed | dict(corrections))
    cells = [found.get(column, "") for column in plan.columns]
    read = read_row(plan, cells, place)
    if isinstance(read, Quarantined):
        raise BadInput(f"row {row.id} stays in the quarantine as {read.reason}: {read.message}")
    return read


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else "" if cell is None else json.dumps(cell, ensure_ascii=False)

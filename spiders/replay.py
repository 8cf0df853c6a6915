"""A source replayed from saved answers, without any network: how readers are tested, and how an archive is read again.

A case is a folder: `case.toml` says what the answers are, `expected.jsonl` what must come of them.

    follows = "https://… , the public description of the format or the test suite it is taken from"
    now = 2026-11-20T12:00:00Z      # the visit's moment
    base = "https://example.org"    # optional: the source's own base otherwise
    targets = ["drill"]             # optional, as are region, currency and [keys]
    [[answer]]
    url = "https://example.org/a"   # as the reader asks, before it is signed
    file = "a.json"                 # beside case.toml; optional: status, [answer.headers], method
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spiders.agent.believe import Reading, read_record, set_aside
from spiders.agent.listings import Visit as ListingVisit
from spiders.agent.listings import read_offer
from spiders.reader import Answer, Ask, Found, Item, Note, Reader, Unreadable, Visit
from spiders.registry import reader_of
from spiders.source import Source
from warehouse.records import Listing, Record

RUN = "20000101T000000Z-000000"
_MOST_ASKS = 500


@dataclass(slots=True)
class Replayed:
    """What came of a case: records and quarantined rows in order, asks in order, notes, and failures by address."""

    records: list[Record] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def replay(source: Source, folder: Path) -> Replayed:
    """Read a case's answers with the source's reader, as an agent would: each ask once, in order."""
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    visit = Visit(
        source=source,
        base=case.get("base") or source.base or "",
        now=case["now"].astimezone(UTC),
        targets=tuple(case.get("targets") or source.targets),
        keys=case.get("keys") or {},
        region=case.get("region") or source.region,
        currency=case.get("currency") or source.currency,
    )
    answers = {(one.get("method", "GET"), one["url"]): one for one in case.get("answer", [])}
    reader = reader_of(source, visit)
    done = Replayed()
    if (leave := reader.grant()) is not None:
        done.asked.append(leave)
        reader.granted(_answer(answers, leave, folder))
    waiting = []
    for item in reader.start():
        if isinstance(item, Ask):
            waiting.append(item)
        else:
            done.notes.append(item)
    seen = set()
    while waiting and len(done.asked) < _MOST_ASKS:
        ask = waiting.pop(0)
        if (ask.method, ask.url, ask.body, ask.again) in seen:
            continue
        seen.add((ask.method, ask.url, ask.body, ask.again))
        done.asked.append(ask)
        waiting += _take(reader, ask, answers, folder, visit, done)
    return done


def _take(
    reader: Reader, ask: Ask, answers: dict[tuple[str, str], Any], folder: Path, visit: Visit, done: Replayed
) -> list[Ask]:
    """One ask: what it leads to is returned, what it says goes into `done`."""
    reader.sign(ask)
    if (ask.method, ask.url) not in answers:
        items, why, status = None, "the case has no answer for it", None
    else:
        answer = _answer(answers, ask, folder)
        status, why = answer.status, f"status {answer.status}"
        items = getattr(reader, ask.step)(answer) if 200 <= answer.status < 300 else None
    if items is None:
        items = reader.failed(ask, why, status)
    if items is None:
        done.failed.append((ask.url, why))
        return []
    return _sort(items, ask, visit, done)


def _sort(items: Iterator[Item], ask: Ask, visit: Visit, done: Replayed) -> list[Ask]:
    found: list[Ask] = []
    try:
        for item in items:
            if isinstance(item, Ask):
                found.append(item)
            elif isinstance(item, Note):
                done.notes.append(item)
            else:
                done.records.append(believed(item, visit, ask.url, len(done.records) + 1))
    except Unreadable as error:
        done.failed.append((ask.url, str(error)))
    return found


def believed(found: Found, visit: Visit, url: str, number: int) -> Record:
    """A found row as a record; sellers get a stand-in for their pseudonym."""
    at = found.found_at or url
    if found.record == Listing.record:
        offer = {
            "row": found.row,
            "price_path": found.price_path,
            "reason": found.reason,
            "message": found.message,
            "found_at": at,
        }
        listing_visit = ListingVisit(
            source=visit.source.name,
            run=RUN,
            base=visit.base,
            observed_at=visit.now,
            pseudonym=lambda name: f"pseudonym of {name}",
            region=visit.region,
            currency=visit.currency,
        )
        return read_offer(listing_visit, offer, number)
    defaults = {key: value for key, value in {"currency": visit.currency, "region": visit.region}.items() if value}
    reading = Reading(source=visit.source.name, run=RUN, now=visit.now, defaults=defaults)
    if found.reason:
        return set_aside(found.record, found.row, reading, found.reason, found.message, found_at=at, number=number)
    return read_record(found.record, found.row, reading, found_at=at, number=number, price_path=found.price_path)


def _answer(answers: dict[tuple[str, str], Any], ask: Ask, folder: Path) -> Answer:
    said = answers[(ask.method, ask.url)]
    body = (folder / said["file"]).read_bytes() if "file" in said else said.get("body", "").encode()
    headers = {name.lower(): text for name, text in said.get("headers", {}).items()}
    return Answer(ask, said.get("final_url", ask.url), body, int(said.get("status", 200)), headers)


def plain(record: Record) -> dict[str, Any]:
    """A record as plain values of JSON, without what is empty: a line of `expected.jsonl`."""
    kept = {name: value for name, value in asdict(record).items() if value not in (None, {}, "")}
    for name in ("source", "run", "row", "reading_json", "quarantined_at"):
        kept.pop(name, None)
    if record.record == "quarantine":
        kept.pop("id")
    return {"record": record.record, **{name: _plain(value) for name, value in kept.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, dict | bool | int | float):
        return value
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)

"""What the house says of its own work: what it refused, what a person decided, what a run did, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that was read but not believed, whole, with the reason and all that is needed to read it again.

    `row_json` is the row as it was found (column → text), `reading_json` the options it was read with (mapping, fixed
    values, currency, kind).
    """

    record: ClassVar[str] = "quarantine"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    source: str
    of_record: str
    reason: str
    message: str
    found_at: str
    row_json: str
    reading_json: str
    quarantined_at: datetime
    run: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A decision of a person about something Katy read or understood.

    `verdict` is release (`about` the id of a quarantined row), dismiss (of an alarm), same or different (of a match:
    "KEY|PRODUCT"), or estimate or price (of a thing that members valued: a hash); `detail_json` has the corrections,
    the estimate or the price.
    """

    record: ClassVar[str] = "judgement"
    key: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    source: str
    about: str
    verdict: str
    detail_json: str
    judged_at: datetime
    run: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run of one source did: how much was asked, read, landed and refused, and how good the reading was.

    `file_sha256` is the hash of an imported file's bytes together with the options it was read with, so that the same
    file is known again. `detail_json` holds counts by reason, status codes and field coverage.
    """

    record: ClassVar[str] = "run_report"
    key: ClassVar[tuple[str, ...]] = ("run", "found_at")

    source: str
    run: str
    row: int
    of_record: str
    found_at: str
    started_at: datetime
    ended_at: datetime
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    file_sha256: str | None = None
    detail_json: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something about a source's reading that a person should know of.

    `kind` is stale, coverage, fewer_records, price_jump, currency, blocked, login_wall, drift, ambiguous, quarantine,
    empty, unreachable or failed; or, of the whole market, coordinated, self_trade, circle, same_pair or escalation;
    `about` the field, page or product it concerns. `severity` is warning or error. It is over
    when a later run of the source raises no such alarm, or when a person dismisses it (a Judgement about its id).
    """

    record: ClassVar[str] = "alarm"
    key: ClassVar[tuple[str, ...]] = ("id", "run")

    id: str
    source: str
    kind: str
    about: str
    severity: str
    message: str
    raised_at: datetime
    detail_json: str = "{}"
    run: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLevel:
    """One row of the never-revised history of market levels.

    `unit` is what the level belongs to ("all", "category:drill", "segment:drill|US-MO", "product:<id>"); `period` the
    first day of the calendar period, `days` its length. `raw` and `published` are natural logs: relative to the unit's
    reference for areas of the market, of the price in the anchor currency for a product. `evidence` is the number of
    distinct sellers seen in the period. `reconstructed` marks periods replayed from before the first publication.
    """

    record: ClassVar[str] = "published_level"
    key: ClassVar[tuple[str, ...]] = ("unit", "period", "snapshot")

    source: str
    unit: str
    period: date
    days: int
    raw: float
    published: float
    evidence: int
    reconstructed: bool
    snapshot: str
    published_at: datetime
    run: str
    row: int

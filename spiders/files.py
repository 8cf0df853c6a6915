"""The file importer: rows of files become landed listings, loaded under the one writer lock, and every row is counted.

rows read = loaded + already known + quarantined, always. Nothing lands when a file cannot be read as a whole; a row
that cannot be believed is quarantined with its reason and can be corrected and released (`spiders.file_release`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from spiders.file_formats import open_table
from spiders.file_plan import DATED, ImportOptions, Plan, learn, resolve
from spiders.file_privacy import Veil, hide_fixed
from spiders.file_report import FileReport, ImportReport
from spiders.file_rows import Place, read_row, refuse
from spiders.file_table import Table, TableRow
from warehouse.database import open_writer
from warehouse.errors import BadInput, KatyError
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import check_source, land, landed, new_run
from warehouse.load import load
from warehouse.lock import writer
from warehouse.reading.dates import read_instant
from warehouse.reading.words import clean_text
from warehouse.records import Listing, Quarantined, Record, RunReport

__all__ = ["FileReport", "ImportOptions", "ImportReport", "import_listings"]

# A time without a zone may be that of any zone: the world's clocks are up to 14 hours ahead of UTC.
AHEAD = timedelta(hours=14)
_SAMPLE_ROWS = 50
_TELL_EVERY = 1000

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, ready to be read."""

    table: Table
    plan: Plan
    veil: Veil
    sha256: str
    rows: int


def import_listings(
    home: Home,
    files: Sequence[Path],
    options: ImportOptions,
    *,
    clock: Callable[[], datetime],
    say: Say,
    progress: Progress | None = None,
) -> ImportReport:
    """Read, land and load files of listings.

    Raises BadInput, before anything lands, where an option or a whole file cannot be used. `progress` is told the
    file's name, the rows done and the rows in all. The same file with the same options gives the same rows again.
    """
    if not files:
        raise BadInput("no file to import: katy import listings FILE… --source NAME")
    check_source(options.source)
    options = options.checked()
    _check_fixed(options)
    started = clock().astimezone(UTC)
    key = seller_key(home)
    prepared = []
    for path in files:
        source = _prepare(home, Path(path), options, lambda name: pseudonym(key, options.source, name), started)
        _tell(source, say)
        prepared.append(source)
    run = new_run(started)
    reports: list[FileReport] = []
    land(home, _records(prepared, run, started, clock, reports, progress), source=options.source, run=run, now=started)
    loaded, known = load_run(home, run, clock, say)
    reasons = sum((report.reasons for report in reports), Counter[str]())
    return ImportReport(
        source=options.source,
        run=run,
        files=reports,
        rows=sum(report.rows for report in reports),
        loaded=loaded,
        known=known,
        quarantined=reasons.total(),
        reasons=dict(reasons.most_common()),
        notes=[note for source in prepared for note in _notes(source)],
    )


def load_run(home: Home, run: str, clock: Callable[[], datetime], say: Say) -> tuple[int, int]:
    """Load what has landed; how many listings of a run are new, and how many were already known."""
    with writer(home, say):
        connection = open_writer(home)
        try:
            results = load(connection, home, clock().astimezone(UTC), say)
            others = sum(one.loaded for one in results if one.run != run and one.record == Listing.record)
            if others:
                say(f"{others} listings that had landed earlier were loaded too")
            # Read back, not taken from this load: another writer may have loaded the file in between.
            found = connection.execute(
                "SELECT coalesce(sum(loaded), 0), coalesce(sum(known), 0) FROM ops.loaded_file "
                "WHERE run = ? AND record = ?",
                [run, Listing.record],
            ).fetchone()
        finally:
            connection.close()
    problem = next((one.problem for one in results if one.run == run and one.problem), None)
    if problem:
        raise KatyError(problem)
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _check_fixed(options: ImportOptions) -> None:
    """Values said for all rows are wrong for all rows: better told now than a hundred thousand times."""
    for name in DATED:
        text = options.fixed.get(name)
        if text is not None and read_instant(text) is None:
            raise BadInput(f'--set {name}={text}: "{text}" is no date; write it as 2026-01-31 or 2026-01-31T12:00:00Z')


def _prepare(home: Home, path: Path, options: ImportOptions, hide: Callable[[str], str], started: datetime) -> _Source:
    """Open a file, find its fields, and read it once for what only its columns as a whole can say."""
    table = open_table(path)
    # A file's name may hold bytes that are no text; what is kept of it must be text.
    table = replace(table, name=clean_text(table.name))
    sample = [row.cells for row, _ in zip(table.rows(), range(_SAMPLE_ROWS), strict=False) if row.cells is not None]
    hidden = replace(options, fixed=hide_fixed(dict(options.fixed), hide))
    plan = resolve(hidden, table.name, table.columns, sample, started, started + AHEAD)
    count = 0

    def counted() -> Iterator[Sequence[str]]:
        nonlocal count
        for row in table.rows():
            count += 1
            if row.cells is not None:
                yield row.cells

    plan = learn(plan, counted())
    if not count:
        raise BadInput(f"{table.name} has a header and no rows: there is nothing to import")
    sha256 = _file_hash(path, hidden)
    if not plan.dated:
        plan = replace(plan, imported_at=_first_import(home, options.source, sha256) or started)
    return _Source(table, plan, Veil(plan, hide), sha256, count)


def _file_hash(path: Path, options: ImportOptions) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(options.canonical_json().encode())
    return digest.hexdigest()


def _first_import(home: Home, source: str, sha256: str) -> datetime | None:
    """When the same file was first imported in the same way: the market time of its undated rows."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    times = []
    for path in landed(home, RunReport.record):
        if path.parent.parent.name == source:
            try:
                table = pq.read_table(path, columns=["file_sha256", "started_at"], partitioning=None)
            except (pa.ArrowException, OSError) as error:
                raise KatyError(f"{path} cannot be read ({error}); the next `katy run` sets it aside") from error
            times += table.filter(pc.equal(table["file_sha256"], sha256))["started_at"].to_pylist()
    return min(times, default=None)


def _notes(source: _Source) -> list[str]:
    """What was decided about a file that a person may want otherwise."""
    plan, table = source.plan, source.table
    notes = list(table.notes)
    if plan.currency_assumed:
        notes.append(f"{table.name}: a price without a currency is taken as {plan.currency} (--currency names another)")
    if not plan.dated:
        notes.append(f"{table.name}: no column is observed_at; rows are dated {plan.imported_at:%Y-%m-%d %H:%M} UTC")
    for name, scale in plan.scales.items():
        notes.append(f"{table.name}: {plan.column_of(name)} is read in units of {10**scale:,}, as its header says")
    if len(plan.places.get("title", ())) > 1:
        notes.append(f"{table.name}: titles are made of {plan.column_of('title')}")
    return notes


def _tell(source: _Source, say: Say) -> None:
    for note in _notes(source):
        say(note)


def _records(
    sources: list[_Source],
    run: str,
    started: datetime,
    clock: Callable[[], datetime],
    reports: list[FileReport],
    progress: Progress | None,
) -> Iterator[Record]:
    """All records of an import, as a stream: listings, quarantined rows, and a report of each file."""
    number = 0
    refused: set[str] = set()
    for source in sources:
        report = FileReport(source.table.name)
        seen: dict[str, int] = {}
        for row in source.table.rows():
            number += 1
            report.rows += 1
            record = _read(source, row, Place(source.table.place(row), run, number, started), seen)
            if isinstance(record, Quarantined):
                report.reasons[record.reason] += 1
                # Equal rows are counted each, and kept once.
                if record.id not in refused:
                    refused.add(record.id)
                    yield record
            else:
                report.listings += 1
                report.filled.update(name for name in COVERED if getattr(record, name) is not None)
                yield record
            if progress and report.rows % _TELL_EVERY == 0:
                progress(report.name, report.rows, source.rows)
        if progress:
            progress(report.name, report.rows, source.rows)
        reports.append(report)
        number += 1
        yield _report(source, report, run, number, started, clock().astimezone(UTC))


COVERED = ("list_price", "condition", "category", "brand", "gtin", "seller", "region", "url")


def _read(source: _Source, row: TableRow, place: Place, seen: dict[str, int]) -> Listing | Quarantined:
    if row.cells is None:
        text = source.veil.hide_broken(row.text)
        kept = "" if text or not row.text else "; its text is not kept, for it may name persons"
        message = f"the row cannot be read: {row.problem}{kept}"
        # Where no text is kept, the place tells one broken row from another.
        return refuse(source.plan, {"": text or place.found_at}, place, "broken_row", message)
    return read_row(source.plan, source.veil.hide(row.cells), place, seen)


def _report(
    source: _Source, report: FileReport, run: str, number: int, started: datetime, ended: datetime
) -> RunReport:
    detail = {
        "reasons": report.reasons,
        "filled": report.filled,
        "notes": _notes(source),
        "columns": source.plan.columns,
    }
    return RunReport(
        source=source.plan.source,
        run=run,
        row=number,
        of_record=Listing.record,
        found_at=report.name,
        # The market time of undated rows, so that the same file imported again gets it too.
        started_at=started,
        ended_at=max(started, ended),
        rows_read=report.rows,
        rows_landed=report.listings,
        rows_quarantined=report.quarantined,
        file_sha256=source.sha256,
        detail_json=json.dumps(detail, sort_keys=True, ensure_ascii=False),
    )

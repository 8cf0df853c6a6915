"""One import, from files that are ready to be read to its account: rows are landed as a stream, loaded, and counted.

What a row becomes is said by the `Prepared` file: a listing, a list price, a rate. Here every row is counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from spiders.files.report import FileReport, ImportReport
from spiders.files.rows import Place
from spiders.files.table import Table, TableRow
from warehouse.database import open_writer
from warehouse.errors import KatyError
from warehouse.home import Home
from warehouse.landing import land, landed, new_run
from warehouse.load import load
from warehouse.lock import writer
from warehouse.records import Quarantined, Record, RunReport

_TELL_EVERY = 1000
_MANY_FILES = 3

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]
Clock = Callable[[], datetime]


class Prepared(Protocol):
    """One file, ready to be read. `rows` is how many there are, `covered` the fields whose filling is counted."""

    @property
    def table(self) -> Table: ...
    @property
    def sha256(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def covered(self) -> Sequence[str]: ...

    def notes(self) -> list[str]:
        """What was decided about the file that a person may want otherwise."""

    def read(self, row: TableRow, place: Place) -> Record:
        """A row's record, or Quarantined. Called once for each row, in order."""

    def finish(self, report: FileReport) -> None:
        """What showed only while the rows were read, into the report."""


def run_import(
    home: Home,
    files: Sequence[Prepared],
    *,
    source: str,
    of_record: str,
    started: datetime,
    clock: Clock,
    say: Say,
    progress: Progress | None = None,
) -> ImportReport:
    """Land and load files that are ready, and tell what became of each row."""
    notes = _together([(file.table.name, note) for file in files for note in file.notes()])
    for note in notes:
        say(note)
    run = new_run(started)
    reports: list[FileReport] = []
    rows = _Rows(source, of_record, run, started, clock, progress, reports)
    land(home, rows.records(files), source=source, run=run, now=started)
    late = _together([(report.name, note) for report in reports for note in report.notes])
    for note in late:
        say(note)
    loaded, known = load_run(home, run, clock, say, of_record)
    reasons = sum((report.reasons for report in reports), Counter[str]())
    return ImportReport(
        source=source,
        run=run,
        files=reports,
        rows=sum(report.rows for report in reports),
        loaded=loaded,
        known=known,
        quarantined=reasons.total(),
        reasons=dict(reasons.most_common()),
        notes=notes + late,
        record=of_record,
    )


def _together(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Notes by file (name, text), each once: what holds for many files is said for all of them together."""
    files: dict[str, list[str]] = {}
    for name, note in notes:
        files.setdefault(note.removeprefix(f"{name}: "), []).append(note)
    return [
        one
        for text, said in files.items()
        for one in ([f"{len(said)} files: {text}"] if len(said) > _MANY_FILES else said)
    ]


def load_run(home: Home, run: str, clock: Clock, say: Say, of_record: str = "listing") -> tuple[int, int]:
    """Load what has landed; how many records of a run are new, and how many were already known."""
    with writer(home, say):
        connection = open_writer(home)
        try:
            results = load(connection, home, clock().astimezone(UTC), say)
            others = sum(one.loaded for one in results if one.run != run and one.record == of_record)
            if others:
                say(f"{others} rows ({of_record}) that had landed earlier were loaded too")
            # Read back, not taken from this load: another writer may have loaded the file in between.
            found = connection.execute(
                "SELECT coalesce(sum(loaded), 0), coalesce(sum(known), 0) FROM ops.loaded_file "
                "WHERE run = ? AND record = ?",
                [run, of_record],
            ).fetchone()
        finally:
            connection.close()
    problem = next((one.problem for one in results if one.run == run and one.problem), None)
    if problem:
        raise KatyError(problem)
    return (int(found[0]), int(found[1])) if found else (0, 0)


def file_hash(path: Path, options_json: str) -> str:
    """What makes a file the same file again: its bytes, and the options it is read with."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(options_json.encode())
    return digest.hexdigest()


def first_import(home: Home, source: str, sha256: str) -> datetime | None:
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


class _Rows:
    """All records of an import, as a stream: what was believed, quarantined rows, and a report of each file."""

    def __init__(
        self,
        source: str,
        of_record: str,
        run: str,
        started: datetime,
        clock: Clock,
        progress: Progress | None,
        reports: list[FileReport],
    ) -> None:
        self.source, self.of_record, self.run = source, of_record, run
        self.started, self.clock, self.progress, self.reports = started, clock, progress, reports
        self.number = 0
        self.refused: set[str] = set()

    def records(self, files: Sequence[Prepared]) -> Iterator[Record]:
        for file in files:
            report = FileReport(file.table.name)
            yield from self._file(file, report)
            file.finish(report)
            self._tell(file, report)
            self.reports.append(report)
            self.number += 1
            yield self._run_report(file, report)

    def _file(self, file: Prepared, report: FileReport) -> Iterator[Record]:
        for row in file.table.rows():
            self.number += 1
            report.rows += 1
            record = file.read(row, Place(file.table.place(row), self.run, self.number, self.started))
            if isinstance(record, Quarantined):
                report.reasons[record.reason] += 1
                # Equal rows are counted each, and kept once.
                if record.id not in self.refused:
                    self.refused.add(record.id)
                    yield record
            else:
                report.landed += 1
                report.filled.update(name for name in file.covered if getattr(record, name) is not None)
                yield record
            if report.rows % _TELL_EVERY == 0:
                self._tell(file, report)

    def _tell(self, file: Prepared, report: FileReport) -> None:
        if self.progress:
            self.progress(report.name, report.rows, file.rows)

    def _run_report(self, file: Prepared, report: FileReport) -> RunReport:
        detail = {
            "reasons": report.reasons,
            "filled": report.filled,
            "holes": report.holes,
            "notes": file.notes() + report.notes,
            "columns": file.table.columns,
        }
        return RunReport(
            source=self.source,
            run=self.run,
            row=self.number,
            of_record=self.of_record,
            found_at=report.name,
            # The market time of undated rows, so that the same file imported again gets it too.
            started_at=self.started,
            ended_at=max(self.started, self.clock().astimezone(UTC)),
            rows_read=report.rows,
            rows_landed=report.landed,
            rows_quarantined=report.quarantined,
            file_sha256=file.sha256,
            detail_json=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        )

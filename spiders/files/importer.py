"""The file importer: rows of files become landed listings, loaded under the one writer lock, and every row is counted.

rows read = loaded + already known + quarantined, always. Nothing lands when a file cannot be read as a whole; a row
that cannot be believed is quarantined with its reason and can be corrected and released (`spiders.files.release`).
Records other than listings have an importer of their own (`spiders.files.records_import`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from spiders.files.formats import open_table
from spiders.files.plan import DATED, ImportOptions, Plan, learn, resolve
from spiders.files.report import FileReport, ImportReport
from spiders.files.rows import Place, read_row, refuse
from spiders.files.run import Clock, Progress, Say, file_hash, first_import, run_import
from spiders.files.table import Table, TableRow
from spiders.privacy import Veil, hide_fixed
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import check_source
from warehouse.reading.dates import read_instant
from warehouse.reading.words import clean_text
from warehouse.records import Listing, Quarantined

__all__ = ["FileReport", "ImportOptions", "ImportReport", "import_listings"]

# A time without a zone may be that of any zone: the world's clocks are up to 14 hours ahead of UTC.
AHEAD = timedelta(hours=14)
SAMPLE_ROWS = 200
COVERED = ("list_price", "condition", "category", "brand", "gtin", "seller", "region", "url")


@dataclass(frozen=True, slots=True)
class _File:
    """One file of listings, ready to be read (`run.Prepared`). `seen` counts its equal rows."""

    table: Table
    plan: Plan
    veil: Veil
    sha256: str
    rows: int
    seen: dict[str, int] = field(default_factory=dict)
    covered: Sequence[str] = COVERED

    def notes(self) -> list[str]:
        plan, name = self.plan, self.table.name
        notes = list(self.table.notes)
        if plan.guessed:
            notes.append(f"{name}: {plan.guessed} (--map FIELD=COLUMN says otherwise)")
        if plan.again:
            notes.append(f"{name}: {', '.join(plan.again)} left out: another form of the price")
        if plan.currency_why:
            notes.append(f"{name}: a price without a currency is taken as {plan.currency}, {plan.currency_why}")
        if plan.currency_assumed:
            notes.append(f"{name}: a price without a currency is taken as {plan.currency} (--currency names another)")
        if not plan.dated:
            notes.append(f"{name}: no column is observed_at; rows are dated {plan.imported_at:%Y-%m-%d %H:%M} UTC")
        for one, scale in plan.scales.items():
            notes.append(f"{name}: {plan.column_of(one)} is read in units of {10**scale:,}, as {plan.scale_said(one)}")
        if len(plan.places.get("title", ())) > 1:
            notes.append(f"{name}: titles are made of {plan.column_of('title')}")
        if plan.called:
            notes.append(f'{name}: titles begin with "{plan.called}", for no column says what the things are')
        return notes

    def read(self, row: TableRow, place: Place) -> Listing | Quarantined:
        if row.cells is None:
            text, message = told_broken(self.veil, row)
            # Where no text is kept, the place tells one broken row from another.
            return refuse(self.plan, {"": text or place.found_at}, place, "broken_row", message)
        return read_row(self.plan, self.veil.hide(row.cells), place, self.seen)

    def finish(self, report: FileReport) -> None:
        """Listings have nothing to add."""


def import_listings(
    home: Home,
    files: Sequence[Path],
    options: ImportOptions,
    *,
    clock: Clock,
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
    check_dates(options.fixed, DATED)
    started = clock().astimezone(UTC)
    key = seller_key(home)
    prepared = [
        _prepare(home, Path(path), options, lambda name: pseudonym(key, options.source, name), started)
        for path in files
    ]
    return run_import(
        home,
        prepared,
        source=options.source,
        of_record=Listing.record,
        started=started,
        clock=clock,
        say=say,
        progress=progress,
    )


def check_dates(fixed: Mapping[str, str], names: Sequence[str]) -> None:
    """Values said for all rows are wrong for all rows: better told now than a hundred thousand times."""
    for name in names:
        text = fixed.get(name)
        if text is not None and read_instant(text) is None:
            raise BadInput(f'--set {name}={text}: "{text}" is no date; write it as 2026-01-31 or 2026-01-31T12:00:00Z')


def named_table(path: Path) -> Table:
    """A file's table. A file's name may hold bytes that are no text; what is kept of it is text."""
    table = open_table(path)
    return replace(table, name=clean_text(table.name))


def sample_of(table: Table, size: int = SAMPLE_ROWS) -> list[Sequence[str]]:
    """The cells of a table's first rows that can be read."""
    return [row.cells for row, _ in zip(table.rows(), range(size), strict=False) if row.cells is not None]


def told_broken(veil: Veil, row: TableRow) -> tuple[str, str]:
    """What may be kept of a broken row, and what is said of it."""
    text = veil.hide_broken(row.text)
    kept = "" if text or not row.text else "; its text is not kept, for it may name persons"
    return text, f"the row cannot be read: {row.problem}{kept}"


class Counted:
    """The readable rows of a table, counted as they pass: also the broken ones."""

    def __init__(self, table: Table) -> None:
        self.table, self.count = table, 0

    def __iter__(self) -> Iterator[Sequence[str]]:
        for row in self.table.rows():
            self.count += 1
            if row.cells is not None:
                yield row.cells


def _prepare(home: Home, path: Path, options: ImportOptions, hide: Callable[[str], str], started: datetime) -> _File:
    """Open a file, find its fields, and read it once for what only its columns as a whole can say."""
    table = named_table(path)
    hidden = replace(options, fixed=hide_fixed(options.fixed, hide))
    plan = resolve(hidden, table.name, table.columns, sample_of(table), started, started + AHEAD)
    rows = Counted(table)
    plan = learn(plan, rows)
    if not rows.count:
        raise BadInput(f"{table.name} has a header and no rows: there is nothing to import")
    sha256 = file_hash(path, hidden.canonical_json())
    if not plan.dated:
        plan = replace(plan, imported_at=first_import(home, options.source, sha256) or started)
    return _File(table, plan, Veil(plan, hide), sha256, rows.count)

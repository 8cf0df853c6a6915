"""Files of list prices, exchange rates and published prices: landed, loaded and accounted for as listings are.

rows read = loaded + already known + quarantined. Of a wide table each value is a row, and blank cells are holes, which
are counted beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from spiders.agent.believe import Reading, set_aside
from spiders.files.importer import Counted, check_dates, named_table, sample_of, told_broken
from spiders.files.record_plan import RecordOptions, RecordPlan, is_index, learn, resolve
from spiders.files.record_rows import price_path, read_texts, row_of
from spiders.files.report import FileReport, ImportReport
from spiders.files.rows import Place
from spiders.files.run import Clock, Progress, Say, file_hash, first_import, run_import
from spiders.files.shapes import shape_of
from spiders.files.table import Table, TableRow
from spiders.files.wide import WideTable, melt
from spiders.privacy import Veil, hide_fixed
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import check_source
from warehouse.records import FxRate, PriceSeries, Quarantined, Record

__all__ = ["RecordOptions", "import_records"]

_SAMPLE_ROWS = 200
_COVERED = {
    "list_price": ("brand", "category", "gtin", "mpn", "released_on", "region", "url"),
    "price_series": ("currency", "unit", "volume", "region", "place", "category"),
    "fx_rate": (),
}


@dataclass(slots=True)
class _File:
    """One file, ready to be read (`run.Prepared`)."""

    table: Table
    plan: RecordPlan
    veil: Veil
    reading: Reading
    sha256: str
    rows: int
    covered: Sequence[str]
    seen: dict[tuple[object, ...], Decimal] = field(default_factory=dict)
    differing: int = 0

    def notes(self) -> list[str]:
        plan, name = self.plan, self.table.name
        notes = list(self.table.notes)
        if plan.currency_assumed and self.reading.defaults.get("statistic") != "index":
            notes.append(f"{name}: a price without a currency is taken as {plan.currency} (--currency names another)")
        if plan.shape.key is None and not plan.dated:
            at = self.reading.defaults["observed_at"]
            notes.append(f"{name}: no column is observed_at; rows are dated {at[:16].replace('T', ' ')} UTC")
        for one, text in plan.assumed.items():
            notes.append(f"{name}: {one} is taken as {text} (--set {one}=… says otherwise)")
        notes += [f"{name}: {one} is column {plan.column_of(one)}" for one in plan.guessed]
        return notes

    def read(self, row: TableRow, place: Place) -> Record:
        record = self.plan.shape.record
        self.reading = self.reading if self.reading.run == place.run else replace(self.reading, run=place.run)
        if row.cells is None:
            text, message = told_broken(self.veil, row)
            # Where no text is kept, the place tells one broken row from another.
            kept = {"": text or place.found_at}
            return self._aside(kept, "broken_row", message, place)
        said = row_of(self.plan, self.veil.hide(row.cells))
        if "statistic" in self.plan.assumed and is_index(said.get("series") or self.reading.defaults.get("series", "")):
            said["statistic"] = "index"
        read = read_texts(
            record,
            said,
            self.reading,
            found_at=place.found_at,
            number=place.row,
            price_path=price_path(self.plan),
            own_currency="currency" in self.plan.fixed and "currency" not in self.plan.places,
        )
        return self._compared(read, said, place)

    def _compared(self, read: Record, said: Mapping[str, str], place: Place) -> Record:
        """Two values for one time: of a rate only one can be, of a series it is told."""
        if isinstance(read, FxRate):
            before = self.seen.setdefault((read.base, read.quote, read.kind, read.observed_on), read.rate)
            if before != read.rate:
                message = f"the file says {before} for the same day already, and now {read.rate}"
                return self._aside(said, "ambiguous_rate", message, place)
        elif isinstance(read, PriceSeries):
            self.differing += self.seen.setdefault((read.series, read.period), read.value) != read.value
        return read

    def _aside(self, said: Mapping[str, str], reason: str, message: str, place: Place) -> Quarantined:
        return set_aside(
            self.plan.shape.record, said, self.reading, reason, message, found_at=place.found_at, number=place.row
        )

    def finish(self, report: FileReport) -> None:
        """Holes of a wide table, and values that differ for one series and time."""
        if isinstance(self.table, WideTable):
            report.holes = self.table.holes[0]
        if self.differing:
            report.notes.append(
                f"{report.name}: {self.differing} values differ from another of the same series and time: "
                "should more columns name the series (--map series=A+B)?"
            )


def import_records(
    home: Home,
    files: Sequence[Path],
    options: RecordOptions,
    *,
    clock: Clock,
    say: Say,
    progress: Progress | None = None,
) -> ImportReport:
    """Read, land and load files of one record, as `importer.import_listings` does with listings."""
    if not files:
        raise BadInput("no file to import: katy import RECORD FILE… --source NAME")
    check_source(options.source)
    options = options.checked()
    check_dates(options.fixed, shape_of(options.record).dates)
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
        of_record=options.record,
        started=started,
        clock=clock,
        say=say,
        progress=progress,
    )


def _prepare(home: Home, path: Path, options: RecordOptions, hide: Callable[[str], str], started: datetime) -> _File:
    """Open a file, find its fields, and read it once for what only its columns as a whole can say."""
    shape = shape_of(options.record)
    table = named_table(path)
    options = replace(options, fixed=hide_fixed(options.fixed, hide, shape.fields))
    sha256 = file_hash(path, options.canonical_json())
    if options.wide:
        table, options = melt(table, options, sample_of(table, _SAMPLE_ROWS))
    plan = resolve(options, table.name, table.columns, sample_of(table, _SAMPLE_ROWS))
    rows = Counted(table)
    plan = learn(plan, rows)
    if not rows.count:
        raise BadInput(f"{table.name} has a header and no rows: there is nothing to import")
    defaults = {**plan.assumed, **({"currency": plan.currency} if "currency" in shape.fields else {})}
    defaults |= {name: text for name, text in plan.fixed.items() if name in shape.fields}
    if shape.key is None and not plan.dated:
        defaults[shape.moment] = (first_import(home, options.source, sha256) or started).isoformat()
    reading = Reading(source=options.source, run="", now=started, defaults=defaults, marks=plan.marks, order=plan.order)
    return _File(table, plan, Veil(plan, hide), reading, sha256, rows.count, _COVERED[options.record])

"""Photos of listings from a folder: a table says which file shows which listing. Looks are kept, pictures are not.

The table has a column `file` and either `source` and `id` of the listing, or its address `url`; `observed_at` where it
is known when the photo was there. rows read = loaded + already known + quarantined, as for every import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from features.photo import LOOKS_ONLY, PictureRefused, read_pictures
from spiders.agent.believe import Reading, read_record, set_aside
from spiders.files.importer import Counted, named_table
from spiders.files.report import FileReport, ImportReport
from spiders.files.rows import Place
from spiders.files.run import Clock, Progress, Say, file_hash, first_import, run_import
from spiders.files.table import Table, TableRow
from spiders.photos import look_row
from spiders.privacy import scrub, scrub_code
from spiders.reader import Row, texts
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import check_source
from warehouse.reading.words import clean_text, fold_header
from warehouse.records import PhotoLook, Record

ListingOf = Callable[[str], tuple[str, str] | None]
_COLUMNS = ("file", "source", "id", "url", "observed_at")


def import_photos(
    home: Home,
    path: Path,
    folder: Path,
    *,
    source: str,
    listing_of: ListingOf,
    clock: Clock,
    say: Say,
    progress: Progress | None = None,
) -> ImportReport:
    """Look at the photos that a table names; land and load their looks, as `source`.

    `listing_of` gives the listing (source, id) of an address, or None. Reasons of refusal: those of `features.photo`,
    no_file, no_listing, unknown_listing, and those of every record. BadInput, before anything lands, where the folder,
    the table or its columns cannot be used.
    """
    check_source(source)
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder: --folder names the one that the photos are in")
    started = clock().astimezone(UTC)
    table = named_table(path)
    columns = _columns(table)
    rows = Counted(table)
    for _ in rows:
        pass
    sha256 = file_hash(path, PhotoLook.record)
    # A row that says no time is of the table's first import, so that the same table gives the same looks again.
    dated = (first_import(home, source, sha256) or started).isoformat()
    reading = Reading(source=source, run="", now=started, defaults={"observed_at": dated})
    return run_import(
        home,
        [_File(table, columns, folder.resolve(), listing_of, reading, sha256, rows.count)],
        source=source,
        of_record=PhotoLook.record,
        started=started,
        clock=clock,
        say=say,
        progress=progress,
    )


class _RefusedError(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _File:
    """A table of photos, ready to be read (`run.Prepared`)."""

    table: Table
    columns: Mapping[str, int]
    folder: Path
    listing_of: ListingOf
    reading: Reading
    sha256: str
    rows: int
    covered: Sequence[str] = ()

    def notes(self) -> list[str]:
        return list(self.table.notes)

    def read(self, row: TableRow, place: Place) -> Record:
        reading = replace(self.reading, run=place.run)
        said: Row = {"": scrub(row.text)}
        try:
            if row.cells is None:
                raise _RefusedError("broken_row", f"the row cannot be read: {row.problem}")
            cells = {name: clean_text(row.cells[at]) for name, at in self.columns.items()}
            said = texts(image=scrub_code(cells["file"]), observed_at=cells.get("observed_at"))
            said |= self._listing(cells)
            said |= self._look(cells["file"])
        except _RefusedError as refused:
            return set_aside(
                PhotoLook.record, said, reading, refused.reason, str(refused), found_at=place.found_at, number=place.row
            )
        return read_record(PhotoLook.record, said, reading, found_at=place.found_at, number=place.row)

    def finish(self, report: FileReport) -> None:
        """Photos have nothing to add."""

    def _listing(self, cells: Mapping[str, str]) -> Row:
        if cells.get("source") and cells.get("id"):
            return {"of_source": cells["source"], "id": cells["id"]}
        url = cells.get("url")
        if not url:
            raise _RefusedError("no_listing", "it names no listing: fill in source and id, or url")
        found = self.listing_of(url)
        if found is None:
            raise _RefusedError("unknown_listing", f"no published listing has the address {scrub_code(url)}")
        return {"of_source": found[0], "id": found[1]}

    def _look(self, name: str) -> Row:
        if not name:
            raise _RefusedError("no_file", "file is blank")
        try:
            path = (self.folder / name).resolve()
            if not (path.is_relative_to(self.folder) and path.is_file()):
                raise _RefusedError("no_file", f"{scrub_code(name)} is no file in {self.folder}")
            with path.open("rb") as file:
                # One byte more than is read tells that it is too large; no more of it is taken in.
                data = file.read(LOOKS_ONLY.bytes + 1)
            (read,) = read_pictures([data], limits=LOOKS_ONLY)
        except PictureRefused as refused:
            raise _RefusedError(refused.reason, refused.says) from None
        except (OSError, ValueError) as error:
            raise _RefusedError("no_file", f"{scrub_code(name)} cannot be read: {error}") from None
        return look_row(read)


def _columns(table: Table) -> dict[str, int]:
    """Where the columns stand. BadInput where those that are needed are not there."""
    places = {fold_header(name): at for at, name in reversed(list(enumerate(table.columns)))}
    found = {name: places[fold_header(name)] for name in _COLUMNS if fold_header(name) in places}
    if "file" not in found or not ({"source", "id"} <= set(found) or "url" in found):
        raise BadInput(
            f"{table.name} has the columns {', '.join(table.columns)}; it needs file, and source and id of the listing "
            "or its url"
        )
    return found

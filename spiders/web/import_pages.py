"""The import of saved pages: files and folders become landed listings, and every file and every row is counted.

offers = loaded + already known + quarantined, as in the import of tables. A page lands under the name of its site, so
that a listing seen by an agent and the same one on a saved page are one; or under the name that is said for all.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spiders.agent import listings
from spiders.files.run import load_run
from spiders.reader import Answer, Ask, Found, Note, Unreadable, Visit
from spiders.saved_pages import SOURCE, SavedPageReader
from spiders.web.pages_report import PageFile, PagesReport, site_name
from spiders.web.saved import ENDINGS, LARGEST, read_saved
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import check_source, land, landed, new_run
from warehouse.reading.currency import read_code
from warehouse.records import Listing, Quarantined, Record, RunReport

Clock = Callable[[], datetime]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """How saved pages are read.

    `source` is the name all rows land under, by default each page's site. `base` is the address of a page that names
    none. `region` (ISO 3166-2) and `currency` (ISO 4217) hold where a page says nothing. `observed_at` is when pages
    were seen; by default when they were saved, where they say so, else when the same bytes were first imported.
    """

    source: str | None = None
    base: str | None = None
    region: str | None = None
    currency: str | None = None
    observed_at: datetime | None = None

    def checked(self, now: datetime) -> PageOptions:
        """The same options, or BadInput naming the one that cannot be used."""
        if self.source is not None:
            check_source(self.source)
        if self.currency is not None and read_code(self.currency) is None:
            raise BadInput(f'currency "{self.currency}" is no ISO 4217 code such as USD')
        if self.base is not None and urlsplit(self.base).scheme not in {"http", "https"}:
            raise BadInput(f'--base "{self.base}" is no address of a page (https://…)')
        if self.observed_at is not None and self.observed_at > now:
            raise BadInput(f"--observed-at {self.observed_at:%Y-%m-%dT%H:%M} lies in the future")
        return self


@dataclass(slots=True)
class _Read:
    """A file that was read: what it says, and under which name and moment it lands."""

    report: PageFile
    found: list[Found] = field(default_factory=list)
    sha256: str = ""
    base: str = ""
    saved_at: datetime | None = None


def import_pages(
    home: Home, paths: Sequence[Path], options: PageOptions, *, clock: Clock, say: Say, dry_run: bool = False
) -> PagesReport:
    """Read saved pages, land and load what they offer. With `dry_run` nothing is written, and the rows are reported.

    Raises BadInput, before anything lands, where a path is not there or an option cannot be used. A file that cannot be
    read is reported with why, and the others are read all the same.
    """
    started = clock().astimezone(UTC)
    options = options.checked(started)
    files, others = pages_in(paths)
    read = [_read(path, name, options, started) for path, name in files]
    report = PagesReport(files=[one.report for one in read], others=others, dry_run=dry_run)
    by_source: dict[str, list[_Read]] = {}
    for one in read:
        by_source.setdefault(one.report.source, []).append(one)
    for source, group in by_source.items():
        run = new_run(started)
        records = _records(home, source, group, options, run=run, started=started, clock=clock, dry_run=dry_run)
        if dry_run:
            report.rows += [one for one in records if not isinstance(one, RunReport)]
        else:
            land(home, records, source=source, run=run, now=started)
            report.count(*load_run(home, run, clock, say))
    return report


def pages_in(paths: Sequence[Path]) -> tuple[list[tuple[Path, str]], list[str]]:
    """The saved pages among files and in folders, each with its name for a report, and the names of all other files.

    What a browser keeps beside a page ("… _files") is part of that page. BadInput where a path is not there, and where
    there is no page at all.
    """
    if not paths:
        raise BadInput("no page to import: katy import page FILE|FOLDER…")
    found: dict[Path, str] = {}
    others: list[str] = []
    for given in paths:
        if not given.exists():
            raise BadInput(f"{given} is not there")
        if given.is_file():
            found.setdefault(given.resolve(), given.name)
            continue
        for path in sorted(one for one in given.rglob("*") if one.is_file()):
            name = path.relative_to(given)
            beside = any(part.lower().endswith(("_files", "_dateien", "_fichiers", ".fld")) for part in name.parts[:-1])
            if path.suffix.lower() in ENDINGS and not beside and not path.name.startswith("."):
                found.setdefault(path.resolve(), str(name))
            else:
                others.append(str(name))
    if not found:
        raise BadInput(f"{', '.join(map(str, paths))}: no saved page ({', '.join(ENDINGS)})")
    return list(found.items()), others


def _read(path: Path, name: str, options: PageOptions, now: datetime) -> _Read:
    """One file: its offers and notes, or why it cannot be read."""
    report = PageFile(name=name, source=options.source or SOURCE.name)
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"it has {path.stat().st_size} bytes; {LARGEST} are read")
        content = path.read_bytes()
        said = json.dumps([options.base, options.region, options.currency], ensure_ascii=False)
        one = _Read(report, sha256=hashlib.sha256(content + said.encode()).hexdigest())
        saved = read_saved(content, path.suffix.lower())
        visit = Visit(source=SOURCE, base=options.base or path.as_uri(), now=now)
        answer = Answer(Ask(path.as_uri()), path.as_uri(), content)
        for item in SavedPageReader(visit).parse(answer):
            if isinstance(item, Found):
                one.found.append(item)
            elif isinstance(item, Note):
                report.take(item)
    except (Unreadable, OSError) as error:
        report.problem = str(error)
        return _Read(report)
    stated = saved.url or options.base
    links = (found.found_at or "" for found in one.found)
    rows = (found.row.get("url", "") for found in one.found)
    address = next((link for link in (stated or "", *links, *rows) if link.startswith(("http://", "https://"))), None)
    report.url, one.saved_at = address, saved.saved_at if saved.saved_at and saved.saved_at <= now else None
    if address:
        report.source = options.source or site_name(address)
        one.base = address if site_name(address) == report.source else ""
    return one


def _records(
    home: Home,
    source: str,
    group: list[_Read],
    options: PageOptions,
    *,
    run: str,
    started: datetime,
    clock: Clock,
    dry_run: bool,
) -> Iterator[Record]:
    """All records of one source: listings, quarantined rows, and a report of each file."""
    hide: Callable[[str], str] = _stand_in if dry_run else functools.partial(pseudonym, seller_key(home), source)
    refused: set[str] = set()
    number = 0
    for one in group:
        first = _first_import(home, source, one.sha256)
        observed_at = options.observed_at or one.saved_at or first or started
        visit = listings.Visit(
            source=source,
            run=run,
            base=one.base,
            observed_at=observed_at.astimezone(UTC),
            pseudonym=hide,
            region=options.region,
            currency=options.currency,
        )
        one.report.observed_at = visit.observed_at
        for found in one.found:
            number += 1
            record = listings.read_offer(visit, _message(found, one.report.name), number)
            one.report.count(record)
            # Equal rows are counted each, and kept once.
            if isinstance(record, Listing) or record.id not in refused:
                refused.add(record.id if isinstance(record, Quarantined) else "")
                yield record
        number += 1
        # The moment of the first import, so that the same file gets it again.
        yield _run_report(one, run, number, first or started, clock().astimezone(UTC))


def _message(found: Found, name: str) -> dict[str, Any]:
    at = found.found_at or ""
    return {
        "row": found.row,
        "price_path": found.price_path,
        "reason": found.reason,
        "message": found.message,
        "found_at": at if at.startswith(("http://", "https://")) else name,
    }


def _stand_in(name: str) -> str:
    return "(a pseudonym)"


def _run_report(one: _Read, run: str, number: int, started: datetime, ended: datetime) -> RunReport:
    report = one.report
    return RunReport(
        source=report.source,
        run=run,
        row=number,
        of_record=Listing.record,
        found_at=report.name,
        started_at=started,
        ended_at=max(started, ended),
        rows_read=report.offers,
        rows_landed=report.listings,
        rows_quarantined=report.quarantined,
        file_sha256=one.sha256 or None,
        detail_json=json.dumps(report.detail(SOURCE.name), sort_keys=True, ensure_ascii=False),
    )


def _first_import(home: Home, source: str, sha256: str) -> datetime | None:
    """When the same bytes were first imported in the same way."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    times: list[datetime] = []
    for path in landed(home, RunReport.record) if sha256 else []:
        if path.parent.parent.name == source:
            table = pq.read_table(path, columns=["file_sha256", "started_at"], partitioning=None)
            times += table.filter(pc.equal(table["file_sha256"], sha256))["started_at"].to_pylist()
    return min(times, default=None)

"""The agent: sends a source's reader out in its own process, lands what is believed as it comes, reports all of it.

Nothing is loaded here; whoever calls lands many sources and loads once.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

import spiders
from spiders.agent.archive import forget_old
from spiders.agent.begin import BUNDLED, base_of, browser_for, check, site_name
from spiders.agent.crawl import Crawl
from spiders.agent.job import Job
from spiders.agent.journal import Journal
from spiders.agent.report import CollectReport
from spiders.agent.rows import Rows, visit_of
from spiders.reader import Visit
from spiders.registry import reader_of, source_named
from spiders.source import Limits, Source
from warehouse.errors import Busy
from warehouse.home import Home
from warehouse.landing import check_source, land, landing_path, make_folder, new_run
from warehouse.records import RunReport

Clock = Callable[[], datetime]
Say = Callable[[str], None]
# A visit that was cut off longer ago than this is not taken up again: its moment has passed.
_STILL_TRUE = timedelta(hours=12)
_FORGET_PAGES = timedelta(days=180)


def collect(
    source_name: str,
    home: Home,
    *,
    user_agent: str,
    clock: Clock,
    say: Say,
    base: str | None = None,
    typed: bool | None = None,
    name: str | None = None,
    browser: Path | str | None = None,
    region: str | None = None,
    currency: str | None = None,
    delay: float | None = None,
    targets: Sequence[str] = (),
    keys: Mapping[str, str] | None = None,
    switched_on: bool = False,
    cadence: timedelta | None = None,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
) -> CollectReport:
    """Visit a source once and land what it gives, as it comes: records, quarantined rows, and the run's report.

    `base` is a URL, a `file://` URL or a path; only a base that an operator said may be a private address, and one that
    is given here is taken for such, unless `typed` is False: it came from what was read. `name` is the source under
    which rows land: by default the source's own, for a reader of any site the site's host. `region` (ISO 3166-2) and
    `currency` (ISO 4217) hold where a page says nothing. `delay` is in seconds; by default the source's, and 0 lets
    several requests go at once. `targets` are what is asked for, by default the source's. `keys` are secrets by name.
    `switched_on` reads a source that is off by default; `cadence` is how often it is read here. `progress` is told the
    number of rows so far. All rows are of one moment: the clock's at the beginning. A visit of the same source, base
    and targets that was killed is taken up where it was.

    Raises BadInput for an unknown source, a missing or unusable base; NoKeyError, SwitchedOffError; NoBrowser where one
    is needed; Busy while the same source is being visited. A site that blocks, breaks or has changed raises nothing:
    the report's verdict says it.
    """
    source = source_named(source_name)
    have = dict(keys or {})
    check(source, base, currency, have, switched_on)
    at = base_of(source, base)
    lands_as = check_source(name or (site_name(at) if source.base is None else source.name))
    make_folder(home.agents)
    try:
        with FileLock(str(home.agents / f"{lands_as}.lock"), timeout=0):
            return _visit(
                source,
                home,
                lands_as,
                at,
                typed=base is not None if typed is None else typed,
                user_agent=user_agent,
                clock=clock,
                say=say,
                browser=browser_for(source, at, browser),
                region=region or source.region,
                currency=currency or source.currency,
                delay=source.delay if delay is None else delay,
                targets=tuple(targets) or source.targets,
                keys={one: have[one] for one in (*source.keys, *source.optional_keys) if have.get(one)},
                cadence=cadence or source.cadence,
                limits=limits or Limits(),
                progress=progress,
            )
    except Timeout:
        raise Busy(f"{lands_as} is being read by another process; wait for it") from None


def _visit(
    source: Source,
    home: Home,
    lands_as: str,
    at: str,
    *,
    typed: bool,
    user_agent: str,
    clock: Clock,
    say: Say,
    browser: str | None,
    region: str | None,
    currency: str | None,
    delay: float,
    targets: tuple[str, ...],
    keys: Mapping[str, str],
    cadence: timedelta,
    limits: Limits,
    progress: Callable[[int], None] | None,
) -> CollectReport:
    """The visit, the source's lock held."""
    journal = Journal(home.agents / f"{lands_as}.sqlite")
    try:
        told = json.dumps([source.name, at, targets, region, currency])
        report, fresh, parts = _begin(journal, home, source, lands_as, at, told, clock, say)
        visit = visit_of(
            home,
            source=lands_as,
            run=report.run,
            base=at,
            observed_at=report.started_at,
            region=region,
            currency=currency,
        )
        job = Job(
            source=source.name,
            base=at,
            typed=typed,
            fresh=fresh,
            now=report.started_at.isoformat(),
            user_agent=user_agent,
            delay=delay,
            largest=source.largest,
            robots=not source.api,
            browser=browser,
            region=region,
            currency=currency,
            targets=targets,
            keys=keys,
            limits=limits,
        )
        rows = Rows(home, visit, undone=journal.undone if report.resumed else None)
        crawl = Crawl(
            home,
            job,
            journal,
            report,
            rows,
            personal=source.personal,
            version=readers_version(),
            parts=parts,
            clock=clock,
            progress=progress,
        )
        if at != BUNDLED:
            crawl.run()
        if (not report.good and not typed) or at == BUNDLED:
            _packaged(source, crawl, say)
        report.ended_at = max(report.started_at, clock().astimezone(UTC))
        report.cadence_hours = cadence.total_seconds() / 3600
        _conclude(home, report, cadence)
        journal.end()
        journal.forget((report.started_at - _FORGET_PAGES).timestamp())
    finally:
        journal.close()
    forget_old(home)
    return report


def _begin(
    journal: Journal, home: Home, source: Source, lands_as: str, at: str, told: str, clock: Clock, say: Say
) -> tuple[CollectReport, bool, int]:
    """A new visit, or the one that was cut off: its report, whether it is new, and how many parts it has landed."""
    now = clock().astimezone(UTC)
    left = journal.unfinished()
    if left is not None and landing_path(home, RunReport.record, lands_as, left[0], left[2]).exists():
        # It was killed with its report landed: nothing is left of it, and nothing of it may land again.
        journal.end()
        left = None
    if left is not None:
        parts = journal.recover(lambda name: (home.root / name).exists())
        run, then_told, started_at, tally = journal.unfinished() or left
        report = _report(source, lands_as, at, run, started_at)
        report.take_up(tally)
        if then_told == told and timedelta(0) <= now - started_at <= _STILL_TRUE:
            say(f"{lands_as}: a visit of {started_at:%H:%M} UTC was cut off; it goes on, {journal.left()} pages left")
            return report, journal.left() == 0 and not report.pages, parts
        report.verdict, report.why = "interrupted", "the visit was killed and not taken up again"
        report.read = report.landed + report.repeated + report.known + sum(report.quarantined.values())
        report.ended_at = max(started_at, min(now, started_at + _STILL_TRUE))
        land(home, [report.run_report()], source=lands_as, run=run, now=started_at)
    run = new_run(now)
    journal.begin(run, told, now)
    return _report(source, lands_as, at, run, now), True, 0


def _report(source: Source, lands_as: str, at: str, run: str, started_at: datetime) -> CollectReport:
    return CollectReport(
        source=lands_as,
        reader=source.name,
        of_record=source.records[0],
        run=run,
        base=at,
        started_at=started_at,
        ended_at=started_at,
    )


def _packaged(source: Source, crawl: Crawl, say: Say) -> None:
    """The copy that a package carries, where the source itself could not be read; the report says so."""
    visit = crawl.rows.visit
    reader = reader_of(source, Visit(source=source, base=source.base or "", now=visit.observed_at))
    answer = reader.packaged()
    if answer is None:
        return
    why = crawl.report.why
    crawl.take_packaged(reader, answer)
    if why:
        crawl.report.notes.append(f"{why}; read instead: {answer.url}")
        say(f"{crawl.report.source}: {crawl.report.notes[-1]}")


def _conclude(home: Home, report: CollectReport, cadence: timedelta) -> None:
    """Land the report, with the alarms it gives rise to beside what earlier runs did."""
    from spiders.agent.quality import alarms_of
    from warehouse.alarms import alarm_records, history, log, news, standing, troubled

    run_report = report.run_report()
    earlier = history(home, report.source)
    known = standing(home, report.source, earlier)
    findings = alarms_of(run_report, earlier, cadence=cadence, troubled=troubled(known))
    alarms = alarm_records(findings, run_report, known)
    report.alarms = [alarm.message for alarm in alarms]
    files = land(home, [run_report, *alarms], source=report.source, run=report.run, now=report.started_at)
    report.files += [str(path) for path in files]
    log(home, news(alarms, known))


@functools.cache
def readers_version() -> str:
    """A hash of all code that reads: what another version read from a page is not taken for what it says."""
    digest = hashlib.sha256()
    for path in sorted(Path(spiders.__path__[0]).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]

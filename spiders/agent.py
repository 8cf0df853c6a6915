"""The agent: sends a spider out in its own process, reads what it says, lands what is believed, reports all of it.

Nothing is loaded here; whoever calls lands many sources and loads once.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import spiders
from spiders.archive import cache_folder, forget_old
from spiders.ecb import BUNDLED
from spiders.listings import Visit, read_offer
from spiders.rates import read_fx
from spiders.registry import source_named
from spiders.report import CollectReport, Messages
from spiders.run import Job
from spiders.source import Limits, Source
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.keys import pseudonym, seller_key
from warehouse.landing import check_source, land, landed, new_run
from warehouse.reading.currency import read_code
from warehouse.records import FxRate, Listing, Quarantined

Clock = Callable[[], datetime]
Row = Listing | Quarantined | FxRate
Say = Callable[[str], None]
# How long a visit may take to end by itself once its time is up.
_GRACE_SECONDS = 45.0
_START = "import sys; sys.path.insert(0, sys.argv[1]); from spiders.run import main; main()"


def collect(
    source_name: str,
    home: Home,
    *,
    user_agent: str,
    clock: Clock,
    say: Say,
    base: str | None = None,
    name: str | None = None,
    browser: Path | str | None = None,
    region: str | None = None,
    currency: str | None = None,
    delay: float | None = None,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
) -> CollectReport:
    """Visit a source once and land what it gives: listings or rates, quarantined rows, and the run's report.

    `base` is a URL, a `file://` URL or a path; only a base that is given here may be a private address. `name` is the
    source under which rows land: by default the source's own, for a reader of any site the site's host. `region` (ISO
    3166-2) and `currency` (ISO 4217) hold where a page says nothing. `delay` is in seconds; by default the source's.
    `progress` is told the number of offers so far. All rows are of one moment: the clock's at the beginning.

    Raises BadInput for an unknown source, a missing or unusable base; NoBrowser where one is needed. A site that
    blocks, breaks or has changed raises nothing: the report's verdict says it.
    """
    source = source_named(source_name)
    if currency is not None and read_code(currency) is None:
        raise BadInput(f'currency "{currency}" is no ISO 4217 code such as USD')
    at = _base(source, base)
    lands_as = check_source(name or (_site_name(at) if source.base is None else source.name))
    now = clock().astimezone(UTC)
    report = CollectReport(source=lands_as, reader=source.name, run=new_run(now), base=at, started_at=now, ended_at=now)
    job = Job(
        spider=source.spider,
        name=source.name,
        base=at,
        typed=base is not None,
        user_agent=user_agent,
        delay=source.delay if delay is None else delay,
        archive=str(cache_folder(home) / lands_as),
        browser=_browser(source, at, browser),
        limits=limits or Limits(),
    )
    rows: Sequence[Row]
    if source.record == FxRate.record:
        known = _known_days(home, lands_as)
        rows, messages = read_fx(report, job, fallback=base is None, known=known, send=send, say=say)
    else:
        visit = _visit(home, report, region or source.region, currency or source.currency)
        messages = send(job, progress)
        rows = [read_offer(visit, offer, number) for number, offer in enumerate(messages.offers, 1)]
    report.ended_at = max(now, clock().astimezone(UTC))
    return _land(home, report, rows, messages)


def _visit(home: Home, report: CollectReport, region: str | None, currency: str | None) -> Visit:
    return Visit(
        source=report.source,
        run=report.run,
        base=report.base,
        observed_at=report.started_at,
        pseudonym=functools.partial(pseudonym, seller_key(home), report.source),
        region=region,
        currency=currency,
    )


def _land(home: Home, report: CollectReport, rows: Sequence[Row], messages: Messages) -> CollectReport:
    """Land the rows, each once, with the finished report."""
    distinct = _distinct(rows)
    report.count_visit(messages)
    report.count_rows(distinct, len(rows) - len(distinct))
    report.judge(messages)
    landed_rows = [*distinct, report.run_report()]
    files = land(home, landed_rows, source=report.source, run=report.run, now=report.started_at)
    report.files = [str(path) for path in files]
    forget_old(home)
    return report


def send(job: Job, progress: Callable[[int], None] | None = None) -> Messages:
    """Run a job in a process of its own and take in what it says, to its end or to its limit of time."""
    messages = Messages()
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(Path(spiders.__path__[0]).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
        )
        watch = threading.Timer(job.limits.seconds + _GRACE_SECONDS, process.kill)
        watch.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(job.line())
            process.stdin.flush()
            for line in process.stdout:
                messages.take(_message(line))
                if progress:
                    progress(len(messages.offers))
            status = process.wait()
        finally:
            watch.cancel()
            # Closing its input ends a process that is still there.
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
            process.wait(timeout=_GRACE_SECONDS)
        if messages.end is None:
            messages.broke = f"the spider's process ended with status {status}: {_last_line(complaints)}"
    return messages


def _message(line: str) -> dict[str, Any]:
    """One message. JSON can carry half of a surrogate pair, which is no text and could not be kept."""
    if "\\ud" in line:
        line = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace").decode()
    message: dict[str, Any] = json.loads(line)
    return message


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = [line for line in complaints.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:500] if lines else "it said nothing"


def _browser(source: Source, base: str, given: Path | str | None) -> str | None:
    """The browser a source needs, if it needs one."""
    if not source.browser:
        return None
    from spiders.browser import find_browser

    if base.startswith("file:"):
        raise BadInput(f"{source.name} renders pages of a web server; {base} is a file. Use schema_org for saved pages")
    return find_browser(given)


def _base(source: Source, base: str | None) -> str:
    """Where to begin, as a URL."""
    if base is None:
        if source.base is None:
            raise BadInput(f"{source.name} reads any site of its format: say which with --base URL")
        return source.base
    text = base.strip()
    if text == BUNDLED and source.record == FxRate.record:
        return text
    if re.match(r"(?i)https?://[^/]", text):
        return text
    path = Path(unquote(urlsplit(text).path)) if text.startswith("file:") else Path(text)
    if path.is_file():
        return path.resolve().as_uri()
    if "://" not in text and re.fullmatch(r"(?:[\w-]+\.)+[a-zA-Z]{2,}(?::\d+)?(?:/\S*)?", text):
        return f"https://{text}"
    raise BadInput(f'"{base}" is neither a web address (https://…) nor a file that is there')


def _site_name(base: str) -> str:
    """A source's name for a site: its host, with the port where it is a special one; "files" for saved pages."""
    parts = urlsplit(base)
    if not parts.hostname:
        return "files"
    port = f"-{parts.port}" if parts.port else ""
    return re.sub(r"[^a-z0-9.-]+", "-", parts.hostname.lower().removeprefix("www.") + port).strip("-.")


def _distinct(rows: Sequence[Row]) -> list[Row]:
    """Each row once: the same thing met on two pages of one visit is one observation."""
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        seen.setdefault((row.record, *(getattr(row, name) for name in row.key)), row)
    return list(seen.values())


def _known_days(home: Home, source: str) -> set[date]:
    """The days whose rates this source has landed already; published rates are never revised."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    days: set[date] = set()
    for path in landed(home, FxRate.record):
        if path.parent.parent.name == source:
            column = pq.read_table(path, columns=["observed_on"], partitioning=None)["observed_on"]
            days.update(pc.unique(column).to_pylist())
    return days

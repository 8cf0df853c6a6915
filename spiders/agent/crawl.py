"""One visit: asks go out, answers come in, rows land in parts as they come.

The journal knows at every moment what has landed. Parts are small enough that memory does not grow with the visit, and
large enough that the landing is not a heap of crumbs.
"""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa

from spiders.agent.archive import Kept, archive, compress
from spiders.agent.job import Job
from spiders.agent.journal import Journal, Known, Met
from spiders.agent.part import Part, content_of
from spiders.agent.process import Process
from spiders.agent.redact import redact
from spiders.agent.report import CollectReport
from spiders.agent.rows import OFFERS, Rows
from spiders.agent.verdict import judge
from spiders.privacy import scrub_address, shows_person
from spiders.reader import Answer, Ask, Found, Reader
from warehouse.home import Home
from warehouse.landing import land, landing_path

# Asks that are under way at once; the process keeps its own pace among them.
_WINDOW = 24
_MOST_REMEMBERED = 500
_LEFT_ALONE = "left alone"


class Crawl:
    """Drives one process through one visit. `run()` returns when nothing is left to ask, or may be."""

    def __init__(
        self,
        home: Home,
        job: Job,
        journal: Journal,
        report: CollectReport,
        rows: Rows,
        *,
        personal: tuple[str, ...],
        version: str,
        parts: int,
        clock: Callable[[], datetime],
        progress: Callable[[int], None] | None,
    ) -> None:
        self.home, self.job, self.journal, self.report, self.rows = home, job, journal, report, rows
        self.personal, self.version, self.parts = personal, version, parts
        self.clock, self.progress = clock, progress
        self.part = Part()
        self.under_way: dict[str, tuple[Ask, Known | None]] = {}
        self.half_read: dict[str, list[dict[str, Any]]] = {}
        self.counts: dict[str, Any] = {}
        self.cut: str | None = None
        self.stopped = False
        self.sent = 0
        self._until = time.monotonic() + job.limits.seconds
        self._valued = 0

    def run(self) -> None:
        with Process(self.job) as process:
            # Both start at once: Arrow loads what it needs with its first array.
            pa.array([0])
            if not self.job.fresh:
                self._feed(process)
            for message in process:
                for kind, said in message.items():
                    getattr(self, f"_{kind}")(said)
                if self.part.full:
                    self._land()
                self._feed(process)
        self._land()
        self._sum_up()
        judge(self.report, self.counts, broke=process.broke, cut=self.cut if self.report.left else None)

    def take_packaged(self, reader: Reader, answer: Answer) -> None:
        """Read a copy of the data at hand, in this process, as if it had been answered."""
        found = (item for item in getattr(reader, answer.ask.step)(answer) if isinstance(item, Found))
        while some := list(itertools.islice(found, _MOST_REMEMBERED)):
            self._take([self.rows.hide(item.plain(), answer.url) for item in some])
        self.report.base = answer.url
        self.report.pages = self.report.pages or 1
        self._land()
        self._sum_up()
        judge(self.report, {}, broke=None, cut=None)

    def _sum_up(self) -> None:
        report = self.report
        report.left = self.journal.left()
        if report.barren:
            report.notes.append(f"{report.barren} of {report.pages} pages offered nothing")
        report.read = report.landed + report.repeated + report.known + sum(report.quarantined.values())

    # --- what is asked ------------------------------------------------------------------------------------------

    def _feed(self, process: Process) -> None:
        """Keep the process busy, within the limits; say farewell when nothing is left."""
        if self.stopped:
            return
        if time.monotonic() > self._until:
            self.cut = self.cut or "time"
        room = min(_WINDOW - len(self.under_way), self.job.limits.requests - self.sent)
        if self.sent >= self.job.limits.requests:
            self.cut = self.cut or "number of requests"
        if room > 0 and len(self.under_way) <= _WINDOW * 2 // 3 and self.cut is None:
            self._ask(process, room)
        if not self.under_way:
            self.stopped = True
            process.stop()

    def _ask(self, process: Process, room: int) -> None:
        left = self.job.limits.requests - self.sent
        waiting = self.journal.left()
        if waiting > left and waiting > 1.5 * self._valued:
            # Not everything can be looked at: look first where a look tells most.
            self._valued = waiting
            # It is seldom needed, and takes its time to be there.
            from spiders.agent.revisit import worths

            self.journal.value(worths(self.journal.waiting_keys(), self.journal.pages(), self.rows.visit.observed_at))
        for key, ask in self.journal.next(room):
            known = self.journal.known(key, self.version)
            # Where it is not known what the page said, it must say it again, changed or not.
            known = known if known is not None and known.result is not None else None
            self.under_way[key] = (ask, known)
            self.sent += 1
            process.ask(key, ask, known)

    # --- what comes back ----------------------------------------------------------------------------------------

    def _start(self, said: dict[str, Any]) -> None:
        self.journal.add(Ask(**ask) for ask in said["asks"])
        self.report.count_notes(said["notes"])
        self.journal.commit()

    def _rows(self, said: dict[str, Any]) -> None:
        """Some of the rows of a large answer, ahead of the rest."""
        ask = self.under_way[said["key"]][0]
        self._believe(said["key"], said["found"], ask.url)

    def _answer(self, said: dict[str, Any]) -> None:
        key = said["key"]
        self.under_way.pop(key, None)
        self._believe(key, said["found"], said["url"])
        hidden = self.half_read.pop(key, [])
        self.journal.add(Ask(**ask) for ask in said["asks"])
        self.report.pages += 1
        self.report.barren += not hidden and not said["asks"]
        self.report.count_notes(said["notes"])
        result = _remembered(hidden, said["asks"])
        if said["failed"]:
            self.report.count_failure(said["url"], said["failed"])
            self.journal.failed(key)
        else:
            self.part.keys.append(key)
            known = said["etag"] or said["last_modified"]
            self.part.met.append(
                Met(
                    key,
                    said["etag"],
                    said["last_modified"],
                    said["sha256"],
                    result if known else None,
                    content_of(hidden) if 0 < len(hidden) <= _MOST_REMEMBERED else said["sha256"],
                    self.rows.visit.observed_at.timestamp(),
                )
            )
        self._keep(said)
        self._tell()

    def _unchanged(self, said: dict[str, Any]) -> None:
        """The page is what it was: what was read from it then is seen again now."""
        key = said["key"]
        ask, known = self.under_way.pop(key)
        if known is None or known.result is None:
            # It was not asked whether the page has changed: this is no answer, and "nothing new" would be a lie.
            self.report.count_failure(ask.url, "status 304, and it was not asked whether it has changed")
            self.journal.failed(key)
            return
        self.report.pages += 1
        self.report.unchanged += 1
        result = known.result
        self._take(result["found"])
        self.journal.add(Ask(**one) for one in result["asks"])
        self.part.keys.append(key)
        at = self.rows.visit.observed_at.timestamp()
        self.part.met.append(Met(key, known.etag, known.last_modified, known.sha256, result, known.content, at))
        self._tell()

    def _failed(self, said: dict[str, Any]) -> None:
        key = said["key"]
        self.under_way.pop(key, None)
        if said["found"] or said["asks"]:
            self._believe(key, said["found"], said["url"])
            self.half_read.pop(key, None)
            self.journal.add(Ask(**ask) for ask in said["asks"])
        self.report.count_notes(said["notes"])
        if not said["expected"]:
            self.report.count_failure(said["url"], said["why"])
        self.journal.failed(key)
        if said["why"].startswith(_LEFT_ALONE):
            # The host wants no more of us; what is left would only be counted as failed.
            self.cut = self.cut or "patience of the site"

    def _refused(self, said: dict[str, Any]) -> None:
        self.report.count_failure(self.job.base, said["why"])
        self.cut = "leave to ask"

    def _end(self, counts: dict[str, Any]) -> None:
        self.counts = counts
        self.report.count_end(counts)

    # --- what is made of it -------------------------------------------------------------------------------------

    def _believe(self, key: str, found: list[dict[str, Any]], url: str) -> None:
        hidden = [self.rows.hide(one, url) for one in found]
        # What an unchanged page says is seen again from here; of a large table it is never needed.
        kept = self.half_read.setdefault(key, [])
        kept += hidden[: _MOST_REMEMBERED + 1 - len(kept)]
        self._take(hidden)

    def _take(self, hidden: list[dict[str, Any]]) -> None:
        before = (self.rows.repeated, self.rows.known)
        records = self.rows.read(hidden)
        self.report.repeated += self.rows.repeated - before[0]
        self.report.known += self.rows.known - before[1]
        self.report.count_rows(records)
        self.part.rows += records
        if self.part.full:
            self._land()

    def _keep(self, said: dict[str, Any]) -> None:
        """The payload for the archive, persons taken out before anything of it is written."""
        body = base64.b64decode(said["raw"]) if said["raw"] is not None else None
        if said["text"] is not None:
            body = redact(said["text"], self.personal, said["persons"]).encode("utf-8", "replace")
        self.part.kept.append(
            Kept(
                url=scrub_address(said["url"]),
                fetched_at=self.clock(),
                status=said["status"],
                content_type=said["content_type"],
                sha256=said["sha256"],
                size=said["bytes"],
                kept_bytes=None if body is None else len(body),
                body=None if body is None else compress(body),
            )
        )

    def _tell(self) -> None:
        if self.progress:
            self.progress(self.report.landed)

    def _land(self) -> None:
        """Land the part: named in the journal first, then written, then done."""
        part, self.part = self.part, Part()
        if not (part.rows or part.keys):
            return
        self.parts += 1
        run, now, source = self.report.run, self.report.started_at, self.report.source
        kinds = sorted({row.record for row in part.rows})
        files = [
            str(landing_path(self.home, kind, source, run, now, self.parts).relative_to(self.home.root))
            for kind in kinds
        ]
        self.journal.landing(self.parts, files, part.keys, self.report.tally())
        if part.rows:
            written = land(self.home, part.rows, source=source, run=run, now=now, part=self.parts)
            self.report.files += [str(path) for path in written]
        archive(self.home, source, run, self.parts, now, part.kept)
        self.journal.landed(self.parts, part.met, self.report.tally(), self.version)


def _remembered(hidden: list[dict[str, Any]], asks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What to take a page for that has not changed; None where it has to be read again.

    Of a large table only what it leads to is kept: its rows have landed, and are known. Offers are seen anew each time,
    so a page of too many of them is read each time. An address that names somebody is not kept either.
    """
    if any(shows_person(ask["url"]) for ask in asks):
        return None
    if len(hidden) <= _MOST_REMEMBERED:
        return {"found": hidden, "asks": asks}
    return None if any(one["record"] in OFFERS for one in hidden) else {"found": [], "asks": asks}

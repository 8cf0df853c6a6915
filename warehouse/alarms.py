"""The alarms: what a person should know about the reading of a source. Read straight from the landing files, so that
they can be looked at any time, without a warehouse and while a run is writing.

An alarm is raised by a run and lands with it. As long as the source's runs go on raising the same (its kind and what
it is about, at the same base), it is one alarm with one id. It is over when a later run that could have raised it does
not, or when a person dismisses it: "this is how it is now". A dismissed alarm stays silent while it goes on.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import logging.handlers
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, make_folder, new_run
from warehouse.records import RECORDS, Alarm, Judgement, RunReport, arrow_schema

DISMISS = "dismiss"
OVER = "over"  # said of an alarm by the monitor that raised it, where no visit's report can tell (alarm_ends)
GOOD = frozenset({"complete", "partly"})
# What any run can tell: whether it got in. All the rest takes a good one.
OF_A_RUN = frozenset({"blocked", "login_wall", "unreachable", "failed", "empty"})
# So many of a source's newest files are looked at: a year of days is not needed to know how things stand.
_NEWEST = 60
_LOG_BYTES, _LOG_FILES = 1_000_000, 5
_Row = TypeVar("_Row", RunReport, Alarm, Judgement)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a run's reading is worse in, before it is an alarm. `kind` and `about` as in `records.Alarm`.

    `detail` holds the figures; `base` and `needs_rows` (landed) among them say which later run can tell that it is
    over.
    """

    kind: str
    about: str
    severity: str
    message: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that goes on: as it was last raised, since when, by how many runs, and when a person dismissed it."""

    alarm: Alarm
    since: datetime
    runs: tuple[str, ...]
    dismissed_at: datetime | None

    @property
    def open(self) -> bool:
        return self.dismissed_at is None

    @property
    def key(self) -> tuple[str, str, str]:
        return _key(self.alarm.kind, self.alarm.about, json.loads(self.alarm.detail_json))


def history(home: Home, source: str) -> list[RunReport]:
    """The reports of a source's newest visits, oldest first; those of imported files are left out."""
    reports = [report for report in _newest(home, RunReport, source) if "verdict" in json.loads(report.detail_json)]
    return sorted(reports, key=operator.attrgetter("started_at", "run"))


def sources(home: Home) -> list[str]:
    """The names of all sources that a run has reported on."""
    return sorted(folder.name for folder in (home.landing / RunReport.record).glob("*") if folder.is_dir())


def standing(home: Home, source: str, reports: Sequence[RunReport] | None = None) -> list[Standing]:
    """The alarms of a source that are not over, the dismissed ones too, oldest first. `reports` are its `history`."""
    raised = sorted(_newest(home, Alarm, source), key=operator.attrgetter("raised_at", "run", "row"))
    if not raised:
        return []
    dismissed = {
        one.about: one.judged_at for one in reversed(_newest(home, Judgement, source)) if one.verdict == DISMISS
    }
    over = {one.about for one in _newest(home, Judgement, source) if one.verdict == OVER}
    times: dict[str, list[Alarm]] = {}
    for alarm in (one for one in raised if one.id not in over):
        times.setdefault(alarm.id, []).append(alarm)
    runs = history(home, source) if reports is None else reports
    found = [
        Standing(same[-1], same[0].raised_at, tuple(one.run for one in same), dismissed.get(name))
        for name, same in times.items()
        if not any(_ends(report, same[-1]) for report in runs)
    ]
    return sorted(found, key=lambda one: (one.since, one.alarm.id))


def open_alarms(home: Home, source: str | None = None) -> list[Standing]:
    """The alarms that are neither over nor dismissed: of one source or of all, the newest first."""
    names = _alarmed(home) if source is None else [source]
    found = [one for name in names for one in standing(home, name) if one.open]
    return sorted(found, key=lambda one: (one.since, one.alarm.id), reverse=True)


def troubled(known: Iterable[Standing]) -> set[str]:
    """The runs under an open alarm about their rows: not to be taken for how a source should be.

    Given up after as many runs as are looked at: what has been so for long is so, also where nobody has dismissed it.
    """
    return {run for one in known if one.open and one.alarm.kind not in OF_A_RUN for run in one.runs}


def alarm_records(findings: Sequence[Finding], report: RunReport, known: Iterable[Standing]) -> list[Alarm]:
    """The findings of a run as records to land with it. `known` are the source's `standing` alarms before the run:
    one that goes on keeps its id."""
    return _records(findings, report.source, report.run, report.ended_at, known)


def news(alarms: Sequence[Alarm], known: Iterable[Standing]) -> list[Alarm]:
    """The alarms of a run that were not raised before: those to be told to somebody."""
    old = {one.alarm.id for one in known}
    return [alarm for alarm in alarms if alarm.id not in old]


def raise_alarms(home: Home, source: str, findings: Sequence[Finding], clock: Callable[[], datetime]) -> list[Alarm]:
    """Land and log findings that no visit of the source brought (it has become stale), those that are new."""
    now = clock().astimezone(UTC)
    run = new_run(now)
    known = standing(home, source)
    alarms = news(_records(findings, source, run, now, known), known)
    if alarms:
        land(home, alarms, source=source, run=run, now=now)
        log(home, alarms)
    return alarms


def dismiss(home: Home, id_prefix: str, *, why: str = "", clock: Callable[[], datetime]) -> Standing:
    """A person has seen an alarm and takes things as they are. BadInput where no open alarm's id begins so, or many."""
    wanted = id_prefix.strip()
    hits = [one for one in open_alarms(home) if wanted and one.alarm.id.startswith(wanted)]
    if len(hits) != 1:
        some = ", ".join(one.alarm.id for one in hits[:5])
        what = f"could be {len(hits)} open alarms ({some}): say more" if hits else "begins the id of no open alarm"
        raise BadInput(f'"{wanted}" {what}; `katy alarms` shows them')
    alarm, now = hits[0].alarm, clock().astimezone(UTC)
    run = new_run(now)
    judgement = Judgement(
        id=hashlib.sha256(f"{DISMISS}\n{alarm.id}\n{run}".encode()).hexdigest()[:24],
        source=alarm.source,
        about=alarm.id,
        verdict=DISMISS,
        detail_json=json.dumps({"why": printable(why), "kind": alarm.kind, "about": alarm.about}, ensure_ascii=False),
        judged_at=now,
        run=run,
        row=1,
    )
    land(home, [judgement], source=alarm.source, run=run, now=now)
    return hits[0]


def log_path(home: Home) -> Path:
    return home.root / "logs" / "alarms.log"


def log(home: Home, alarms: Iterable[Alarm]) -> None:
    """Append one line for each alarm to logs/alarms.log, which is turned over at a megabyte."""
    path = log_path(home)
    make_folder(path.parent)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8", delay=True
    )
    try:
        for alarm in alarms:
            line = (
                f"{alarm.raised_at:%Y-%m-%dT%H:%M:%SZ} {alarm.severity} {alarm.source} {alarm.kind} "
                f"{alarm.about}: {alarm.message} [{alarm.id}]"
            )
            handler.emit(logging.LogRecord("katy.alarms", logging.WARNING, "", 0, printable(line), None, None))
    finally:
        handler.close()


def printable(text: str) -> str:
    """The text on one line, without control characters: a site must not write lines of its own, or move a cursor."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _records(
    findings: Sequence[Finding], source: str, run: str, at: datetime, known: Iterable[Standing]
) -> list[Alarm]:
    going_on = {one.key: one.alarm.id for one in known}
    alarms = []
    for row, one in enumerate(findings, 1):
        name = "\n".join((source, *_key(one.kind, one.about, one.detail), run))
        alarms.append(
            Alarm(
                id=going_on.get(_key(one.kind, one.about, one.detail))
                or hashlib.sha256(name.encode()).hexdigest()[:16],
                source=source,
                kind=one.kind,
                about=printable(one.about),
                severity=one.severity,
                message=printable(one.message)[:1_000],
                raised_at=at,
                detail_json=json.dumps(dict(one.detail), sort_keys=True, ensure_ascii=False),
                run=run,
                row=row,
            )
        )
    return alarms


def _key(kind: str, about: str, detail: Mapping[str, Any]) -> tuple[str, str, str]:
    return kind, printable(about), str(detail.get("base") or "")


def _ends(report: RunReport, alarm: Alarm) -> bool:
    """Whether a run that did not raise the alarm is one that could have."""
    if report.run == alarm.run or report.ended_at <= alarm.raised_at:
        return False
    said, detail = json.loads(report.detail_json), json.loads(alarm.detail_json)
    if alarm.kind == "stale":
        return said["verdict"] in GOOD
    if detail.get("base") not in (None, said.get("base")) or said["verdict"] == "interrupted":
        return False
    return alarm.kind in OF_A_RUN or (said["verdict"] in GOOD and report.rows_landed >= detail.get("needs_rows", 1))


def _alarmed(home: Home) -> list[str]:
    return sorted(folder.name for folder in (home.landing / Alarm.record).glob("*") if folder.is_dir())


def _newest(home: Home, record: type[_Row], source: str) -> list[_Row]:
    """The rows of a source's newest landing files of one record, oldest first."""
    files = (home.landing / record.record / source).glob("*/*.parquet")
    newest = sorted((file for file in files if not file.name.startswith(".")), key=operator.attrgetter("name"))
    if not newest:
        return []
    return [record(**row) for row in _table(tuple(newest[-_NEWEST:]), record.record).to_pylist()]


@functools.lru_cache(maxsize=512)
def _table(files: tuple[Path, ...], record: str) -> pa.Table:
    """The files' rows. A landing file never changes, so the same files need not be read twice.

    A broken one is passed over: the load names it and sets it aside, and a run must not fail for an older one.
    """
    schema = arrow_schema(RECORDS[record])
    try:
        # All at once: hundreds of small files are read in a moment so, and one by one in seconds.
        return pq.read_table(list(files), schema=schema, partitioning=None)
    except (pa.ArrowException, OSError):
        if len(files) == 1:
            return schema.empty_table()
        return pa.concat_tables([_table((file,), record) for file in files])

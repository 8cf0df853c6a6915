"""How the agents stand: one line for each source, from the reports and alarms that have landed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spiders.agent.quality import Run, stale
from warehouse import alarms
from warehouse.alarms import Standing, printable
from warehouse.home import Home

DEFAULT_CADENCE = timedelta(days=1)
_RUNS = 10


@dataclass(frozen=True, slots=True)
class AgentState:
    """A source as its newest runs tell of it, the last of them first in `runs`. `stale` says it in words."""

    source: str
    reader: str
    cadence: timedelta
    runs: tuple[Run, ...]
    last_good: Run | None
    alarms: tuple[Standing, ...]
    stale: str | None

    @property
    def last(self) -> Run:
        return self.runs[0]

    @property
    def next_look(self) -> datetime:
        """When it is due by its cadence. The schedule may look earlier at single things."""
        return self.last.report.started_at + self.cadence


def declared_cadence(reader: str) -> timedelta:
    """How often a reader's source is to be read, as it declares; a day for one that is declared no more."""
    from spiders.registry import sources

    known = sources()
    return known[reader].cadence if reader in known else DEFAULT_CADENCE


def agents(
    home: Home, now: datetime, *, cadence: Callable[[str], timedelta] = declared_cadence, only: str | None = None
) -> list[AgentState]:
    """All sources that an agent has visited, in the order of names; or the one named `only`."""
    names = [only] if only else alarms.sources(home)
    return [state for name in names if (state := _state(home, name, now, cadence))]


def _state(home: Home, source: str, now: datetime, cadence: Callable[[str], timedelta]) -> AgentState | None:
    reports = alarms.history(home, source)
    if not reports:
        return None
    runs = [Run(report) for report in reversed(reports)]
    reader = str(runs[0].detail.get("reader", source))
    hours = runs[0].detail.get("cadence_hours")
    every = timedelta(hours=float(hours)) if hours else cadence(reader)
    old = stale(reports, every, now)
    return AgentState(
        source=source,
        reader=reader,
        cadence=every,
        runs=tuple(runs[:_RUNS]),
        last_good=next((run for run in runs if run.good), None),
        alarms=tuple(one for one in alarms.standing(home, source, reports) if one.open),
        stale=old.message if old else None,
    )


def agent_values(state: AgentState) -> dict[str, Any]:
    """A source's state as plain values for JSON; nothing of a file's place on this machine."""
    good = state.last_good
    return {
        "source": state.source,
        "reader": state.reader,
        "cadence_hours": round(state.cadence / timedelta(hours=1), 3),
        "last_look": state.last.report.started_at.isoformat(),
        "last_good": None if good is None else good.report.started_at.isoformat(),
        "next_look": state.next_look.isoformat(),
        "stale": state.stale,
        "last_run": run_values(state.last),
        "alarms": [alarm_values(one) for one in state.alarms],
    }


def run_values(run: Run) -> dict[str, Any]:
    """A run's figures as plain values."""
    report, detail = run.report, run.detail
    counts = ("statuses", "quarantined", "price_paths", "coverage", "prices", "signs")
    return {
        "run": report.run,
        "record": report.of_record,
        "started_at": report.started_at.isoformat(),
        "ended_at": report.ended_at.isoformat(),
        "verdict": run.verdict,
        "why": _told(str(detail.get("why", ""))),
        **{name: int(detail.get(name, 0)) for name in ("asked", "unchanged", "bytes", "pages", "failed")},
        "read": report.rows_read,
        "landed": report.rows_landed,
        "refused": report.rows_quarantined,
        **{name: run.counts(name) for name in counts},
    }


def alarm_values(one: Standing) -> dict[str, Any]:
    """An open alarm as plain values."""
    alarm = one.alarm
    figures = {
        name: value for name, value in json.loads(alarm.detail_json).items() if name not in ("base", "needs_rows")
    }
    return {
        "id": alarm.id,
        "source": alarm.source,
        "kind": alarm.kind,
        "about": _told(alarm.about),
        "severity": alarm.severity,
        "message": _told(alarm.message),
        "since": one.since.isoformat(),
        "raised_at": alarm.raised_at.isoformat(),
        "runs": len(one.runs),
        "figures": figures,
    }


def _told(text: str) -> str:
    """Without the places of files on this machine: the answer is public."""
    return " ".join("a saved file" if "file:/" in word else word for word in printable(text).split(" "))

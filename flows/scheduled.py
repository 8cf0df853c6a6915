"""What a scheduled flow does: visit a source, load what came, tell what it did. Written as Prefect tasks.

This module is imported only where Prefect is set up (`flows.server`, or a runner's own process). A task that has ended
is remembered under its slot of time, so that a flow killed between two of them does not repeat the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency
from prefect.tasks import exponential_backoff

from flows.collect import Errand, go_round
from warehouse import database, load, lock
from warehouse.errors import KatyError
from warehouse.home import Home

Say = Callable[[str], None]
_WAIT_FOR_HOST = 3 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What visits are made with: this installation's folder, name, clock, browser and keys."""

    home: Home
    user_agent: str
    clock: Callable[[], datetime]
    say: Say
    browser: Path | None = None
    keys: Mapping[str, str] | None = None


class SourceFailed(KatyError):
    """A source gave nothing; its report has landed and says why."""


def read(errand: Errand, base: str, slot: str, around: Surroundings) -> dict[str, Any]:
    """Visit a source and load what came, inside a flow; returns the report as plain values.

    `slot` names the stretch of time this visit belongs to. Raises SourceFailed where nothing came, after the report has
    landed and been shown: the flow is red, and no other is.
    """
    host = _host(base, errand)
    _one_at_a_time(host)
    with concurrency(host, occupy=1, timeout_seconds=_WAIT_FOR_HOST, strict=True):
        report: dict[str, Any] = visit.with_options(
            name=f"visit {errand.name}", cache_key_fn=lambda *_: f"visit-{slot}"
        )(errand, around)
    loaded = bring_in.with_options(cache_key_fn=lambda *_: f"load-{report['run']}")(around)
    show(errand.name, report, loaded)
    if report["verdict"] not in ("complete", "partly"):
        raise SourceFailed(f"{errand.name} {report['verdict']}: {report['why']}")
    return report


@task(
    persist_result=True,
    result_serializer="json",
    cache_expiration=timedelta(days=31),
    retries=2,
    retry_delay_seconds=exponential_backoff(20),
    log_prints=True,
)
def visit(errand: Errand, around: Surroundings) -> dict[str, Any]:
    """One visit. A site that refuses is no reason to go again at once: that is in the report, not an error."""
    outcome = go_round(
        around.home,
        [errand],
        user_agent=around.user_agent,
        clock=around.clock,
        say=around.say,
        browser=around.browser,
        keys=around.keys,
    )[0]
    if outcome.report is None:
        raise KatyError(outcome.why)
    return outcome.report.to_dict()


@task(
    name="load",
    persist_result=True,
    result_serializer="json",
    cache_expiration=timedelta(days=31),
    retries=3,
    retry_delay_seconds=exponential_backoff(5),
)
def bring_in(around: Surroundings) -> dict[str, int]:
    """Load whatever has landed; loading again changes nothing."""
    with lock.writer(around.home, around.say):
        connection = database.open_writer(around.home)
        try:
            done = load.load(connection, around.home, around.clock(), around.say)
        finally:
            connection.close()
    return {"files": len(done), "loaded": sum(one.loaded for one in done), "known": sum(one.known for one in done)}


def show(name: str, report: dict[str, Any], loaded: dict[str, int]) -> None:
    """The run's table as an artifact, in Prefect's own pages."""
    told = ("verdict", "why", "asked", "pages", "landed", "known", "repeated", "bytes", "left", "failed")
    table = [{"what": what, "figure": str(report[what])} for what in told]
    table += [{"what": f"answers {code}", "figure": str(n)} for code, n in report["statuses"].items()]
    table += [{"what": f"quarantined {reason}", "figure": str(n)} for reason, n in report["quarantined"].items()]
    table += [{"what": f"price from {path}", "figure": str(n)} for path, n in report["price_paths"].items()]
    table += [{"what": f"coverage {field}", "figure": f"{share:.0%}"} for field, share in report["coverage"].items()]
    table += [{"what": "alarm", "figure": text} for text in report["alarms"]]
    table += [{"what": f"warehouse {what}", "figure": str(n)} for what, n in loaded.items()]
    create_table_artifact(key=_slug(f"read-{name}"), table=table, description=f"{name}: {report['why']}")


def slot_of(name: str, at: datetime, every: timedelta) -> str:
    """The stretch of time a visit belongs to: of one cadence's length, counted from 1970."""
    return f"{_slug(name)}-{int(at.timestamp() // max(1.0, every.total_seconds()))}"


def moment_of(planned: datetime, now: datetime, every: timedelta) -> datetime:
    """The moment a visit counts for: the planned one, or now where that is long past.

    After a time without power many planned visits are late at once; they are all of one slot, and so one visit.
    """
    return planned if now - planned < every / 2 else now


def _host(base: str, errand: Errand) -> str:
    """What only one visit at a time may go to."""
    host = (urlsplit(base).netloc or errand.name).lower()
    return f"host {host.removeprefix('www.')}"


def _one_at_a_time(host: str) -> None:
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(host, 1)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

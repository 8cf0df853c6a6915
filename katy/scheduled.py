"""The flows that `katy schedule` serves, each run in a process of its own. Imported by Prefect's runner alone.

Settings come from the environment, like everywhere: no key and no path is kept in Prefect's database.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.early import early_looks, recent_hazards
from flows.scheduled import Surroundings, moment_of, read, slot_of
from katy.agenda import alarm_stale, cadence_of, searchable
from katy.context import settings
from katy.settings import Settings
from katy.wiring import deliver, errand_of, pipeline_run, tell_watchers
from spiders.registry import sources
from warehouse.records import HazardEvent


@flow(name="read-source", flow_run_name="{name}", validate_parameters=False)
def read_source(name: str) -> dict[str, Any]:
    """Read one source and load it; after a source of hazards, look early at what they touch here."""
    chosen = settings()
    errand = errand_of(chosen, name)
    source = sources()[errand.agent]
    around = surroundings(chosen)
    now, every = datetime.now(UTC), cadence_of(chosen, name)
    at = moment_of(flow_run.scheduled_start_time or now, now, every)
    report = read(errand, errand.base or source.base or "", slot_of(name, at, every), around)
    if HazardEvent.record in source.records:
        look_early(chosen, around)
    return report


@flow(name="publish", flow_run_name="publish", validate_parameters=False)
def publish() -> str:
    """Learn from all that was read and publish a snapshot; then tell those who watch prices."""
    chosen = settings()
    result = pipeline_run(chosen, print).perform()
    tell_watchers(chosen, result.snapshot, print)
    return result.snapshot.id


@flow(name="watch-over", flow_run_name="watch-over", validate_parameters=False)
def watch_over() -> int:
    """Raise alarms about sources that have gone stale, and deliver what is pending; returns how many alarms are new."""
    chosen = settings()
    raised = alarm_stale(chosen)
    deliver(chosen, print)
    return len(raised)


def surroundings(chosen: Settings) -> Surroundings:
    return Surroundings(
        home=chosen.folder,
        user_agent=chosen.user_agent,
        clock=chosen.clock,
        say=print,
        browser=chosen.browser,
        keys=chosen.keys,
    )


def look_early(chosen: Settings, around: Surroundings) -> None:
    """Looks that hazards in the community's area ask for; each once, and one that fails keeps no other back."""
    now = chosen.at()
    for look in early_looks(recent_hazards(chosen.folder, now), now, chosen.area, searchable(chosen)):
        base = look.errand.base or sources()[look.errand.agent].base or ""
        try:
            print(f"{look.errand.name} is read early: {look.why}")  # noqa: T201 - the flow's log
            # The hazard is the slot: the same one leads to no second look.
            read(look.errand, base, slot_of(look.key, datetime.fromtimestamp(0, UTC), timedelta(days=1)), around)
        except Exception as error:
            print(f"{look.errand.name}: {error}")  # noqa: T201

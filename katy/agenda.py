"""Which sources are read here, how often, and what is wrong where one is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from katy.settings import Settings
from katy.wiring import errand_of

if TYPE_CHECKING:
    from flows.collect import Errand
    from warehouse.records import Alarm


def cadence_of(settings: Settings, name: str) -> timedelta:
    """How often a source is read here."""
    from katy.sources_file import source_here
    from spiders.registry import sources

    named = source_here(settings.folder, name)
    return timedelta(hours=named.said.hours) if named.said.hours else sources()[named.reader].cadence


def due_at(settings: Settings, name: str) -> datetime:
    """When a source is to be read next: a cadence after its last good look, at once where it had none."""
    from warehouse.alarms import GOOD, history

    good = [
        report.started_at
        for report in history(settings.folder, name)
        if json.loads(report.detail_json).get("verdict") in GOOD
    ]
    return max(good) + cadence_of(settings, name) if good else datetime.fromtimestamp(0, UTC)


def scheduled(settings: Settings) -> tuple[list[str], dict[str, str]]:
    """The sources that can be read by themselves, and why the others cannot."""
    from katy.sources_file import sources_here
    from spiders.registry import sources

    ready, others = [], {}
    for named in sources_here(settings.folder).values():
        source, said = sources()[named.reader], named.said
        missing = [key for key in source.keys if key not in settings.keys]
        if said.off:
            others[named.name] = "switched off in sources.toml"
        elif source.off and not said.on:
            others[named.name] = f"off: {source.off}"
        elif missing and not said.base:
            others[named.name] = f"needs {', '.join(f'KATY_KEY_{key.upper()}' for key in missing)}"
        elif not (said.base or source.base):
            others[named.name] = "reads any site of its format, and none is named in sources.toml"
        elif source.target_note and source.needs_target and not (said.targets or source.targets):
            others[named.name] = f"has nothing to ask for: say targets in sources.toml ({source.target_note})"
        else:
            ready.append(named.name)
    return ready, others


def searchable(settings: Settings) -> list[Errand]:
    """The sources that can be asked for any words, and are ready."""
    from spiders.registry import sources

    errands = [errand_of(settings, name) for name in scheduled(settings)[0]]
    return [errand for errand in errands if sources()[errand.agent].search]


def alarm_stale(settings: Settings) -> list[Alarm]:
    """Raise an alarm for each source here that has not been read well for long; returns the new ones."""
    from spiders.agent.quality import stale
    from warehouse.alarms import history, raise_alarms

    now, home = settings.at(), settings.folder
    raised: list[Alarm] = []
    for name in scheduled(settings)[0]:
        finding = stale(history(home, name), cadence_of(settings, name), now)
        if finding is not None:
            raised += raise_alarms(home, name, [finding], settings.clock)
    return raised

"""`katy schedule`: read every source when it is due, publish every day, watch over the sources."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import KatyError, console, say, settings

if TYPE_CHECKING:
    from flows.schedule import Planned
    from katy.settings import Settings

_PUBLISH_EVERY = timedelta(days=1)
_WATCH_EVERY = timedelta(hours=1)


def register(app: typer.Typer) -> None:
    app.command("schedule")(schedule)


def schedule(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]…", help="Only these sources")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of Prefect's own pages; 0 takes a free one")] = 4200,
    publish: Annotated[bool, typer.Option(help="Publish values every day")] = True,
    plan: Annotated[bool, typer.Option(help="Only show what would run, and what would not")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON")] = False,
) -> None:
    """Serve all sources on their schedules, until told to end. Prefect's pages show every run."""
    from katy.agenda import scheduled
    from katy.tables import every

    chosen = settings()
    ready, others = scheduled(chosen)
    for name in names or []:
        if name not in ready:
            raise KatyError(f"{name} cannot be scheduled: {others.get(name, 'there is no such source')}")
    planned = _planned(chosen, names or ready, publish)
    if as_json:
        rows = [
            {
                "name": one.name,
                "hours": one.every.total_seconds() / 3600,
                "next": max(one.first, datetime.now(UTC)).isoformat(),
            }
            for one in planned
        ]
        print(json.dumps({"planned": rows, "not_read": others}, indent=2))  # noqa: T201
    elif plan:
        for one in planned:
            console.print(f"{one.name}: every {every(one.every)}, {_next(one.first)}. {one.description}", markup=False)
    for name, why in others.items() if not names else ():
        say(f"not read: {name}: {why}")
    if plan or as_json:
        return
    from flows.schedule import serve_all

    # The runner's processes find this installation where this process found it.
    os.environ["KATY_HOME"] = str(chosen.folder.root)
    serve_all(chosen.folder, planned, say=say, port=port)


def _planned(chosen: Settings, names: list[str], publish: bool) -> list[Planned]:
    from flows.schedule import Planned
    from katy.agenda import cadence_of, due_at
    from katy.wiring import errand_of
    from spiders.registry import sources

    found = []
    now = datetime.now(UTC)
    for name in names:
        source = sources()[errand_of(chosen, name).agent]
        found.append(
            Planned(
                name=name,
                flow="katy.scheduled:read_source",
                every=cadence_of(chosen, name),
                first=due_at(chosen, name),
                parameters={"name": name},
                tags=("source", *source.records),
                description=source.title,
            )
        )
    said: dict[str, Any] = {"name": "watch-over", "flow": "katy.scheduled:watch_over", "tags": ("alarms",)}
    found.append(Planned(**said, every=_WATCH_EVERY, first=now))
    if publish:
        said = {"name": "publish", "flow": "katy.scheduled:publish", "tags": ("values",)}
        found.append(Planned(**said, every=_PUBLISH_EVERY, first=now + _WATCH_EVERY))
    return found


def _next(first: datetime) -> str:
    return "due now" if first <= datetime.now(UTC) else f"next {first:%Y-%m-%d %H:%M} UTC"

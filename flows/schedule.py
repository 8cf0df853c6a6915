"""All sources on their schedules: Prefect's server with its pages, and the runner that starts each flow in a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flows.server import prefect_server
from warehouse.home import Home

# Flows that run at once; each visit has a process of its own besides.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One flow to be run every so often, from `first` on: `flow` as "module:function", `parameters` plain values."""

    name: str
    flow: str
    every: timedelta
    first: datetime
    parameters: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    description: str = ""


def serve_all(home: Home, planned: Sequence[Planned], *, say: Callable[[str], None], port: int) -> None:
    """Serve the schedule until the process is told to end (Ctrl-C, SIGTERM)."""
    with prefect_server(home, say, full=True, port=port) as api_url:
        say(f"Prefect's pages: {api_url.removesuffix('/api')}")
        # Only now: Prefect reads its settings when it is imported.
        from prefect import serve

        serve(*[_deployment(one) for one in planned], limit=AT_ONCE, print_starting_message=False)


def _deployment(planned: Planned) -> Any:
    import importlib

    from prefect.schedules import Interval
    from prefect.types.entrypoint import EntrypointType

    module, _, name = planned.flow.partition(":")
    flow = getattr(importlib.import_module(module), name)
    return flow.to_deployment(
        name=planned.name,
        schedule=Interval(planned.every, anchor_date=planned.first),
        parameters=planned.parameters,
        tags=list(planned.tags),
        description=planned.description,
        # A visit that is still going on is not joined by another of the same source.
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )

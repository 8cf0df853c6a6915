"""All sources on their schedules: Prefect's server with its pages, and the runner that starts each flow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.server import prefect_server
from warehouse.home import Home

# Flows that run at once; each visit has a process of its own besides.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One flow to be run every so often, from `first` on, at once where that has passed.

    `flow` is "module:function", `parameters` plain values.
    """

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
        from prefect.client.orchestration import get_client
        from prefect.runner import Runner

        runner = Runner(pause_on_shutdown=True, limit=AT_ONCE)
        now = datetime.now(UTC)
        with get_client(sync_client=True) as client:
            for one in planned:
                deployment: Any = runner.add_deployment(_deployment(one))
                if one.first <= now:
                    # An interval begins with its end.
                    client.create_flow_run_from_deployment(deployment)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(runner.start())


def _deployment(planned: Planned) -> Any:
    import importlib

    from prefect.schedules import Interval
    from prefect.types.entrypoint import EntrypointType

    module, _, name = planned.flow.partition(":")
    flow = getattr(importlib.import_module(module), name)
    return flow.to_deployment(
        name=planned.name,
        schedule=Interval(planned.every, anchor_date=max(planned.first, datetime.now(UTC))),
        parameters=planned.parameters,
        tags=list(planned.tags),
        description=planned.description,
        # A visit that is still going on is not joined by another of the same source.
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )

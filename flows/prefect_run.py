"""The pipeline as a Prefect flow: the same steps, each a task, seen and timed by Prefect.

The steps share one connection and the writer's lock, so they run in this process, in order; Prefect keeps their states
and times, and a run that fails says which step it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flows.pipeline import Run, RunResult, Say
from flows.server import prefect_server
from warehouse.home import Home


def run_in_prefect(home: Home, *, anchor: str, clock: Callable[[], datetime], say: Say, code_version: str) -> RunResult:
    """`flows.pipeline.run` as a flow on a Prefect server of its own, which ends with this process."""
    with prefect_server(home, say):
        # Only now: Prefect reads its settings when it is imported.
        from prefect import flow, task
        from prefect.cache_policies import NO_CACHE

        @flow(name="katy run", persist_result=False, validate_parameters=False)
        def katy_run() -> RunResult:
            with Run(home, anchor=anchor, clock=clock, say=say, code_version=code_version) as work:
                for name, step in work.steps.items():
                    task(name=name, cache_policy=NO_CACHE, persist_result=False)(step)()
                return work.result

        return katy_run()

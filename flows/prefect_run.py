"""The pipeline as a Prefect flow: the same steps, each a task, seen and timed by Prefect.

The steps share one connection and the writer's lock, so they run in this process, in order; Prefect keeps their states
and times, and a run that fails says which step it was.
"""

from __future__ import annotations

from flows.pipeline import Run, RunResult
from flows.server import prefect_server


def run_in_prefect(work: Run) -> RunResult:
    """`flows.pipeline.run` as a flow on a Prefect server of its own, which ends with this process."""
    with prefect_server(work.home, work.say):
        # Only now: Prefect reads its settings when it is imported.
        from prefect import flow, task
        from prefect.cache_policies import NO_CACHE

        @flow(name="katy run", persist_result=False, validate_parameters=False)
        def katy_run() -> RunResult:
            with work:
                for name, step in work.steps.items():
                    task(name=name, cache_policy=NO_CACHE, persist_result=False)(step)()
                return work.result

        return katy_run()

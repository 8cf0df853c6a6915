"""A round of agents: several sources at once, each in its own process; one that breaks does not stop the others.

Agents land what they read; the next `pipeline.run` loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.errors import KatyError
from warehouse.home import Home

if TYPE_CHECKING:
    from spiders.report import CollectReport

AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One visit to make: the agent by name, where it begins, and under which source its rows land.

    `delay` is the time between two requests in seconds; the source's own where it is None.
    """

    agent: str
    base: str | None = None
    source: str | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an errand: the agent's report, or why it could not even set out."""

    errand: Errand
    report: CollectReport | None
    why: str

    @property
    def good(self) -> bool:
        return self.report is not None and self.report.good


def go_round(
    home: Home,
    errands: Sequence[Errand],
    *,
    user_agent: str,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    browser: Path | None = None,
) -> list[Outcome]:
    """Run all errands, at most `AT_ONCE` at a time; outcomes come in the order of the errands."""

    def run(errand: Errand) -> Outcome:
        from spiders import agent

        try:
            report = agent.collect(
                errand.agent,
                home,
                base=errand.base,
                name=errand.source,
                delay=errand.delay,
                user_agent=user_agent,
                clock=clock,
                say=say,
                browser=browser,
            )
        except KatyError as error:
            return Outcome(errand, None, str(error))
        return Outcome(errand, report, report.why)

    if not errands:
        return []
    with ThreadPoolExecutor(min(AT_ONCE, len(errands))) as at_once:
        return list(at_once.map(run, errands))

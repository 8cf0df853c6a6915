"""A round of agents: several sources at once, each in its own process; one that breaks does not stop the others.

Agents land what they read; the next `pipeline.run` loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import KatyError
from warehouse.home import Home

if TYPE_CHECKING:
    from spiders.agent.report import CollectReport

AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One visit to make: the agent by name, where it begins, and under which source its rows land.

    What is None or empty is the source's own. `delay` is the time between two requests in seconds; `requests` the most
    of one visit; `switched_on` reads a source that is off by default; `hours` is how often it is read.
    """

    agent: str
    base: str | None = None
    source: str | None = None
    delay: float | None = None
    region: str | None = None
    currency: str | None = None
    targets: tuple[str, ...] = ()
    requests: int | None = None
    switched_on: bool = False
    hours: float | None = None

    @property
    def name(self) -> str:
        """What to call it: the source its rows land under, where that is said."""
        return self.source or self.agent

    def told(self) -> dict[str, Any]:
        """What the agent is told of it."""
        return {
            "base": self.base,
            "name": self.source,
            "delay": self.delay,
            "region": self.region,
            "currency": self.currency,
            "targets": self.targets,
            "switched_on": self.switched_on,
            "cadence": timedelta(hours=self.hours) if self.hours else None,
        }


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
    keys: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Run all errands, at most `AT_ONCE` at a time; outcomes come in the order of the errands."""

    def run(errand: Errand) -> Outcome:
        from spiders.agent import collect as agent
        from spiders.source import Limits

        try:
            report = agent.collect(
                errand.agent,
                home,
                user_agent=user_agent,
                clock=clock,
                say=say,
                browser=browser,
                keys=keys,
                limits=Limits(requests=errand.requests) if errand.requests else None,
                **errand.told(),
            )
        except KatyError as error:
            return Outcome(errand, None, str(error))
        return Outcome(errand, report, report.why)

    if not errands:
        return []
    with ThreadPoolExecutor(min(AT_ONCE, len(errands))) as at_once:
        return list(at_once.map(run, errands))

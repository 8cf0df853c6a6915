"""How well the sources are read, for everybody: what values rest on, and what is wrong with it at the moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, Field

from spiders.agent.standing import agent_values, agents, alarm_values
from warehouse.alarms import open_alarms
from warehouse.home import Home

# Files are read for an answer; it is given again for so many seconds.
KEPT_SECONDS = 10.0
_Answer = TypeVar("_Answer")


class OpenAlarm(BaseModel):
    """Something about a source's reading that a person should know of, and has not dismissed."""

    id: str
    source: str
    kind: str = Field(description="stale, coverage, fewer_records, price_jump, currency, drift, blocked, login_wall, …")
    about: str = Field(description="The field, currency or part it concerns")
    severity: str = Field(description="warning or error")
    message: str
    since: datetime
    raised_at: datetime = Field(description="When it was raised last")
    runs: int = Field(ge=1, description="How many runs have raised it")
    figures: dict[str, Any] = Field(description="The figures behind it")


class LastRun(BaseModel):
    """One run of one source: what was asked and got, and how good the reading was."""

    run: str
    record: str = Field(description="The kind of record it reads")
    started_at: datetime
    ended_at: datetime
    verdict: str = Field(description="complete, partly, blocked, unreachable, empty, failed or interrupted")
    why: str
    asked: int = Field(description="Requests made")
    unchanged: int = Field(description="Answers that had not changed")
    bytes: int
    pages: int
    failed: int
    read: int = Field(description="Rows found")
    landed: int = Field(description="Rows believed")
    refused: int = Field(description="Rows in quarantine")
    statuses: dict[str, int] = Field(description="Answers by status code")
    quarantined: dict[str, int] = Field(description="Refused rows by reason")
    price_paths: dict[str, int] = Field(description="Prices by the part of the page they were read from")
    coverage: dict[str, float] = Field(description="Share of landed rows that have a field")
    prices: dict[str, dict[str, float]] = Field(description="The distribution of prices by currency")
    signs: dict[str, int] = Field(description="What readers noticed: block, login_wall, drift, ambiguous")


class Agent(BaseModel):
    """A source and how it is read."""

    source: str
    reader: str
    cadence_hours: float = Field(description="How often it is to be read")
    last_look: datetime
    last_good: datetime | None = Field(description="Start of the last run that was complete or partly so")
    next_look: datetime
    stale: str | None = Field(description="In words, where it was not read well for three cadences")
    last_run: LastRun
    alarms: list[OpenAlarm]


class Agents(BaseModel):
    """All sources that have been visited, in the order of names."""

    items: list[Agent]


class OpenAlarms(BaseModel):
    """All open alarms, the newest first."""

    items: list[OpenAlarm]


class _Kept(Generic[_Answer]):
    """An answer made anew at most once in KEPT_SECONDS, by one thread."""

    def __init__(self, make: Callable[[], _Answer]) -> None:
        self._make, self._lock, self._until = make, threading.Lock(), 0.0
        self._answer: _Answer | None = None

    def get(self) -> _Answer:
        with self._lock:
            if self._answer is None or time.monotonic() >= self._until:
                self._answer = self._make()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._answer


def router(home: Home, clock: Callable[[], datetime]) -> APIRouter:
    """The routes, on the landing files of a data folder. They need no snapshot."""
    routes = APIRouter(prefix="/v1", tags=["sources"])
    states = _Kept(lambda: Agents(items=[Agent(**agent_values(one)) for one in agents(home, clock())]))
    alarms = _Kept(lambda: OpenAlarms(items=[OpenAlarm(**alarm_values(one)) for one in open_alarms(home)]))

    @routes.get("/agents", summary="How well each source is read")
    def all_agents() -> Agents:
        """Each source's last run with its figures, when it is due again, and its open alarms."""
        return states.get()

    @routes.get("/alarms", summary="What is wrong with the reading of sources")
    def all_alarms() -> OpenAlarms:
        """The open alarms: neither over nor dismissed."""
        return alarms.get()

    return routes

"""Deliveries that repeat, or come much later than what they are given for, over HTTP.

POST /v1/schedules                             propose
GET  /v1/schedules                             one's own, the newest first
GET  /v1/schedules/to-sign                     what waits for one's signature (`valuation_api.trade_to_sign`)
GET  /v1/schedules/{id}                        read one of one's own
POST /v1/schedules/{id}/accept | cancel | default
POST /v1/schedules/{id}/receive                confirm that a leg was received this time
POST /v1/schedules/{id}/sign                   sign its terms for a business
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.books.store import Ledger
from ledger.books.units import k_text
from ledger.trading import schedule_signing, schedules
from ledger.trading.delivering import Attested
from ledger.trading.periods import MOST_TIMES
from ledger.trading.schedule_view import DueView, Schedule, State
from ledger.trading.schedules import MOST_GRACE, ScheduledDraft
from ledger.trading.trade_view import Party
from ledger.trading.trades import LONGEST_REASON, MOST_LEGS
from valuation_api import problems
from valuation_api.auth import Asker, LedgerRoute, asker, idempotency_key
from valuation_api.days import IsoDay
from valuation_api.trade_shapes import LegAsked, LegTold, WhoToTrade
from valuation_api.trade_steps import TermsAsked

_ID = "^schedule_[0-9a-f]{20}$"
ScheduleId = Annotated[str, Path(pattern=_ID, description="A schedule's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 422, 503)
_WRITES = problems.described(400, 401, 403, 404, 409, 422, 503)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScheduledLegAsked(LegAsked):
    """What is given each time, and when: once, or `times` times every `every_days` days."""

    first_day: IsoDay
    every_days: int | None = Field(default=None, ge=1, le=366)
    times: int = Field(default=1, ge=1, le=MOST_TIMES)

    def scheduled(self) -> ScheduledDraft:
        return ScheduledDraft(leg=self.draft(), first_day=self.first_day, every_days=self.every_days, times=self.times)


class ScheduleAsked(_Asked):
    """A schedule proposed to `counterparty`."""

    counterparty: WhoToTrade
    legs: list[ScheduledLegAsked] = Field(min_length=2, max_length=MOST_LEGS)
    grace_days: int = Field(default=7, ge=0, le=MOST_GRACE, description="Days after which a default may be called")
    reason: str | None = Field(default=None, max_length=LONGEST_REASON, pattern=r"^[^\x00]*$")


class ReceiptAsked(_Asked):
    """Which leg was received, and the how-manieth time."""

    position: int = Field(ge=1, le=MOST_LEGS)
    occurrence: int = Field(ge=1, le=MOST_TIMES)


class ScheduledLegTold(BaseModel):
    """A leg as it is given each time, and its rhythm."""

    each: LegTold
    first_day: str
    every_days: int | None
    times: int


class ScheduleTold(BaseModel):
    """A schedule as its two parties see it; `shortfall` is what a default left open, in K."""

    id: str
    state: State
    proposer: Party
    counterparty: Party
    legs: list[ScheduledLegTold]
    dues: list[DueView]
    grace_days: int
    period_days: int | None
    reason: str | None
    terms_sha256: str
    cancel_asked_by: str | None
    at_fault: str | None
    shortfall: str | None
    proposed_at: str
    accepted_at: str | None
    ended_at: str | None

    @classmethod
    def of(cls, made: Schedule) -> ScheduleTold:
        told = made.model_dump(exclude={"legs", "shortfall"})
        legs = [
            ScheduledLegTold(
                each=LegTold.of(leg.each), first_day=leg.first_day, every_days=leg.every_days, times=leg.times
            )
            for leg in made.legs
        ]
        return cls(**told, legs=legs, shortfall=None if made.shortfall is None else k_text(made.shortfall))


class SchedulesTold(BaseModel):
    """A page of schedules; `next` is the `after` of the page behind it."""

    schedules: list[ScheduleTold]
    next: str | None


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`, below the prefix of whoever includes them."""
    routes = APIRouter(prefix="/schedules", route_class=LedgerRoute, tags=["schedules"])
    _add_reading(routes, ledger)
    _add_writing(routes, ledger)
    _add_steps(routes, ledger)
    return routes


def _add_reading(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("", summary="My schedules", responses=_READS)
    def listing(
        by: Asker = asking,
        after: Annotated[str | None, Query(pattern=_ID, description="Go on behind this schedule")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> SchedulesTold:
        """One's own schedules, the newest first."""
        found = schedules.listing(ledger, by=by.id, after=after, limit=limit)
        return SchedulesTold(schedules=[ScheduleTold.of(each) for each in found.schedules], next=found.next)

    @routes.get("/{id}", summary="Read a schedule of one's own", responses=_READS)
    def read(*, by: Asker = asking, id: ScheduleId) -> ScheduleTold:
        """The schedule, for its two parties; to everybody else it does not exist."""
        return ScheduleTold.of(schedules.view(ledger, by=by.id, schedule_id=id))


def _add_writing(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.post("", status_code=201, summary="Propose a schedule", responses=_WRITES)
    def propose(*, by: Asker = asking, key: Key, asked: ScheduleAsked, response: Response) -> ScheduleTold:
        """Deliveries that repeat, or one now for another later. Values are frozen now; each finished period becomes an
        ordinary trade."""
        made = schedules.propose(
            ledger,
            key=key,
            proposer=by.id,
            counterparty=asked.counterparty,
            legs=[leg.scheduled() for leg in asked.legs],
            grace_days=asked.grace_days,
            reason=asked.reason,
        )
        response.headers["Location"] = f"/v1/schedules/{made.id}"
        return ScheduleTold.of(made)

    @routes.post("/{id}/receive", summary="Confirm a receipt", responses=_WRITES)
    def receive(*, by: Asker = asking, key: Key, id: ScheduleId, asked: ReceiptAsked) -> ScheduleTold:
        """This was received. What completes a period makes it a trade."""
        made = schedules.receive(
            ledger, key=key, by=by.id, schedule_id=id, position=asked.position, occurrence=asked.occurrence
        )
        return ScheduleTold.of(made)

    @routes.post("/{id}/sign", name="sign_schedule", summary="Sign a schedule for a business", responses=_WRITES)
    def sign(*, by: Asker = asking, key: Key, id: ScheduleId, asked: TermsAsked) -> Attested:
        """A signer of a business that is a party signs the schedule's terms, for all its periods."""
        return schedule_signing.sign(ledger, key=key, by=by.id, schedule_id=id, terms=asked.terms_sha256)


def _add_steps(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    def add(verb: str, step: Callable[..., Schedule], summary: str, description: str) -> None:
        @routes.post(
            f"/{{id}}/{verb}", name=f"{verb}_schedule", summary=summary, description=description, responses=_WRITES
        )
        def take(*, by: Asker = asking, key: Key, id: ScheduleId) -> ScheduleTold:
            return ScheduleTold.of(step(ledger, key=key, by=by.id, schedule_id=id))

    add("accept", schedules.accept, "Accept a schedule", "From now on the legs fall due on their days.")
    add(
        "cancel",
        schedules.cancel,
        "End a schedule",
        "A running one ends once both have asked; what was delivered is settled.",
    )
    add(
        "default",
        schedules.default,
        "Call a default",
        "What the other should have delivered is missing after the days of grace: what was delivered is settled.",
    )

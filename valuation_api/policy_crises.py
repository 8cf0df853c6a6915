"""Crises over HTTP, for a key with the scope treasurer: declared from today to a last day, ended before it, listed.

GET  /v1/policy/crises            all that were declared, the newest first
POST /v1/policy/crises            declare one
POST /v1/policy/crises/{id}/end   end one before its time

Which kinds are open is part of `GET /v1/policy`, for every member.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.transfers import LONGEST_MEMO
from ledger.community import declaring
from ledger.community.declaring import Crisis
from valuation_api import problems
from valuation_api.accounts_shapes import Asked
from valuation_api.auth import idempotency_key, party
from valuation_api.days import IsoDay

Key = Annotated[str, Depends(idempotency_key)]
CrisisId = Annotated[str, Path(pattern="^crisis_[0-9a-f]{20}$", description="A crisis's id")]
_WRITES = problems.described(400, 401, 403, 409, 422, 429, 503)


class CrisisAsked(Asked):
    """A crisis to be declared, of a kind that the policy has; it holds from today to the end of `ends_on` (UTC)."""

    kind: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$", examples=["natural_disaster"])]
    ends_on: IsoDay
    note: Annotated[
        str,
        Field(
            min_length=1, max_length=LONGEST_MEMO, pattern=r"^[^\x00]*$", description="What happened, and who says so"
        ),
    ]


class CrisisTold(BaseModel):
    """A crisis: its first and last day (UTC), and the first day on which it holds no longer, where it was ended."""

    id: str
    kind: str
    note: str
    declared_by: str
    declared_at: str
    starts_on: str
    ends_on: str
    ended_on: str | None
    open: bool

    @classmethod
    def of(cls, crisis: Crisis, today: date) -> CrisisTold:
        said = {name: getattr(crisis, name) for name in cls.model_fields if name != "open"}
        return cls(**said, open=crisis.open_on(today))


class CrisesTold(BaseModel):
    """Crises, the newest first."""

    crises: list[CrisisTold]


def add_to(routes: APIRouter, ledger: Ledger) -> None:
    """Add the routes of crises."""
    treasurer = Depends(party(ledger, "treasurer"))

    def told(crisis: Crisis) -> CrisisTold:
        return CrisisTold.of(crisis, ledger.clock().date())

    @routes.get("/crises", summary="Crises that were declared", responses=problems.described(401, 403, 429, 503))
    def all_crises(by: Account = treasurer) -> CrisesTold:
        """Every crisis with its note and who declared it."""
        return CrisesTold(crises=[told(each) for each in declaring.listing(ledger)])

    @routes.post("/crises", status_code=201, summary="Declare a crisis", responses=_WRITES)
    def declare(*, by: Account = treasurer, key: Key, asked: CrisisAsked) -> CrisisTold:
        """What the policy says of this kind of crisis holds from today, and ends by itself after its last day."""
        made = declaring.declare(ledger, key=key, by=by.id, kind=asked.kind, ends_on=asked.ends_on, note=asked.note)
        return told(made)

    @routes.post(
        "/crises/{id}/end",
        summary="End a crisis",
        responses={**_WRITES, **problems.described(404)},
    )
    def end(*, by: Account = treasurer, key: Key, id: CrisisId) -> CrisisTold:
        """It holds no longer from today on."""
        return told(declaring.end(ledger, by=by.id, crisis_id=id, key=key))

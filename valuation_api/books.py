"""What shows that the books are whole: the root of each day, proofs for single entries, and a replay of everything.

GET /v1/ledger/roots                  the root of each day that is over; for everybody
GET /v1/ledger/entries/{seq}/proof    that an entry of one's own is under its day's root (RFC 9162)
GET /v1/ledger/verify                 replay everything (scope: treasurer); one at a time
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from ledger import verification
from ledger.books import days, seen
from ledger.books.days import DayRoot, Proof
from ledger.books.errors import Unknown
from ledger.books.standings import Account
from ledger.books.store import Ledger
from valuation_api import problems
from valuation_api.auth import PRIVATE, Asker, LedgerRoute, asker, party
from valuation_api.turns import Turns

Seq = Annotated[int, Path(ge=1, le=2**62, description="An entry's number")]
MOST_FAULTS = 100


class RootsTold(BaseModel):
    """Days with their roots, the newest first."""

    roots: list[DayRoot]
    next: str | None = Field(description="The `before` of the page behind this one; null at the end")


class FaultTold(BaseModel):
    """Something in the books that is not as it was written."""

    where: str
    what: str


class VerificationTold(BaseModel):
    """What a replay found. Sound books have no faults; `head` is the hash of the last entry."""

    sound: bool
    entries: int
    head: str
    faults: list[FaultTold] = Field(max_length=MOST_FAULTS, description="The first ones, in the chain's order")
    more_faults: int


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/ledger", route_class=LedgerRoute, tags=["ledger"])
    _add_roots(routes, ledger)
    _add_verify(routes, ledger)
    return routes


def _add_roots(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/roots", summary="The root of each day", responses=problems.described(422, 429, 503))
    def roots(
        before: Annotated[
            str | None, Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="Days before this one")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=400)] = 100,
    ) -> RootsTold:
        """The Merkle roots of days that are over. They give nothing away and are for everybody: whoever keeps one can
        be shown later that an entry was in the books by then."""
        found = [each for each in reversed(days.listing(ledger)) if before is None or each.day < before]
        return RootsTold(roots=found[:limit], next=found[limit - 1].day if len(found) > limit else None)

    @routes.get(
        "/entries/{seq}/proof",
        summary="That an entry of one's own is in the books",
        responses=problems.described(401, 404, 429, 503),
    )
    def proof(*, by: Asker = asking, seq: Seq, response: Response) -> Proof:
        """The inclusion proof of an entry under its day's root (RFC 9162, 2.1.3), for the entry's own account and for
        the treasurer; to everybody else, and before its day is closed, there is none."""
        response.headers.update(PRIVATE)
        if not by.is_treasurer and not seen.owns_entry(ledger, by=by.id, seq=seq):
            raise Unknown(f"there is no entry {seq} among yours")
        return days.prove(ledger, seq)


def _add_verify(routes: APIRouter, ledger: Ledger) -> None:
    treasurer = Depends(party(ledger, "treasurer"))
    turns = Turns(1)

    @routes.get("/verify", summary="Replay the books", responses=problems.described(401, 403, 429, 503))
    def verify(*, by: Account = treasurer, response: Response) -> VerificationTold:
        """Replay everything and name what does not fit, the first broken entry first. It reads the whole ledger, so it
        takes its time in large books (some seconds for each hundred thousand entries) and is done for one caller at a
        time; `katy ledger verify` says how far it is."""
        response.headers.update(PRIVATE)
        with turns.of(by.id):
            found = verification.verify(ledger)
        told = [FaultTold(where=each.where, what=each.what) for each in found.faults[:MOST_FAULTS]]
        return VerificationTold(
            sound=found.sound,
            entries=found.entries,
            head=found.head,
            faults=told,
            more_faults=max(len(found.faults) - MOST_FAULTS, 0),
        )

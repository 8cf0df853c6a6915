"""Payments in two phases over HTTP: promised, then posted, let go, or expired; and signatures on what is held.

POST /v1/promises                promise to pay
GET  /v1/promises                the open ones of one's own, and those to be signed
GET  /v1/promises/{id}           one of them, also when it has ended
POST /v1/promises/{id}/post      pay it: its payer or its payee
POST /v1/promises/{id}/void      let it go: its payee; of an unsigned payment, also who asked for it
POST /v1/promises/{id}/sign      sign for a business
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from ledger.books import promises, seen
from ledger.books.standings import Account
from ledger.books.store import Ledger
from valuation_api import problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.transfers import WAITS, answered
from valuation_api.transfers_shapes import PromiseAsked, PromisesTold, PromiseTold, TransferTold

_ID = "^hold_[0-9a-f]{20}$"
PromiseId = Annotated[str, Path(pattern=_ID, description="A promise's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 429, 503)
_WRITES = problems.described(400, 401, 403, 409, 422, 429, 503)
_STEPS = {**_WRITES, **problems.described(404)}


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/promises", route_class=LedgerRoute, dependencies=PERSONAL, tags=["transfers"])
    _add_all(routes, ledger)
    _add_steps(routes, ledger)
    return routes


def _add_all(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("", status_code=201, summary="Promise to pay", responses=_WRITES)
    def promise(*, by: Account = asking, key: Key, asked: PromiseAsked, response: Response) -> PromiseTold:
        """Promise K or time credit. From now on it counts against both sides' limits, until it is paid, let go, or has
        expired."""
        made = promises.promise(
            ledger,
            key=key,
            payer=by.id,
            payee=asked.to,
            amount=asked.parts,
            unit=asked.unit,
            memo=asked.memo,
            lasts=timedelta(days=asked.days),
        )
        response.headers["Location"] = f"/v1/promises/{made.id}"
        return PromiseTold.of(made)

    @routes.get("", summary="My open promises", responses=problems.described(401, 404, 422, 429, 503))
    def open_ones(
        by: Account = asking,
        after: Annotated[str | None, Query(pattern=_ID, description="Go on behind this: the `next` of a page")] = None,
        limit: Annotated[int, Query(ge=1, le=seen.MOST_WAITING)] = seen.MOST_WAITING,
    ) -> PromisesTold:
        """The open promises to and from the asking account, and the payments that wait for its holder's signature."""
        found = seen.waiting(ledger, by.id, after=after, limit=limit)
        return PromisesTold(promises=[PromiseTold.of(each.hold, each) for each in found.items], next=found.next)

    @routes.get("/{id}", summary="Read a promise of one's own", responses=_READS)
    def read(*, by: Account = asking, id: PromiseId) -> PromiseTold:
        """The promise, for its parties and the signers of its business; to everybody else it does not exist."""
        held = promises.view(ledger, by=by.id, hold_id=id)
        return PromiseTold.of(held, seen.waiting_one(ledger, by.id, id))


def _add_steps(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("/{id}/post", status_code=201, summary="Pay a promise", responses=_STEPS)
    def post(*, by: Account = asking, key: Key, id: PromiseId, response: Response) -> TransferTold:
        """What was promised moves; its payer or its payee may ask for it, once."""
        return answered(promises.post(ledger, key=key, by=by.id, hold_id=id), response)

    @routes.post("/{id}/void", summary="Let a promise go", responses=_STEPS)
    def void(*, by: Account = asking, key: Key, id: PromiseId) -> PromiseTold:
        """Nothing moves, and what was promised counts no longer. A promise binds its payer: its payee lets it go."""
        return PromiseTold.of(promises.void(ledger, key=key, by=by.id, hold_id=id))

    @routes.post("/{id}/sign", status_code=201, summary="Sign for a business", responses={**_STEPS, **WAITS})
    def sign(*, by: Account = asking, key: Key, id: PromiseId, response: Response) -> TransferTold:
        """Sign what a business pays. With the last signature that it needs, a payment is posted; before, 202."""
        return answered(promises.sign(ledger, key=key, by=by.id, hold_id=id), response)

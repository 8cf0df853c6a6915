"""Payments over HTTP.

POST /v1/transfers                  pay: 201 posted, 202 where signatures are missing
POST /v1/transfers/batch            up to 10,000 payments, each with its own key and its own outcome
GET  /v1/transfers/{id}             one that touches one's own account
POST /v1/transfers/{id}/reverse     take a payment back, once: its receiver may, and the treasurer
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response

from ledger.books import batch, seen, transfers
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.books.transfers import Transfer
from valuation_api import problems
from valuation_api.accounts_shapes import Paid
from valuation_api.auth import PERSONAL, Asker, LedgerRoute, asker, idempotency_key, party
from valuation_api.transfers_shapes import BatchAsked, BatchTold, ReversalAsked, TransferTold

TransferId = Annotated[str, Path(pattern="^transfer_[0-9a-f]{20}$", description="A transfer's id")]
Key = Annotated[str, Depends(idempotency_key)]
_READS = problems.described(401, 404, 429, 503)
_WRITES = problems.described(400, 401, 403, 409, 422, 429, 503)
# A payment that waits for signatures is accepted, and not done.
WAITS: dict[int | str, dict[str, Any]] = {202: {"model": TransferTold, "description": "Signatures are missing"}}


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/transfers", route_class=LedgerRoute, dependencies=PERSONAL, tags=["transfers"])
    _add_payments(routes, ledger)
    _add_one(routes, ledger)
    return routes


def _add_payments(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.post("", status_code=201, summary="Pay K or minutes", responses={**_WRITES, **WAITS})
    def pay(*, by: Account = asking, key: Key, asked: Paid, response: Response) -> TransferTold:
        """Move K or time credit from one's own account to another; both sides' limits are kept, promises counted.

        What a business pays above its tier's amount is held until enough of its signers have signed: 202, and the
        `Location` of the promise.
        """
        made = transfers.pay(
            ledger, key=key, payer=by.id, payee=asked.to, amount=asked.parts, unit=asked.unit, memo=asked.memo
        )
        return answered(made, response)

    @routes.post("/batch", summary="Pay many", responses=problems.described(401, 409, 422, 429, 503))
    def pay_many(*, by: Account = asking, asked: BatchAsked) -> BatchTold:
        """Carry out up to 10,000 payments in their order. Each has a key of its own, which stands in for the
        `Idempotency-Key` header, and its own outcome: one that is refused leaves the others as they are. What was sent
        before is not paid again and gets its first outcome."""
        return BatchTold.of(batch.pay_many(ledger, payer=by.id, payments=[each.payment() for each in asked.payments]))


def _add_one(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/{id}", summary="Read a transfer of one's own", responses=_READS)
    def read(*, by: Asker = asking, id: TransferId) -> TransferTold:
        """The transfer, for the accounts it touches and for the treasurer; to everybody else it does not exist."""
        return TransferTold.seen(seen.transfer(ledger, by=by.id, transfer_id=id, treasurer=by.is_treasurer))

    @routes.post(
        "/{id}/reverse",
        status_code=201,
        summary="Take a payment back",
        responses={**_WRITES, **problems.described(404)},
    )
    def reverse(
        *,
        by: Asker = asking,
        key: Key,
        id: TransferId,
        asked: Annotated[ReversalAsked | None, Body()] = None,
        response: Response,
    ) -> TransferTold:
        """Send a payment back, whole and once: its receiver may, and the treasurer. The first transfer stays in the
        books; the new one names it."""
        made = transfers.reverse(
            ledger,
            key=key,
            by=by.id,
            transfer_id=id,
            memo=asked.memo if asked else "",
            treasurer=by.is_treasurer,
        )
        return answered(made, response)


def answered(made: Transfer, response: Response) -> TransferTold:
    """A transfer that was just made: where it can be read, and 202 where it still waits."""
    waits = made.state != "posted"
    response.headers["Location"] = f"/v1/{'promises' if waits else 'transfers'}/{made.id}"
    if waits:
        response.status_code = 202
    return TransferTold.of(made)

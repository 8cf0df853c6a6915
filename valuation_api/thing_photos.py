"""`POST /v1/things/photo`: register what pictures show, where one thing is recognised in them.

The pictures are read as for a valuation and forgotten; of the first its perceptual hash stays with the thing, because
its owner asked for the thing to be kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.owned import things
from models.photos.answer import thing_shown
from valuation_api import photos, problems
from valuation_api.auth import PERSONAL, LedgerRoute, idempotency_key, party
from valuation_api.leases import CurrentMarket
from valuation_api.photos import FORM, Upload, upload
from valuation_api.problems import Problem
from valuation_api.thing_shapes import ThingTold

PATH = "/v1/things/photo"


def router(ledger: Ledger) -> APIRouter:
    """The route on `ledger`."""
    routes = APIRouter(tags=["things"], route_class=LedgerRoute, dependencies=PERSONAL)
    asking = Depends(party(ledger))

    @routes.post(
        PATH,
        status_code=201,
        summary="Register what pictures show",
        responses=problems.described(400, 401, 409, 413, 415, 422, 503),
        openapi_extra=FORM,
    )
    def add(
        *,
        by: Account = asking,
        key: Annotated[str, Depends(idempotency_key)],
        sent: Annotated[Upload, Depends(upload)],
        market: CurrentMarket,
        response: Response,
    ) -> ThingTold:
        """Register the thing in the pictures as one's own.

        Where none is recognised, the problem says which picture would tell more, and what it may be.
        """
        reads = photos.reads_of(sent)
        told = photos.value_read(sent, reads, market, ledger)
        shown = thing_shown(told, reads)
        if shown is None:
            raise Problem(
                422,
                "not-recognised",
                "No one thing was recognised in the pictures",
                f"{told.next_picture or 'Take another picture.'} Or say what it is: POST /v1/things.",
                reason=told.reason,
                candidates=[{"title": each.title, "probability": each.probability} for each in told.candidates],
            )
        stated = {
            "condition": sent.condition,
            "region": sent.region,
            "currency": told.currency if sent.currency else None,
        }
        said = shown | {name: text for name, text in stated.items() if text}
        made = things.add(ledger, key=key, by=by.id, said=said)
        response.headers["Location"] = f"/v1/things/{made.id}"
        return ThingTold.of(made)

    return routes

"""What things are worth: `POST /v1/valuations` for one or a batch, `GET /v1/valuations/{id}` for what was given out.

The bytes of a valuation are its canonical JSON, unchanged: equal requests on one snapshot get equal bytes, and what
was given out is kept, so that a trade can freeze it and anyone can read it again.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from ledger.books.store import Ledger
from ledger.trading import given
from valuation_api import problems
from valuation_api.leases import CurrentMarket
from warehouse.valuation import Valuation, ValuationRequest

MOST_ITEMS = 1000


class ValuationBatch(BaseModel):
    """Several things at once; the answer keeps their order."""

    model_config = ConfigDict(extra="forbid")

    items: list[ValuationRequest] = Field(min_length=1, max_length=MOST_ITEMS)


class ValuationBatchAnswer(BaseModel):
    """One valuation for each item asked, in the same order."""

    items: list[Valuation]


def _shape(body: Any) -> str:
    batch = isinstance(body, ValuationBatch) or (isinstance(body, dict) and "items" in body)
    return "tag:batch" if batch else "tag:one"


Asked = Annotated[
    Annotated[ValuationRequest, Tag("tag:one")] | Annotated[ValuationBatch, Tag("tag:batch")],
    Discriminator(_shape),
]
ValuationId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="The `id` of a valuation that was given out")]


def router(ledger: Ledger) -> APIRouter:
    """The routes; `ledger` keeps what is given out."""
    routes = APIRouter(prefix="/v1/valuations", tags=["valuations"])

    @routes.post(
        "",
        summary="Value one thing or a batch",
        response_model=Valuation | ValuationBatchAnswer,
        responses=problems.described(400, 413, 415, 422, 503),
    )
    def value(asked: Annotated[Asked, Body()], market: CurrentMarket) -> Response:
        """Value a thing with what the current snapshot knows. Unknown is an answer: `fmv` null and a `reason`."""
        if isinstance(asked, ValuationBatch):
            valuations = market.valuer.value_many(asked.items)
            given.keep_many(ledger, list(zip(valuations, asked.items, strict=True)))
            joined = b",".join(valuation.canonical_json() for valuation in valuations)
            return Response(b'{"items":[' + joined + b"]}", media_type="application/json")
        valuation = market.valuer.value(asked)
        given.keep(ledger, valuation, asked)
        return Response(
            valuation.canonical_json(),
            media_type="application/json",
            headers={"Content-Location": f"{routes.prefix}/{valuation.id}"},
        )

    @routes.get(
        "/{id}",
        summary="Read a valuation that was given out",
        response_model=Valuation,
        responses=problems.described(404, 422),
    )
    def fetch(id: ValuationId) -> Response:
        """The exact bytes that were given out, also when their snapshot is long gone."""
        kept = given.fetch(ledger, id)
        if kept is None:
            raise problems.Problem(
                404,
                "unknown-valuation",
                "No such valuation",
                f"No valuation {id} was given out here. POST /v1/valuations gives one out.",
            )
        # What was given out never changes, but it says what somebody asked: caches of others must not keep it.
        return Response(
            kept, media_type="application/json", headers={"Cache-Control": "private, max-age=31536000, immutable"}
        )

    return routes

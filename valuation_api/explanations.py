"""Why a thing is worth what it is: `POST /v1/explanations`, a valuation with its computation taken apart."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ledger.books.store import Ledger
from ledger.trading import given
from models.explanation.shapes import Explanation
from valuation_api import problems
from valuation_api.leases import CurrentMarket
from warehouse.valuation import ValuationRequest


def router(ledger: Ledger) -> APIRouter:
    """The route; the valuations it explains are kept in `ledger` like any others, so that a trade can name them."""
    routes = APIRouter(prefix="/v1/explanations", tags=["valuations"])

    @routes.post(
        "",
        summary="Value one thing and explain the value",
        response_model=Explanation,
        responses=problems.described(400, 413, 415, 422, 503),
    )
    def explain(asked: ValuationRequest, market: CurrentMarket) -> Response:
        """The valuation as `POST /v1/valuations` gives it, with what its base is made of, what would change it, the
        trade cap where a surge or a declared emergency sets one, and the waterfall as a Vega-Lite specification."""
        explained = market.valuer.explain(asked)
        given.keep(ledger, explained.valuation, asked)
        return Response(explained.canonical_json(), media_type="application/json")

    return routes

"""The listings to compare a thing with: `POST /v1/comparables`, and those of a product that the market trades."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Body, Path, Query

from models.answers.comparable_shapes import MOST, Comparables, ComparablesRequest, Kind, UnknownListing
from valuation_api import problems
from valuation_api.days import AsOf
from valuation_api.leases import CurrentMarket
from valuation_api.live import Market, Valuer

if TYPE_CHECKING:
    from models.answers.comparing import Comparer

Product = Annotated[str, Path(min_length=1, max_length=300, description="A product's id, as the search gives it")]
_UNKNOWN = 'No listing known by then is an example of "{}". GET /v1/products?q= finds products.'


class _Comparers:
    """One comparer for each valuer in use; it goes when the valuer goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakKeyDictionary[Valuer, Comparer] = WeakKeyDictionary()

    def of(self, market: Market) -> Comparer:
        from models.answers.comparing import open_comparer

        with self._lock:
            if market.valuer not in self._open:
                self._open[market.valuer] = open_comparer(market.valuer, market.snapshot.id)
            return self._open[market.valuer]


def router() -> APIRouter:
    """The routes; they keep what they need of the served snapshot between requests."""
    routes = APIRouter(prefix="/v1", tags=["market data"])
    comparers = _Comparers()

    @routes.post(
        "/comparables",
        summary="Listings to compare a thing with",
        responses=problems.described(400, 404, 413, 415, 422, 503),
    )
    def comparables(asked: Annotated[ComparablesRequest, Body()], market: CurrentMarket) -> Comparables:
        """Sold ones and asking ones, each list best first, with what makes each alike and what was put together."""
        try:
            return comparers.of(market).compare(asked)
        except UnknownListing as error:
            raise problems.Problem(404, "unknown-listing", "No such listing", str(error)) from error

    @routes.get(
        "/products/{product}/comparables",
        summary="Listings to compare a product with",
        responses=problems.described(404, 422, 503),
    )
    def of_product(
        product: Product,
        market: CurrentMarket,
        kind: Annotated[Kind | None, Query(description="Only these; both where not given")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 12,
        as_of: AsOf = None,
    ) -> Comparables:
        """The comparables of a product, asked for by its newest title."""
        try:
            return comparers.of(market).of_product(product, kind=kind, limit=limit, as_of=as_of)
        except UnknownListing as error:
            raise problems.Problem(404, "unknown-product", "No such product", _UNKNOWN.format(product)) from error

    return routes

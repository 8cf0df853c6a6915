"""Market data to read: the products the market trades and their price histories, from the current snapshot."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from valuation_api import problems
from valuation_api.leases import CurrentMarket
from valuation_api.shelf import PricePoint, Product

routes = APIRouter(prefix="/v1", tags=["market data"])


class FoundProduct(BaseModel):
    """A product and how well it answers the search (0–1)."""

    product: Product
    score: float = Field(ge=0, le=1)


class ProductSearch(BaseModel):
    """Products found, best first."""

    snapshot: str
    items: list[FoundProduct]


class PriceHistory(BaseModel):
    """Daily prices of one product in the anchor currency, oldest first, one row per day and kind."""

    snapshot: str
    product: Product
    items: list[PricePoint]


@routes.get("/products", summary="Search products", responses=problems.described(422, 503))
def search(
    market: CurrentMarket,
    q: Annotated[str, Query(min_length=1, max_length=200, description="Words; misspelt ones are understood")],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ProductSearch:
    """The products whose title, brand and category answer `q` best."""
    found = market.shelf.search(q, limit)
    return ProductSearch(
        snapshot=market.snapshot.id,
        items=[FoundProduct(product=product, score=score) for product, score in found],
    )


@routes.get("/prices/{product:path}", summary="Price history of a product", responses=problems.described(404, 422, 503))
def prices(
    market: CurrentMarket,
    product: Annotated[str, Path(min_length=1, max_length=300, description="A product's id, as the search gives it")],
    first: Annotated[date, Query(alias="from", description="First day wanted")] = date.min,
    last: Annotated[date, Query(alias="to", description="Last day wanted")] = date.max,
) -> PriceHistory:
    """What `product` was asked for and sold for, day by day."""
    known = market.shelf.products.get(product)
    if known is None:
        near = [found.product for found, _ in market.shelf.search(product, 3)]
        hint = f" Near it: {', '.join(near)}." if near else " GET /v1/products?q= finds products."
        raise problems.Problem(
            404, "unknown-product", "No such product", f'No product has the id "{product}".{hint}', near=near
        )
    return PriceHistory(snapshot=market.snapshot.id, product=known, items=market.shelf.history(product, first, last))

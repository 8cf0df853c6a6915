"""Market data to read: the products the market trades and their price histories, from the current snapshot.

GET /v1/products            words or a barcode, with filters, facets and pages
GET /v1/products/suggest    what a text that is being typed may become
GET /v1/prices/{product}    a product's prices, day by day
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from features.search.index import DEEPEST, MOST_FOUND, Asked, FacetValue
from valuation_api import problems
from valuation_api.leases import CurrentMarket
from valuation_api.shelf import PricePoint, Product

routes = APIRouter(prefix="/v1", tags=["market data"])

Facet = Literal["category", "brand", "grade", "price"]
Kind = Literal["asking", "sold", "wanted", "traded"]
Name = Annotated[str | None, Query(min_length=1, max_length=100)]
Price = Annotated[float | None, Query(ge=0, le=1e12, description="In the anchor currency; this end is included")]


class FoundProduct(BaseModel):
    """A product and how well it answers the search (0–1)."""

    product: Product
    score: float = Field(ge=0, le=1)


class ProductSearch(BaseModel):
    """Products found, best first: those of this page, how many there are in all, and the facets asked for."""

    snapshot: str
    total: int = Field(ge=0, description="Products found, on all pages")
    items: list[FoundProduct]
    facets: dict[Facet, list[FacetValue]] = Field(description="By facet, values with their number of products")


class SuggestedProduct(BaseModel):
    """What is typed, with its last word completed, and a product it leads to."""

    completion: str
    product: Product


class Suggestions(BaseModel):
    """Suggestions, the best known products first."""

    snapshot: str
    items: list[SuggestedProduct]


class PriceHistory(BaseModel):
    """Daily prices of one product in the anchor currency, oldest first, one row per day and kind."""

    snapshot: str
    product: Product
    items: list[PricePoint]


@routes.get("/products", summary="Search products", responses=problems.described(422, 503))
def search(
    market: CurrentMarket,
    q: Annotated[
        str, Query(min_length=1, max_length=200, description="Words, or a barcode; misspelt words are understood")
    ],
    category: Annotated[Name, Query(description="A category's id; what lies below it counts")] = None,
    brand: Name = None,
    region: Annotated[Name, Query(description="A region where it is offered, such as US-MO, or a country")] = None,
    kind: Annotated[Kind | None, Query(description="Offered so")] = None,
    grade: Annotated[Name, Query(description="A condition it is offered in")] = None,
    min_price: Price = None,
    max_price: Price = None,
    facets: Annotated[list[Facet], Query(max_length=8, description="What to count among all found; repeatable")] = [],  # noqa: B006
    offset: Annotated[int, Query(ge=0, le=DEEPEST, description="Products to leave out: those of earlier pages")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND)] = 20,
) -> ProductSearch:
    """The products whose title, brand, codes and category answer `q` best. A barcode finds its product alone."""
    wanted = {"category": category, "brand": brand, "region": region, "kind": kind, "grade": grade}
    asked = Asked(
        q,
        min_price=min_price,
        max_price=max_price,
        facets=tuple(dict.fromkeys(facets)),
        offset=offset,
        limit=limit,
        **wanted,
    )
    answer = market.shelf.find(asked)
    return ProductSearch(
        snapshot=market.snapshot.id,
        total=answer.total,
        items=[FoundProduct(product=product, score=score) for product, score in answer.found],
        facets=answer.facets,  # type: ignore[arg-type]
    )


@routes.get("/products/suggest", summary="Complete what is typed", responses=problems.described(422, 503))
def suggest(
    market: CurrentMarket,
    q: Annotated[str, Query(min_length=1, max_length=200, description="The text so far")],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> Suggestions:
    """Products that what is typed may be about, with its last word completed; misspelt words are understood."""
    found = market.shelf.suggest(q, limit)
    items = [SuggestedProduct(completion=one.completion, product=one.product) for one in found]
    return Suggestions(snapshot=market.snapshot.id, items=items)


@routes.get("/prices/{product:path}", summary="Price history of a product", responses=problems.described(404, 422, 503))
def prices(
    market: CurrentMarket,
    product: Annotated[str, Path(min_length=1, max_length=300, description="A product's id, as the search gives it")],
    first: Annotated[date, Query(alias="from", description="First day wanted")] = date.min,
    last: Annotated[date, Query(alias="to", description="Last day wanted")] = date.max,
) -> PriceHistory:
    """What `product` was asked for and sold for, day by day."""
    known = market.shelf.product(product)
    if known is None:
        near = [found.product for found, _ in market.shelf.search(product, 3)]
        hint = f" Near it: {', '.join(near)}." if near else " GET /v1/products?q= finds products."
        raise problems.Problem(
            404, "unknown-product", "No such product", f'No product has the id "{product}".{hint}', near=near
        )
    return PriceHistory(snapshot=market.snapshot.id, product=known, items=market.shelf.history(product, first, last))

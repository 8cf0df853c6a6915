"""`katy search WORDS…`: the products of the published snapshot that answer words or a barcode."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.commands.market import print_plain, print_table
from katy.context import console, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from features.search.index import Answer, FacetValue

_KINDS = ("asking", "sold", "wanted", "traded")


def register(app: typer.Typer) -> None:
    app.command()(search)


def search(
    words: Annotated[list[str], typer.Argument(help="Words, or a barcode; misspelt words are understood")],
    category: Annotated[str | None, typer.Option(help="Only of this category, or below it")] = None,
    brand: Annotated[str | None, typer.Option(help="Only of this brand")] = None,
    min_price: Annotated[float | None, typer.Option(min=0, help="From this price on, in the anchor currency")] = None,
    max_price: Annotated[float | None, typer.Option(min=0, help="Up to this price")] = None,
    kind: Annotated[str | None, typer.Option(help=f"Only what is offered so: {', '.join(_KINDS)}")] = None,
    region: Annotated[str | None, typer.Option(help="Only where it is offered there, such as US-MO, or US")] = None,
    grade: Annotated[str | None, typer.Option(help="Only in this condition, such as good")] = None,
    facets: Annotated[bool, typer.Option("--facets", help="Also count categories, brands, conditions, prices")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Products to show")] = 20,
    offset: Annotated[int, typer.Option(min=0, max=10_000, help="Products to leave out: those shown before")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: snapshot, total, items, facets")] = False,
) -> None:
    """Find products: the best answers first, with their median price."""
    from features.search.index import FACETS, Asked
    from features.search.opening import open_search
    from features.search.words import asked_words
    from warehouse import snapshot as snapshots

    if min_price is not None and max_price is not None and min_price > max_price:
        raise typer.BadParameter(f"no price is from {min_price} up to {max_price}: --min-price is above --max-price")
    if kind is not None and kind not in _KINDS:
        raise typer.BadParameter(f'"{kind}" is no kind of listing; there are {", ".join(_KINDS)}')
    text = " ".join(words)
    if not asked_words(text):
        raise BadInput(f'there is no word and no number in "{text[:60]}": say what is sought, such as "cordless drill"')
    asked = Asked(
        text,
        category=category,
        brand=brand,
        region=region,
        kind=kind,
        grade=grade,
        min_price=min_price,
        max_price=max_price,
        facets=FACETS if facets else (),
        offset=offset,
        limit=limit,
    )
    published = snapshots.current(settings().folder)
    answer = open_search(published).search(asked)
    if as_json:
        print_plain(json.dumps(_shape(published.id, answer), ensure_ascii=False, default=str))
        return
    _show(answer, offset)
    say(f"{answer.total} {'product' if answer.total == 1 else 'products'} found in snapshot {published.id}")


def _shape(snapshot: str, answer: Answer) -> dict[str, Any]:
    """The answer as `GET /v1/products` gives it."""
    return {
        "snapshot": snapshot,
        "total": answer.total,
        "items": [{"product": asdict(product), "score": score} for product, score in answer.found],
        "facets": {name: [asdict(value) for value in values] for name, values in answer.facets.items()},
    }


def _show(answer: Answer, offset: int) -> None:
    if not answer.found and answer.total:
        console.print(f"nothing after the first {offset}: a smaller --offset shows them", markup=False)
        return
    if not answer.found:
        console.print("nothing found: other words, or fewer filters, may help", markup=False)
        return
    rows = [
        {
            "title": product.title,
            "median": f"{product.median_price} {product.currency}" if product.median_price else "–",
            "category": product.category or "–",
            "brand": product.brand or "–",
            "listings": product.listings,
            "sellers": product.sellers,
            "product": product.product,
        }
        for product, _ in answer.found
    ]
    print_table("Products", rows)
    for name, values in answer.facets.items():
        if values:
            print_table(name, [_facet_row(name, value) for value in values])


def _facet_row(name: str, value: FacetValue) -> dict[str, Any]:
    return {name: value.value, "products": value.products}

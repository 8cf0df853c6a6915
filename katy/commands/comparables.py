"""`katy comparables`: the listings to compare a thing with, sold and asking apart."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from models.answers.comparable_shapes import ComparableListing, Comparables, ComparablesRequest, Kind


def register(app: typer.Typer) -> None:
    app.command()(comparables)


def comparables(
    words: Annotated[list[str] | None, typer.Argument(help="The thing in words")] = None,
    sold: Annotated[bool, typer.Option("--sold", help="Only what was sold")] = False,
    asking: Annotated[bool, typer.Option("--asking", help="Only what is offered")] = False,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the thing")
    ] = None,
    condition: Annotated[str | None, typer.Option(help='Its condition, such as "like new"')] = None,
    product: Annotated[str | None, typer.Option(help="A product's id, instead of words")] = None,
    listing: Annotated[
        str | None, typer.Option(metavar="SOURCE/ID", help="The listing asked about: it is left out")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="At most so many of each kind")] = 12,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Compare with what was known that day")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON")] = False,
) -> None:
    """What to compare it with: `katy comparables dewalt dcd771 drill --sold`."""
    if bool(words) == bool(product):
        raise typer.BadParameter("say either the thing in words or --product ID")
    if sold and asking:
        raise typer.BadParameter("--sold and --asking exclude each other; without either both are shown")
    if product and (fixed or condition or listing):
        raise typer.BadParameter("--set, --condition and --listing belong to a thing in words, not to --product")
    from katy.asking import pairs, valuer_of
    from models.answers.comparing import open_comparer

    kind: Kind | None = "sold" if sold else "asking" if asking else None
    day = as_of.date() if as_of else None
    asked = None
    if words:
        asked = _request(
            text=" ".join(words), attributes=pairs(fixed or [], "--set"), condition=condition, kind=kind, limit=limit,
            as_of=day, listing=listing,
        )  # fmt: skip
    valuer = valuer_of(settings().folder)
    comparer = open_comparer(valuer, valuer.snapshot_id)
    answer = comparer.compare(asked) if asked else comparer.of_product(product or "", kind=kind, limit=limit, as_of=day)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    _show(answer, kind)


def _request(**said: object) -> ComparablesRequest:
    from pydantic import ValidationError

    from models.answers.comparable_shapes import ComparablesRequest

    try:
        return ComparablesRequest.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the request"
        raise BadInput(f"{where}: {first['msg']}") from error


_REASONS = {
    "no_data": "nothing has been seen yet",
    "before_data": "the day is before the first price that was seen",
    "nothing_comparable": "nothing like it was {seen} by then",
}
_SEEN = {None: "seen", "sold": "sold", "asking": "offered"}


def _show(answer: Comparables, kind: Kind | None) -> None:
    from katy.commands.market import print_table

    if answer.reason:
        console.print(f"no comparables: {_REASONS[answer.reason].format(seen=_SEEN[kind])}", markup=False)
    for title, found in (("Sold", answer.sold), ("Asking", answer.asking)):
        if kind in (None, title.lower()) and not answer.reason:
            print_table(title, [_cells(each) for each in found])
    console.print(f"snapshot {answer.snapshot}, as known on {answer.value_date}", style="dim", markup=False)


def _cells(each: ComparableListing) -> dict[str, str]:
    return {
        "alike": f"{each.similarity:.2f}",
        "price": f"{each.price} {each.currency}",
        "title": each.title,
        "why": "; ".join(each.reasons),
        "stands for": ", ".join(each.stands_for),
        "found": each.url or each.found_at,
    }

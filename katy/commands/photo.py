"""`katy photo FILE…`: what pictures of a thing show, and what that is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console

if TYPE_CHECKING:
    from models.photos.answer import PhotoValuation


def register(app: typer.Typer) -> None:
    app.command()(photo)


def photo(
    files: Annotated[list[Path], typer.Argument(help="Pictures of one thing: JPEG, PNG or WebP, eight at most")],
    condition: Annotated[str | None, typer.Option(help='Its condition, such as "like new"')] = None,
    region: Annotated[str | None, typer.Option(help="Where it is, such as US-MO")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of the answer")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON")] = False,
) -> None:
    """What is in the picture worth? Barcode, brand and model are read; no picture is kept."""
    from katy.pictures import identify

    told, _ = identify(files, condition=condition, region=region, currency=currency)
    if as_json:
        typer.echo(told.model_dump_json())
        return
    _show(told)


def _show(told: PhotoValuation) -> None:
    """The answer for a person at a terminal."""
    from katy.commands.market import print_table

    if told.valuation is not None:
        console.print(told.candidates[0].title, style="bold", markup=False)
        console.print(
            f"{told.valuation.fmv} {told.currency}  (90 %: {told.low} to {told.high}, which thing it is included)",
            style="bold",
            markup=False,
        )
        console.print(told.valuation.narrative, markup=False)
    else:
        console.print(f"unknown ({told.reason})", style="bold", markup=False)
    if told.next_picture:
        console.print(told.next_picture, markup=False)
    rows = [
        {
            "probability": f"{each.probability:.3f}",
            "title": each.title,
            "value": f"{each.fmv} {told.currency}" if each.fmv else "–",
            "because": "; ".join(each.reasons) or "–",
        }
        for each in told.candidates
    ]
    if rows:
        print_table("What it may be", rows)
    read = told.read
    seen = [*read.barcodes, *([read.brand] if read.brand else []), *read.codes, *read.words]
    console.print(f"read: {' '.join(dict.fromkeys(seen)) or 'nothing'}", markup=False, soft_wrap=True)
    for number, picture in enumerate(read.pictures, start=1):
        for note in picture.notes:
            console.print(f"picture {number}: {note}", markup=False)
    console.print(f"snapshot {told.snapshot}", style="dim", markup=False)

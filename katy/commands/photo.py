"""`katy photo FILE…`: what pictures of a thing show, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, settings

if TYPE_CHECKING:
    from features.photo import PictureRead
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
    from features.search.opening import open_search
    from katy.asking import build_request, valuer_of
    from models.photos.answer import answer
    from models.photos.catalogue import SnapshotCatalogue, looks_of, scorer_of
    from warehouse import query, snapshot

    asked = build_request("a picture", {}, condition, region, currency, None)
    published = snapshot.current(settings().folder)
    reads = _read(files)
    connection = query.read_only(published.database)
    try:
        told = answer(
            reads,
            SnapshotCatalogue(connection, open_search(published), looks_of(connection)),
            scorer_of(published.path),
            valuer_of(settings().folder),
            condition=asked.condition,
            region=asked.region,
            currency=asked.currency,
        )
    finally:
        connection.close()
    if as_json:
        typer.echo(told.model_dump_json())
        return
    _show(told)


def _read(files: Sequence[Path]) -> list[PictureRead]:
    """What is read of the files; BadInput names the one that cannot be read, and why."""
    from features.photo import DEFAULT, PictureRefused, close_reader, read_pictures
    from warehouse.errors import BadInput

    pictures = []
    # One file too many is enough to tell so.
    for path in files[: DEFAULT.pictures + 1]:
        try:
            with path.open("rb") as file:
                pictures.append(file.read(DEFAULT.bytes + 1))
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}; name files with pictures") from error
    try:
        return read_pictures(pictures)
    except PictureRefused as refused:
        if not refused.number:
            raise
        raise BadInput(f"{files[refused.number - 1]}: {refused.says}") from refused
    finally:
        close_reader()


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

"""`katy dictionary` and `katy export`: what is in the published snapshot, and its views as Parquet files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from katy.context import console, say, settings


def dictionary(
    view: Annotated[str, typer.Argument(help="Only this view, such as mart.listing")] = "",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program")] = False,
) -> None:
    """What the published snapshot's views and their columns say; `katy sql` asks them."""
    from rich.markup import escape
    from rich.table import Table

    from katy import tables
    from warehouse import dictionary as words
    from warehouse import snapshot as snapshots
    from warehouse.query import reading

    if as_markdown and as_json:
        raise typer.BadParameter("--markdown and --json exclude each other")
    with reading(snapshots.current(settings().folder)) as connection:
        views = words.dictionary(connection)
    if view:
        views = [words.view_named(views, view)]
    if as_json:
        sys.stdout.write(json.dumps([{"view": one.path, **asdict(one)} for one in views], ensure_ascii=False) + "\n")
    elif as_markdown:
        sys.stdout.write(words.markdown(views))
    else:
        for one in views:
            table = Table(show_edge=False, header_style="bold", box=None, title_justify="left", title_style="bold")
            table.title = f"{one.path}: {escape(one.comment)}"
            for name in ("column", "type", "what it says"):
                table.add_column(name, overflow="fold")
            for column in one.columns:
                table.add_row(column.name, column.type, escape(column.comment))
            tables.show(console, table)
            console.print()


def export(
    view: Annotated[str, typer.Argument(help="A view such as mart.listing; or the folder, with --all")],
    folder: Annotated[Path | None, typer.Argument(help="Where the file goes; made if need be")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All documented views, a file each")] = False,
    where: Annotated[str, typer.Option(help="Only rows for which this SQL condition holds")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there")] = False,
    seconds: Annotated[float, typer.Option(min=0.01, help="Give up after this long, for each file")] = 600.0,
) -> None:
    """Write views of the published snapshot as Parquet files, each whole or not at all."""
    from warehouse import snapshot as snapshots
    from warehouse.dictionary import dictionary as documented
    from warehouse.dictionary import view_named
    from warehouse.errors import BadInput
    from warehouse.query import export_view, reading

    if everything and folder is None:
        view, folder = "", Path(view)
    if folder is None or (everything and view):
        raise typer.BadParameter("say a view and a folder, or --all and a folder")
    if everything and where:
        raise typer.BadParameter("--where is about one view; --all writes them whole")
    current = snapshots.current(settings().folder)
    with reading(current) as connection:
        views = documented(connection)
    wanted = views if everything else [view_named(views, view)]
    targets = {one.path: folder / f"{one.path}.parquet" for one in wanted}
    there = [str(target) for target in targets.values() if target.exists()]
    if there and not force:
        raise BadInput(f"{there[0]} is there already: --force replaces it, or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path, target in targets.items():
        rows = export_view(current, path, target, where=where, seconds=seconds)
        sys.stdout.write(f"{target}: {rows:,} rows\n")
    say(f"from snapshot {current.id}")


def register(app: typer.Typer) -> None:
    app.command("dictionary")(dictionary)
    app.command("export")(export)

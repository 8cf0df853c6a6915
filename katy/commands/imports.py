"""`katy import listings`: the door for files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, notes, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from spiders.files import ImportReport

app = typer.Typer(help="Read files into the warehouse.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="import")


@app.callback()
def _group() -> None:
    """Read files into the warehouse."""


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """`FIELD=VALUE` options as a mapping; BadInput where one has no equals sign or a field is said twice."""
    said: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadInput(f'{option} "{text}" is not of the form FIELD=VALUE, such as {option} title=Name')
        if name.strip() in said:
            raise BadInput(f"{option} {name.strip()} is said twice: {said[name.strip()]} and {value.strip()}")
        said[name.strip()] = value.strip()
    return said


@app.command("listings")
def import_listings_command(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz), JSON Lines, Parquet or XLSX")],
    source: Annotated[str, typer.Option(help="A name for where the data is from, such as ebay")],
    kind: Annotated[str, typer.Option(help="asking or sold (also wanted, traded)")] = "asking",
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN; any other field name is an attribute")
    ] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE for all rows")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217, where a row names none")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON")] = False,
) -> None:
    """Import listings: rows read = loaded + already known + quarantined."""
    from spiders.files import ImportOptions, import_listings

    options = ImportOptions(
        source=source,
        kind=kind,
        mapping=pairs(mapping or [], "--map"),
        fixed=pairs(fixed or [], "--set"),
        currency=currency,
        fallback_currency=settings().anchor,
    )
    with _Bar() as bar:
        report = import_listings(
            settings().folder, files, options, clock=settings().clock, say=say, progress=bar.progress
        )
    if as_json:
        console.print_json(json.dumps(report.to_json()))
    else:
        _print(report)


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __enter__(self) -> _Bar:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=notes, transient=True, disable=not notes.is_terminal)
        self._bar.start()
        self._tasks: dict[str, int] = {}
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, name: str, done: int, total: int) -> None:
        from rich.progress import TaskID

        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=total)
        self._bar.update(TaskID(self._tasks[name]), completed=done)


def _print(report: ImportReport) -> None:
    console.print(
        f"{report.rows} rows read = {report.loaded} loaded + {report.known} already known "
        f"+ {report.quarantined} quarantined",
        markup=False,
    )
    for reason, count in report.reasons.items():
        console.print(f"  {reason}: {count}", markup=False)
    if report.quarantined:
        say(f"katy quarantine --source {report.source} shows the quarantined rows")

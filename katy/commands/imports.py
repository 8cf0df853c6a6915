"""`katy import`: the door for files, of listings and of every other record that files hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.commands import import_page
from katy.context import console, notes, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from spiders.files.importer import ImportReport

app = typer.Typer(help="Read files into the warehouse.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="CSV (also .gz), JSON Lines, Parquet or XLSX")]
Source = Annotated[str, typer.Option(help="A name for where the data is from, such as ebay")]
Mapping = Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN; any other field name is an attribute")]
Fixed = Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE for all rows")]
Currency = Annotated[str | None, typer.Option(help="ISO 4217, where a row names none")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the account as JSON")]
WideDates = Annotated[
    bool,
    typer.Option("--wide-dates", help="Columns are dates, in any order; a row is a series (blank cells are holes)"),
]
WideSeries = Annotated[
    bool, typer.Option("--wide-series", help="One column of dates; every other column of numbers is a series")
]


def register(parent: typer.Typer) -> None:
    import_page.register(app)
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
    files: Files,
    source: Source,
    kind: Annotated[str, typer.Option(help="asking or sold (also wanted, traded)")] = "asking",
    mapping: Mapping = None,
    fixed: Fixed = None,
    currency: Currency = None,
    as_json: AsJson = False,
) -> None:
    """Import listings: rows read = loaded + already known + quarantined."""
    from spiders.files.importer import ImportOptions, import_listings

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
    _print(report, as_json)


@app.command("list-prices")
def import_list_prices_command(
    files: Files,
    source: Source,
    mapping: Mapping = None,
    fixed: Fixed = None,
    currency: Currency = None,
    as_json: AsJson = False,
) -> None:
    """Import list prices: what makers and shops ask for new articles.

    Fields: id title price currency observed_at brand category gtin mpn released_on region url image. Without an id an
    article is told by its GTIN or address, else by all that stands in its row but price and date.
    """
    _import("list_price", files, source, mapping, fixed, currency, as_json)


@app.command("rates")
def import_rates_command(
    files: Files,
    source: Source,
    mapping: Mapping = None,
    fixed: Fixed = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217: the quote, where a row names none")] = None,
    wide_dates: WideDates = False,
    wide_series: WideSeries = False,
    as_json: AsJson = False,
) -> None:
    """Import exchange rates: RATE units of QUOTE for one BASE.

    Fields: base quote kind (official, parallel, implied) rate observed_on. For a file of one pair say
    --set base=USD --set quote=ARS --set kind=parallel.
    """
    said = list(fixed or [])
    if currency and "quote" not in pairs(said, "--set"):
        said.append(f"quote={currency}")
    _import("fx_rate", files, source, mapping, said, None, as_json, wide=_wide(wide_dates, wide_series))


@app.command("prices")
def import_prices_command(
    files: Files,
    source: Source,
    mapping: Mapping = None,
    fixed: Fixed = None,
    currency: Currency = None,
    wide_dates: WideDates = False,
    wide_series: WideSeries = False,
    as_json: AsJson = False,
) -> None:
    """Import published prices: averages, guide prices and indices over time.

    Fields: series title period days value statistic currency unit volume region place category gtin observed_at. With
    --set statistic=index values have no currency. Blank cells of wide tables are holes.
    """
    _import("price_series", files, source, mapping, fixed, currency, as_json, wide=_wide(wide_dates, wide_series))


def _wide(dates: bool, series: bool) -> str | None:
    if dates and series:
        raise BadInput("say --wide-dates or --wide-series, not both: either the columns are dates or the rows are")
    return "dates" if dates else "series" if series else None


def _import(
    record: str,
    files: list[Path],
    source: str,
    mapping: list[str] | None,
    fixed: list[str] | None,
    currency: str | None,
    as_json: bool,
    *,
    wide: str | None = None,
) -> None:
    from spiders.files.records_import import RecordOptions, import_records

    options = RecordOptions(
        source=source,
        record=record,
        mapping=pairs(mapping or [], "--map"),
        fixed=pairs(fixed or [], "--set"),
        currency=currency,
        fallback_currency=settings().anchor,
        wide=wide,
    )
    with _Bar() as bar:
        report = import_records(
            settings().folder, files, options, clock=settings().clock, say=say, progress=bar.progress
        )
    _print(report, as_json)


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


def _print(report: ImportReport, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(report.to_json()))
        return
    console.print(
        f"{report.rows} rows read = {report.loaded} loaded + {report.known} already known "
        f"+ {report.quarantined} quarantined",
        markup=False,
    )
    holes = sum(file.holes for file in report.files)
    if holes:
        console.print(f"  beside them {holes} blank cells of wide tables", markup=False)
    for reason, count in report.reasons.items():
        console.print(f"  {reason}: {count}", markup=False)
    if report.quarantined:
        say(f"katy quarantine --source {report.source} shows the quarantined rows")

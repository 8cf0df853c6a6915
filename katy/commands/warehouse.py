"""`katy sql` and `katy snapshots`: what has been published, for an analyst. Read only, limited in time and rows."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from katy import tables
from katy.context import console, say, settings
from warehouse.shown import cell, csv_text, plain

if TYPE_CHECKING:
    from warehouse.query import Result
    from warehouse.snapshot import Snapshot


def as_csv(result: Result) -> str:
    return csv_text(result.columns, ([cell(value) for value in row] for row in result.rows))


def as_json(result: Result) -> str:
    rows = [[plain(value) for value in row] for row in result.rows]
    answer = {
        "snapshot": result.snapshot_id,
        "columns": list(result.columns),
        "rows": rows,
        "truncated": result.truncated,
    }
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)


def as_lines(result: Result) -> str:
    """Tab-separated, for a pipe; tabs and line breaks inside a value become blanks."""
    rows = [list(result.columns), *([" ".join(cell(value).split()) for value in row] for row in result.rows)]
    return "".join("\t".join(row) + "\n" for row in rows)


def _show_table(result: Result) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_edge=False, header_style="bold")
    for index, name in enumerate(result.columns):
        numeric = any(isinstance(row[index], int | float | Decimal) for row in result.rows[:50])
        table.add_column(escape(name), justify="right" if numeric else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(escape(cell(value)) for value in row))
    console.print(table)


def sql(
    query: Annotated[str, typer.Argument(help="SQL in DuckDB's dialect; the documented views are in schema mart")],
    as_json_: Annotated[bool, typer.Option("--json", help="As JSON: snapshot, columns, rows, truncated")] = False,
    as_csv_: Annotated[bool, typer.Option("--csv", help="As CSV with a header")] = False,
    seconds: Annotated[float, typer.Option(min=0.01, help="Give up after this long")] = 30.0,
    max_rows: Annotated[int, typer.Option(min=1, help="Show at most so many rows")] = 1000,
) -> None:
    """Ask the published snapshot; it is read only, and nothing outside it can be reached."""
    from warehouse import query as queries
    from warehouse import snapshot as snapshots

    if as_json_ and as_csv_:
        raise typer.BadParameter("--json and --csv exclude each other")
    current = snapshots.current(settings().folder)
    result = queries.run(current, query, seconds=seconds, max_rows=max_rows)
    if as_json_:
        sys.stdout.write(as_json(result) + "\n")
    elif as_csv_:
        sys.stdout.write(as_csv(result))
    elif console.is_terminal:
        _show_table(result)
    else:
        sys.stdout.write(as_lines(result))
    say(f"{len(result.rows)} rows from snapshot {result.snapshot_id}{_vintage(current)}")
    if result.truncated:
        say(f"there are more rows; --max-rows {max_rows * 10} shows more of them")


def _vintage(snapshot: Snapshot) -> str:
    until = snapshot.manifest.get("data_cutoff")
    return f", data up to {until}" if until else ""


def snapshots_(
    as_json_: Annotated[bool, typer.Option("--json", help="As JSON, for a program")] = False,
) -> None:
    """List the published snapshots, newest first; the star is the one being served."""
    from rich.table import Table

    from warehouse import snapshot as snapshots
    from warehouse.errors import NothingPublished

    home = settings().folder
    listed = sorted(snapshots.listing(home), key=lambda one: one.id, reverse=True)
    try:
        current = snapshots.current(home).id
    except NothingPublished:
        current = ""
    if as_json_:
        told = [{"id": one.id, "current": one.id == current, "manifest": one.manifest} for one in listed]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
        return
    if not listed:
        say("nothing published yet; katy run publishes a snapshot")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for name in ("", "snapshot", "data up to", "code", "size"):
        table.add_column(name, no_wrap=True)
    for one in listed:
        size = sum(file.stat().st_size for file in one.path.rglob("*") if file.is_file())
        mark = "*" if one.id == current else ""
        until, code = (str(one.manifest.get(name) or "") for name in ("data_cutoff", "code_version"))
        table.add_row(mark, one.id, until, code, f"{size / 1e6:.1f} MB")
    tables.show(console, table)


def register(app: typer.Typer) -> None:
    app.command("sql")(sql)
    app.command("snapshots")(snapshots_)

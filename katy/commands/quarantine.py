"""`katy quarantine`: the rows that were read but not believed, and their release by a person."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.commands.imports import pairs
from katy.context import console, say, settings

if TYPE_CHECKING:
    from warehouse.quarantine import Held

app = typer.Typer(help="Rows that were read but not believed.", invoke_without_command=True)

Source = Annotated[str | None, typer.Option(help="Only rows of this source")]
Reason = Annotated[str | None, typer.Option(help="Only rows with this reason, such as bad_price")]
Limit = Annotated[int, typer.Option(min=1, help="Show at most so many rows")]
All = Annotated[bool, typer.Option("--all", help="Also the released ones")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="quarantine")


@app.callback()
def _without_command(
    context: typer.Context,
    source: Source = None,
    reason: Reason = None,
    limit: Limit = 20,
    released: All = False,
    as_json: AsJson = False,
) -> None:
    """Rows that were read but not believed; without a command, their list."""
    if context.invoked_subcommand is None:
        list_rows(source, reason, limit, released, as_json)


@app.command("list")
def list_rows(
    source: Source = None, reason: Reason = None, limit: Limit = 20, released: All = False, as_json: AsJson = False
) -> None:
    """List the quarantined rows, the newest last."""
    from warehouse.quarantine import listing

    rows = [
        held
        for held in listing(settings().folder)
        if (released or not held.released) and source in (None, held.row.source) and reason in (None, held.row.reason)
    ]
    if as_json:
        console.print_json(json.dumps([_as_json(held) for held in rows[-limit:]]))
        return
    if not rows:
        console.print("nothing is in the quarantine" + (" that fits" if source or reason else ""))
        return
    for held in rows[-limit:]:
        mark = "released" if held.released else held.row.reason
        console.print(f"{held.row.id[:12]}  {held.row.source}  {mark}  {held.row.message}", markup=False)
    counts = Counter((held.row.source, held.row.reason) for held in rows)
    for (name, why), count in counts.most_common():
        console.print(f"{name} {why}: {count}", markup=False)
    if len(rows) > limit:
        say(f"the newest {limit} of {len(rows)} rows are shown; --limit {len(rows)} shows all")


@app.command("show")
def show(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="The row's id, or its beginning")], as_json: AsJson = False
) -> None:
    """Show one quarantined row whole."""
    from warehouse.quarantine import find

    held = find(settings().folder, row_id)
    if as_json:
        console.print_json(json.dumps(_as_json(held)))
        return
    console.print(f"{held.row.id}  {held.row.source}  {held.row.reason}", markup=False)
    console.print(held.row.message, markup=False)
    if held.released_at is not None:
        console.print(f"released on {held.released_at:%Y-%m-%d %H:%M} UTC")
    for column, cell in json.loads(held.row.row_json).items():
        console.print(f"  {column or '(row)'}: {cell}", markup=False)
    say(f"katy quarantine release {held.row.id[:12]} --set FIELD=VALUE corrects and releases it")


@app.command("release")
def release_row(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="The row's id, or its beginning")],
    corrections: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE in place of what the row says")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Correct a quarantined row and let it in."""
    from spiders.files.release import release

    done = release(settings().folder, row_id, pairs(corrections or [], "--set"), clock=settings().clock, say=say)
    if as_json:
        console.print_json(json.dumps(done.to_json()))
        return
    what = "released" if done.loaded else "released; it was already known"
    console.print(f"{done.quarantine_id} {what}: {done.told()}", markup=False)


def _as_json(held: Held) -> dict[str, Any]:
    row = held.row
    return {
        "id": row.id,
        "source": row.source,
        "reason": row.reason,
        "message": row.message,
        "found_at": row.found_at,
        "quarantined_at": row.quarantined_at.isoformat(),
        "released_at": None if held.released_at is None else held.released_at.isoformat(),
        "row": json.loads(row.row_json),
    }

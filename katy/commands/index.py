"""`katy index`: how prices of a category moved, with what was sold held fixed, beside the published level."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from katy.context import settings


def register(app: typer.Typer) -> None:
    app.command()(index)


def index(
    category: Annotated[str, typer.Argument(help="A category's id, such as drill")],
    region: Annotated[str | None, typer.Option(help="Only there, such as US-MO")] = None,
    method: Annotated[str, typer.Option(help="robust or plain time-product-dummy (tpd), or geks")] = "robust",
    window: Annotated[int, typer.Option(min=2, max=520, help="Weeks of the rolling window")] = 53,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With what was known that day")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The weeks as JSON")] = False,
) -> None:
    """A quality-adjusted price index by week: products in one grade matched with themselves, one price a seller."""
    from features.index.weekly import weekly_index
    from katy.commands.market import print_table
    from katy.context import console
    from warehouse import query, snapshot
    from warehouse.errors import BadInput

    published = snapshot.current(settings().folder)
    connection = query.read_only(published.database)
    try:
        rows = weekly_index(
            connection, category, region, window=window, method=method, as_of=as_of.date() if as_of else None
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    finally:
        connection.close()
    if as_json:
        answer = {"snapshot": published.id, "category": category, "region": region, "method": method, "weeks": rows}
        typer.echo(json.dumps(answer))
        return
    print_table(f"{category}{f', {region}' if region else ''}: the first week is 1", rows)
    console.print(f"snapshot {published.id}", style="dim", markup=False)

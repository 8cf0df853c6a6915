"""`katy money`: which rate values are formed through, and which currencies are in trouble."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from katy.context import console, settings

_NOW = """
    SELECT currency, max(observed_on) AS day, arg_max(kind, observed_on) AS kind, arg_max(rate, observed_on) AS rate,
        arg_max(premium, observed_on) AS premium, arg_max(source, observed_on) AS source
    FROM mart.fx_rate
    WHERE currency IN (SELECT currency FROM mart.listing) OR currency IN (SELECT currency FROM mart.currency_trouble)
    GROUP BY currency
    ORDER BY currency
"""
_TROUBLE = "SELECT currency, started, ended, why FROM mart.currency_trouble ORDER BY currency, started"


def register(app: typer.Typer) -> None:
    app.command()(money)


def money(as_json: Annotated[bool, typer.Option("--json", help="As JSON")] = False) -> None:
    """The exchange rates that values are formed through, and the periods in which a currency was in trouble."""
    from katy.commands.market import print_table
    from warehouse import query, snapshot

    current = snapshot.current(settings().folder)
    rates = _rows(query.run(current, _NOW, seconds=30, max_rows=500))
    trouble = _rows(query.run(current, _TROUBLE, seconds=30, max_rows=2000))
    anchor = str(current.manifest["anchor"])
    if as_json:
        told = {"snapshot": current.id, "anchor": anchor, "rates": rates, "trouble": trouble}
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    print_table(f"One {anchor} costs", [_rate(row) for row in rates])
    print_table("In trouble", [{**row, "ended": row["ended"] or "lasts"} for row in trouble])
    console.print(f"snapshot {current.id}", style="dim", markup=False)


def _rate(row: dict[str, Any]) -> dict[str, str]:
    premium = "" if row["premium"] is None else f"{row['premium']:+.0%}"
    return {
        "currency": row["currency"],
        "rate": f"{1 / row['rate']:.6g}",
        "kind": row["kind"],
        "over official": premium,
        "day": str(row["day"]),
        "source": row["source"] or "",
    }


def _rows(result: Any) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

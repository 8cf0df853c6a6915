"""`katy match`: how listings were joined into products, and people's decisions about it.

What is shown is the published snapshot. A decision lands at once, holds from today and shows after the next `katy run`.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from katy import tables
from katy.context import console, say, settings
from warehouse.errors import BadInput

app = typer.Typer(help="How listings were joined into products, and what people decide about it.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="The key of listings, as `katy match list` shows it")]
Product = Annotated[str, typer.Argument(help="A product's id")]
Name = Annotated[str, typer.Argument(help="A product's id, or the key of listings")]
Why = Annotated[str, typer.Option(help="The reason, kept with the decision")]
Limit = Annotated[int, typer.Option(min=1, help="Show at most so many")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
_HOW = ("exact", "matched", "merged", "split", "person")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="match")


@app.command("list")
def list_matches(
    how: Annotated[str | None, typer.Option(help=f"Only of this kind: {', '.join(_HOW)}")] = None,
    product: Annotated[str | None, typer.Option(help="Only of this product")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """What was joined and holds now, the most doubtful first."""
    if how is not None and how not in _HOW:
        raise BadInput(f'--how "{how}" is none of {", ".join(_HOW)}')
    rows = _ask(
        """SELECT product, key, how, day, until, probability, why FROM mart.product_history
           WHERE until IS NULL AND how <> 'founded' AND ($how IS NULL OR how = $how)
               AND ($product IS NULL OR product = $product)
           ORDER BY probability NULLS LAST, product, key LIMIT $limit""",
        how=how,
        product=product,
        limit=limit,
    )
    _show(rows, as_json, "nothing has been joined" + (" that fits" if how or product else ""))


@app.command("show")
def show(name: Name) -> None:
    """One product: the wordings that belong to it now, and why."""
    product = _product_of(name)
    rows = _ask(
        """SELECT product, key, how, day, until, probability, why FROM mart.product_history
           WHERE until IS NULL AND product = $product ORDER BY day, key""",
        product=product,
    )
    about = _ask("SELECT title, brand, category, listings FROM mart.product WHERE product = $product", product=product)
    for each in about:
        brand = f", {each['brand']}" if each["brand"] else ""
        console.print(
            f"{product}: {each['title']}{brand} ({each['category']}, {each['listings']} listings)", markup=False
        )
    _show(rows, False, "")


@app.command("history")
def history(
    name: Annotated[str, typer.Argument(help="A product's id, or the key of listings")], as_json: AsJson = False
) -> None:
    """How a product came to be: what joined and left it, day by day."""
    product = _product_of(name)
    rows = _ask(
        """SELECT product, key, how, day, until, probability, why FROM mart.product_history
           WHERE product = $product OR key IN (SELECT key FROM mart.product_history WHERE product = $product)
           ORDER BY day, key, product""",
        product=product,
    )
    _show(rows, as_json, "")


@app.command("confirm")
def confirm(key: Key, product: Product, why: Why = "") -> None:
    """Listings of KEY are examples of PRODUCT: joins them, for good."""
    _decide(key, product, same=True, why=why)


@app.command("reject")
def reject(key: Key, product: Product, why: Why = "") -> None:
    """Listings of KEY are not examples of PRODUCT: keeps them apart, for good."""
    _decide(key, product, same=False, why=why)


@app.command("split")
def split(key: Key, why: Why = "") -> None:
    """Take KEY out of the product it is in: the same as rejecting that."""
    product = _product_of(key)
    if product == key:
        raise BadInput(f'"{key}" is a product of its own; `katy match show {key}` shows what is in it')
    _decide(key, product, same=False, why=why)


def _decide(key: str, product: str, *, same: bool, why: str) -> None:
    from features.matching.decisions import decide

    _product_of(key)
    _product_of(product)
    decide(settings().folder, key, product, same=same, why=why, clock=settings().clock)
    console.print(f"{key} {'is' if same else 'is not'} {product}", markup=False)
    say("it holds from today, and shows after the next `katy run`")


def _product_of(name: str) -> str:
    """The product that a key is in now; BadInput where the snapshot knows no such key."""
    rows = _ask("SELECT product FROM mart.product_history WHERE until IS NULL AND key = $name", name=name)
    if not rows:
        raise BadInput(f'the published snapshot has no listings of the key "{name}": `katy match list` shows keys')
    return str(rows[0]["product"])


def _ask(sql: str, **said: Any) -> list[dict[str, Any]]:
    from contextlib import closing

    from warehouse import query, snapshot

    with closing(query.read_only(snapshot.current(settings().folder).database)) as connection:
        rows: list[dict[str, Any]] = connection.sql(sql, params=said).to_arrow_table().to_pylist()
        return rows


def _show(rows: list[dict[str, Any]], as_json: bool, nothing: str) -> None:
    if as_json:
        sys.stdout.write(json.dumps(rows, default=str, ensure_ascii=False) + "\n")
        return
    if not rows:
        console.print(nothing)
        return
    table = Table("key", "product", "how", "from", "until", "P", "why", box=None)
    for row in rows:
        chance = "" if row["probability"] is None else f"{row['probability']:.2f}"
        cells = (row["key"], row["product"], row["how"], str(row["day"]), str(row["until"] or ""), chance, row["why"])
        table.add_row(*(_plain(cell) for cell in cells))
    tables.show(console, table)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)

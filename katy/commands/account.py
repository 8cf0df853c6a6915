"""`katy account …`: who may trade, and the keys they trade with."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from katy import tables
from katy.books import books
from katy.context import console, say

if TYPE_CHECKING:
    pass


def _show_key(name: str, account_id: str, key: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"id": account_id, "name": name, "key": key}, ensure_ascii=False) + "\n")
        return
    say(f"{name} ({account_id}); this key is shown once and stored nowhere:")
    console.print(key, markup=False, soft_wrap=True)


def add(
    name: Annotated[str, typer.Argument(help="What the community calls this account")],
    tier: Annotated[str, typer.Option(help="The tier that sets its limits: basic, verified, business …")] = "basic",
    kind: Annotated[str, typer.Option(help="member, business or pool")] = "member",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: id, name, key")] = False,
) -> None:
    """Open an account with a balance of zero, and show its API key this once."""
    from ledger.books import accounts

    with books() as ledger:
        made, key = accounts.create(ledger, name, tier=tier, kind=kind)
    _show_key(made.name, made.id, key, as_json)


def new_key(
    name: Annotated[str, typer.Argument(help="The account's name or id")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: id, name, key")] = False,
) -> None:
    """Make a new API key for an account; the ones before it stop working."""
    from ledger.books import accounts

    with books() as ledger:
        found = accounts.find(ledger, name)
        key = accounts.new_key(ledger, found.id)
    _show_key(found.name, found.id, key, as_json)


def list_(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program")] = False) -> None:
    """List the accounts with their balances, what is pending, and their limits, in K."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.books import accounts
    from ledger.books.units import k_text

    with books() as ledger:
        standings = accounts.listing(ledger)
    if as_json:
        told = [
            {
                "id": one.account.id,
                "name": one.account.name,
                "kind": one.account.kind,
                "tier": one.account.tier,
                "balance": k_text(one.posted),
                "pending_out": k_text(one.pending_out),
                "pending_in": k_text(one.pending_in),
            }
            for one in standings
        ]
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    if not standings:
        say("no account yet; katy account add NAME opens one")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("name", "id", "tier"):
        table.add_column(column, no_wrap=True)
    for column in ("balance", "pending", "floor", "ceiling"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in standings:
        ceiling = "none" if one.limits.ceiling is None else k_text(one.limits.ceiling)
        pending = f"-{k_text(one.pending_out)} +{k_text(one.pending_in)}"
        cells = (one.account.name, one.account.id, one.account.tier, k_text(one.posted), pending)
        table.add_row(*(escape(cell) for cell in cells), k_text(one.limits.floor), ceiling)
    tables.show(console, table)


def register(app: typer.Typer) -> None:
    """Add `katy account add`, `katy account new-key` and `katy account list`."""
    group = typer.Typer(help="Accounts and their API keys.", no_args_is_help=True)
    group.command("add")(add)
    group.command("new-key")(new_key)
    group.command("list")(list_)
    app.add_typer(group, name="account")

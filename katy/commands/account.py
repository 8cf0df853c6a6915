"""`katy account …`: who may trade, the keys they trade with, who signs for a business, and tiers.

At the command line the operator is the treasurer.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from katy import tables
from katy.books import books
from katy.context import console, say
from warehouse.errors import BadInput

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Name = Annotated[str, typer.Argument(help="The account's name or id")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="What the key may do: member, business, treasurer, analyst, admin; can be repeated"),
]


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def _show_key(name: str, account_id: str, key: str, as_json: bool) -> None:
    if as_json:
        _told({"id": account_id, "name": name, "key": key})
        return
    say(f"{name} ({account_id}); this key is shown once and stored nowhere:")
    console.print(key, markup=False, soft_wrap=True)


def add(
    name: Annotated[str, typer.Argument(help="What the community calls this account")],
    tier: Annotated[str, typer.Option(help="The tier that sets its limits: basic, verified, business …")] = "basic",
    kind: Annotated[str, typer.Option(help="member or business")] = "member",
    scope: Scopes = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: id, name, key")] = False,
) -> None:
    """Open an account with a balance of zero, and show its API key this once."""
    from ledger.books import accounts

    with books() as ledger:
        made, key = accounts.create(ledger, name, tier=tier, kind=kind, scopes=_scopes(scope, kind))
    _show_key(made.name, made.id, key, as_json)


def new_key(
    name: Name,
    scope: Scopes = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: id, name, key")] = False,
) -> None:
    """Make a new API key for an account; the ones before it stop working."""
    from ledger.books import accounts

    with books() as ledger:
        found = accounts.find(ledger, name)
        if found.kind not in accounts.KINDS:
            raise BadInput(f"{found.name} is the community's own: nobody has a key to it, it moves by the policy")
        key = accounts.new_key(ledger, found.id, scopes=_scopes(scope, found.kind))
    _show_key(found.name, found.id, key, as_json)


def _scopes(said: list[str] | None, kind: str) -> list[str]:
    return said or (["business"] if kind == "business" else ["member"])


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
        _told(told)
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
        table.add_row(
            *(escape(cell) for cell in cells), "none" if one.limits.floor is None else k_text(one.limits.floor), ceiling
        )
    tables.show(console, table)


def tier(
    name: Name,
    tier: Annotated[str | None, typer.Argument(help="A tier of the policy: basic, verified, business …")] = None,
    by_level: Annotated[
        bool, typer.Option(help="Not by hand any more: let it follow the level of verification")
    ] = False,
) -> None:
    """Set the tier of an account by hand, as the treasurer; its limits change with it. The audit log says so."""
    from ledger.books import accounts, audit_log
    from ledger.trust import levels

    if (tier is None) != by_level:
        raise BadInput("name a tier, such as `katy account tier Ada verified`, or say --by-level to let it follow")
    with books() as ledger:
        found = accounts.find(ledger, name)
        made = levels.set_tier(ledger, by=audit_log.OPERATOR, account_id=found.id, tier=tier)
    say(f"{found.name}: {found.tier} before, {made.tier} now")


def add_signer(
    business: Annotated[str, typer.Argument(help="The business's name or id")],
    member: Annotated[str, typer.Argument(help="The member who may sign for it")],
) -> None:
    """Let a member sign for a business: what it pays above its tier's amount waits for its signers."""
    from ledger.books import signing

    with books() as ledger:
        signing.add_signer(ledger, business, member)
    say(f"{member} signs for {business}")


def remove_signer(
    business: Annotated[str, typer.Argument(help="The business's name or id")],
    member: Annotated[str, typer.Argument(help="The member who is not to sign any more")],
) -> None:
    """A member signs for a business no longer; what was signed and posted stays."""
    from ledger.books import signing

    with books() as ledger:
        signing.remove_signer(ledger, business, member)
    say(f"{member} signs for {business} no longer")


def list_signers(
    business: Annotated[str, typer.Argument(help="The business's name or id")], as_json: AsJson = False
) -> None:
    """List who signs for a business, and from which amount on its policy asks for it."""
    from ledger.books import accounts, signing
    from ledger.books.units import k_text

    with books() as ledger:
        found = accounts.find(ledger, business)
        with ledger.reading() as connection:
            there = [accounts.one(connection, each) for each in signing.signers(connection, found.id)]
        there.sort(key=lambda each: each.name)
        needs = ledger.policy().tier(found.tier) if found.kind in accounts.KINDS else None
    if as_json:
        _told([{"id": each.id, "name": each.name} for each in there])
        return
    for each in there:
        console.print(f"{each.name}  {each.id}", markup=False)
    if needs is not None and needs.signatures > 1:
        say(f"{found.name} needs {needs.signatures} signatures above {k_text(needs.signed_above)} K")
    else:
        say(f"{found.name}'s key alone is enough for every payment")


def register(app: typer.Typer) -> None:
    """Add `katy account add | list | new-key | tier` and `katy account signer add | remove | list`."""
    group = typer.Typer(help="Accounts, their API keys, signers and tiers.", no_args_is_help=True)
    group.command("add")(add)
    group.command("new-key")(new_key)
    group.command("list")(list_)
    group.command("tier")(tier)
    signers = typer.Typer(help="Who signs for a business.", no_args_is_help=True)
    signers.command("add")(add_signer)
    signers.command("remove")(remove_signer)
    signers.command("list")(list_signers)
    group.add_typer(signers, name="signer")
    app.add_typer(group, name="account")

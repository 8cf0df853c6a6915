"""`katy things …`: what people own, what it is worth, and what there is to tell of it.

At the command line the operator acts for an account: the one named, or the only one there is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy import tables
from katy.books import books, whose
from katy.commands.imports import pairs
from katy.context import console, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.owned.thing_imports import LeftOut
    from ledger.owned.things import Thing

Account = Annotated[str | None, typer.Option(help="Whose: an account's name or id")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Id = Annotated[str, typer.Argument(help="The thing's id, as katy things list shows it")]
_SHOWN_LEFT_OUT = 20
# Fields of a thing that --set does not say, and how they are said.
_OPTIONS = {name: f"--{name.replace('_', '-')}" for name in ("condition", "region", "quantity", "paid", "paid_on")}
_OPTIONS |= {
    "title": "add TITLE, or change --title",
    "worth": "--worth",
    "currency": "--currency",
    "external_id": "--own-id",
}

# Fields of a thing that --set says; any other name is an attribute.
_SET = ("brand", "gtin", "mpn", "category", "wants_low", "wants_high")


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def add(
    title: Annotated[str | None, typer.Argument(help="What it is, as one would offer it")] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="brand, gtin, mpn, category, wants_low, wants_high, or any other"
        ),
    ] = None,
    photo: Annotated[
        list[Path] | None, typer.Option(help="A picture of it, instead of a title; once for each; none is kept")
    ] = None,
    condition: Annotated[str | None, typer.Option(help='Such as "like new"')] = None,
    region: Annotated[str | None, typer.Option(help="Where it is, such as US-MO")] = None,
    quantity: Annotated[int, typer.Option(help="How many there are")] = 1,
    paid: Annotated[str | None, typer.Option(help="What was paid for one")] = None,
    paid_on: Annotated[str | None, typer.Option(help="The day, such as 2026-03-31")] = None,
    worth: Annotated[str | None, typer.Option(help="What one takes it to be worth")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of these amounts; KATY_ANCHOR otherwise")] = None,
    external_id: Annotated[str | None, typer.Option("--own-id", help="The owner's own key, such as a SKU")] = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Register a thing: `katy things add "Makita DHP453" --paid 60 --condition "like new" --account Ada`."""
    from ledger.books.canonical import new_id
    from ledger.owned import things

    shown = _shown(photo) if photo else {}
    if title is None and not shown:
        raise typer.BadParameter('say what it is: katy things add "Makita DHP453", or --photo FILE')
    said = shown | _said(
        fixed, title=title, condition=condition, region=region, paid=paid, paid_on=paid_on, worth=worth,
        currency=(currency or settings().anchor).upper(), external_id=external_id, quantity=quantity,
    )  # fmt: skip
    with books() as ledger:
        made = things.add(ledger, key=new_id("cli"), by=whose(ledger, account), said=said)
    if as_json:
        _told(made.model_dump())
        return
    console.print(made.id, markup=False)
    say(f"{made.owned.title}: valued at the next `katy run`; `katy things value` does it now")


def _shown(files: list[Path]) -> dict[str, str]:
    """What pictures show, as fields of a thing. BadInput says what picture would tell more."""
    from katy.pictures import identify
    from models.photos.answer import thing_shown

    told, reads = identify(files)
    shown = thing_shown(told, reads)
    if shown is None:
        raise BadInput(
            f"{files[0].name}: no one thing was recognised. {told.next_picture or 'Say what it is instead.'}"
        )
    return shown


def _said(fixed: list[str] | None, **fields: Any) -> dict[str, Any]:
    """Options as the fields of a thing; what is not said is not there."""
    named = pairs(fixed or [], "--set")
    own: dict[str, Any] = {name: named.pop(name) for name in _SET if name in named}
    for name in named:
        if name in _OPTIONS:
            raise BadInput(f"--set {name}={named[name]}: {name} has its own place: {_OPTIONS[name]}")
    said = {name: value for name, value in {**own, **fields}.items() if value is not None}
    return {**said, "attributes": named} if named else said


def bring(
    file: Annotated[Path, typer.Argument(help="CSV (also .gz), JSON Lines, Parquet or XLSX; also a Shopify export")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column is which field")
    ] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="For rows that have none")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217, of amounts that name none")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it, and change nothing")] = False,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Register an inventory: rows = added + changed + known already + parts of others + left out.

    Fields: title external_id brand gtin mpn category condition quantity paid worth paid_on region currency.
    """
    from ledger.books.canonical import new_id
    from ledger.owned import thing_imports
    from spiders.files.inventory import InventoryOptions, read_inventory

    money = currency or settings().anchor
    found = read_inventory(file, InventoryOptions(pairs(mapping or [], "--map"), pairs(fixed or [], "--set"), money))
    for note in found.notes:
        say(note)
    with books() as ledger:
        by = whose(ledger, account)
        brought = thing_imports.bring(ledger, key=new_id("cli"), by=by, arrivals=found.arrivals, dry_run=dry_run)
    left_out = [*found.left_out, *brought.left_out]
    counts = {"rows": found.rows, **brought.model_dump(exclude={"left_out"}), "parts": found.parts}
    if as_json:
        told = [each.model_dump() for each in left_out]
        _told({"form": found.form, **counts, "left_out": told, "dry_run": dry_run})
        return
    _say_left_out(left_out)
    would = "would be " if dry_run else ""
    console.print(
        f"{file.name} ({found.form}): {found.rows} rows: {would}added {brought.added}, changed {brought.changed}, "
        f"known {brought.known}, parts of others {found.parts}, left out {len(left_out)}",
        markup=False,
    )


def _say_left_out(left_out: list[LeftOut]) -> None:
    for each in left_out[:_SHOWN_LEFT_OUT]:
        say(f"{each.place}: {each.reason}: {each.message}")
    if len(left_out) > _SHOWN_LEFT_OUT:
        say(f"and {len(left_out) - _SHOWN_LEFT_OUT} more; --json has all")


def list_(account: Account = None, as_json: AsJson = False) -> None:
    """List an account's things and what each is worth."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.owned import things

    with books() as ledger:
        found = things.listing(ledger, whose(ledger, account))
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say('nothing registered yet; katy things add "TITLE" --paid 60 does it')
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("id", "title", "pieces", "thought to be worth", "worth"):
        table.add_column(column)
    for each in found:
        owned = each.owned
        belief = "" if owned.belief is None else f"{owned.belief} {owned.currency}"
        cells = (each.id, owned.title, str(owned.quantity), belief, _worth(each))
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)


def _worth(thing: Thing) -> str:
    checked = thing.checked
    if checked is None:
        return "not valued yet"
    if checked.fmv is None:
        return f"unknown ({checked.reason})"
    return f"{checked.fmv} {checked.currency} ({checked.low} to {checked.high}, {checked.confidence})"


def show(id: Id, account: Account = None, as_json: AsJson = False) -> None:
    """Show a thing, what it was taken for, and what it was worth in the newest snapshots."""
    from ledger.owned import things

    with books() as ledger:
        by = things.owner(ledger, id) if account is None else whose(ledger, account)
        found, before = things.view(ledger, by=by, thing_id=id), things.values(ledger, by=by, thing_id=id)
    if as_json:
        _told({**found.model_dump(), "values": [each.model_dump() for each in before]})
        return
    console.print(found.owned.title, style="bold", markup=False)
    for name, value in found.owned.model_dump(exclude={"title"}).items():
        if value not in (None, {}):
            console.print(f"  {name.replace('_', ' ')}: {value}", markup=False)
    console.print(f"worth {_worth(found)}", markup=False)
    if found.checked is not None:
        console.print(f"taken for {found.checked.product or 'no product'}, {found.checked.category}", markup=False)
    from katy.commands.market import print_table

    shown = ("value_date", "fmv", "low", "high", "currency", "confidence", "reason")
    print_table("Values", [{name: getattr(each, name) for name in shown} for each in before])


def change(
    id: Id,
    title: Annotated[str | None, typer.Option(help="What it is")] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Another field")] = None,
    condition: Annotated[str | None, typer.Option(help='Such as "like new"')] = None,
    region: Annotated[str | None, typer.Option(help="Where it is, such as US-MO")] = None,
    quantity: Annotated[int | None, typer.Option(help="How many there are; of 0 nothing is told")] = None,
    paid: Annotated[str | None, typer.Option(help="What was paid for one")] = None,
    paid_on: Annotated[str | None, typer.Option(help="The day, such as 2026-03-31")] = None,
    worth: Annotated[str | None, typer.Option(help="What one takes it to be worth")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of the amounts and values")] = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Say something new of a thing; what is not said stays."""
    from ledger.books.canonical import new_id
    from ledger.owned import things

    said = _said(
        fixed, title=title, condition=condition, region=region, paid=paid, paid_on=paid_on, worth=worth,
        currency=currency and currency.upper(), quantity=quantity,
    )  # fmt: skip
    if not said:
        raise typer.BadParameter("say what is new: --worth, --condition, --quantity …")
    with books() as ledger:
        by = things.owner(ledger, id) if account is None else whose(ledger, account)
        changed = things.change(ledger, key=new_id("cli"), by=by, thing_id=id, said=said)
    if as_json:
        _told(changed.model_dump())
        return
    say(f"{changed.owned.title}: changed")


def remove(id: Id, account: Account = None) -> None:
    """Remove a thing for good, with its values and notices."""
    from ledger.books.canonical import new_id
    from ledger.owned import things

    with books() as ledger:
        by = things.owner(ledger, id) if account is None else whose(ledger, account)
        things.remove(ledger, key=new_id("cli"), by=by, thing_id=id)
    say(f"{id} is removed, and nothing of it is kept")


def value(as_json: AsJson = False) -> None:
    """Value all things on the published snapshot now, as every `katy run` does at its end."""
    from katy.wiring import value_owned
    from warehouse import snapshot

    published = snapshot.current(settings().folder)
    with books() as ledger:
        put = value_owned(published, ledger, say)
    if as_json:
        _told({"snapshot": published.id, "notices": [each.model_dump() for each in put]})


def notices(account: Account = None, as_json: AsJson = False) -> None:
    """Show what there is to tell of things, newest first; `katy notices dismiss ID` ends one."""
    from ledger.owned.things import NOTICE_KIND
    from ledger.watching import outbox

    with books() as ledger:
        every = outbox.listing(ledger, whose(ledger, account), limit=10_000)
    found = [each for each in every if each.kind == NOTICE_KIND]
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say("nothing to tell of things")
    for each in found:
        console.print(f"{each.id}  {each.put_at[:10]}", markup=False)
        console.print("    " + each.body.replace("\n", "\n    "), markup=False)


def register(app: typer.Typer) -> None:
    """Add `katy things add|import|list|show|change|remove|value|notices`."""
    group = typer.Typer(help="What people own, and what it is worth.", no_args_is_help=True)
    group.command("add")(add)
    group.command("import")(bring)
    group.command("list")(list_)
    group.command("show")(show)
    group.command("change")(change)
    group.command("remove")(remove)
    group.command("value")(value)
    group.command("notices")(notices)
    app.add_typer(group, name="things")

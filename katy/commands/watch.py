"""`katy watch …`, `katy notices …` and `katy notify`: price watches, what they say, and telling it to people.

At the command line the operator acts for an account: the one named, or the only one there is.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy import tables
from katy.books import books, whose
from katy.context import console, say, settings
from warehouse.errors import BadInput, NothingPublished

if TYPE_CHECKING:
    from ledger.watching.watch_terms import Terms
    from ledger.watching.watches import Watch

Account = Annotated[str | None, typer.Option(help="Whose: an account's name or id")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def add(
    words: Annotated[str | None, typer.Argument(help="Words that a listing must have")] = None,
    product: Annotated[str | None, typer.Option(help="A product's id, instead of words")] = None,
    below: Annotated[str | None, typer.Option(help="Tell when the price is below this amount")] = None,
    above: Annotated[str | None, typer.Option(help="Tell when the price is above this amount")] = None,
    change: Annotated[str | None, typer.Option(help="Tell when the price has changed by so many per cent")] = None,
    direction: Annotated[str, typer.Option(help="Of a change: down, up or either")] = "either",
    window: Annotated[int, typer.Option(help="How many days to look back: 7, 30 or 90")] = 30,
    kind: Annotated[str, typer.Option(help="asking or sold prices")] = "asking",
    price: Annotated[str, typer.Option(help="Which price of a day counts: median or lowest")] = "median",
    region: Annotated[str | None, typer.Option(help="Only listings of this region or place")] = None,
    condition: Annotated[str | None, typer.Option(help='Only this condition: "like new", good, used …')] = None,
    currency: Annotated[str | None, typer.Option(help="Only listings priced in this currency")] = None,
    unit: Annotated[str | None, typer.Option(help="The price for one of these: kg, piece …")] = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Watch the price of a product or a search: `katy watch add "makita drill" --change 10 --account Ada`."""
    from ledger.books.canonical import new_id
    from ledger.watching import watches

    rules = {"below": below, "above": above, "change": change}
    said = {name: value for name, value in rules.items() if value is not None}
    if len(said) != 1:
        raise BadInput("say what to tell of: one of --below AMOUNT, --above AMOUNT, --change PER_CENT")
    ((rule, figure),) = said.items()
    filters = {"region": region, "condition": condition, "currency": currency, "unit": unit}
    terms = _terms(
        product=product, words=words, rule=rule, direction=direction, window_days=window, kind=kind, price=price,
        **filters, **{"percent" if rule == "change" else "amount": figure},
    )  # fmt: skip
    with books() as ledger:
        made = watches.create(ledger, key=new_id("cli"), by=whose(ledger, account), terms=terms)
    if as_json:
        _told(made.model_dump())
        return
    console.print(made.id, markup=False)
    _say_what_it_sees(made.terms)


def _terms(**said: Any) -> Terms:
    from pydantic import ValidationError

    from flows.watches import condition_asked
    from ledger.watching.watch_terms import Terms

    if said["condition"] is not None:
        said["condition"] = condition_asked(said["condition"])
    if said["currency"] is not None:
        said["currency"] = said["currency"].upper()
    try:
        return Terms(**said)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise BadInput(f'--{wrong["loc"][0]} "{wrong["input"]}": {wrong["msg"]}') from error


def _say_what_it_sees(terms: Terms) -> None:
    """So that a misspelt word is seen now and not never."""
    from flows.watches import preview
    from warehouse import snapshot

    try:
        seen = preview(snapshot.current(settings().folder), terms)
    except NothingPublished:
        say("nothing has been published yet; the watch is looked at after each `katy run`")
        return
    if seen.trouble is not None:
        say(f"for now {seen.trouble}; the watch is looked at after each `katy run`")
        return
    newest = seen.series[-1]
    say(
        f"{seen.title}: prices on {len(seen.series)} days, the last {newest.price} {seen.currency} on {newest.day} "
        f"({seen.listings} listings); the watch is looked at after each `katy run`"
    )


def list_(account: Account = None, as_json: AsJson = False) -> None:
    """List the watches, of one account or all, and what each saw last."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.books import accounts
    from ledger.watching import watches
    from ledger.watching.watch_terms import filters_in_words, rule_in_words

    with books() as ledger:
        if account is None:
            found = watches.active(ledger)
        else:
            found = watches.listing(ledger, accounts.find(ledger, account).id)
        names = {each.account: accounts.find(ledger, each.account).name for each in found}
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say('no watch yet; katy watch add "WORDS" --change 10 makes one')
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("id", "account", "watches", "for", "of", "saw last"):
        table.add_column(column)
    for each in found:
        rule, filters = rule_in_words(each.terms), filters_in_words(each.terms)
        cells = (each.id, names[each.account], each.terms.title, rule, filters, _last_seen(each))
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)


def _last_seen(watch: Watch) -> str:
    checked = watch.checked
    if checked is None:
        return "not looked at yet"
    if checked.trouble is not None:
        return checked.trouble
    return f"{checked.price} {checked.currency} on {checked.day} ({checked.listings} listings)"


def remove(
    id: Annotated[str, typer.Argument(help="The watch's id, as katy watch list shows it")],
    account: Account = None,
) -> None:
    """End a watch; its open notices are dismissed."""
    from ledger.books import accounts
    from ledger.books.canonical import new_id
    from ledger.watching import watches

    with books() as ledger:
        owner = accounts.find(ledger, account).id if account is not None else watches.owner(ledger, id)
        ended = watches.cancel(ledger, key=new_id("cli"), by=owner, watch_id=id)
    say(f"{ended.terms.title} is not watched any more")


def notices(
    context: typer.Context,
    account: Account = None,
    dismissed: Annotated[bool, typer.Option("--all", help="Also those that were dismissed")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest")] = 200,
    as_json: AsJson = False,
) -> None:
    """Show the open notices, of one account or all, newest first."""
    if context.invoked_subcommand is not None:
        return
    from ledger.books import accounts
    from ledger.watching import outbox

    with books() as ledger:
        whose = None if account is None else accounts.find(ledger, account).id
        found = outbox.listing(ledger, whose, dismissed=dismissed, limit=limit)
        names = {each.account: accounts.find(ledger, each.account).name for each in found}
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say("nothing to tell")
    for each in found:
        state = (
            "dismissed" if each.dismissed_at else f"for the {_nth(each.repeated + 1)} time" if each.repeated else "new"
        )
        console.print(f"{each.id}  {names[each.account]}  {each.put_at[:10]}  {state}", markup=False)
        console.print("    " + each.body.replace("\n", "\n    "), markup=False)


def _nth(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def dismiss(
    id: Annotated[str, typer.Argument(help="The notice's id, as katy notices shows it")],
    account: Account = None,
) -> None:
    """Dismiss a notice: it is not told any more, and its watch goes on from the price that was told."""
    from ledger.books import accounts
    from ledger.books.canonical import new_id
    from ledger.watching import outbox

    with books() as ledger:
        owner = accounts.find(ledger, account).id if account is not None else outbox.owner(ledger, id)
        gone = outbox.dismiss(ledger, key=new_id("cli"), by=owner, notice_id=id)
    say(f"dismissed: {gone.subject}")


def notify(as_json: AsJson = False) -> None:
    """Tell the log and the notifiers (KATY_NOTIFY_URLS) what they were not told yet. Exit status 1 where one failed."""
    from flows.notify import send

    chosen = settings()
    with books() as ledger:
        sent = send(chosen.folder, ledger, chosen.notify_urls, clock=chosen.clock, say=say)
    if as_json:
        _told({"told": sent.told, "failed": sent.failed})
    else:
        for name, number in sent.told.items():
            console.print(f"{name}: {number} told", markup=False)
    if sent.failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add `katy watch add|list|remove`, `katy notices [dismiss]` and `katy notify`."""
    watch = typer.Typer(help="Price watches: be told when a price moves.", no_args_is_help=True)
    watch.command("add")(add)
    watch.command("list")(list_)
    watch.command("remove")(remove)
    app.add_typer(watch, name="watch")
    told = typer.Typer(help="What price watches have to say, until it is dismissed.")
    told.callback(invoke_without_command=True)(notices)
    told.command("dismiss")(dismiss)
    app.add_typer(told, name="notices")
    app.command("notify")(notify)

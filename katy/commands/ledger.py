"""`katy ledger …`: whether the books are whole, the roots of their days, and payments at the counter.

At the command line the operator acts for an account, and is the treasurer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy import tables
from katy.books import books
from katy.commands import ledger_insurance, ledger_policy, trust
from katy.context import console, notes, say
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.books.store import Ledger
    from ledger.verification import Verification

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Memo = Annotated[str, typer.Option(help="What it is for; both sides read it")]
Key = Annotated[
    str | None, typer.Option(help="An idempotency key: the same command with the same key is done once, however often")
]
_MOST_SHOWN = 20


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def verify(as_json: AsJson = False) -> None:
    """Replay the books: chain, days, balances, holds, frozen values. Exit status 1 names the first broken entry."""
    from ledger import verification
    from ledger.books.errors import Tampered

    with books() as ledger, _progress(ledger) as hear:
        found = verification.verify(ledger, hear)
    if as_json:
        faults = [{"where": each.where, "what": each.what} for each in found.faults]
        _told({"sound": found.sound, "entries": found.entries, "head": found.head, "faults": faults})
        if not found.sound:
            raise typer.Exit(1)
        return
    if found.sound:
        console.print(_sound(found), markup=False)
        return
    for each in found.faults[1:_MOST_SHOWN]:
        say(f"also: {each}")
    more = len(found.faults) - 1
    raise Tampered(
        f"the books are not as they were written. First, {found.faults[0]}"
        + (f" ({more} more place{'s' if more > 1 else ''})" if more else "")
        + ". Go back to a copy that verifies, and find out who could write to the database"
    )


def _sound(found: Verification) -> str:
    entries = "no entry yet" if not found.entries else f"{found.entries:,} entries"
    return f"the books are whole: {entries}; everything was replayed. Head {found.head}"


@contextmanager
def _progress(ledger: Ledger) -> Iterator[Callable[[int], None]]:
    """A bar at a terminal; nothing where the output is read by a program."""
    from sqlalchemy import select

    from ledger.tables import chain_head

    if not notes.is_terminal:
        yield lambda seq: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with ledger.reading() as connection:
        last = connection.execute(select(chain_head.c.seq)).scalar_one()
    columns = (TextColumn("entry {task.completed:,} of {task.total:,}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        task = progress.add_task("replayed", total=last)
        yield lambda seq: progress.update(task, completed=seq)


def close_days(as_json: AsJson = False) -> None:
    """Make the roots of the days that are over (UTC) and have none; `katy serve` does it by itself."""
    from ledger.books import days

    with books() as ledger:
        made = days.close_days(ledger)
    if as_json:
        _told([each.model_dump() for each in made])
        return
    for each in made:
        console.print(f"{each.day}  {each.root}", markup=False)
    if not made:
        say("no day is left to close: a day gets its root when it is over and something happened on it")


def roots(as_json: AsJson = False) -> None:
    """List the days with their roots: publish them, so that nobody can write a different past."""
    from rich.table import Table

    from ledger.books import days

    with books() as ledger:
        found = days.listing(ledger)
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say("no day has a root yet; katy ledger close-days makes those of days that are over")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("day", "entries", "root"):
        table.add_column(column, no_wrap=True)
    for each in found:
        table.add_row(each.day, f"{each.first_seq} – {each.last_seq}", each.root)
    tables.show(console, table)


def prove(
    seq: Annotated[int, typer.Argument(min=1, help="The entry's number, as an account's history shows it")],
    as_json: AsJson = False,
) -> None:
    """Prove that an entry is in the books: the hashes that lead from it to its day's root (RFC 9162, 2.1.3)."""
    from ledger.books import days

    with books() as ledger:
        proof = days.prove(ledger, seq)
    if as_json:
        _told(proof.model_dump())
        return
    console.print(f"entry {proof.seq}  {proof.entry_hash}", markup=False)
    console.print(f"leaf {proof.place} of {proof.size} on {proof.day.day}", markup=False)
    for each in proof.path:
        console.print(f"  {each}", markup=False)
    console.print(f"root   {proof.day.root}", markup=False)
    say("the path leads to the root" if proof.holds() else "the path does NOT lead to the root: katy ledger verify")


def pay(
    payer: Annotated[str, typer.Argument(help="Who pays: an account's name or id")],
    payee: Annotated[str, typer.Argument(help="Who is paid")],
    amount: Annotated[str, typer.Argument(help="Such as 6.50; with --unit min whole minutes, such as 90")],
    unit: Annotated[str, typer.Option(help="K, or min for time credit")] = "K",
    memo: Memo = "",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Pay from one account to another, within both sides' limits: `katy ledger pay Ada Bob 6.50`."""
    from ledger.books import accounts, transfers
    from ledger.books.canonical import new_id
    from ledger.books.units import amount_text

    parts = _amount(amount, unit)
    with books() as ledger:
        by = accounts.find(ledger, payer)
        to = accounts.find(ledger, payee)
        made = transfers.pay(
            ledger, key=key or new_id("cli"), payer=by.id, payee=to.id, amount=parts, unit=unit, memo=memo
        )
    if as_json:
        _told(made.model_dump())
        return
    console.print(made.id, markup=False)
    if made.state == "posted":
        say(f"{by.name} paid {to.name} {amount_text(parts, unit)}")
    else:
        say(f"{by.name} asked to pay {to.name} {amount_text(parts, unit)}; it waits for the signatures of its signers")
    for each in made.warnings:
        say(f"to {by.name}: {each}")


def _amount(text: str, unit: str) -> int:
    from ledger.books.units import UNITS, K, rails

    if unit not in UNITS:
        raise BadInput(f'the books have no unit "{unit}": write K, or min for time credit')
    if unit == K:
        return rails(text)
    if not (text.isascii() and text.isdigit()):
        raise BadInput(f'"{text}" is not a number of minutes: write whole minutes, such as 90')
    return int(text)


def reverse(
    transfer: Annotated[str, typer.Argument(help="The payment's id: transfer_…")],
    account: Annotated[str | None, typer.Option(help="In whose name; the one who received it otherwise")] = None,
    memo: Memo = "",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Take a payment back, whole and once, as the treasurer. Both transfers stay in the books."""
    from ledger.books import accounts, seen, transfers
    from ledger.books.canonical import new_id

    with books() as ledger:
        found = seen.transfer(ledger, by="", transfer_id=transfer, treasurer=True).transfer
        received = max(found.lines, key=lambda line: line.amount).account
        by = accounts.find(ledger, account).id if account is not None else received
        made = transfers.reverse(
            ledger, key=key or new_id("cli"), by=by, transfer_id=transfer, memo=memo, treasurer=True
        )
    if as_json:
        _told(made.model_dump())
        return
    console.print(made.id, markup=False)
    say(f"{transfer} was taken back")


def expire() -> None:
    """End the promises that ran out, so that they bind nobody's limits any more; `katy serve` does it by itself."""
    from ledger.books import promises

    with books() as ledger:
        ended = promises.expire_due(ledger)
    say(f"{ended} promise{'' if ended == 1 else 's'} ended" if ended else "no promise has run out")


def register(app: typer.Typer) -> None:
    """Add `katy ledger verify | close-days | roots | prove | pay | reverse | expire | audit | policy | insurance`."""
    group = typer.Typer(
        help="The books: whether they are whole, payments, and the community's policy.", no_args_is_help=True
    )
    for name, command in (
        ("verify", verify),
        ("close-days", close_days),
        ("roots", roots),
        ("prove", prove),
        ("pay", pay),
        ("reverse", reverse),
        ("expire", expire),
        ("audit", trust.log),
    ):
        group.command(name)(command)
    ledger_policy.add_to(group)
    ledger_insurance.add_to(group)
    app.add_typer(group, name="ledger")

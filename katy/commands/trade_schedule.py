"""`katy trade schedule …`: deliveries that repeat, or come much later than what they are given for.

The operator acts for the account that --as names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from katy import tables
from katy.books import books, whose
from katy.commands.trade_steps import As, AsJson, Key
from katy.context import console, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.trading.schedule_view import Schedule

Id = Annotated[str, typer.Argument(metavar="SCHEDULE", help="A schedule's id")]


def propose(
    counterparty: Annotated[str, typer.Argument(help="With whom: an account's name or id")],
    by: As,
    give: Annotated[
        list[str], typer.Option("--give", help='What this party gives, and when: "loaf, every 7 days, 8 times"')
    ],
    get: Annotated[list[str], typer.Option("--get", help='What it gets, written alike: "k: 20.00, on 2027-09-15"')],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day (UTC); today otherwise")
    ] = None,
    grace: Annotated[int, typer.Option(help="Days after which a default may be called")] = 7,
    reason: Annotated[str | None, typer.Option(help="Why, where it is far from fair")] = None,
    region: Annotated[str | None, typer.Option(help="Where the things are, such as US-MO")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Propose a schedule. Values are frozen now; each period that is complete becomes an ordinary trade."""
    from katy.commands import trade_schedule_words as words
    from ledger.trading import schedules

    with books() as ledger:
        who = whose(ledger, by)
        day = (first or settings().at()).date()
        made = schedules.propose(
            ledger,
            key=key or uuid4().hex,
            proposer=who,
            counterparty=counterparty,
            legs=words.drafts(ledger, give, get, first=day, region=region),
            grace_days=grace,
            reason=reason,
        )
    _tell(made, as_json)


def accept(schedule: Id, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """Accept a schedule that was proposed: from now on its legs fall due on their days."""
    from ledger.trading import schedules

    _step(schedules.accept, schedule, by, key, as_json)


def receive(
    schedule: Id,
    by: As,
    leg: Annotated[int, typer.Option(min=1, help="Which leg; `show` numbers them")],
    time: Annotated[
        int | None, typer.Option(min=1, help="The how-manieth time; the earliest open one otherwise")
    ] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Confirm that a leg was received this time. What completes a period makes it a trade."""
    from katy.commands.trade_schedule_words import open_dues
    from ledger.trading import schedules

    with books() as ledger:
        who = whose(ledger, by)
        if time is None:
            waiting = open_dues(schedules.view(ledger, by=who, schedule_id=schedule))
            time = next((due.occurrence for due in waiting if due.position == leg), None)
            if time is None:
                raise BadInput(
                    f"nothing of a leg {leg} is left to receive; katy trade schedule show {schedule} --as {by}"
                )
        done = schedules.receive(
            ledger, key=key or uuid4().hex, by=who, schedule_id=schedule, position=leg, occurrence=time
        )
    _tell(done, as_json)


def end(schedule: Id, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """End a schedule: a proposal at once, a running one when both have asked. What was delivered is settled."""
    from ledger.trading import schedules

    _step(schedules.cancel, schedule, by, key, as_json)


def default(schedule: Id, by: As, key: Key = None, as_json: AsJson = False) -> None:
    """Call a default: what the other should have delivered is missing after the days of grace."""
    from ledger.trading import schedules

    _step(schedules.default, schedule, by, key, as_json)


def sign(
    schedule: Id,
    by: As,
    terms: Annotated[str, typer.Option(help="The hash of the terms; a party's `show` tells it")],
    key: Key = None,
) -> None:
    """Sign a schedule's terms for a business, for all its periods: as one of its signers."""
    from ledger.trading import schedule_signing

    with books() as ledger:
        schedule_signing.sign(ledger, key=key or uuid4().hex, by=whose(ledger, by), schedule_id=schedule, terms=terms)
    say(f"signed: {terms}")


def show(schedule: Id, by: As, as_json: AsJson = False) -> None:
    """Show a schedule: what is given when, what is due next, and what became of it."""
    from ledger.trading import schedules

    with books() as ledger:
        _tell(schedules.view(ledger, by=whose(ledger, by), schedule_id=schedule), as_json)


def list_(
    by: As,
    after: Annotated[str | None, typer.Option(help="Go on behind this schedule")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    as_json: AsJson = False,
) -> None:
    """List an account's schedules, the newest first."""
    from rich.markup import escape
    from rich.table import Table

    from katy.commands.trade_schedule_words import leg_words, open_dues
    from ledger.trading import schedules

    with books() as ledger:
        who = whose(ledger, by)
        page = schedules.listing(ledger, by=who, after=after, limit=limit)
    if as_json:
        sys.stdout.write(page.model_dump_json() + "\n")
        return
    if not page.schedules:
        say("no schedule yet; katy trade schedule propose makes one")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("schedule", "state", "with", "gives", "gets", "next day"):
        table.add_column(column, no_wrap=column in {"schedule", "state"})
    for each in page.schedules:
        mine = "proposer" if each.proposer.id == who else "counterparty"
        other = each.counterparty if mine == "proposer" else each.proposer
        sides = [
            ", ".join(leg_words(leg) for leg in each.legs if (leg.each.giver == mine) == giving)
            for giving in (True, False)
        ]
        waiting = open_dues(each) if each.state == "running" else []
        cells = (each.id, each.state, other.name, *sides, waiting[0].day if waiting else "")
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)
    if page.next is not None:
        say(f"more: --after {page.next}")


def _step(take: Callable[..., Schedule], schedule: str, by: str, key: str | None, as_json: bool, **said: Any) -> None:
    with books() as ledger:
        done = take(ledger, key=key or uuid4().hex, by=whose(ledger, by), schedule_id=schedule, **said)
    _tell(done, as_json)


def _tell(schedule: Schedule, as_json: bool) -> None:
    from katy.commands.trade_schedule_words import told

    if as_json:
        sys.stdout.write(schedule.model_dump_json() + "\n")
        return
    for line in told(schedule):
        console.print(line, markup=False, soft_wrap=True)


COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("propose", propose),
    ("accept", accept),
    ("show", show),
    ("list", list_),
    ("receive", receive),
    ("end", end),
    ("default", default),
    ("sign", sign),
)


def add_to(trade: typer.Typer) -> None:
    """Add `katy trade schedule` and its commands to the group `katy trade`."""
    group = typer.Typer(help="Deliveries that repeat, or come much later.", no_args_is_help=True)
    for name, command in COMMANDS:
        group.command(name)(command)
    trade.add_typer(group, name="schedule")

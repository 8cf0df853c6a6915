"""`katy trade …`: trades of anything for anything. The operator acts for the account that --as names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from katy import tables
from katy.books import books, whose
from katy.commands import trade_schedule, trade_steps
from katy.commands.trade_steps import As, AsJson, Id, Key, tell
from katy.context import console, say

Gives = Annotated[
    list[str],
    typer.Option("--give", help='What this party gives: "7 x loaf", "service: repair", "k: 0.50", "time: 90"'),
]
Gets = Annotated[list[str], typer.Option("--get", help="What it gets, written alike")]
Reason = Annotated[str | None, typer.Option(help="Why, where the trade is far from fair")]
DeliverBy = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day by which both deliver (UTC)")]
Miles = Annotated[float | None, typer.Option(min=0, help="Between the parties; moves no value")]
Region = Annotated[str | None, typer.Option(help="Where the things are, such as US-MO")]


def propose(
    counterparty: Annotated[str, typer.Argument(help="With whom: an account's name or id")],
    by: As,
    give: Gives,
    get: Gets,
    reason: Reason = None,
    deliver_by: DeliverBy = None,
    miles: Miles = None,
    region: Region = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Propose a trade. Things are valued by the current snapshot, and their values are frozen with it."""
    from katy.trade_words import legs
    from ledger.trading import trades

    with books() as ledger:
        made = trades.propose(
            ledger,
            key=key or uuid4().hex,
            proposer=whose(ledger, by),
            counterparty=counterparty,
            legs=legs(ledger, give, get, giver="proposer", region=region),
            reason=reason,
            **_beside(deliver_by, miles),
        )
    tell(made, as_json)


def counter(
    trade: Id,
    by: As,
    give: Gives,
    get: Gets,
    reason: Reason = None,
    deliver_by: DeliverBy = None,
    miles: Miles = None,
    region: Region = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Answer an offer with another one; then it is the other party's turn."""
    from katy.trade_words import legs
    from ledger.trading import trades

    with books() as ledger:
        who = whose(ledger, by)
        seen = trades.view(ledger, by=who, trade_id=trade)
        made = trades.counter(
            ledger,
            key=key or uuid4().hex,
            by=who,
            trade_id=trade,
            legs=legs(
                ledger, give, get, giver="proposer" if who == seen.proposer.id else "counterparty", region=region
            ),
            reason=reason,
            terms=seen.terms_sha256,
            **_beside(deliver_by, miles),
        )
    tell(made, as_json)


def show(trade: Id, by: As, as_json: AsJson = False) -> None:
    """Show a trade: both sides, values, fairness, fee, what happened, and whose turn it is."""
    from ledger.trading import trades

    with books() as ledger:
        tell(trades.view(ledger, by=whose(ledger, by), trade_id=trade), as_json)


def list_(
    by: As,
    state: Annotated[str | None, typer.Option(help="proposed, accepted, disputed, done or cancelled")] = None,
    after: Annotated[str | None, typer.Option(help="Go on behind this trade")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    as_json: AsJson = False,
) -> None:
    """List an account's trades, the newest first."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.trading import trades

    with books() as ledger:
        page = trades.listing(ledger, by=whose(ledger, by), after=after, limit=limit, state=state)
    if as_json:
        sys.stdout.write(page.model_dump_json() + "\n")
        return
    if not page.trades:
        say("no such trade yet; katy trade propose makes one")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("trade", "state", "with", "gives", "gets", ""):
        table.add_column(column, no_wrap=column in {"trade", "state"})
    for each in page.trades:
        mine = "your turn" if each.waits_for_me else ""
        cells = (each.id, each.state, each.other.name, ", ".join(each.gives), ", ".join(each.gets), mine)
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)
    if page.next is not None:
        say(f"more: --after {page.next}")


def receipt(
    trade: Id,
    by: As,
    out: Annotated[Path | None, typer.Option(help="Where to write the PDF; TRADE.pdf otherwise")] = None,
) -> None:
    """Write a trade's receipt as a PDF with a QR code of its id and terms."""
    from ledger.trading import receipt as paper
    from ledger.trading import trades

    with books() as ledger:
        content = paper.pdf(paper.of(trades.view(ledger, by=whose(ledger, by), trade_id=trade)))
    target = out or Path(f"{trade}.pdf")
    target.write_bytes(content)
    console.print(str(target), markup=False, soft_wrap=True)


def _beside(deliver_by: datetime | None, miles: float | None) -> dict[str, Any]:
    hundredths = None if miles is None else round(Decimal(str(miles)) * 100)
    return {"deliver_by": deliver_by.date() if deliver_by else None, "miles": hundredths}


def register(app: typer.Typer) -> None:
    """Add the group `katy trade`."""
    group = typer.Typer(help="Trades: propose, answer, accept, deliver, confirm, dispute.", no_args_is_help=True)
    own: tuple[tuple[str, Callable[..., None]], ...] = (
        ("propose", propose),
        ("counter", counter),
        ("show", show),
        ("list", list_),
        ("receipt", receipt),
    )
    for name, command in (*own, *trade_steps.COMMANDS):
        group.command(name)(command)
    trade_schedule.add_to(group)
    app.add_typer(group, name="trade")

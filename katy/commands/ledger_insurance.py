"""`katy ledger insurance …`: where the community's insurance stands, and what the treasurer pays out of it.

At the command line the operator is the treasurer.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from katy import tables
from katy.books import books
from katy.context import console, say

if TYPE_CHECKING:
    from ledger.community.insurance import Standing
    from ledger.policy.sections_insurance import Insurance

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]


def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what the insurance holds, what services pay into it by the policy, and what was paid out."""
    if context.invoked_subcommand is not None:
        return
    from ledger.community import insurance, overview

    with books() as ledger:
        at, stands = overview.now(ledger), insurance.standing(ledger)
    if as_json:
        told = {"policy": at.policy.sections.insurance is not None, **asdict(stands)}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    _rule(at.policy.sections.insurance, suspended=at.dated.sections.insurance is not None, crises=at.crises)
    _show(stands)


def pay(
    trade: Annotated[str, typer.Argument(help="The id of a trade whose dispute has ended")],
    payee: Annotated[str, typer.Argument(help="One of its parties: an account's name or id")],
    amount: Annotated[str, typer.Argument(help="K, such as 12.50")],
    reason: Annotated[str, typer.Option(help="Why; the receiver reads it")],
    key: Annotated[str | None, typer.Option(help="The same key pays once")] = None,
    as_json: AsJson = False,
) -> None:
    """Pay out of the insurance, as the treasurer: for a trade that was disputed, and no more than there is."""
    from ledger.books.audit_log import OPERATOR
    from ledger.books.canonical import new_id
    from ledger.books.units import rails
    from ledger.community import insurance

    with books() as ledger:
        made = insurance.pay(
            ledger,
            key=key or new_id("cli"),
            by=OPERATOR,
            trade_id=trade,
            payee=payee,
            amount=rails(amount),
            reason=reason,
            as_treasurer=True,
        )
    if as_json:
        sys.stdout.write(made.model_dump_json() + "\n")
        return
    console.print(made.id, markup=False)
    say(f"the insurance paid {amount} K to {payee} for {trade}")


def add_to(group: typer.Typer) -> None:
    """Add `katy ledger insurance` and `katy ledger insurance pay` to the group `katy ledger`."""
    insurance = typer.Typer(
        invoke_without_command=True, help="What services paid for their risk, and what it paid out."
    )
    insurance.callback()(show)
    insurance.command("pay")(pay)
    group.add_typer(insurance, name="insurance")


def _rule(rule: Insurance | None, *, suspended: bool, crises: tuple[str, ...]) -> None:
    if rule is None:
        rests = f"contributions rest while a crisis is open: {', '.join(crises)}"
        say(rests if suspended else "the policy asks for no contributions; it has no [policy.insurance]")
        return
    for risk in rule.risks:
        others = ", and all others" if risk == rule.otherwise else ""
        named = ", ".join(each.replace("_", " ") for each in risk.categories)
        console.print(f"{risk.name}: {float(risk.percent) * 100:g} % of {named or 'services'}{others}", markup=False)
    console.print(f"paid by the {rule.paid_by} into the account {rule.into}", markup=False)


def _show(stands: Standing) -> None:
    from rich.markup import escape
    from rich.table import Table

    from ledger.books.units import k_text

    console.print(
        f"{k_text(stands.posted)} K there, {k_text(stands.coming)} K to come; {k_text(stands.contributed)} K from "
        f"{stands.trades} trade{'' if stands.trades == 1 else 's'}, {k_text(stands.otherwise)} K otherwise",
        markup=False,
    )
    if not stands.payouts:
        say("nothing was paid out yet; `katy ledger insurance pay` pays for a trade that was disputed")
        return
    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("paid", "to", "for", "K", "why"):
        table.add_column(column, justify="right" if column == "K" else "left", no_wrap=column != "why")
    for each in stands.payouts:
        table.add_row(each.at[:10], escape(each.payee), each.trade, k_text(each.amount), escape(each.reason))
    tables.show(console, table)

"""`katy ledger policy …`: what the community gives and takes, shown before it is done.

At the command line the operator is the treasurer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy import tables
from katy.books import books
from katy.context import console, say
from katy.context import settings as fixed

if TYPE_CHECKING:
    from ledger.books.store import Ledger
    from ledger.community.plan import Plan

BY = "operator"
RuleName = Annotated[str, typer.Argument(help="demurrage, grants, work, repair, essentials, jubilee or relief")]
Period = Annotated[str | None, typer.Option(help="The month, day or crisis; the one that is due otherwise")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
Member = Annotated[str, typer.Argument(help="An account's name or id")]


def show(as_json: AsJson = False) -> None:
    """Show the policy that holds now (in rails), open crises, the community's accounts and caps, unfinished runs."""
    from ledger.books.units import amount_text
    from ledger.community import overview

    with books() as ledger:
        at, houses, unfinished = overview.now(ledger), overview.houses(ledger), overview.unfinished(ledger)
    if as_json:
        sections = {name: section for name, section in asdict(at.policy.sections).items() if section is not None}
        told = {
            "holds_from": at.dated.holds_from.isoformat(),
            "crises": list(at.crises),
            "sections": sections,
            "accounts": [asdict(each) for each in houses],
            "unfinished": [{"rule": rule, "period": period, "since": since} for rule, period, since in unfinished],
        }
        _json(told)
        return
    say(f"policy from {at.dated.holds_from}; open crises: {', '.join(at.crises) or 'none'}")
    for name, section in asdict(at.policy.sections).items():
        told_as = "none" if section is None else ", ".join(f"{key} {_text(value)}" for key, value in section.items())
        console.print(f"{name}: {told_as}", markup=False)
    rows = [
        (
            each.name,
            each.kind,
            amount_text(each.posted, each.unit),
            amount_text(each.promised, each.unit),
            "none" if each.floor is None else amount_text(each.floor, each.unit),
        )
        for each in houses
    ]
    _table(("account", "kind", "balance", "promised", "cap"), rows)
    for rule, period, since in unfinished:
        say(f"{rule} {period} was begun on {since} and is not done; `katy ledger policy run {rule}` goes on with it")


def preview(
    rule: Annotated[str | None, typer.Argument(help="The rule; every rule that is due otherwise")] = None,
    period: Period = None,
    as_json: AsJson = False,
) -> None:
    """Show what a run would do, to whom and from which account. Nothing is written."""
    from ledger.books.errors import WrongState
    from ledger.community import overview, runs
    from ledger.community.rules import RULES

    plans: list[Plan] = []
    idle: dict[str, str] = {}
    with books() as ledger:
        for name in [rule] if rule is not None else RULES:
            try:
                plans.append(runs.preview(ledger, name, period))
            except WrongState as refused:
                if rule is not None:
                    raise
                idle[name] = str(refused)
        names, insurance = _names(ledger), overview.now(ledger).policy.sections.insurance
    if as_json:
        told = [_plan(plan, names) for plan in plans]
        _json(told[0] if rule is not None else {"plans": told, "idle": idle})
        return
    for plan in plans:
        _show_plan(plan, names)
    for name, reason in idle.items():
        say(f"{name}: {reason}")
    if rule is None and insurance is not None:
        say(f"insurance: no run, {insurance.says}")


def run(rule: RuleName, period: Period = None, as_json: AsJson = False) -> None:
    """Run a rule for a period. A run that is done is not done again; one that was interrupted goes on."""
    from ledger.books.units import amount_text
    from ledger.community import runs

    with books() as ledger:
        done = runs.run(ledger, rule, period, by=BY)
        names = _names(ledger)
    if as_json:
        _json({**asdict(done), "moved": [{**asdict(each), "name": names[each.account]} for each in done.moved]})
        return
    if done.again:
        say(f"{rule} {done.period} was done on {done.done_at}; it is done once")
        return
    rows = [
        (names[each.account], each.part, amount_text(each.moved, each.unit), each.house, each.why)
        for each in done.moved
    ]
    _table(("account", "part", "moved", "house", "why"), rows, right=2)
    say(f"{rule} {done.period}: {_shares(len(rows))}")


def record(
    member: Member,
    name: Annotated[str, typer.Argument(help="need or skill")],
    value: Annotated[str, typer.Argument(help='A need of the policy or "none"; how many skills')],
    note: Annotated[str, typer.Option(help="How it is known")] = "",
) -> None:
    """Record a private fact of a member, as the treasurer: the newest counts."""
    from ledger.books import accounts
    from ledger.community import facts

    with books() as ledger:
        who = accounts.find(ledger, member)
        facts.record(ledger, by=BY, account_id=who.id, name=name, value=value, note=note)
    say(f"{who.name}: {name} {value}")


def work(
    member: Member,
    minutes: Annotated[int, typer.Argument(help="How long it took")],
    note: Annotated[str, typer.Option(help="What was done, and where")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today otherwise")] = None,
    key: Annotated[str | None, typer.Option(help="The same key records it once")] = None,
) -> None:
    """Record community work, as the treasurer. The rule `work` credits it."""
    from ledger.books import accounts
    from ledger.books.canonical import new_id
    from ledger.community import work as community_work

    with books() as ledger:
        who = accounts.find(ledger, member)
        day = (on or fixed().clock()).date()
        made = community_work.record(
            ledger, key=key or new_id("cli"), by=BY, account_id=who.id, minutes=minutes, done_on=day, note=note
        )
    say(f"{who.name}: {minutes} min on {day} ({made})")


def spend(
    member: Member,
    payee: Annotated[str, typer.Argument(help="Who provides it: an account's name or id")],
    amount: Annotated[str, typer.Argument(help="K, such as 12.50")],
    category: Annotated[str, typer.Argument(help='One of the policy, such as "food"')],
    note: Annotated[str, typer.Option(help="What it was")] = "",
    key: Annotated[str | None, typer.Option(help="The same key spends once")] = None,
) -> None:
    """Spend a member's credit for essentials."""
    from ledger.books import accounts
    from ledger.books.canonical import new_id
    from ledger.books.units import k_text, rails
    from ledger.community import essentials

    with books() as ledger:
        who = accounts.find(ledger, member)
        essentials.spend(
            ledger, key=key or new_id("cli"), by=who.id, payee=payee, amount=rails(amount), category=category, note=note
        )
        left = sum(each.left for each in essentials.credits(ledger, who.id))
    say(f"{who.name} paid {amount} K for {category}; {k_text(left)} K of the credit are left")


def declare(
    kind: Annotated[str, typer.Argument(help="A crisis of the policy, such as natural_disaster")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Its last day")],
    note: Annotated[str, typer.Option(help="What happened, and who says so")],
    key: Annotated[str | None, typer.Option(help="The same key declares it once")] = None,
) -> None:
    """Declare a crisis, as the treasurer: it holds from today, and ends by itself."""
    from ledger.books.canonical import new_id
    from ledger.community import declaring

    with books() as ledger:
        made = declaring.declare(ledger, key=key or new_id("cli"), by=BY, kind=kind, ends_on=until.date(), note=note)
    say(f"{made.id}: {made.kind} from {made.starts_on} to {made.ends_on}")


def end(crisis: Annotated[str, typer.Argument(help="The crisis's id; `katy ledger policy crises` lists them")]) -> None:
    """End a crisis before its time."""
    from ledger.community import declaring

    with books() as ledger:
        ended = declaring.end(ledger, by=BY, crisis_id=crisis)
    say(f"{ended.id}: {ended.kind} holds no longer from {ended.ended_on} on")


def crises(as_json: AsJson = False) -> None:
    """List the crises that were declared, the newest first."""
    from ledger.community import declaring

    with books() as ledger:
        declared = declaring.listing(ledger)
        today = ledger.clock().date()
    if as_json:
        _json([{**asdict(each), "open": each.open_on(today)} for each in declared])
        return
    rows = [
        (each.id, each.kind, each.starts_on, each.ended_on or each.ends_on, "open" if each.open_on(today) else "over")
        for each in declared
    ]
    _table(("crisis", "kind", "from", "to", "state"), rows)


def add_to(group: typer.Typer) -> None:
    """Add `katy ledger policy` and its commands to the group `katy ledger`."""
    policy = typer.Typer(help="What the community gives and takes, shown before it is done.", no_args_is_help=True)
    for command in (show, preview, run, record, work, spend, declare, end, crises):
        policy.command(command.__name__)(command)
    group.add_typer(policy, name="policy")


def _show_plan(plan: Plan, names: dict[str, str]) -> None:
    from ledger.books.units import amount_text

    say(f"{plan.rule} {plan.period}, by the policy from {plan.policy_from}: {_shares(len(plan.shares))}")
    for note in plan.notes:
        say(f"{plan.rule} {plan.period} {note}")
    rows = [
        (names[each.account], each.part, amount_text(each.amount, each.unit), each.house, each.why)
        for each in plan.shares
    ]
    _table(("account", "part", "amount", "house", "why"), rows, right=2)
    for house in plan.houses:
        cap = "no cap" if house.floor is None else f"cap {amount_text(house.floor, house.unit)}"
        stands, after = amount_text(house.posted, house.unit), amount_text(house.after, house.unit)
        console.print(f"{house.name}: {stands} now, {after} after all that is promised; {cap}", markup=False)
    if plan.refusal is not None:
        say(f"refused: {plan.refusal}")


def _plan(plan: Plan, names: dict[str, str]) -> dict[str, Any]:
    return {
        "rule": plan.rule,
        "period": plan.period,
        "policy_from": plan.policy_from,
        "shares": [{**asdict(each), "name": names[each.account]} for each in plan.shares],
        "houses": [{**asdict(each), "after": each.after, "short": each.short} for each in plan.houses],
        "notes": list(plan.notes),
        "refusal": plan.refusal,
    }


def _shares(number: int) -> str:
    return f"{number} share{'' if number == 1 else 's'}"


def _names(ledger: Ledger) -> dict[str, str]:
    from ledger.books import accounts

    return {each.account.id: each.account.name for each in accounts.listing(ledger)}


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: int | None = None) -> None:
    from rich.markup import escape
    from rich.table import Table

    made = Table(show_edge=False, header_style="bold", box=None)
    for number, column in enumerate(columns):
        made.add_column(column, no_wrap=True, justify="right" if number == right else "left")
    there = list(rows)
    for row in there:
        made.add_row(*(escape(cell) for cell in row))
    if there:
        tables.show(console, made)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    # A share is kept exactly, and told as a decimal number.
    return float(value) if isinstance(value, Fraction) else str(value)


def _json(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, default=_plain) + "\n")

"""`katy estimate …`: what members take things to be worth, beside what the model does.

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
from warehouse.errors import NothingPublished

if TYPE_CHECKING:
    from ledger.estimating.estimates import Standing
    from models.community.answer import Beside

Account = Annotated[str | None, typer.Option(help="Whose: an account's name or id")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for a program")]
About = Annotated[str, typer.Argument(help="thing_…, product:ID, listing:SOURCE/ID or free:a-name")]


def _told(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def give(
    about: About,
    amount: Annotated[str, typer.Argument(help="What one piece is worth")],
    currency: Annotated[str | None, typer.Option(help="ISO 4217; KATY_ANCHOR otherwise")] = None,
    title: Annotated[str | None, typer.Option(help="What it is, of something in free words")] = None,
    category: Annotated[str | None, typer.Option(help="Of something in free words")] = None,
    condition: Annotated[str | None, typer.Option(help="Of something in free words")] = None,
    own: Annotated[bool, typer.Option("--own", help="It is one's own: kept, and not counted")] = False,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Estimate a thing, or revise: `katy estimate give free:carved-chest 400 --title "Carved oak chest, 1840"`."""
    from ledger.books.canonical import new_id
    from ledger.estimating import estimates

    said = {name: text for name, text in (("title", title), ("category", category), ("condition", condition)) if text}
    with books() as ledger:
        made = estimates.give(
            ledger,
            key=new_id("cli"),
            by=whose(ledger, account),
            about=about,
            amount=amount,
            currency=(currency or settings().anchor).upper(),
            said=said,
            market=_words(about),
            own=own,
        )
    if as_json:
        _told(made.model_dump())
        return
    counts = (
        "it counts"
        if made.counts
        else "it is kept and does not count: "
        + ("one's own thing" if made.own else "others' estimates were shown before it")
    )
    console.print(f"{made.amount} {made.currency} for {made.about}; {counts}", markup=False)


def _words(about: str) -> dict[str, str] | None:
    from models.community.words import words_of
    from warehouse import snapshot

    if not about.startswith(("product:", "listing:")):
        return None
    return words_of(snapshot.current(settings().folder).database, about)


def put_up(
    thing: Annotated[str, typer.Argument(help="A registered thing's id, as katy things list shows it")],
    account: Account = None,
) -> None:
    """Put a thing up: members see it and may estimate it, not whose it is nor what was paid."""
    from ledger.books.canonical import new_id
    from ledger.estimating import estimates
    from ledger.owned import things

    with books() as ledger:
        by = things.owner(ledger, thing) if account is None else whose(ledger, account)
        made = estimates.put_up(ledger, key=new_id("cli"), by=by, thing_id=thing)
    say(f"{made.title} is up to be estimated, in {made.currency}")


def close(
    about: About,
    trade: Annotated[str | None, typer.Option(help="The finished trade by which it went: its price follows")] = None,
    account: Account = None,
) -> None:
    """End a round that one put up."""
    from ledger.books.canonical import new_id
    from ledger.estimating import estimate_prices, estimates

    with books() as ledger:
        by, key = whose(ledger, account), new_id("cli")
        if trade is None:
            ended = estimates.close(ledger, key=key, by=by, about=about)
        else:
            ended = estimate_prices.traded(ledger, key=key, by=by, about=about, trade_id=trade)
    say(f"estimates of {ended.title} are closed")


def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed")] = False, as_json: AsJson = False
) -> None:
    """List what there is to estimate, the newest first."""
    from rich.markup import escape
    from rich.table import Table

    from ledger.estimating import estimates

    with books() as ledger:
        found = estimates.listing(ledger, open_only=not every)
    if as_json:
        _told([each.model_dump() for each in found])
        return
    if not found:
        say("nothing to estimate; katy estimate put-up THING, or give an estimate of free:a-name")
        return
    table = Table("about", "what", "category", "in", "since", "closed", box=None)
    for each in found:
        days = (each.created_at[:10], (each.closed_at or "")[:10])
        cells = (each.about, each.title, each.category, each.currency, *days)
        table.add_row(*(escape(cell) for cell in cells))
    tables.show(console, table)


def show(about: About, account: Account = None, as_json: AsJson = False) -> None:
    """Show the values of a thing beside each other; others' estimates only after the account's own."""
    from ledger.estimating import estimates

    with books() as ledger:
        standing = estimates.show(ledger, by=whose(ledger, account), about=about)
        told = _beside(estimates.evidence(ledger), standing) if standing.shown else None
    if as_json:
        _told({**standing.model_dump(), **({} if told is None else told.model_dump())})
        return
    subject = standing.subject
    console.print(f"{subject.title} ({subject.category})", style="bold", markup=False)
    console.print(f"people who have estimated it: {standing.estimates}", markup=False)
    if standing.mine is not None:
        console.print(f"my estimate: {standing.mine.amount} {subject.currency}", markup=False)
    if told is None:
        say("give an estimate first; then what others think is shown")
        return
    for line in _lines(standing, told):
        console.print(line, markup=False)


def _beside(rows: dict[str, list[dict[str, Any]]], standing: Standing) -> Beside:
    from contextlib import closing, suppress

    from katy.version import code_version
    from models.answers.value import open_valuer
    from models.community.answer import beside
    from models.community.shapes import evidence
    from models.knobs import default_knobs
    from warehouse import snapshot

    subject, valuation = standing.subject, None
    # Before anything is published people's word stands alone.
    with (
        suppress(NothingPublished),
        closing(open_valuer(snapshot.current(settings().folder), code_version())) as valuer,
    ):
        valuation = valuer.value(subject.request())
    return beside(subject.id, evidence(rows), valuation, subject.currency, default_knobs().community)


def _lines(standing: Standing, told: Beside) -> list[str]:
    money, lines = told.currency, []
    if told.model is not None:
        model = told.model
        lines.append(f"model: {model.value} {money} ({model.low} to {model.high}, {model.confidence})")
    if told.community is not None:
        found = told.community
        lines.append(
            f"community: {found.value} {money} ({found.low} to {found.high}); {found.n} people, who count for "
            f"{found.effective:.1f}; none has more than {found.largest_share:.0%}, nor moves it by more than "
            f"{found.reach - 1:.0%}"
        )
    if told.combined is not None:
        both = told.combined
        lines.append(
            f"combined, since {both.because}: {both.value} {money} ({both.low} to {both.high}); "
            f"{both.share:.0%} community, by {both.cases} past cases"
        )
    if standing.owner is not None:
        said = standing.owner
        wants = f"wants {said.wants_low or '?'} to {said.wants_high or '?'}"
        lines.append(f"owner: {wants} {said.currency}" + (f", takes it to be worth {said.worth}" if said.worth else ""))
    if standing.price is not None:
        lines.append(f"price that followed: {standing.price['amount']} {money} on {standing.price['at'][:10]}")
    return [*lines, *told.notes]


def follow(as_json: AsJson = False) -> None:
    """Hold estimates against prices that followed, and land them for the next run, as every `katy run` does."""
    from katy.wiring import follow_estimates
    from warehouse import snapshot

    published = snapshot.current(settings().folder)
    with books() as ledger:
        judged, landed = follow_estimates(settings(), published, ledger, say)
    if as_json:
        _told({"judged": judged, "landed": landed})
        return
    say(f"prices held against estimates: {judged}; judgements landed: {landed}")


def check(as_json: AsJson = False) -> None:
    """How good model and members were, of things whose price followed: median errors in logs, intervals that held."""
    from contextlib import closing
    from dataclasses import asdict

    from katy.commands.market import print_table
    from models.community.check import check, landed
    from models.knobs import default_knobs
    from warehouse import query, snapshot

    with closing(query.read_only(snapshot.current(settings().folder).database)) as connection:
        _, cases = landed(connection)
    rows = [asdict(each) for each in check(cases, default_knobs().community)]
    if as_json:
        _told(rows)
        return
    if not rows:
        say("no price has followed yet of anything that both the model and enough members had valued")
        return
    figures = [{name: f"{x:.3f}" if isinstance(x, float) else x for name, x in row.items()} for row in rows]
    print_table("Median error in logs, share of intervals that held", figures)


def register(app: typer.Typer) -> None:
    """Add `katy estimate give|put-up|close|list|show|follow|check`."""
    group = typer.Typer(help="What members take things to be worth.", no_args_is_help=True)
    group.command("give")(give)
    group.command("put-up")(put_up)
    group.command("close")(close)
    group.command("list")(list_)
    group.command("show")(show)
    group.command("follow")(follow)
    group.command("check")(check)
    app.add_typer(group, name="estimate")

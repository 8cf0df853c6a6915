"""`katy trade-ratio`, `katy swap-for`, `katy exchange`: what goes for what, with money as one measure among others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import console, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from models.exchange.yardsticks import Community, Yardsticks
    from warehouse.valuation import Valuation

Region = Annotated[str | None, typer.Option(help="Where, such as US-MO")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With what was known at the end of this day")]
AsJson = Annotated[bool, typer.Option("--json", help="The whole answer as JSON")]
_UNITS = "an ISO 4217 code, local, K, hours, credits, gold or basket"


def register(app: typer.Typer) -> None:
    app.command("trade-ratio")(trade_ratio)
    app.command("swap-for")(swap_for)
    app.command("exchange")(exchange)


def trade_ratio(
    first: Annotated[str, typer.Argument(help='One thing, such as "7 loaves of sourdough bread"')],
    second: Annotated[str, typer.Argument(help='The other, such as "bike repair"')],
    region: Region = None,
    measure: Annotated[str | None, typer.Option("--in", help=f"Also the values, in {_UNITS}")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """How much of one thing goes for another: the ratio with its interval, and offers in whole numbers."""
    from katy.asking import valuer_of
    from models.exchange import answers

    valuer = valuer_of(settings().folder)
    day = as_of.date() if as_of else None
    price = yardsticks().of(measure, _day(valuer, day), region) if measure else None
    answer = answers.trade_ratio(valuer, first, second, region=region, as_of=day, measure=price)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    console.print(answer["narrative"], markup=False)
    for thing in answer["things"]:
        if thing["value"]:
            console.print(f"{thing['asked']}: {_told(thing['value'])}", markup=False)
    if answer.get("missing"):
        console.print(f"not told in {measure}: {answer['missing']}", markup=False)
    console.print(f"snapshot {answer['snapshot']}, value date {answer['value_date']}", style="dim", markup=False)


def swap_for(
    thing: Annotated[str, typer.Argument(help="What you have, in words")],
    region: Region = None,
    condition: Annotated[str | None, typer.Option(help='Its condition, such as "like new"')] = None,
    category: Annotated[str | None, typer.Option(help="Only offers of this category")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="At most so many")] = 10,
    as_json: AsJson = False,
) -> None:
    """What you can get for a thing: offers worth about as much, the nearest first."""
    from katy.asking import build_request, valuer_of
    from katy.commands.market import print_table
    from models.exchange.answers import swaps_for
    from models.exchange.swaps import Swaps

    valuer = valuer_of(settings().folder)
    request = build_request(thing, {}, condition, region, None, None)
    answer = swaps_for(valuer, Swaps(valuer), request, valuer.rates.anchor, category=category, limit=limit)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    own = answer["value"]
    if own is None:
        console.print(f"unknown ({answer['reason']}): without a value there is nothing to swap for", markup=False)
        return
    about = f"{own['amount']} {own['currency']} (90 %: {own['low']} to {own['high']}, confidence {own['confidence']})"
    console.print(f"{thing}: {about}", style="bold", markup=False)
    print_table("On offer for about as much", [_row(each) for each in answer["offers"]])
    console.print(f"{answer['how']} Snapshot {answer['snapshot']}.", style="dim", markup=False)


def _row(offer: dict[str, Any]) -> dict[str, str]:
    return {
        "worth": f"{offer['value']['amount']} {offer['value']['currency']} ({offer['value']['confidence']})",
        "asked": offer["price"],
        "title": offer["title"],
        "where": f"{offer['region'] or '–'} ({offer['distance']})",
        "fit": offer["fit"],
        "by": offer["by"],
        "found": offer["url"] or offer["found_at"],
    }


def exchange(
    amount: Annotated[float, typer.Argument(min=0, help="How many")],
    unit: Annotated[str, typer.Argument(help=f"Of what: {_UNITS}")],
    measures: Annotated[list[str], typer.Option("--in", help=f"In what: {_UNITS}; may be said again")],
    region: Region = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """An amount of money, K, labour, gold or baskets of goods in another of them, with the price, day and source."""
    from models.exchange.answers import converted

    known = yardsticks()
    day = as_of.date() if as_of else _newest()
    answer = converted(amount, unit, known, day, measures, region)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for said in answer["in"].values():
        console.print(_told(said), markup=False)
    for name, why in answer["missing"].items():
        console.print(f"{name}: unknown: {why}", markup=False)


def show_in(
    answer: Valuation, measure: str, region: str | None, show: Callable[[Valuation], None], as_json: bool
) -> None:
    """A valuation, and the same value in a numeraire; as JSON both side by side."""
    from models.exchange.answers import exchanged

    said = exchanged(answer, yardsticks(), [measure], region)
    if as_json:
        typer.echo(json.dumps({"valuation": answer.model_dump(mode="json"), "exchange": said}, ensure_ascii=False))
        return
    for value in said["in"].values():
        console.print(_told(value), style="bold", markup=False)
    for name, why in said["missing"].items():
        console.print(f"in {name}: unknown: {why}", markup=False)
    show(answer)


def _told(value: dict[str, str]) -> str:
    between = f" ({value['low']} to {value['high']})" if "low" in value else ""
    price = f"1 {value['unit']} = {value['price']}, {value['date']}: {value['source']}"
    return f"{value['amount']} {value['unit']}{between}; {price}"


def yardsticks() -> Yardsticks:
    """The yardsticks of the current snapshot, with this community's policy."""
    from models.exchange.reading import read_yardsticks
    from warehouse import query, snapshot

    current = snapshot.current(settings().folder)
    connection = query.read_only(current.database)
    try:
        return read_yardsticks(connection, str(current.manifest["anchor"]), community())
    finally:
        connection.close()


def community() -> Community | None:
    """What a K and an hour count today, as the community's policy says."""
    from ledger.books.units import RAILS_PER_K
    from ledger.policy import dated as policy
    from models.exchange.yardsticks import Community

    try:
        held = policy.read().on(settings().at().date())
    except BadInput:
        return None
    return Community(held.currency, float(held.currency_per_k), held.hour / RAILS_PER_K, held.holds_from)


def _newest() -> date:
    """The day the current snapshot's data end."""
    from warehouse import snapshot

    return date.fromisoformat(str(snapshot.current(settings().folder).manifest["data_cutoff"])[:10])


def _day(valuer: Any, asked: date | None) -> date:
    from features.market import day_date

    last = day_date(valuer.last_day)
    return min(asked, last) if asked else last

"""`katy forecast` and `katy sell`: what prices may do, when to trade, and at what price a thing sells in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.context import console, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from models.forecast.answering import Forecaster
    from models.forecast.shapes import Forecast, Path, Selling

_WITHIN = re.compile(r"\s*(\d{1,3})\s*(d|days?|w|weeks?)?\s*", re.IGNORECASE)
_Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With what was known that day")]


def register(app: typer.Typer) -> None:
    app.command()(forecast)
    app.command()(sell)


def forecast(
    category: Annotated[str | None, typer.Argument(help="A category's id, such as drill")] = None,
    region: Annotated[str | None, typer.Option(help="Only there, such as US-MO")] = None,
    series: Annotated[str | None, typer.Option(metavar="ID", help="A published price series instead")] = None,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="Weeks ahead; of a series, its own periods")] = 12,
    as_of: _Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON")] = False,
) -> None:
    """Prices and sales ahead, with intervals, and the best time to trade where earlier forecasts support one."""
    if (category is None) == (series is None):
        raise typer.BadParameter("say either a CATEGORY or --series ID")
    if series is not None and region is not None:
        raise typer.BadParameter("--region belongs to a category, not to --series")
    if category is not None:
        _must_be(category)
    day = as_of.date() if as_of else None
    with _forecaster(valued=series is None) as (ahead, _):
        if series is not None:
            answer = ahead.of_series(series, weeks, day)
        else:
            answer = ahead.of_category(category or "", region, weeks, day)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    _show(answer)


def sell(
    text: Annotated[str, typer.Argument(help="The thing in words")],
    within: Annotated[str, typer.Option(help="In what time, such as 14d or 3w")] = "14d",
    price: Annotated[str | None, typer.Option(help="The chance at this price, instead of a price for a chance")] = None,
    chance: Annotated[float | None, typer.Option(min=0.05, max=0.95, help="The chance of a sale wanted")] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the thing")
    ] = None,
    condition: Annotated[str | None, typer.Option(help='Its condition, such as "like new"')] = None,
    region: Annotated[str | None, typer.Option(help="Where it is, such as US-MO")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of the answer")] = None,
    as_of: _Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON")] = False,
) -> None:
    """The price that sells in time, learned from offers that were seen to end: `katy sell "bike" --within 14d`."""
    from katy.asking import build_request, pairs

    request = build_request(text, pairs(fixed or [], "--set"), condition, region, currency, as_of)
    days, amount = read_within(within), _amount(price)
    with _forecaster(valued=True) as (ahead, valuer):
        answer = ahead.to_sell(valuer, request, days, chance, amount)
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    _tell(answer)


def read_within(text: str) -> int:
    """A time such as "14d", "2 weeks" or "14" in days, 1 to 365; BadInput otherwise."""
    found = _WITHIN.fullmatch(text)
    days = int(found[1]) * (7 if (found[2] or "d").lower().startswith("w") else 1) if found else 0
    if not 1 <= days <= 365:
        raise BadInput(f'--within "{text}" is not a time from 1 day to 365, such as 14d or 3w')
    return days


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not Decimal("0.01") <= amount <= 10**12:
        raise BadInput(f'--price "{text}" is not an amount of 0.01 or more, such as 120.00')
    return amount


@contextmanager
def _forecaster(*, valued: bool) -> Iterator[tuple[Forecaster, Any]]:
    """A forecaster on the current snapshot, and its valuer (whose seasons belong to the levels)."""
    from katy.asking import valuer_of
    from models.forecast.answering import open_forecaster
    from warehouse import query, snapshot

    published = snapshot.current(settings().folder)
    valuer = valuer_of(settings().folder) if valued else None
    connection = query.read_only(published.database)
    try:
        yield open_forecaster(published, connection, valuer), valuer
    finally:
        connection.close()
        if valuer is not None:
            valuer.close()


_REASONS = {
    "no_data": "nothing is known: no period of it has been published by then",
    "too_short": "too few periods are known to say anything of those ahead",
}


def _show(answer: Forecast) -> None:
    for note in answer.notes:
        console.print(note, markup=False)
    if answer.reason:
        console.print(f"no forecast: {_REASONS[answer.reason]}", markup=False)
    if answer.prices:
        said = f"in {answer.currency}" if answer.currency else "1 is the newest" if answer.reason is None else ""
        _show_path(f"Prices ahead, {said}", answer.prices)
        for name, best in (("sell", answer.best_to_sell), ("buy", answer.best_to_buy)):
            if best:
                text = f"best time to {name}: from {best.day}, {best.gain:+.1%} ({best.low:+.1%} to {best.high:+.1%})"
                console.print(text, markup=False)
        if not (answer.best_to_sell or answer.best_to_buy):
            console.print("no time is surely better than the next: the differences are within the errors", markup=False)
    if answer.sales:
        _show_path("Sellers who sell in a week", answer.sales)
    console.print(f"snapshot {answer.snapshot}, as known on {answer.value_date}", style="dim", markup=False)


def _show_path(title: str, path: Path) -> None:
    from katy.commands.market import print_table

    rows = [{"from": each.day, "expected": each.expected, "low": each.low, "high": each.high} for each in path.items]
    print_table(title, rows)
    compared = f" (error {path.error}, as now {path.naive_error})" if path.error is not None else ""
    console.print(
        f"{path.of}: {path.model}{compared}, from {path.replayed} earlier forecasts; season {path.season}", markup=False
    )


_NO_PRICE = {
    "no_data": "no data: too few offers were seen to end",
    "unknown_value": "its worth is not known, so nothing can be said of a price",
    "no_price_effect": "no price is said",
    "out_of_reach": "no price that was seen sells it in that time with that chance",
    "too_far": "no price is said",
}


def _tell(answer: Selling) -> None:
    if answer.reason:
        console.print(_NO_PRICE[answer.reason], style="bold", markup=False)
    elif answer.price is not None:
        console.print(f"{answer.price} {answer.currency}", style="bold", markup=False)
    if answer.chance is not None:
        low, high = answer.chance_low or 0.0, answer.chance_high or 0.0
        at = answer.price or answer.fmv
        text = f"{answer.chance:.0%} sell within {answer.within_days} days at {at} (90 %: {low:.0%} to {high:.0%})"
        console.print(text, markup=False)
    for note in answer.notes:
        console.print(note, markup=False)
    console.print(
        f"worth {answer.fmv or 'unknown'} {answer.currency}; learned from {answer.offers} offers, {answer.sold} sold, "
        f"{answer.ended} ended otherwise; snapshot {answer.snapshot}, as known on {answer.value_date}",
        style="dim", markup=False,
    )  # fmt: skip


def _must_be(category: str) -> None:
    """BadInput for a word that is no category."""
    import difflib

    from features.taxonomy import OTHER, tree

    known = [*tree().categories, OTHER]
    if category not in known:
        near = ", ".join(difflib.get_close_matches(category, known, n=4))
        raise BadInput(f'"{category}" is no category; ' + (f"near it: {near}" if near else "docs/taxonomy.md has all"))

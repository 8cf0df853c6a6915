"""`katy value`: what one thing, or a file of things, is worth."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from katy.context import console, settings

if TYPE_CHECKING:
    from warehouse.valuation import Valuation, ValuationRequest


def register(app: typer.Typer) -> None:
    app.command()(value)


def value(
    text: Annotated[str | None, typer.Argument(help="The thing in words")] = None,
    fixed: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field of the thing")
    ] = None,
    condition: Annotated[str | None, typer.Option(help='Its condition, such as "like new"')] = None,
    region: Annotated[str | None, typer.Option(help="Where it is, such as US-MO")] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code of the answer")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Value with what was known that day")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole valuation as JSON")] = False,
    explained: Annotated[
        bool, typer.Option("--explain", help="What the base is made of, what would change the value, the trade cap")
    ] = False,
    measure: Annotated[
        str | None, typer.Option("--in", help="Also in gold, hours, credits, K, basket, local or an ISO 4217 currency")
    ] = None,
    batch: Annotated[Path | None, typer.Option(help="A file with one thing in each row")] = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column is which field")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the batch's answers go (.csv, .parquet, .jsonl)")] = None,
) -> None:
    """What is it worth? One thing in words, or a batch from a file; the answer may be an honest "unknown"."""
    from katy.asking import build_request, pairs, value_file, valuer_of

    chosen = settings()
    fields = pairs(fixed or [], "--set")
    if batch is not None:
        if text is not None or out is None or explained:
            raise typer.BadParameter("a batch takes --batch FILE and --out FILE, and neither TEXT nor --explain")
        columns = pairs(mapped or [], "--map")
        counts = value_file(valuer_of(chosen.folder), batch, out, columns, fields, condition, region, currency, as_of)
        _tell_batch(counts, out)
        return
    if text is None:
        raise typer.BadParameter('say what to value: katy value "Makita drill DHP453"')
    request = build_request(text, fields, condition, region, currency, as_of)
    if explained:
        _explain(request, as_json)
        return
    answer = valuer_of(chosen.folder).value(request)
    if measure:
        from katy.commands.exchange import show_in

        show_in(answer, measure, region, show, as_json)
        return
    if as_json:
        typer.echo(answer.canonical_json().decode())
        return
    show(answer)


def _tell_batch(counts: tuple[int, int], out: Path) -> None:
    rows, known = counts
    console.print(f"{rows} rows valued, {rows - known} of them unknown: {out}", markup=False, soft_wrap=True)


def _explain(request: ValuationRequest, as_json: bool) -> None:
    """The value with what its base is made of, what would change it, and the trade cap."""
    from katy.asking import valuer_of
    from katy.explaining import show_explanation

    explanation = valuer_of(settings().folder).explain(request)
    if as_json:
        typer.echo(explanation.canonical_json().decode())
        return
    show(explanation.valuation)
    show_explanation(explanation)


def show(answer: Valuation) -> None:
    """A valuation for a person at a terminal."""
    if answer.fmv is None:
        console.print(f"unknown ({answer.reason})", style="bold", markup=False)
        console.print(answer.narrative, markup=False)
        return
    console.print(
        f"{answer.fmv} {answer.currency}  (90 %: {answer.low} to {answer.high}, confidence {answer.confidence})",
        style="bold",
        markup=False,
    )
    console.print(answer.narrative, markup=False)
    from katy.commands.market import print_table

    rows = [{"factor": "base", "value": answer.base, "evidence": ""}]
    rows += [
        {"factor": each.name, "value": each.value, "evidence": "; ".join(each.evidence)} for each in answer.factors
    ]
    print_table("How it is computed", rows)
    print_table(
        "Comparables",
        [
            {
                "title": each.title,
                "kind": each.kind,
                "price": f"{each.price} {each.currency}",
                "day": each.observed_at[:10],
                "adjusted": each.adjusted,
                "weight": f"{each.weight:.3f}",
                "found": each.url or each.found_at,
            }
            for each in answer.comparables
        ],
    )
    console.print(f"snapshot {answer.snapshot}, value date {answer.value_date}", style="dim", markup=False)

"""`katy run` and `katy evaluate`: learn from what has landed, publish, and say how good it is."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from katy.context import console, say, settings


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(evaluate)


def run(
    plain: Annotated[bool, typer.Option(help="Without Prefect: the same steps in this process alone")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON")] = False,
    note: Annotated[str, typer.Option(help="Kept with the run: why it was made, what was changed")] = "",
) -> None:
    """Load, learn and publish: makes a new snapshot of values from everything that has landed."""
    from flows.rates import bring_rates
    from katy.wiring import pipeline_run, tell_watchers

    chosen = settings()
    bring_rates(chosen.folder, user_agent=chosen.user_agent, clock=chosen.clock, say=say)
    work = pipeline_run(chosen, say, note)
    if plain:
        result = work.perform()
    else:
        from flows.prefect_run import run_in_prefect

        result = run_in_prefect(work)
    tell_watchers(chosen, result.snapshot, say)
    if as_json:
        answer = {"snapshot": result.snapshot.id, "quality": result.table, "seconds": result.seconds}
        console.print_json(json.dumps(answer)) if console.is_terminal else print_plain(json.dumps(answer))
        return
    print_table("Values replayed against the prices that followed", result.table)
    console.print(f"published {result.snapshot.id}", markup=False)


def evaluate(
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON")] = False,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Folds, by item")] = 5,
) -> None:
    """Out-of-sample quality of the models on the published data, beside plain baselines."""
    from models.evaluation.evaluate import evaluate as measure
    from warehouse import snapshot

    chosen = settings()
    report = measure(snapshot.current(chosen.folder), folds=folds, say=say)
    if as_json:
        print_plain(json.dumps(report, ensure_ascii=False))
        return
    for note in report["notes"]:
        console.print(note, markup=False)
    print_table(f"Out of sample: {report['cases']} items in {folds} folds by item, forward in time", report["table"])


def print_plain(text: str) -> None:
    """A text as it is, never folded or coloured."""
    typer.echo(text)


def print_table(title: str, rows: list[dict[str, Any]]) -> None:
    """A table to read at a terminal; tab-separated columns when piped."""
    if not rows:
        console.print(f"{title}: nothing to show yet", markup=False)
        return
    columns = list(rows[0])
    if not console.is_terminal:
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(_cell(row.get(name)) for name in columns))
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="left" if isinstance(rows[0][name], str) else "right")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in columns))
    console.print(table)


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)

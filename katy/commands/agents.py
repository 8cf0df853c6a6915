"""`katy agents` and `katy alarms`: how well the sources are read, and what a person should know of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from katy import tables
from katy.context import KatyError, console, say, settings

if TYPE_CHECKING:
    from spiders.agent.quality import Run
    from spiders.agent.standing import AgentState
    from warehouse.alarms import Standing

alarms_app = typer.Typer(help="What is wrong with the reading of sources.", invoke_without_command=True)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON")]
# The fields of a listing whose coverage the table shows, as short as columns must be.
_SHOWN = ("condition", "category", "brand", "gtin")


def register(parent: typer.Typer) -> None:
    parent.command("agents")(agents)
    parent.add_typer(alarms_app, name="alarms")


def agents(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="One source, with its last runs and alarms")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well each source was read: its last look, what it gave and how good that was, and open alarms."""
    from spiders.agent.standing import agent_values, run_values
    from spiders.agent.standing import agents as standing

    states = standing(settings().folder, settings().at(), only=source)
    if source and not states:
        raise KatyError(f'no agent has visited a source "{source}" yet: `katy agents` shows those visited')
    if as_json:
        rows = [agent_values(state) for state in states]
        if source:
            rows = [row | {"runs": [run_values(run) for run in states[0].runs]} for row in rows]
        typer.echo(json.dumps(rows[0] if source else rows, indent=2, ensure_ascii=False))
    elif not states:
        console.print("no agent has visited a source yet: `katy sources` shows them, `katy collect SOURCE` reads one")
    elif source:
        _show_one(states[0])
    else:
        _show_all(states)


@alarms_app.callback()
def alarms(context: typer.Context, as_json: AsJson = False) -> None:
    """The open alarms, the newest first; each is over when the source is read well again, or when it is dismissed."""
    if context.invoked_subcommand is not None:
        return
    from spiders.agent.standing import alarm_values
    from warehouse.alarms import open_alarms

    found = open_alarms(settings().folder)
    if as_json:
        typer.echo(json.dumps([alarm_values(one) for one in found], indent=2, ensure_ascii=False))
    elif not found:
        console.print("no alarm is open")
    else:
        _show_alarms(found)
        say("katy alarms dismiss ID takes things as they are")


@alarms_app.command("dismiss")
def dismiss(
    alarm_id: Annotated[str, typer.Argument(metavar="ID", help="The alarm's id, or its beginning")],
    why: Annotated[str, typer.Option(help="A word about why, kept with it")] = "",
    as_json: AsJson = False,
) -> None:
    """Take things as they are: the alarm is silent, and what it was about becomes what is usual."""
    from spiders.agent.standing import alarm_values
    from warehouse import alarms as kept

    chosen = settings()
    done = kept.dismiss(chosen.folder, alarm_id, why=why, clock=chosen.clock)
    if as_json:
        typer.echo(json.dumps(alarm_values(done), indent=2, ensure_ascii=False))
        return
    console.print(f"{done.alarm.id} dismissed: {done.alarm.source}, {done.alarm.message}", markup=False)


def _show_all(states: list[AgentState]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Agents (times in UTC)", title_justify="left")
    for name in ("source", "last look", "verdict"):
        table.add_column(name)
    for name in ("asked", "pages", "landed", "refused", "ambiguous"):
        table.add_column(name, justify="right")
    for name in ("price from", "has", "alarms", "next look"):
        table.add_column(name)
    for state in states:
        run = state.last
        verdict = Text(run.verdict + (", stale" if state.stale else ""), style="" if run.good else "red")
        cells = [str(int(run.detail.get("asked", 0))), str(int(run.detail.get("pages", 0)))]
        cells += [str(run.landed), str(run.report.rows_quarantined), str(run.sign("ambiguous"))]
        words = ", ".join(f"{one.alarm.kind} {one.alarm.about}" for one in state.alarms)
        texts = [_shares(run), _coverage(run), words or "none", _moment(state.next_look)]
        table.add_row(state.source, _moment(run.report.started_at), verdict, *cells, *map(Text, texts))
    tables.show(console, table)


def _show_one(state: AgentState) -> None:
    from rich.table import Table
    from rich.text import Text

    run = state.last
    hours = state.cadence / timedelta(hours=1)
    console.print(f"{state.source}, read by {state.reader} every {hours:g} hours", markup=False)
    for name, text in (
        ("last look", f"{_moment(run.report.started_at)}: {run.verdict}, {run.detail.get('why', '')}"),
        ("last good", _moment(state.last_good.report.started_at) if state.last_good else "never"),
        ("next look", _moment(state.next_look)),
        ("stale", state.stale or "no"),
        ("answers", ", ".join(f"{n} × {code}" for code, n in run.counts("statuses").items())),
        ("prices from", _shares(run)),
        ("coverage", ", ".join(f"{field} {share:.0%}" for field, share in run.counts("coverage").items())),
        ("refused", ", ".join(f"{n} {reason}" for reason, n in run.counts("quarantined").items())),
    ):
        if text:
            console.print(Text(f"  {name:<12} {text}"))
    table = Table(title="Its last runs", title_justify="left")
    for name in ("began (UTC)", "verdict"):
        table.add_column(name)
    for name in ("asked", "unchanged", "pages", "bytes", "landed", "refused"):
        table.add_column(name, justify="right")
    for one in state.runs:
        counts = [str(int(one.detail.get(name, 0))) for name in ("asked", "unchanged", "pages", "bytes")]
        figures = [*counts, str(one.landed), str(one.report.rows_quarantined)]
        table.add_row(_moment(one.report.started_at), one.verdict, *figures)
    tables.show(console, table)
    _show_alarms(list(state.alarms))


def _show_alarms(found: list[Standing]) -> None:
    from rich.text import Text

    for one in found:
        alarm, runs = one.alarm, len(one.runs)
        again = f", in {runs} runs" if runs > 1 else ""
        head = f"{alarm.id}  {alarm.severity}  {alarm.source}  {alarm.kind} {alarm.about}  since {_moment(one.since)}"
        console.print(Text(head + again, style="red" if alarm.severity == "error" else ""))
        console.print(Text(f"  {alarm.message}"))


def _coverage(run: Run) -> str:
    """The main fields' shares; the emptiest of the others where none of these is known."""
    covered = run.counts("coverage")
    shown = [name for name in _SHOWN if name in covered] or sorted(covered, key=lambda name: float(covered[name]))[:3]
    return ", ".join(f"{name} {covered[name]:.0%}" for name in shown)


def _shares(run: Run) -> str:
    paths = run.counts("price_paths")
    total = sum(paths.values())
    return ", ".join(f"{name} {n / total:.0%}" for name, n in paths.items()) if total else ""


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"

"""`katy models`: the runs there were, whether a change is better, whether what is published holds, and its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from katy.commands.market import print_plain, print_table
from katy.context import console, say, settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from models.level.state import Learned
    from warehouse.snapshot import Snapshot

app = typer.Typer(help="The life of the models: runs, knobs, trials, checks, changes, the model card.")
AsJson = Annotated[bool, typer.Option("--json", help="As JSON")]
Set = Annotated[list[str] | None, typer.Option("--set", help="A knob, as GROUP.KNOB=VALUE; more than once")]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="models")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The runs that published, newest first, those too whose snapshot is gone."""
    from models.life.runs import told

    rows = [told(run) for run in _runs()]
    print_plain(_json(rows)) if as_json else print_table("Runs", rows)


@app.command()
def show(run: Annotated[str, typer.Argument(help="How the run's id begins")], as_json: AsJson = False) -> None:
    """One run: data, code, knobs that differ from the project's, metrics, what was suspected, its note."""
    from models.knobs import changed, default_knobs
    from models.life.runs import find_run

    _runs()
    found = find_run(settings().folder.runs, run)
    if as_json:
        print_plain(_json(found))
        return
    for name in ("id", "published_at", "data_cutoff", "observations", "data_hash", "code_version", "anchor", "note"):
        console.print(f"{name}: {found.get(name) or '–'}", markup=False)
    console.print(f"vintages: {len(found.get('vintages') or [])}")
    differ = changed(default_knobs().model_dump(mode="json"), found.get("knobs") or {})
    console.print(f"knobs: {', '.join(differ) or 'as in the project'}", markup=False)
    for line in [found.get("promotion"), *(found.get("suspected") or [])]:
        if line:
            console.print(line, markup=False)
    quality = [{"category": row["category"], "n": row["n"], **row} for row in found.get("quality") or []]
    print_table("Values replayed against the prices that followed", quality)


@app.command()
def knobs(as_json: AsJson = False) -> None:
    """Every knob: what it is here, what the project says, and what it is for."""
    from katy.knobs_file import knobs_here
    from models.knobs import default_knobs, documented

    here = (knobs_here(settings()) or default_knobs()).model_dump(mode="json")
    rows = []
    for group, name, comment in documented():
        own, usual = (each[group][name] for each in (here, default_knobs().model_dump(mode="json")))
        rows.append({"knob": f"{group}.{name}", "here": str(own), "project": str(usual), "for": comment})
    print_plain(_json(rows)) if as_json else print_table("Knobs", rows)


@app.command("try")
def try_(
    said: Set = None,
    code: Annotated[bool, typer.Option(help="This code beside what the snapshot's code learned")] = False,
    promote: Annotated[bool, typer.Option(help="Write the knobs to knobs.toml if they are better")] = False,
    as_json: AsJson = False,
) -> None:
    """Learn by other knobs, or by this code, and value the newest unseen things beside those in use; decide."""
    from katy.knobs_file import merged, read_set, said_here, write_knobs
    from models.knobs import overridden
    from models.life.trial import try_code, try_knobs

    if code == bool(said):
        raise typer.BadParameter("say either --set GROUP.KNOB=VALUE or --code")
    if promote and code:
        raise typer.BadParameter("code is promoted by installing it; --promote goes with --set")
    chosen, (_, learned) = settings(), _current()
    if code:
        trial = try_code(learned, learned.knobs, say=say)
    else:
        wanted = merged(said_here(chosen), read_set(said or []))
        candidate = overridden(wanted, "--set").model_copy(update={"anchor": learned.knobs.anchor})
        drivers = learned.levels.side.drivers
        trial = try_knobs(learned.market.rows, learned.knobs, candidate, drivers=drivers, say=say)
    written = str(write_knobs(chosen, wanted)) if promote and trial.better else None
    if as_json:
        told = {"why": trial.why, "better": trial.better, "worse": trial.worse, "since": trial.since}
        print_plain(_json(told | {"table": trial.table, "written": written}))
        return
    print_table(f"Things first seen after {trial.since}, valued by both", trial.table)
    console.print(trial.why, markup=False)
    if promote:
        console.print(f"written: {written}" if written else "not promoted: the knobs in use stay", markup=False)


@app.command()
def check(
    noise: Annotated[bool, typer.Option(help="Learn twice more, with and without a column of noise")] = True,
    as_json: AsJson = False,
) -> None:
    """Hold what is published against its monitors: files, intervals, inputs, residuals, noise, data too good."""
    from models.life.monitors import monitor
    from models.life.noise import LIMIT, noise_moves
    from models.life.too_good import suspicions
    from warehouse import snapshot as snapshots

    current, learned = _current()
    snapshots.verify(current)
    rows = [{"check": "files", "about": "all", "says": "as published"}]
    rows += [{"check": f"too_good_{one.kind}", "about": one.where, "says": one.message}
             for one in suspicions(learned.market.rows)]  # fmt: skip
    rows += [{"check": one.kind, "about": one.about, "says": one.message} for one in monitor(learned)]
    if noise:
        moved = noise_moves(learned.market.rows, learned.knobs, drivers=learned.levels.side.drivers)
        verdict = "holds" if moved.median <= LIMIT else "values lean on noise"
        told = f"{verdict}: a column of noise moves {moved.things} values by {100 * moved.median:.2f} % in the middle"
        rows.append({"check": "noise", "about": "all", "says": f"{told}, 95 % by under {100 * moved.high:.2f} %"})
    print_plain(_json(rows)) if as_json else print_table(f"Checks of {current.id}", rows)


@app.command()
def changed(
    old: Annotated[str | None, typer.Argument(help="A snapshot's id; else the one before NEW")] = None,
    new: Annotated[str | None, typer.Argument(help="A snapshot's id; else the current one")] = None,
    questions: Annotated[int, typer.Option(min=1, help="How many products are asked about")] = 300,
    show: Annotated[int, typer.Option(min=1, help="How many of the largest moves are shown")] = 20,
    as_json: AsJson = False,
) -> None:
    """What the same questions are answered by two snapshots: the largest moves, and what moved them."""
    from models.life.changed import by_category, causes

    before, after = _two(old, new)
    rows = _moves(before, after, questions)
    told = {"old": before.id, "new": after.id, "causes": causes(before.manifest, after.manifest)}
    if as_json:
        print_plain(_json(told | {"categories": by_category(rows), "moves": rows}))
        return
    console.print(f"{before.id} → {after.id}", markup=False)
    for cause in told["causes"]:
        console.print(cause, markup=False)
    print_table("By category", by_category(rows))
    shown = [{**row, "why": ", ".join(f"{k} {v:+.3f}" for k, v in row["why"].items())} for row in rows[:show]]
    print_table("Largest moves (why: logs that add up to the move's)", shown)


@app.command()
def card(
    run: Annotated[str | None, typer.Argument(help="How a run's id begins; else the current snapshot's")] = None,
    to: Annotated[Path | None, typer.Option(help="Write it to this file")] = None,
) -> None:
    """The model card, as Markdown: what is in it and what not, how good it is, where not to trust it."""
    from flows.life import SOURCE
    from models.life.card import card as written
    from models.life.runs import find_run
    from warehouse import snapshot as snapshots
    from warehouse.alarms import open_alarms

    home = settings().folder
    runs = _runs()
    current = snapshots.current(home).id if not run or not runs else ""
    found = find_run(home.runs, run or current)
    alarms = [one.alarm.message for one in open_alarms(home, SOURCE)] if found["id"] == current else []
    text = written(found, [each for each in alarms if each not in (found.get("suspected") or [])])
    if to is None:
        print_plain(text.rstrip("\n"))
    else:
        to.write_text(text, encoding="utf-8")
        say(f"written: {to}")


def _runs() -> list[dict[str, Any]]:
    """The runs kept; those of snapshots from before runs were kept are kept now."""
    from models.life.runs import keep_runs, read_runs
    from warehouse import snapshot as snapshots

    home = settings().folder
    keep_runs(home.runs, (each.manifest for each in snapshots.listing(home)))
    return read_runs(home.runs)


def _current() -> tuple[Snapshot, Learned]:
    from models.training import saved
    from warehouse import snapshot as snapshots

    current = snapshots.current(settings().folder)
    return current, saved.load(current.path)


def _two(old: str | None, new: str | None) -> tuple[Snapshot, Snapshot]:
    from warehouse import snapshot as snapshots

    home = settings().folder
    after = snapshots.opened(home, new) if new else snapshots.current(home)
    if old:
        return snapshots.opened(home, old), after
    earlier = [each for each in snapshots.listing(home) if each.id < after.id]
    if not earlier:
        raise BadInput(f"there is no snapshot before {after.id}: the next `katy run` makes one to compare with")
    return earlier[-1], after


def _moves(before: Snapshot, after: Snapshot, most: int) -> list[dict[str, Any]]:
    from contextlib import closing

    from models.answers.value import open_valuer
    from models.life.changed import compare_values, standard_questions

    with closing(open_valuer(before)) as old, closing(open_valuer(after)) as new:
        assert old.learned is not None
        assert new.learned is not None
        asked = standard_questions(old.learned.market.rows, new.learned.market.rows, most)
        return compare_values(old, new, asked)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)

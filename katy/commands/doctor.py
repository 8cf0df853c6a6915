"""`katy doctor`: is everything there that Katy needs, and what to do about what is not."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from katy.context import console, settings

_MARK = {"ok": "[green]ok[/]  ", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}


def doctor(
    brief: Annotated[bool, typer.Option("--brief", help="Only what is not well, in one line when all is")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program")] = False,
) -> None:
    """Check the machine and the data folder. Exit status 1 only when something needed is missing."""
    from rich.markup import escape

    from katy import checks

    chosen = settings()
    found = []
    for check in checks.every(chosen, chosen.at()):
        found.append(check)
        if as_json or (brief and check.state == "ok"):
            continue
        console.print(f"{_MARK[check.state]}  {check.name:<9} {escape(check.found)}")
        if check.way_out:
            console.print(f"      {'':<9} → {escape(check.way_out)}")
    failed = sum(check.state == "fail" for check in found)
    if as_json:
        console.print_json(json.dumps({"ok": failed == 0, "checks": [asdict(check) for check in found]}))
    elif brief and all(check.state == "ok" for check in found):
        console.print(f"Katy is ready: all {len(found)} checks are well.")
    if failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)

"""The `katy` command. Each group of commands is a module of `katy.commands` with a `register(app)`.

Heavy libraries are imported inside the commands, so that `katy --help` answers at once.
"""

from __future__ import annotations

import importlib
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from katy.context import KatyError, fix, say_error

app = typer.Typer(
    name="katy",
    help="What things are worth, and trades that hold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _every_command(
    now: Annotated[datetime | None, typer.Option(help="Work as if it were this moment (UTC)")] = None,
    home: Annotated[Path | None, typer.Option(help="The data folder; KATY_HOME otherwise")] = None,
) -> None:
    fix(now=now, home=home)


GROUPS = (
    "market",
    "imports",
    "collect",
    "schedule",
    "agents",
    "quarantine",
    "warehouse",
    "analysts",
    "value",
    "comparables",
    "exchange",
    "services",
    "money",
    "index",
    "forecast",
    "models",
    "photo",
    "photos",
    "search",
    "match",
    "read_price",
    "serve",
    "account",
    "ledger",
    "trade",
    "tax",
    "trust",
    "watch",
    "things",
    "estimates",
    "bench",
    "demo",
    "doctor",
)

for _group in GROUPS:
    importlib.import_module(f"katy.commands.{_group}").register(app)


def main() -> None:
    """Run the command line: exit status 0 is an answer, 1 a domain error (named on stderr), 2 wrong usage."""
    try:
        app()
    except KatyError as error:
        say_error(error)
        sys.exit(1)

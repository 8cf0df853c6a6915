"""Tables for people: as wide as the terminal, and never cut or folded where the output is a pipe or a file."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 400


def show(console: Console, table: Table) -> None:
    if console.is_terminal:
        console.print(table)
    else:
        # A console never prints wider than itself, so a pipe gets a wide one.
        Console(file=console.file, width=_PIPE_WIDTH, highlight=False, no_color=True).print(table)

"""Tables for people: as wide as the terminal, and never cut or folded where the output is a pipe or a file."""

from __future__ import annotations

from datetime import timedelta

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 400


def show(console: Console, table: Table) -> None:
    if console.is_terminal:
        console.print(table)
    else:
        # A console never prints wider than itself, so a pipe gets a wide one.
        Console(file=console.file, width=_PIPE_WIDTH, highlight=False, no_color=True).print(table)


def every(span: timedelta) -> str:
    """A span of time as one says it: "10 min", "6 h", "30 d"."""
    minutes = span.total_seconds() / 60
    if minutes < 60:
        return f"{minutes:.3g} min"
    return f"{minutes / 60:.3g} h" if minutes < 48 * 60 else f"{minutes / 1440:.3g} d"

"""What `katy tax` shows and writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from katy import tables
from katy.context import console, say
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.tax.estimate import Estimate
    from ledger.tax.record import Record


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a paper into a file; a private one is for its owner alone. Raises `BadInput`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}; choose another folder with --into") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    say(f"wrote {path}")


def show_record(told: Record) -> None:
    """A member's year as a table."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_edge=False, header_style="bold", box=None)
    for column in ("day", "with", "what"):
        table.add_column(column)
    for column in ("received", "given", "1099-B"):
        table.add_column(column, justify="right", no_wrap=True)
    for each in told.trades:
        words = (escape(each.day), escape(each.partner), escape(each.description))
        table.add_row(*words, each.received, each.given, each.barter)
    table.add_row("", "", f"{told.year}, {told.currency}", told.received, told.given, told.barter)
    tables.show(console, table)
    costs = f"basis {told.basis}, expenses {told.expenses}, sales tax {told.sales_tax}, fees {told.fees}"
    console.print(f"bought with K, minutes or cash {told.bought}; noted: {costs}", markup=False)
    for warning in told.warnings:
        say(f"warning: {warning}")
    if told.estimate is not None:
        show_estimate(told.estimate)


def show_estimate(told: Estimate) -> None:
    """An estimate in three lines, with what it does not know."""
    lines = [
        f"estimate: net {told.net} USD = received {told.received} - noted costs {told.costs}",
        f"self-employment tax {told.self_employment}, income tax at {told.marginal_rate} % {told.income_tax}",
        f"together {told.total}: " + ", ".join(f"{part.amount} by {part.due}" for part in told.quarterly),
    ]
    for line in lines:
        console.print(line, markup=False)
    for each in told.notes:
        say(each)

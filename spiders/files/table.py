"""A table to import, whatever file it comes from: named columns and rows of text, with the place of each row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from warehouse.reading.words import clean_text


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells, or None with the `problem` that broke it and its `text`. `line` counts from 1 in the file."""

    line: int
    cells: Sequence[str] | None
    problem: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows()` reads the file anew each time. `unit` is what a row's number counts: "line", "row" or "item".

    `notes` are what a person should know about how the file was read.
    """

    name: str
    columns: list[str]
    unit: str
    notes: list[str]
    rows: Callable[[], Iterator[TableRow]]

    def place(self, row: TableRow) -> str:
        """Where a person finds a row: "deals.csv line 17"."""
        return f"{self.name} {self.unit} {row.line}"


def column_names(header: Sequence[str]) -> list[str]:
    """Names as written but clean; unnamed columns get "column N", a name met again gets its number."""
    names: list[str] = []
    for number, text in enumerate(header, 1):
        name = clean_text(text) or f"column {number}"
        again = sum(known == name or known.startswith(f"{name} (") for known in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return names


def flat(record: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """A record of any depth as columns of text: {"price": {"value": 5}} is {"price.value": "5"}."""
    columns: dict[str, str] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            columns.update(flat(value, f"{name}."))
        else:
            columns[name] = cell_text(value)
    return columns


def cell_text(value: Any) -> str:
    """A value as the text of a cell; nothing (None, NaN) is ""."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        if all(not isinstance(one, dict | list | tuple) for one in value):
            return "; ".join(cell_text(one) for one in value)
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)

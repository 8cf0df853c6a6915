"""Columns found by the names people give them, and what to say where one is not there."""

from __future__ import annotations

from warehouse.errors import BadInput
from warehouse.reading.words import fold_header, nearest


class Finder:
    """Finds columns by the names people give them."""

    def __init__(self, table: str, columns: list[str]) -> None:
        self.table, self.columns = table, columns
        self.folded: dict[str, int] = {}
        for place, column in reversed(list(enumerate(columns))):
            self.folded[fold_header(column)] = place

    def place(self, text: str) -> int | None:
        return self.columns.index(text) if text in self.columns else self.folded.get(fold_header(text))

    def find(self, field_name: str, text: str) -> tuple[int, ...]:
        """The columns that a mapping names: one, or several joined with "+"."""
        whole = self.place(text)
        if whole is not None:
            return (whole,)
        found = [(part, self.place(part)) for part in parts(text)]
        for part, place in found:
            if place is None:
                raise BadInput(self.missing(field_name, part, mapped=True))
        return tuple(place for _, place in found if place is not None)

    def listed(self, message: str) -> str:
        """A message, with the columns there are."""
        return f"{message}. Its columns are: {', '.join(self.columns)}"

    def missing(self, field_name: str, text: str, mapped: bool = False) -> str:
        near = nearest(text, self.columns)
        what = (
            f'has no column "{text}" (--map {field_name}={text})' if mapped else f"has no column for the {field_name}"
        )
        hint = f'; did you mean --map {field_name}="{near}"?' if near else f"; say --map {field_name}=COLUMN."
        return f"{self.table} {what}{hint} Its columns are: {', '.join(self.columns)}"


def parts(text: str) -> list[str]:
    """The columns that a mapping joins: "Brand + Model"."""
    return [part.strip() for part in text.split("+")]

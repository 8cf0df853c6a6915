"""Why a table has no price that can be found, and the lines that would settle it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spiders.files.finder import Finder
from spiders.files.money_columns import means_money
from warehouse.errors import BadInput
from warehouse.reading.price import read_price
from warehouse.reading.words import clean_text, fold_header, is_blank, nearest

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_NEVER = re.compile(r"lat(?:itude)?|lon(?:g|gitude)?|lng|.*(?:id|year|date|zip(?:code)?|postcode|phone)")
_MOST = 4


def without_price(
    finder: Finder, unclear: Sequence[int], free: Sequence[int], sample: Sequence[Sequence[str]]
) -> BadInput:
    """The refusal of a table of whose columns none, or not one alone, is the price.

    `unclear` are columns among which a person must choose, `free` all that are no other field.
    """
    columns, table = finder.columns, finder.table
    if unclear:
        named = ", ".join(columns[at] for at in unclear[:_MOST])
        said = f"{table} has several columns that could be the price: {named}; say {_lines(columns, unclear)}"
        return BadInput(finder.listed(said))
    if len(columns) == 1:
        return BadInput(
            f'{table} has one column only ("{columns[0]}"): it is no table of things and prices, or its cells are '
            "parted by a sign other than comma, semicolon, tab and |; save it as CSV with commas"
        )
    if _is_a_row(columns):
        return BadInput(
            f'{table} begins with a row and not with the names of its columns ("{columns[0]}", "{columns[1]}" …): '
            "write a line of names above it, such as title,price"
        )
    numbers = [at for at in free if _could_be_price(columns[at], [row[at] for row in sample])]
    likely = [at for at in numbers if means_money(columns[at])]
    if not likely and nearest("price", columns):
        return BadInput(finder.missing("price", "price"))
    lines = _lines(columns, likely or numbers)
    return BadInput(
        finder.listed(
            f"{table} has no column for the price; say --map price=COLUMN" + (f", such as {lines}" if lines else "")
        )
    )


def _lines(columns: Sequence[str], among: Sequence[int]) -> str:
    return " or ".join(f'--map price="{columns[at]}"' for at in among[:_MOST])


def _is_a_row(columns: Sequence[str]) -> bool:
    """Whether a header is a row: two of its names and more are numbers, and not all are years or days."""
    numbers = [name for name in columns if _NUMBER.fullmatch(name.strip())]
    return len(numbers) >= 2 and any(len(re.sub(r"\D", "", name)) != 4 for name in numbers)


def _could_be_price(column: str, cells: Sequence[str]) -> bool:
    said = [clean_text(cell) for cell in cells if not is_blank(cell)]
    read = sum(read_price(cell, "USD") is not None for cell in said)
    return bool(said) and 2 * read >= len(said) and not _NEVER.fullmatch(fold_header(column))

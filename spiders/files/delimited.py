"""Delimited text as it really comes: any encoding, any delimiter, quotes that never close. No line is lost.

A record that cannot be read is reported as broken with its text, and reading goes on with the line after its first one,
so that a quote left open costs its own line and not the rest of the file.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import html.entities
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from spiders.files.table import Table, TableRow, column_names
from warehouse.errors import BadInput

_DELIMITERS = ",;\t|"
# A quoted cell that runs on for more lines was never closed.
_MOST_LINES = 300
_HEAD_BYTES = 1 << 16
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_LOST_BYTES = re.compile("[\udc80-\udcff]")
# A character reference, and what stands for its semicolon (a control character that no text file holds: it would be
# taken for binary).
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_SHIELD = "\x01"
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_NUMBER_LIKE = re.compile(r"[^\w]{0,3}\d[\d.,:/\s-]*\W{0,2}")
_MAGIC = {
    b"\x1f\x8b": "a gzip file: name it .gz",
    b"PK\x03\x04": "a zip file: if it is a workbook, name it .xlsx; otherwise unpack it",
    b"PAR1": "a Parquet file: name it .parquet",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office file: save it as .xlsx",
}


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where it is named .gz; damage is a BadInput that names the file."""
    packed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            yield cast("IO[bytes]", file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(
            f"{path.name} is no whole gzip file ({error}): get it again; nothing of it was imported"
        ) from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error


def find_encoding(path: Path) -> tuple[str, str | None]:
    """The file's encoding, and what a person should know about it; BadInput where the file is no text.

    A byte order mark decides; else UTF-8 if all of it is, or if most lines that could show it are (the others are then
    broken rows); else Windows-1252.
    """
    with open_bytes(path) as file:
        head = file.read(_HEAD_BYTES)
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise BadInput(f"{path.name} is not text but {what}")
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", None
    if head[:400].count(0) > len(head[:400]) // 3:
        raise BadInput(f"{path.name} is binary, or UTF-16 without a byte order mark: save it as UTF-8")
    if 0 in head or len(_NOT_TEXT.findall(head)) * 100 > len(head):
        raise BadInput(f"{path.name} is binary and not a table in text; Katy reads CSV, JSON Lines, Parquet and XLSX")
    good = bad = first_bad = 0
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
                first_bad = first_bad or number
    if not bad:
        return "utf-8", None
    if good > bad:
        return "utf-8", f"{path.name}: {bad} lines are not UTF-8 like the rest (the first is line {first_bad})"
    return "cp1252", f"{path.name} is not UTF-8 (line {first_bad}): read as Windows-1252"


@contextlib.contextmanager
def open_lines(path: Path, encoding: str) -> Iterator[Iterator[str]]:
    """The file's lines with their ends; bytes that are no text come as lone surrogates."""
    with (
        open_bytes(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="") as text,
    ):
        yield text


def open_csv(path: Path) -> Table:
    """A delimited text file as a Table; BadInput where it is no text or has no header."""
    encoding, note = find_encoding(path)
    with open_lines(path, encoding) as lines:
        head = [line for line, _ in zip(lines, range(200), strict=False)]
    skip = next((number for number, line in enumerate(head) if line.strip(" \t\r\n,;|\ufeff")), None)
    if skip is None:
        raise BadInput(f"{path.name} is empty: it has no header and no rows")
    named = _SEPARATOR_LINE.fullmatch(head[skip])
    if named:
        skip += 1
    cut = next((place for place, line in enumerate(head[skip : skip + 6]) if any(map(line.count, _DELIMITERS))), 0)
    delimiter = named[1] if named else _delimiter(head[skip + cut :])
    above = _lines_above(head[skip:], delimiter)
    skip += above
    reader = csv.reader(iter(map(_shield, head[skip:])), delimiter=delimiter, strict=True)
    try:
        columns = column_names([_LOST_BYTES.sub("\ufffd", _unshield(name)) for name in next(reader)])
    except csv.Error as error:
        raise BadInput(f"{path.name} line {skip + 1}: the header cannot be read: {error}") from error
    after = skip + reader.line_num
    if _rows_are_named(head[after:], delimiter, len(columns)):
        columns = column_names(["", *columns])

    def rows() -> Iterator[TableRow]:
        with open_lines(path, encoding) as lines:
            for _ in range(after):
                next(lines)
            yield from _records(lines, delimiter, len(columns), after)

    notes = [note] if note else []
    if above:
        notes.append(f"{path.name}: {above} lines above the header are no part of the table")
    return Table(path.name, columns, "line", notes, rows)


def _lines_above(head: list[str], delimiter: str) -> int:
    """How many lines stand above the header: words of one cell, where all rows below have three cells or more."""
    for above in range(min(len(head), 6)):
        if above and not head[above].strip(" \t\r\n,;|"):
            continue
        with contextlib.suppress(csv.Error):
            rows = [row for row in csv.reader(map(_shield, head[above:]), delimiter=delimiter) if row][:60]
            first = [cell for cell in rows[0] if cell.strip()] if rows else []
            if len(first) != 1 or len(rows) < 3:
                return above
            widths = {len(row) for row in rows[6:] or rows[-1:]}
            if min(widths) < 3:
                return 0
    return 0


def _rows_are_named(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether every row has one cell more than the header, as where row names were written without one."""
    with contextlib.suppress(csv.Error):
        rows = [row for row in csv.reader(lines[:60], delimiter=delimiter) if row][:-1]
        return len(rows) > 1 and all(len(row) == width + 1 and row[-1].strip() for row in rows)
    return False


def _shield(line: str) -> str:
    """A line whose character references ("&amp;") hold no semicolon that could be taken for a delimiter."""
    return _REFERENCE.sub(_shielded, line) if "&" in line else line


def _shielded(found: re.Match[str]) -> str:
    whole = found.group()
    return whole[:-1] + _SHIELD if whole[1] == "#" or whole[1:] in html.entities.html5 else whole


def _unshield(cell: str) -> str:
    return cell.replace(_SHIELD, ";")


def _delimiter(head: list[str]) -> str:
    """The delimiter that cuts the first lines into most columns, and into equally many."""

    def fitness(delimiter: str) -> tuple[float, int]:
        with contextlib.suppress(csv.Error):
            rows = [row for row in csv.reader(map(_shield, head[:60]), delimiter=delimiter) if row]
            width = len(rows[0]) if rows else 1
            if width > 1:
                return sum(len(row) == width for row in rows) / len(rows), width
        return 0.0, 1

    # Equal fitness: the order of _DELIMITERS.
    return max(_DELIMITERS, key=fitness)


class _RunawayError(Exception):
    """A quoted cell that does not end."""


class _Feed:
    """Physical lines, with a way back for those that a broken record had swallowed."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _MOST_LINES:
            raise _RunawayError
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _records(lines: Iterator[str], delimiter: str, width: int, before: int) -> Iterator[TableRow]:
    """Records of `width` cells with the number of their first line; `before` lines come before them."""
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    number = before + 1
    before_it: list[str] = []
    while True:
        feed.taken.clear()
        problem = ""
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"its quoting is broken ({error})"
        except _RunawayError:
            problem = "its quoting is broken (a quote is never closed)"
        if len(cells) != width and len(feed.taken) == 1 and delimiter == ";" and not problem:
            cells = _without_references(feed.taken[0], cells)
        if not problem:
            problem = _trouble(feed.taken, cells, delimiter, width, before_it)
        if problem:
            if len(feed.taken) > 1 or "quoting" in problem:
                feed.give_back_all_but_first()
                reader = csv.reader(feed, delimiter=delimiter, strict=True)
            text = _LOST_BYTES.sub("\ufffd", feed.taken[0].rstrip("\r\n"))
            yield TableRow(number, None, problem, text)
        elif cells:
            if len(feed.taken) == 1:
                before_it = cells
            yield TableRow(number, cells[:width])
        number += len(feed.taken)


def _without_references(line: str, cells: list[str]) -> list[str]:
    """The cells of a line whose character references were taken for delimiters; `cells` where that is not it."""
    with contextlib.suppress(csv.Error):
        return [_unshield(cell) for cell in next(csv.reader([_shield(line)], delimiter=";", strict=True), cells)]
    return cells


def _trouble(taken: list[str], cells: list[str], delimiter: str, width: int, before_it: list[str]) -> str:
    """What is wrong with a record that the csv module accepted; "" where nothing is."""
    if any(not line.isascii() and _LOST_BYTES.search(line) for line in taken):
        return "it holds bytes that are not text in the file's encoding"
    if not cells:
        return ""
    if len(cells) != width and not (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
        cause = "; its quoting may be broken" if len(taken) > 1 else ""
        return f"it has {len(cells)} cells where the header has {width}{cause}"
    if len(taken) > 1 and any(_is_a_row(line, delimiter, before_it) for line in taken[1:]):
        return "its quoting is broken (an open quote had swallowed the row after it)"
    return ""


def _is_a_row(line: str, delimiter: str, before_it: list[str]) -> bool:
    """Whether a line inside a quoted cell looks just like the row before it: as many cells, of the same kinds."""
    cells = next(csv.reader([line], delimiter=delimiter), [])
    if not len(cells) == len(before_it) > 1:
        return False
    kinds = [(_kind(cell), _kind(other)) for cell, other in zip(cells, before_it, strict=True)]
    return all(kind == other or not kind or not other for kind, other in kinds)


def _kind(cell: str) -> str:
    cell = cell.strip()
    return "" if not cell else "number" if _NUMBER_LIKE.fullmatch(cell) else "text"

"""Workbooks (.xlsx) inside an answer: opened safely, and their cells as texts."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from spiders.files.table import cell_text
from spiders.reader import LARGEST_UNPACKED, Answer, Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def files_inside(answer: Answer, *endings: str) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files in a zip that end so; an answer that is itself a workbook or no zip, as it is.

    Left out are the lock files of open workbooks ("~$…") and what macOS adds. Raises Unreadable where it is damaged or
    would unpack to too much.
    """
    name = answer.url.rsplit("/", 1)[-1].split("?")[0]
    if not answer.body.startswith(b"PK\x03\x04"):
        yield name, answer.body
        return
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            names = archive.namelist()
            _check_size(archive, name)
            if "[Content_Types].xml" in names:
                yield name, answer.body
                return
            for one in names:
                plain = one.rsplit("/", 1)[-1]
                if plain.lower().endswith(endings) and not plain.startswith(("~$", "._")):
                    yield plain, archive.read(one)
    except _DAMAGED as error:
        raise Unreadable(f"{name} is damaged ({error})") from error


def open_workbook(content: bytes, name: str) -> Workbook:
    """The workbook, for reading its values row by row. Raises Unreadable where it is none or would unpack too large."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_size(archive, name)
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (*_DAMAGED, InvalidFileException, KeyError, ValueError, TypeError, ParseError, DefusedXmlException) as error:
        raise Unreadable(f"{name} is no Excel workbook that can be read ({error})") from error


def rows_of(sheet: Any, name: str) -> Iterator[list[str]]:
    """The rows of a sheet as texts, whatever size it claims to have; a number as it is written, an empty cell as "".

    Excel keeps numbers as binary fractions with 17 digits; the text is the shortest that means the same number.
    """
    # Some programs write a wrong size ("A1"), and rows beyond it would be lost.
    sheet.reset_dimensions()
    try:
        for row in sheet.iter_rows(values_only=True):
            yield _cells(row)
    except (*_DAMAGED, KeyError, ValueError, TypeError, ParseError, DefusedXmlException) as error:
        raise Unreadable(f"{name}, sheet {sheet.title}: it breaks off ({error})") from error


def _cells(row: tuple[Any, ...]) -> list[str]:
    """Without the empty cells at its end."""
    filled = len(row)
    while filled and row[filled - 1] is None:
        filled -= 1
    return [cell_text(value) for value in row[:filled]]


def _check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Members cannot unpack to more than they declare: reading stops there."""
    size = sum(one.file_size for one in archive.infolist())
    if size > LARGEST_UNPACKED:
        raise Unreadable(f"{name} would unpack to {size} bytes; at most {LARGEST_UNPACKED} are read")

"""The formats of tables that can be imported: delimited text, JSON Lines, Parquet and XLSX, told by the file's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spiders.files.delimited import find_encoding, open_csv, open_lines
from spiders.files.table import Table, TableRow, cell_text, column_names, flat
from warehouse.errors import BadInput

_LOST_BYTES = re.compile("[\udc80-\udcff]")
_BATCH_ROWS = 10_000
# The currency of a number format: [$€-407], "kr", $ and their like.
_FORMAT_CURRENCY = re.compile(r'\[\$([^-\]]+)(?:-[0-9A-Fa-f]+)?\]|"([^"\d]{1,4})"|([$€£¥₹])')


def open_table(path: Path) -> Table:
    """A file as a Table; BadInput, naming the file, where it is absent, empty, or not what its name says."""
    if not path.is_file():
        raise BadInput(f"{path} is {'a folder' if path.is_dir() else 'not there'}: name a file to import")
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name} is empty: it has no header and no rows")
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind in {".jsonl", ".ndjson", ".json"}:
        return _open_json(path)
    if kind in {".parquet", ".pq"}:
        return _open_parquet(path)
    if kind in {".xlsx", ".xlsm"}:
        return _open_xlsx(path)
    if kind == ".xls":
        raise BadInput(f"{path.name} is an old Excel file: save it as .xlsx or .csv")
    return open_csv(path)


def _open_json(path: Path) -> Table:
    encoding, note = find_encoding(path)
    notes = [note] if note else []
    with open_lines(path, encoding) as lines:
        first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("["):
        return _open_json_array(path, encoding, notes)

    def records() -> Iterator[tuple[int, dict[str, str] | None, str, str]]:
        with open_lines(path, encoding) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, *_json_record(line)

    # Numbers stay as they are written; the columns are those of all records.
    columns: dict[str, int] = {}
    for _, record, _, _ in records():
        for name in record or ():
            columns.setdefault(name, len(columns))
    if not columns:
        raise BadInput(f"{path.name} has no JSON object on any line; JSON Lines has one on each")
    return Table(path.name, column_names(list(columns)), "line", notes, lambda: _rows(records(), columns))


def _rows(
    records: Iterator[tuple[int, dict[str, str] | None, str, str]], columns: dict[str, int]
) -> Iterator[TableRow]:
    for number, record, problem, text in records:
        if record is None:
            yield TableRow(number, None, problem, text)
        else:
            yield TableRow(number, [record.get(name, "") for name in columns])


def _json_record(line: str) -> tuple[dict[str, str] | None, str, str]:
    """One line: its flat record, or None with the problem and the text."""
    text = _LOST_BYTES.sub("\ufffd", line.strip())
    if "\ufffd" in text and _LOST_BYTES.search(line):
        return None, "it holds bytes that are not text in the file's encoding", text
    try:
        record = _loads(text)
        return (flat(record), "", "") if isinstance(record, dict) else (None, "it is not a JSON object", text)
    except ValueError as error:
        return None, f"it is not JSON ({error})", text
    except RecursionError:
        return None, "it is nested too deeply", text


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=lambda _: None, strict=False)


def _open_json_array(path: Path, encoding: str, notes: list[str]) -> Table:
    with open_lines(path, encoding) as lines:
        try:
            items = _loads("".join(lines))
            records = [flat(item) if isinstance(item, dict) else None for item in items]
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{path.name} begins as a JSON array and is not one: {error}") from error
    columns: dict[str, int] = {}
    for record in records:
        for name in record or ():
            columns.setdefault(name, len(columns))
    if not columns:
        raise BadInput(f"{path.name} holds no JSON object: it is empty of rows")

    def numbered() -> Iterator[tuple[int, dict[str, str] | None, str, str]]:
        for number, (record, item) in enumerate(zip(records, items, strict=True), 1):
            problem, text = ("", "") if record is not None else ("it is not a JSON object", json.dumps(item))
            yield number, record, problem, text

    return Table(path.name, column_names(list(columns)), "item", notes, lambda: _rows(numbered(), columns))


def _open_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = {name: place for place, name in enumerate(_leaves(file.schema_arrow))}
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path.name} is no Parquet file that can be read: {error}") from error

    def rows() -> Iterator[TableRow]:
        number = 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    cells = flat(record)
                    yield TableRow(number, [cells.get(name, "") for name in names])

    return Table(path.name, column_names(list(names)), "row", [], rows)


def _leaves(fields: Any, prefix: str = "") -> Iterator[str]:
    """The names of a schema's columns, those of structs as "outer.inner", as `flat` names them."""
    import pyarrow as pa

    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _leaves([field.type.field(i) for i in range(field.type.num_fields)], f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}"


def _open_xlsx(path: Path) -> Table:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheets = [(sheet.title, _sheet_rows(sheet)) for sheet in book.worksheets]
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, EOFError) as error:
        raise BadInput(f"{path.name} is no Excel workbook that can be read: {error}") from error
    filled = [(title, rows) for title, rows in sheets if rows]
    if not filled:
        raise BadInput(f"{path.name} is empty: no sheet has a header and rows")
    title, rows = filled[0]
    width = max(len(cells) for _, cells in rows)
    columns = column_names(rows[0][1] + [""] * (width - len(rows[0][1])))
    others = ", ".join(name for name, _ in filled[1:])
    notes = [f'{path.name}: sheet "{title}" was read, not {others}'] if others else []

    def padded() -> Iterator[TableRow]:
        for number, cells in rows[1:]:
            yield TableRow(number, cells + [""] * (width - len(cells)))

    return Table(path.name, columns, "row", notes, padded)


def _sheet_rows(sheet: Any) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, with their numbers; trailing empty cells are cut off."""
    sheet.reset_dimensions()
    rows = []
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_sheet_cell(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            rows.append((number, cells))
    return rows


def _sheet_cell(cell: Any) -> str:
    """A cell as text; an amount whose number format names a currency carries it ("€ 12.5")."""
    value = cell.value
    text = cell_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _FORMAT_CURRENCY.search(cell.number_format or "")
        if found:
            return f"{next(group for group in found.groups() if group).strip()} {text}".strip()
    return text

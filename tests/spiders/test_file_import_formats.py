"""Every format gives the same listings, and numbers stay as they are written."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.files.formats import open_table
from spiders.files.importer import ImportOptions, import_listings
from spiders.files.table import Table
from warehouse.home import Home
from warehouse.landing import landed

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RECORDS: list[dict[str, Any]] = [
    {"sku": 12345678, "title": "Makita drill", "price": 45.5, "seen": datetime(2026, 5, 1, 10)},  # noqa: DTZ001
    {"sku": 12345679, "title": "Bosch\nsaw", "price": 60.0, "seen": datetime(2026, 5, 2)},  # noqa: DTZ001
]


def write(folder: Path, kind: str) -> Path:
    path = folder / f"deals.{kind}"
    plain = [{name: str(value) for name, value in record.items()} for record in RECORDS]
    if kind in {"csv", "csv.gz", "tsv"}:
        sign = "\t" if kind == "tsv" else ","
        lines = [sign.join(plain[0])] + [sign.join(f'"{cell}"' for cell in row.values()) for row in plain]
        text = "\r\n".join(lines).encode()
        path.write_bytes(gzip.compress(text) if kind == "csv.gz" else text)
    elif kind == "utf16.csv":
        path.write_bytes(
            "\n".join([",".join(plain[0])] + [",".join(f'"{c}"' for c in r.values()) for r in plain]).encode("utf-16")
        )
    elif kind in {"jsonl", "jsonl.gz"}:
        text = "".join(json.dumps(record, default=str) + "\n" for record in RECORDS).encode()
        path.write_bytes(gzip.compress(text) if kind == "jsonl.gz" else text)
    elif kind == "json":
        path.write_text(json.dumps(RECORDS, default=str, indent=1))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(RECORDS), path)
    else:
        book = openpyxl.Workbook()
        book.active.append(list(RECORDS[0]))
        for record in RECORDS:
            book.active.append(list(record.values()))
        book.save(path)
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv", "utf16.csv", "jsonl", "jsonl.gz", "json", "parquet", "xlsx"])
def test_every_format_gives_the_same_listings(tmp_path: Path, kind: str) -> None:
    home = Home(tmp_path / "home")
    options = ImportOptions("shop", mapping={"id": "SKU", "observed_at": "seen"})
    report = import_listings(home, [write(tmp_path, kind)], options, clock=lambda: NOW, say=lambda _: None)
    assert (report.rows, report.loaded) == (2, 2)
    (path,) = landed(home, "listing")
    rows = pq.read_table(path, partitioning=None).to_pylist()
    assert [(row["id"], row["title"], row["price"], row["observed_at"]) for row in rows] == [
        ("12345678", "Makita drill", Decimal("45.5"), datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("12345679", "Bosch saw", Decimal(60), datetime(2026, 5, 2, tzinfo=UTC)),
    ]


def cells(table: Table) -> list[list[str]]:
    return [list(row.cells or ()) for row in table.rows()]


def test_json_records_of_any_depth_and_shape_become_columns(tmp_path: Path) -> None:
    path = tmp_path / "deals.jsonl"
    path.write_text(
        '{"title": "A", "price": {"value": 5.10, "currency": "USD"}, "tags": ["x", "y"]}\n'
        '{"title": "B", "sold": true, "price": {"value": null}, "deep": [{"a": 1}]}\n'
    )
    table = open_table(path)
    assert table.columns == ["title", "price.value", "price.currency", "tags", "sold", "deep"]
    assert cells(table) == [["A", "5.10", "USD", "x; y", "", ""], ["B", "", "", "", "true", '[{"a": "1"}]']]


def test_parquet_structs_are_columns_too(tmp_path: Path) -> None:
    rows = [{"title": "A", "offer": {"price": Decimal("5.10"), "currency": "USD"}}, {"title": "B", "offer": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "deals.parquet")
    table = open_table(tmp_path / "deals.parquet")
    assert table.columns == ["title", "offer.price", "offer.currency"]
    assert cells(table) == [["A", "5.10", "USD"], ["B", "", ""]]


def test_a_workbook_says_currency_in_its_number_format(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Offers")
    sheet = book["Offers"]
    sheet.append([])
    sheet.append([" Title ", "Price", None])
    sheet.append(["Drill", 12.5, "a note"])
    sheet["B3"].number_format = "[$€-407] #,##0.00"
    book.save(tmp_path / "deals.xlsx")
    table = open_table(tmp_path / "deals.xlsx")
    assert table.columns == ["Title", "Price", "column 3"]
    (row,) = table.rows()
    assert (row.line, row.cells) == (3, ["Drill", "€ 12.5", "a note"])


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(f'title{sign}price{sign}place\n"One, two; three"{sign}1{sign}x\nB{sign}"2,5"{sign}y\n')
    assert cells(open_table(path)) == [["One, two; three", "1", "x"], ["B", "2,5", "y"]]


def test_lines_above_the_header_are_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Used cars\nas of 2020,,\n\nName,Price,Year\nSwift,5,2011\nAlto,4,2012\n")
    table = open_table(path)
    assert (table.columns, len(table.notes)) == (["Name", "Price", "Year"], 1)
    assert next((row.line, row.cells) for row in table.rows()) == (5, ["Swift", "5", "2011"])


def test_headers_that_repeat_or_are_missing_get_names(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("\nsep=;\n;price; price ;price\n1;2;3;4\n")
    table = open_table(path)
    assert table.columns == ["column 1", "price", "price (2)", "price (3)"]
    assert [(row.line, row.cells) for row in table.rows()] == [(4, ["1", "2", "3", "4"])]


ROWS = st.lists(
    st.tuples(st.integers(1, 999), st.sampled_from(["drill", "old saw", 'a 2" nail', "x, y"])), min_size=2, max_size=12
)


@given(ROWS, st.data())
def test_one_stray_quote_costs_at_most_its_own_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], data: Any
) -> None:
    lines = [f'id{n},"{title.replace(chr(34), chr(34) * 2)}",{price}' for n, (price, title) in enumerate(rows)]
    hit = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[hit])))
    lines[hit] = lines[hit][:at] + '"' + lines[hit][at:]
    path = tmp_path_factory.mktemp("stray") / "deals.csv"
    path.write_text("id,title,price\n" + "\n".join(lines) + "\n")
    read = list(open_table(path).rows())
    right = {row.cells[0] for row in read if row.cells is not None}
    assert {f"id{n}" for n in range(len(rows)) if n != hit} <= right
    # The row that was hit is there too, as a row or as a broken one.
    assert hit + 2 in {row.line for row in read}
    assert len(read) == len(rows)

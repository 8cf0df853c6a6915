"""The account of public files of rates, prices and list prices, row for row."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from spiders.files.records_import import RecordOptions, import_records
from spiders.files.report import ImportReport
from warehouse.home import Home
from warehouse.landing import landed

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files"
    ),
]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
KINDS = ("case", "case-fan")


def files(pattern: str) -> list[Path]:
    return sorted(Path(os.environ["KATY_TEST_DATA"]).glob(pattern))


def some_of(pattern: str, folder: Path, belongs: Callable[[int, str], bool]) -> Path:
    """A copy of a packed file with its heading and those lines alone that belong to it (by number and text)."""
    (path,) = files(pattern)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as whole:
        lines = [line for number, line in enumerate(whole) if number == 0 or belongs(number, line)]
    (folder / path.stem).write_text("".join(lines), "utf-8", newline="")
    return folder / path.stem


def take(home: Home, paths: list[Path], record: str, **options: Any) -> ImportReport:
    """Import the files twice: the second time nothing is new."""
    said = RecordOptions(source="public", record=record, **options)
    first = import_records(home, paths, said, clock=lambda: NOW, say=lambda _: None)
    assert first.rows == first.loaded + first.known + first.quarantined
    again = import_records(home, paths, said, clock=lambda: NOW, say=lambda _: None)
    assert (again.rows, again.loaded, again.known) == (first.rows, 0, first.loaded + first.known)
    return first


def column(home: Home, record: str, name: str) -> list[Any]:
    values: list[Any] = pq.read_table(landed(home, record)[0], columns=[name], partitioning=None)[name].to_pylist()
    return values


def holes(report: ImportReport) -> int:
    return sum(file.holes for file in report.files)


@pytest.mark.parametrize(
    ("pattern", "kind", "count", "last"),
    [("fx/ars_usd_blue_*.csv", "parallel", 5_563, "296"), ("fx/ars_usd_official_*.csv", "official", 5_012, "131.23")],
)
def test_both_rates_of_the_peso_go_in(tmp_path: Path, pattern: str, kind: str, count: int, last: str) -> None:
    home = Home(tmp_path)
    report = take(home, files(pattern), "fx_rate", fixed={"base": "USD", "quote": "ARS", "kind": kind})
    assert (report.rows, report.loaded, report.quarantined) == (count, count, 0)
    days = column(home, "fx_rate", "observed_on")
    assert max(days) == date(2022, 7, 29)
    assert column(home, "fx_rate", "rate")[days.index(max(days))] == Decimal(last)


def test_prices_of_parts_are_told_apart_by_name_and_specification(tmp_path: Path) -> None:
    home = Home(tmp_path)
    # Every part of two kinds, an eighth of the file.
    path = some_of("list_prices/pc_parts_*.csv.gz", tmp_path, lambda _, line: line.split(",")[1] in KINDS)
    started = time.process_time()
    options = RecordOptions(source="public", record="list_price")
    report = import_records(home, [path], options, clock=lambda: NOW, say=lambda _: None)
    assert time.process_time() - started < 6
    assert (report.rows, report.loaded, report.known, report.reasons) == (20_858, 20_723, 134, {"no_price": 1})
    table = pq.read_table(landed(home, "list_price")[0], columns=["observed_at", "currency"], partitioning=None)
    assert pc.count_distinct(table["observed_at"]).as_py() == 11
    assert pc.unique(table["currency"]).to_pylist() == ["USD"]


def test_sets_without_a_price_are_quarantined(tmp_path: Path) -> None:
    home = Home(tmp_path)
    report = take(home, files("list_prices/lego_*.csv"), "list_price", currency="USD")
    assert (report.rows, report.loaded, report.reasons) == (1_304, 1_065, {"no_price": 239})
    assert len(set(column(home, "list_price", "id"))) == 1_065


@pytest.mark.parametrize(
    ("pattern", "values", "blank", "series"),
    [("price_history/*nvidia_gpu.csv", 2_503, 4_742, 35), ("price_history/*intel_cpu.csv", 5_721, 21_867, 119)],
)
def test_wide_tables_of_sold_prices_go_in(tmp_path: Path, pattern: str, values: int, blank: int, series: int) -> None:
    home = Home(tmp_path)
    report = take(home, files(pattern), "price_series", wide="dates", currency="USD")
    assert (report.rows, report.loaded, holes(report)) == (values, values, blank)
    assert len(set(column(home, "price_series", "series"))) == series
    assert set(column(home, "price_series", "days")) == {1}


def test_series_of_statisticians_go_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    paths = [path for path in files("price_history/fred/*.csv") if path.name < "APU00007022" or path.name[0] == "C"]
    report = take(home, paths, "price_series", wide="series")
    assert (len(report.files), report.rows, report.loaded, holes(report)) == (12, 6_813, 6_813, 316)
    table = pq.read_table(landed(home, "price_series")[0], partitioning=None)
    assert pc.count_distinct(table["series"]).as_py() == 12
    assert set(table["days"].to_pylist()) == {30}
    indices = {row["series"] for row in table.select(["series", "currency"]).to_pylist() if row["currency"] is None}
    assert indices == {name for name in set(table["series"].to_pylist()) if name.startswith("C")}


def test_weekly_prices_of_places_and_kinds_go_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = some_of("price_history/avocado_*.csv.gz", tmp_path, lambda number, _: number <= 8_000)
    report = take(home, [path], "price_series", mapping={"series": "geography + type"}, currency="USD")
    assert (report.rows, report.loaded, report.quarantined) == (8_000, 8_000, 0)
    assert len(set(column(home, "price_series", "series"))) == 108
    assert set(column(home, "price_series", "days")) == {7}
    assert json.loads(column(home, "price_series", "attributes")[0])["type"] == "conventional"


def test_the_price_of_one_good_in_many_currencies_goes_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mapping = {"series": "iso_a3", "title": "name", "value": "local_price", "currency": "currency_code"}
    report = take(home, files("fx/big_mac_*.csv"), "price_series", mapping=mapping)
    assert (report.rows, report.loaded, report.quarantined) == (1_948, 1_948, 0)
    assert len(set(column(home, "price_series", "currency"))) > 40

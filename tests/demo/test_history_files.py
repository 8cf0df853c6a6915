"""The files of the town's past: different shapes, the same bytes for the same seed, a handful of bad rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from demo.files import HistoryFile, write_history
from demo.town import simulate

END = date(2026, 11, 20)
LAST_DAY = date(2026, 11, 13)
NAMES = ("second_turn_sold.csv.gz", "river_ads.jsonl", "trail_market_asking.xlsx", "trail_market_sold.parquet",
         "town_hall_board.csv")  # fmt: skip


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, HistoryFile]:
    files = write_history(simulate(7, 7, end=END), tmp_path_factory.mktemp("past") / "made")
    return {file.path.name: file for file in files}


def sheet_rows(path: Path) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def csv_rows(path: Path) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode(), newline="")))


READ: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    NAMES[0]: csv_rows,
    NAMES[1]: lambda path: [json.loads(line) for line in path.read_text().splitlines()],
    NAMES[2]: sheet_rows,
    NAMES[3]: lambda path: pq.read_table(path).to_pylist(),
    NAMES[4]: lambda path: list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""))),
}


def believable(price: object) -> bool:
    try:
        return float(str(price).replace("$", "").replace(",", "")) > 0 if "," not in str(price)[-3:] else False
    except ValueError:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_the_rows_it_says_and_all_columns_it_maps(name: str, history: dict[str, HistoryFile]) -> None:
    file = history[name]
    rows = READ[name](file.path)
    columns = {column for row in rows for column in row}
    assert len(rows) == file.rows
    assert set(file.mapping.values()) <= columns
    assert {"title", "price", "observed_at"} <= set(file.mapping) | {column.strip().lower() for column in columns}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_planted_prices_cannot_be_believed(name: str, history: dict[str, HistoryFile]) -> None:
    file = history[name]
    prices = [row.get(file.mapping["price"]) for row in READ[name](file.path)]
    assert [believable(price) for price in prices].count(False) == file.bad
    assert 3 <= file.bad <= 10


def test_all_files_together_are_eight_to_twelve_thousand_rows(history: dict[str, HistoryFile]) -> None:
    assert 8_000 <= sum(file.rows for file in history.values()) <= 12_000
    assert {file.kind for file in history.values()} == {"asking", "sold"}


def test_arguments_are_those_of_the_import_command(history: dict[str, HistoryFile]) -> None:
    told = history[NAMES[0]].arguments
    assert told[:5] == (str(history[NAMES[0]].path), "--source", "second_turn", "--kind", "sold")
    assert "title=Item Description" in told
    assert told[told.index("region=US-MO") - 1] == "--set"


def test_nothing_in_the_files_happened_after_the_past(history: dict[str, HistoryFile]) -> None:
    shop = [datetime.strptime(row["Sold On"], "%m/%d/%Y %I:%M %p") for row in READ[NAMES[0]](history[NAMES[0]].path)]  # noqa: DTZ007
    ads = [datetime.fromisoformat(row["seen"]).astimezone(UTC) for row in READ[NAMES[1]](history[NAMES[1]].path)]
    sold = [row["sold_at"] for row in READ[NAMES[3]](history[NAMES[3]].path)]
    listed = [row["Listed"] for row in READ[NAMES[2]](history[NAMES[2]].path)]
    for moments in (shop, ads, sold, listed):
        assert max(moments).date() == LAST_DAY


def test_equal_towns_give_equal_bytes_whatever_the_clock_says(
    history: dict[str, HistoryFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time() + 86_400 * 40
    monkeypatch.setattr(time, "time", lambda: later)
    again = write_history(simulate(7, 7, end=END), tmp_path)
    assert [file.path.read_bytes() for file in again] == [file.path.read_bytes() for file in history.values()]


def test_files_can_be_made_by_hand_and_are_the_same_in_another_process(
    history: dict[str, HistoryFile], tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "demo.files", str(tmp_path), "--seed", "7", "--end", END.isoformat()],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "11"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("katy import listings") == len(NAMES)
    for name, file in history.items():
        assert (tmp_path / name).read_bytes() == file.path.read_bytes()

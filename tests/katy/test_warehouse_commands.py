"""`katy sql` and `katy snapshots` on a real published snapshot."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from katy.cli import app
from warehouse import build, database, landing, load, lock, snapshot
from warehouse.errors import BadInput, KatyError, NothingPublished
from warehouse.home import Home
from warehouse.records import Listing

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = Home(tmp_path_factory.mktemp("published"))
    run = landing.new_run(NOW)
    rows = [
        Listing(
            source="shop",
            id=str(number),
            kind="sold",
            title=f'Drill "{number}", boxed',
            price=Decimal(number) + Decimal("0.50"),
            currency="USD",
            observed_at=NOW,
            run=run,
            row=number,
            found_at=f"shop.csv line {number}",
            price_path="column price",
        )
        for number in range(1, 21)
    ]
    landing.land(folder, rows, source="shop", run=run, now=NOW)
    with lock.writer(folder, print):
        connection = database.open_writer(folder)
        load.load(connection, folder, NOW)
        build.build_core(connection, "USD")
        build.build_mart(connection)
        snapshot.publish(folder, connection, contents=None, manifest={}, now=NOW, code_version="test")
        connection.close()
    return folder


def katy(home: Home, *words: str) -> str:
    result = CliRunner().invoke(app, ["--home", str(home.root), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_sql_answers_programs_in_json_with_the_snapshot_it_read(home: Home) -> None:
    answer = json.loads(katy(home, "sql", "SELECT title, price FROM mart.listing ORDER BY price LIMIT 2", "--json"))
    assert answer["snapshot"] == snapshot.current(home).id
    assert answer["columns"] == ["title", "price"]
    assert [title for title, _ in answer["rows"]] == ['Drill "1", boxed', 'Drill "2", boxed']
    assert Decimal(answer["rows"][0][1]) == Decimal("1.5")
    assert answer["truncated"] is False


def test_sql_says_when_there_are_more_rows(home: Home) -> None:
    answer = json.loads(katy(home, "sql", "SELECT * FROM mart.listing", "--json", "--max-rows", "7"))
    assert len(answer["rows"]) == 7
    assert answer["truncated"] is True


def test_sql_writes_csv_that_reads_back(home: Home) -> None:
    text = katy(home, "sql", "SELECT title, price FROM mart.listing ORDER BY price", "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[2] == {"title": 'Drill "3", boxed', "price": "3.5"}
    assert len(rows) == 20


def test_sql_in_a_pipe_is_one_line_per_row(home: Home) -> None:
    assert katy(home, "sql", "SELECT 1 AS a, 'x\ny' AS b, NULL AS c") == "a\tb\tc\n1\tx y\t\n"


def test_numbers_that_json_does_not_know_are_null(home: Home) -> None:
    assert json.loads(katy(home, "sql", "SELECT 'nan'::DOUBLE, 'inf'::DOUBLE", "--json"))["rows"] == [[None, None]]


@pytest.mark.parametrize(
    "query", ["DROP TABLE raw.listing", "SELECT 1; SELECT 2", "SELECT * FROM nowhere", "ATTACH 'x'"]
)
def test_sql_that_is_not_one_reading_statement_is_refused(home: Home, query: str) -> None:
    with pytest.raises(BadInput):
        katy(home, "sql", query)


def test_sql_gives_up_at_its_time_limit(home: Home) -> None:
    with pytest.raises(KatyError, match="stopped after"):
        katy(home, "sql", "SELECT count(*) FROM range(1e12::BIGINT) a", "--seconds", "0.2")


def test_snapshots_marks_the_one_being_served(home: Home) -> None:
    listed = json.loads(katy(home, "snapshots", "--json"))
    assert [(one["id"], one["current"]) for one in listed] == [(snapshot.current(home).id, True)]
    assert f"* {snapshot.current(home).id}" in " ".join(katy(home, "snapshots").split())


def test_before_the_first_publish_sql_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="katy run"):
        katy(Home(tmp_path), "sql", "SELECT 1")
    assert katy(Home(tmp_path), "snapshots", "--json") == "[]\n"

"""A quarantined row of any record is corrected by a person and let in, once; the commands that do it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from spiders.agent.believe import Reading, read_record
from spiders.files.records_import import RecordOptions, import_records
from spiders.files.release import release
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.quarantine import listing as quarantined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = datetime(2027, 3, 1, 12, tzinfo=UTC)
RUNNER = CliRunner()


def held(home: Home, record: str, text: str, **options: Any) -> str:
    """The id of the one row of a file that is quarantined."""
    path = home.root / "file.csv"
    path.write_text(text, encoding="utf-8")
    import_records(home, [path], RecordOptions(source="test", record=record, **options), clock=lambda: NOW, say=print)
    (one,) = quarantined(home)
    return one.row.id


def let_in(home: Home, row_id: str, **corrections: str) -> Any:
    return release(home, row_id, corrections, clock=lambda: LATER, say=lambda _: None)


def test_a_rate_is_corrected_and_let_in_once(home: Home, rows: Any) -> None:
    pair = {"base": "USD", "quote": "ARS", "kind": "parallel"}
    row_id = held(home, "fx_rate", 'date,rate\n2022-07-29,"296,5O"\n2022-07-28,"314,25"\n', fixed=pair)
    with pytest.raises(BadInput, match="stays in the quarantine as bad_rate"):
        let_in(home, row_id)
    done = let_in(home, row_id, price="296.5")
    assert (done.loaded, done.record.rate, done.record.observed_on) == (1, Decimal("296.5"), date(2022, 7, 29))
    assert done.told() == "USD ARS parallel 2022-07-29, 296.5"
    assert [row["rate"] for row in rows(home, "fx_rate")] == [Decimal("314.25"), Decimal("296.5")]
    with pytest.raises(BadInput, match="released on"):
        let_in(home, row_id, rate="1")


def test_a_list_price_keeps_the_time_of_its_first_reading_and_gets_its_id(home: Home) -> None:
    row_id = held(home, "list_price", "name,price,colour\nDrill,€ 5O,red\nSaw,5,red\n", currency="USD")
    done = let_in(home, row_id, price="50", currency="EUR")
    assert (done.record.price, done.record.currency, done.record.observed_at) == (50, "EUR", NOW)
    assert done.record.attributes == {"colour": "red"}
    assert len(done.record.id) == 24
    assert done.to_json()["title"] == "Drill"


def test_a_person_may_say_which_currency_a_sign_means(home: Home) -> None:
    row_id = held(home, "list_price", "name,price\nDrill,5 kr\n")
    done = let_in(home, row_id, currency="SEK")
    assert (done.record.price, done.record.currency) == (5, "SEK")


def test_a_value_of_a_series_is_corrected(home: Home) -> None:
    row_id = held(home, "price_series", "name,2024-01-01,2024-02-01\nA,1,x\n", wide="dates", currency="EUR")
    done = let_in(home, row_id, value="2,5")
    record = done.record
    assert (record.series, record.period, record.value, record.currency) == (
        "A",
        date(2024, 2, 1),
        Decimal("2.5"),
        "EUR",
    )


def test_a_broken_row_is_let_in_by_saying_all_of_it(home: Home) -> None:
    row_id = held(home, "fx_rate", "date,rate\n2024-01-01,1,2,3\n2024-01-02,5\n", fixed={"base": "USD", "quote": "EUR"})
    with pytest.raises(BadInput, match="no_"):
        let_in(home, row_id)
    assert let_in(home, row_id, rate="1.2", date="2024-01-01").record.kind == "official"


def test_a_row_of_any_other_record_is_let_in_too(home: Home, rows: Any) -> None:
    run = new_run(NOW)
    reading = Reading(source="bank", run=run, now=NOW, defaults={"currency": "USD"})
    row = {"commodity": "gold", "title": "Gold", "period": "2024-01", "days": "30", "price": "2.O34", "unit": "toz"}
    refused = read_record("commodity_price", row, reading, found_at="sheet row 7", number=1)
    land(home, [refused], source="bank", run=run, now=NOW)
    done = let_in(home, quarantined(home)[0].row.id, price="2034")
    assert (done.loaded, done.record.price, done.record.observed_at) == (1, 2034, NOW)
    assert rows(home, "commodity_price")[0]["found_at"] == "sheet row 7"
    assert done.told() == "Gold, 2034 USD"


@pytest.fixture
def katy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KATY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KATY_NOW", "2026-06-01T12:00:00Z")
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        return RUNNER.invoke(app, list(words))

    return run


def test_files_of_every_record_have_a_command(katy: Any) -> None:
    Path("rates.csv").write_text("d,v\n2024-01-01,1.5\n2024-01-02,x\n")
    Path("gpus.csv").write_text("GPU name,2024-01-01,2024-01-02\nA,5,\n")
    Path("fred.csv").write_text("DATE,APU01\n2024-01-01,.\n2024-02-01,2\n")
    Path("parts.csv").write_text("name,price_usd\nFan,0.0\nCase,80\n")
    told = katy("import", "rates", "rates.csv", "--source", "bcra", "--set", "base=USD", "--currency", "ARS",
                "--set", "kind=parallel", "--map", "rate=v", "--map", "observed_at=d")  # fmt: skip
    assert "2 rows read = 1 loaded + 0 already known + 1 quarantined" in told.stdout
    assert "bad_rate: 1" in told.stdout
    report = json.loads(katy("import", "prices", "gpus.csv", "--source", "gpus", "--wide-dates", "--json").stdout)
    assert (report["record"], report["loaded"], report["files"][0]["holes"]) == ("price_series", 1, 1)
    assert "1 loaded" in katy("import", "prices", "fred.csv", "--source", "fred", "--wide-series").stdout
    assert "no_price: 1" in katy("import", "list-prices", "parts.csv", "--source", "parts").stdout
    both = katy("import", "prices", "gpus.csv", "--source", "gpus", "--wide-dates", "--wide-series")
    assert isinstance(both.exception, BadInput)


def test_a_rate_is_released_by_command(katy: Any) -> None:
    Path("rates.csv").write_text("date,rate\n2024-01-02,x\n")
    katy("import", "rates", "rates.csv", "--source", "bank", "--set", "base=USD", "--set", "quote=EUR")
    (row,) = json.loads(katy("quarantine", "list", "--json").stdout)
    released = json.loads(katy("quarantine", "release", row["id"], "--set", "rate=0.92", "--json").stdout)
    assert (released["record"], released["rate"], released["loaded"]) == ("fx_rate", "0.92", 1)

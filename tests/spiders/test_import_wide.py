"""Wide tables: each value is a row of its own, wherever it stands, and a blank cell is a hole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.files.record_plan import RecordOptions, period_days
from spiders.files.records_import import import_records
from spiders.files.report import ImportReport
from spiders.files.table import Table, TableRow
from spiders.files.wide import melt
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.quarantine import listing as quarantined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def take(home: Home, text: str, record: str = "price_series", **options: Any) -> ImportReport:
    path = home.root / "wide.csv"
    path.write_text(text, encoding="utf-8")
    said = RecordOptions(source="test", record=record, **options)
    report = import_records(home, [path], said, clock=lambda: NOW, say=lambda _: None)
    assert report.rows == report.loaded + report.known + report.quarantined
    return report


def test_columns_may_be_dates_in_any_order(home: Home, rows: Any) -> None:
    text = (
        'CPU Name,"Apr 12, 2023","Apr 13, 2024","Apr 2, 2024","Dec 1, 2020",Maker\n'
        'GTX 1050,10.5,,,"1,234.5",Nvidia\nRTX 4090,,NA,1599,-,Nvidia\n'
    )
    report = take(home, text, wide="dates", currency="USD")
    assert (report.rows, report.loaded, report.files[0].holes) == (3, 3, 5)
    found = {(row["series"], row["period"]): row["value"] for row in rows(home, "price_series")}
    assert found == {
        ("GTX 1050", date(2023, 4, 12)): Decimal("10.5"),
        ("GTX 1050", date(2020, 12, 1)): Decimal("1234.5"),
        ("RTX 4090", date(2024, 4, 2)): Decimal(1599),
    }
    row = rows(home, "price_series")[0]
    assert row["found_at"] == "wide.csv line 2 column Apr 12, 2023"
    assert "Nvidia" in row["attributes"]


def test_headings_learn_from_each_other_which_number_is_the_day(home: Home, rows: Any) -> None:
    take(home, "name,02/03/2024,31/03/2024\nA,1,2\n", wide="dates")
    assert {row["period"] for row in rows(home, "price_series")} == {date(2024, 3, 2), date(2024, 3, 31)}


def test_a_heading_that_should_be_a_date_costs_its_values_not_the_file(home: Home) -> None:
    report = take(home, 'name,"Feb 30, 2024",2024-03-01,2024-03-01\nA,1,2,x\n,,5,\n', wide="dates")
    assert report.reasons == {"bad_date": 1, "bad_value": 1, "no_series": 1}
    assert {held.row.message.split(":")[0] for held in quarantined(home)} == {
        "wide.csv line 2 column Feb 30, 2024",
        "wide.csv line 2 column 2024-03-01",
        "wide.csv line 3 column 2024-03-01",
    }


def test_columns_may_be_series(home: Home, rows: Any) -> None:
    text = '"Date","APU01","CUUR02",note\n1980-01-01,0.203,NA,first\n1980-02-01,.,77.1,second\n'
    report = take(home, text, wide="series")
    assert (report.rows, report.loaded, report.files[0].holes) == (2, 2, 2)
    found = {row["series"]: (row["value"], row["currency"], row["days"]) for row in rows(home, "price_series")}
    assert found == {"APU01": (Decimal("0.203"), "USD", 30), "CUUR02": (Decimal("77.1"), None, 30)}


def test_a_series_may_be_named_by_row_and_column(home: Home, rows: Any) -> None:
    text = "week,place,new,used\n2024-01-01,US,5,3\n2024-01-01,DE,6,4\n"
    take(home, text, wide="series", mapping={"series": "place"})
    found = {row["series"]: row["value"] for row in rows(home, "price_series")}
    assert found == {"US new": 5, "US used": 3, "DE new": 6, "DE used": 4}


def test_a_table_of_currencies_gives_rates(home: Home, rows: Any) -> None:
    text = "Date,USD,JPY,TRL,Holiday\n2026-10-30,1.1172,N/A,,no\n2026-10-29,1.11,175.68,,no\n"
    report = take(home, text, "fx_rate", wide="series", fixed={"base": "EUR"})
    assert (report.loaded, report.files[0].holes) == (3, 3)
    assert {row["quote"] for row in rows(home, "fx_rate")} == {"USD", "JPY"}


def test_broken_rows_of_a_wide_table_are_counted_too(home: Home) -> None:
    report = take(home, "name,2024-01-01,2024-01-02\nA,1,2\nB,1,2,3,4\n", wide="dates")
    assert (report.rows, report.loaded, report.reasons) == (3, 2, {"broken_row": 1})


@pytest.mark.parametrize(
    ("text", "wide", "message"),
    [
        ("name,a,b\nx,1,2\n", "dates", "no column whose heading is a date"),
        ("2024-01-01,2024-01-02\n1,2\n", "dates", "--set series"),
        ("a,b\nx,1\n", "series", "no column for the period"),
        ("date,note\n2024-01-01,x\n", "series", "no column of numbers"),
        ("name,2024-01-01\nA,\n", "dates", "no rows"),
    ],
)
def test_a_table_that_is_not_wide_is_refused(home: Home, text: str, wide: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        take(home, text, wide=wide)


@given(st.lists(st.lists(st.sampled_from(["", "NA", "1", "2.5", "x"]), min_size=4, max_size=4), min_size=1, max_size=6))
def test_values_and_holes_are_all_cells(cells: list[list[str]]) -> None:
    columns = ["name", "2024-01-01", "2024-02-01", "Mar 3, 2024", "2024-04-01"]
    lines = [["A", *row] for row in cells]
    table = Table("t.csv", columns, "line", [], lambda: (TableRow(n, row) for n, row in enumerate(lines, 2)))
    long, _ = melt(table, RecordOptions(source="test", record="price_series", wide="dates"), list(lines))
    for _ in range(2):  # each reading counts anew
        found = list(long.rows())
        assert len(found) + long.holes[0] == 4 * len(cells)
    assert all(row.cells is not None and row.cells[-1] in {"1", "2.5", "x"} for row in found)


@given(st.sampled_from([1, 7, 30, 91, 365]), st.integers(2, 60), st.dates(date(1950, 1, 1), date(2000, 1, 1)))
def test_the_step_between_dates_says_how_long_a_period_is(step: int, count: int, first: date) -> None:
    assert period_days([(first + timedelta(days=step * n)).isoformat() for n in range(count)], None) == step


def test_a_single_period_says_by_its_form_how_long_it_is() -> None:
    assert [period_days([text], None) for text in ("2024", "2024-05", "1960M01", "2024-05-01")] == [365, 30, 30, 1]

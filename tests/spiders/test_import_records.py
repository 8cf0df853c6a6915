"""Files of list prices, rates and published prices: every row is accounted for, and means what its columns say."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.files.records_import import RecordOptions, import_records
from spiders.files.report import ImportReport
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.quarantine import listing as quarantined

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Take = Callable[..., ImportReport]


@pytest.fixture
def take(tmp_path: Path, home: Home) -> Take:
    """`take(record, text, **options)` imports a file of that text."""

    def run(record: str, text: str, name: str = "file.csv", **options: Any) -> ImportReport:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        said = RecordOptions(source="test", record=record, **options)
        report = import_records(home, [path], said, clock=lambda: NOW, say=lambda _: None)
        assert report.rows == report.loaded + report.known + report.quarantined
        return report

    return run


def reasons(home: Home) -> list[str]:
    return [held.row.reason for held in quarantined(home)]


def test_a_file_of_one_pair_needs_only_to_be_told_which(take: Take, home: Home, rows: Any) -> None:
    text = ",d,v\n0,2000-05-24,1.0005\n1,2000-05-25,0.9994000000000001\n2,2000-05-26,NA\n"
    pair = {"base": "USD", "quote": "ars", "kind": "blue"}
    first = take("fx_rate", text, fixed=pair)
    assert (first.loaded, first.reasons) == (2, {"no_rate": 1})
    landed = rows(home, "fx_rate")
    assert {(row["base"], row["quote"], row["kind"]) for row in landed} == {("USD", "ARS", "parallel")}
    assert [row["rate"] for row in landed] == [Decimal("1.0005"), Decimal("0.9994")]
    assert landed[0]["observed_on"] == date(2000, 5, 24)
    again = take("fx_rate", text, fixed=pair)
    assert (again.loaded, again.known, again.quarantined) == (0, 2, 1)
    assert len(quarantined(home)) == 1


def test_a_rate_is_what_its_column_of_numbers_says(take: Take, home: Home, rows: Any) -> None:
    text = 'day,from,to,rate\n13/02/2024,USD,ARS,"1.010,5"\n02/03/2024,USD,ARS,"1.011"\n'
    assert take("fx_rate", text, fixed={"kind": "parallel"}).loaded == 2
    found = {row["observed_on"]: row["rate"] for row in rows(home, "fx_rate")}
    assert found == {date(2024, 2, 13): Decimal("1010.5"), date(2024, 3, 2): Decimal(1011)}


def test_what_cannot_be_a_rate_is_quarantined_with_its_reason(take: Take, home: Home) -> None:
    text = (
        "date,base,quote,kind,rate\n2024-01-01,USD,ARS,blue,1e99\n2024-01-02,USD,USD,official,1\n"
        "2024-01-03,USD,ARS,lunar,5\n2024-01-04,USD,ARS,blue,12O\n2030-01-05,USD,ARS,blue,5\n"
        "2024-01-06,US D,ARS,blue,5\n"
        "2024-01-07,USD,ARS,blue,-5\n2024-01-08,USD,ARS,blue,5\n2024-01-08,USD,ARS,blue,6\n2024-01-08,USD,ARS,blue,5.0\n"
    )
    report = take("fx_rate", text)
    assert (report.rows, report.loaded, report.known) == (10, 1, 1)
    assert reasons(home) == [
        *("rate_out_of_range", "bad_currency", "bad_kind", "bad_rate", "date_in_future", "bad_currency", "unlikely"),
        "ambiguous_rate",
    ]


def test_a_price_brings_its_own_currency(take: Take, home: Home, rows: Any) -> None:
    text = 'name,price\nDrill,$5\nSaw,"1.299,00 €"\nNut,"£3,20/kg"\nPin,5 kr\n'
    report = take("list_price", text, currency="USD")
    assert report.reasons == {"bad_currency": 1}
    found = {row["title"]: (row["price"], row["currency"]) for row in rows(home, "list_price")}
    assert found == {"Drill": (5, "USD"), "Saw": (1299, "EUR"), "Nut": (Decimal("3.2"), "GBP")}


def test_zero_is_no_list_price(take: Take, home: Home) -> None:
    text = "name,price\nA,0.0\nB,on request\nC,\nD,-5\nE,1e12\nF,5-10\nG,free\n"
    assert take("list_price", text).loaded == 0
    want = [
        "no_price",
        "no_price",
        "no_price",
        "price_out_of_range",
        "price_out_of_range",
        "ambiguous_price",
        "no_price",
    ]
    assert reasons(home) == want


def test_an_article_without_an_id_is_told_by_what_it_is(take: Take, home: Home, rows: Any) -> None:
    text = (
        "snapshot_date,category,name,price_usd,spec_json\n"
        '2024-01-01,fan,Blow,9.5,"{""size"":120,""rpm"":[500,1200],""psu"":null}"\n'
        '2024-02-01,fan,Blow,8.5,"{""size"":120,""rpm"":[500,1200],""psu"":null}"\n'
        '2024-01-01,fan,Blow,9.5,"{""size"":140,""rpm"":[500,1200],""psu"":null}"\n'
        '2024-01-01,fan,Blow,9.5,"{""size"":140,""rpm"":[500,1200],""psu"":null}"\n'
    )
    report = take("list_price", text)
    assert (report.loaded, report.known) == (3, 1)
    landed = rows(home, "list_price")
    assert len({row["id"] for row in landed}) == 2
    assert landed[0]["id"] == landed[1]["id"]
    assert json.loads(landed[0]["attributes"]) == {"spec_json.size": "120", "spec_json.rpm": "500; 1200"}
    assert landed[0]["currency"] == "USD"
    assert not [note for note in report.notes if "without a currency" in note]


def test_an_article_is_told_by_its_number_its_gtin_or_its_address(take: Take, home: Home, rows: Any) -> None:
    text = (
        "Item Number,name,price,ean,url\n41916.0,Dots,4,4006381333931,\n,Saw,5,4006381333931,\n"
        ",Hat,6,123,https://shop.example/itm/123456789?utm_source=x\n,Cap,7,,javascript:alert(1)\n"
    )
    assert take("list_price", text).loaded == 4
    landed = {row["title"]: row for row in rows(home, "list_price")}
    assert [landed[name]["id"] for name in ("Dots", "Saw", "Hat")] == ["41916", "4006381333931", "123456789"]
    assert json.loads(landed["Hat"]["attributes"]) == {"gtin as written": "123"}
    assert landed["Cap"]["url"] is None


def test_undated_list_prices_keep_the_time_of_their_first_import(take: Take, home: Home, rows: Any) -> None:
    text = "name,price\nDrill,5\n"
    assert take("list_price", text).loaded == 1
    assert take("list_price", text).known == 1
    assert {row["observed_at"] for row in rows(home, "list_price")} == {NOW}


def test_persons_are_hidden_in_attributes_and_in_the_quarantine(take: Take, home: Home, tmp_path: Path) -> None:
    text = (
        "name,price,seller,contact_email,remark\nDrill,5,Hans Meier,hans@meier.example,call 314-555-0100\n"
        'Saw,x,Hans Meier,hans@meier.example,Hans Meier\nHat,6,"Hans Meier,,\n'
    )
    take("list_price", text, fixed={"owner name": "Hans Meier"})
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    held = "".join(one.row.row_json + one.row.message for one in quarantined(home))
    for word in ("Meier", "555-0100", "meier.example"):
        assert word.encode() not in kept
        assert word not in held
    assert len(quarantined(home)) == 2


def test_a_series_is_named_by_as_many_columns_as_it_takes(take: Take, home: Home, rows: Any) -> None:
    text = (
        "date,average_price,total_volume,type,geography\n2020-01-05,1.22,40873.28,conventional,Albany\n"
        "2020-01-05,1.79,n/a,organic,Albany\n2020-01-12,1.25,many,conventional,Albany\n"
    )
    loose = take("price_series", text, mapping={"series": "geography"})
    assert any("1 values differ from another" in note for note in loose.notes)
    report = take("price_series", text, mapping={"series": "geography + type"})
    assert not any("differ" in note for note in report.notes)
    landed = {(row["series"], str(row["period"])): row for row in rows(home, "price_series")}
    row = landed["Albany conventional", "2020-01-05"]
    assert (row["value"], row["volume"], row["days"], row["statistic"]) == (
        Decimal("1.22"),
        Decimal("40873.28"),
        7,
        "mean",
    )
    assert json.loads(landed["Albany conventional", "2020-01-12"]["attributes"])["volume as written"] == "many"


def test_an_index_has_no_currency(take: Take, home: Home, rows: Any) -> None:
    take("price_series", "DATE,CPIAUCSL\n1947-01-01,21.48\n1947-02-01,.\n1947-03-01,22\n")
    take("price_series", "observation_date,DGS10\n2010-01-01,-0.5\n", fixed={"statistic": "index"})
    landed = rows(home, "price_series")
    assert {(row["series"], row["currency"], row["statistic"]) for row in landed} == {
        ("CPIAUCSL", None, "index"),
        ("DGS10", None, "index"),
    }
    assert reasons(home) == ["no_value"]


def test_a_file_may_be_compressed_json_or_in_another_encoding(take: Take, home: Home, tmp_path: Path) -> None:
    import gzip

    fixed = {"base": "USD", "quote": "EUR"}
    lines = '{"date":"2024-01-01","rate":0.9050}\nbroken\n{"date":"2024-01-02","rate":null}\n'
    report = take("fx_rate", lines, "rates.jsonl", fixed=fixed)
    assert (report.loaded, report.reasons) == (1, {"broken_row": 1, "no_rate": 1})
    path = tmp_path / "rates.csv.gz"
    path.write_bytes(gzip.compress("Día;rate\n03.01.2024;0,91\n".encode("cp1252")))
    options = RecordOptions(source="test", record="fx_rate", fixed=fixed)
    report = import_records(home, [path], options, clock=lambda: NOW, say=lambda _: None)
    assert report.loaded == 1


@pytest.mark.parametrize(
    ("record", "text", "options", "message"),
    [
        ("fx_rate", "date,x,y\n2024-01-01,1,2\n", {}, "no column for the rate.*--map"),
        ("fx_rate", "date,rate\n2024-01-01,1\n", {}, "no column for the quote.*--set quote"),
        ("price_series", "a,b\n1,2\n", {}, "no column for the"),
        ("price_series", "date,price,place\n2024-01-01,1,x\n", {}, "no column for the series"),
        ("list_price", "date,x\n2024-01-01,5\n", {}, "no column for the title"),
        ("list_price", "name,price\n", {}, "no rows"),
        ("list_price", "name,price\nA,1\n", {"fixed": {"observed_at": "soon"}}, "no date"),
        ("list_price", "name,price\nA,1\n", {"currency": "ABC"}, "ISO 4217"),
        ("list_price", "name,price\nA,1\n", {"wide": "dates"}, "cannot be wide"),
        ("list_price", "name,price\nA,1\n", {"mapping": {"title": "nam"}}, "did you mean"),
        ("weather", "a\n1\n", {}, "no record"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_lands_nothing(
    take: Take, home: Home, record: str, text: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        take(record, text, **options)
    assert not list(home.landing.rglob("*.parquet"))


@settings(max_examples=8, deadline=None)
@given(
    table=st.lists(
        st.tuples(
            st.sampled_from(["2024-01-01", "2024-01-02", "", "x", "2099-01-01"]),
            st.one_of(
                st.decimals(allow_nan=True, allow_infinity=True).map(str), st.text("0123456789.,-+eEx$€ ", max_size=6)
            ),
            st.sampled_from(["USD", "ARS", "", "?"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_row_is_loaded_known_or_quarantined(table: list[tuple[str, str, str]], tmp_path_factory: Any) -> None:
    import csv

    folder = tmp_path_factory.mktemp("any")
    path = folder / "rates.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file).writerows([("date", "rate", "quote"), *table])
    options = RecordOptions(source="test", record="fx_rate", fixed={"base": "EUR"})
    report = import_records(Home(folder / "home"), [path], options, clock=lambda: NOW, say=lambda _: None)
    assert report.rows == report.loaded + report.known + report.quarantined

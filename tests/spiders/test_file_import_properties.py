"""What holds for any table: every row is counted, equal input gives equal rows, and no seller's name gets through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.files.importer import import_listings
from spiders.files.plan import ImportOptions, Plan, learn, plan_of, resolve
from spiders.files.rows import Place, read_row
from spiders.privacy import Veil, scrub
from warehouse.home import Home
from warehouse.keys import pseudonym
from warehouse.landing import landed
from warehouse.records import Listing, Quarantined

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLACE = Place("deals.csv line 2", "20260601T120000Z-abcdef", 1, NOW)
COLUMNS = ["title", "price", "currency", "seller", "observed_at", "url", "quantity", "kind", "note", "list_price"]
PRICES = st.sampled_from(["5", "$12.50", "12,50 €", "", "N/A", "-3", "1e12", "12,5O", "$1 - $2", "500 kr", "free"])
CELLS = st.one_of(
    st.text(max_size=20), st.sampled_from(["2026-01-01", "05/13/2020", "USD", "sold", "https://a.b/itm/1234567"])
)
ROWS = st.lists(st.tuples(st.text(max_size=12), PRICES, *[CELLS] * 8).map(list), min_size=1, max_size=8)


def plan(rows: list[list[str]], **options: Any) -> Plan:
    asked = ImportOptions("shop", **options).checked()
    return learn(resolve(asked, "deals.csv", COLUMNS, [], NOW, NOW + timedelta(hours=14)), rows)


@given(ROWS)
def test_every_row_is_a_listing_or_quarantined_with_a_reason(rows: list[list[str]]) -> None:
    reading = plan(rows)
    for row in rows:
        record = read_row(reading, row, PLACE, {})
        if isinstance(record, Quarantined):
            assert record.reason
            assert record.message.startswith("deals.csv line 2: ")
        else:
            assert 0 < record.price < 10**9
            assert record.title
            assert record.observed_at <= reading.latest
            assert len(record.currency) == 3


@given(ROWS)
def test_equal_rows_are_read_equally(rows: list[list[str]]) -> None:
    reading = plan(rows)
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    assert [read_row(reading, row, PLACE, first) for row in rows] == [
        read_row(reading, row, PLACE, second) for row in rows
    ]


@given(ROWS)
def test_sales_of_one_file_are_never_one(rows: list[list[str]]) -> None:
    rows = [[*row[:5], "", "", "", *row[8:]] for row in rows] * 2
    reading = plan(rows, kind="sold")
    seen: dict[str, int] = {}
    sales = [record for row in rows if isinstance(record := read_row(reading, row, PLACE, seen), Listing)]
    assert len({sale.id for sale in sales}) == len(sales)


@given(ROWS)
def test_a_quarantined_row_reads_the_same_from_what_was_kept(rows: list[list[str]]) -> None:
    import json

    reading = plan(rows)
    for row in rows:
        record = read_row(reading, row, PLACE, {})
        if isinstance(record, Quarantined):
            kept = json.loads(record.row_json)
            again = plan_of("shop", list(kept), record.reading_json, reading.latest, NOW)
            cells = [kept.get(column, "") for column in again.columns]
            second = read_row(again, cells, PLACE, {})
            assert isinstance(second, Quarantined)
            assert (second.reason, second.message) == (record.reason, record.message)


NAMES = st.text("abcdefghijklmnopqrstuvwxyzäöü ", min_size=8, max_size=20).filter(lambda name: len(name.split()) > 1)


@given(NAMES, st.sampled_from(["", "12,5O", "5"]))
def test_a_sellers_name_does_not_get_through(name: str, price: str) -> None:
    row = ["Drill", price, "USD", name, "2026-01-01", "", "", "", name.upper(), ""]
    reading = plan([row])
    veil = Veil(reading, lambda seller: pseudonym(b"k" * 32, "shop", seller))
    record = read_row(reading, veil.hide(row), PLACE, {})
    assert name.strip().casefold() not in repr(record).casefold()


def test_phones_and_emails_are_taken_out_of_texts() -> None:
    text = "Call (314) 555-0199 or +49 170 1234567, 314-555-0199, bob.smith@mail.example.com"
    assert scrub(text) == "Call [phone] or [phone], [phone], [e-mail]"
    for harmless in (
        "9781138477858",
        "256GB SSD 16GB RAM",
        "2026-03-10 12:12:58",
        "1,234,567.89",
        "010-01735-10",
        "$1,250",
    ):
        assert scrub(harmless) == harmless


@settings(max_examples=5, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=5))
def test_no_file_of_the_data_folder_holds_a_sellers_name(tmp_path_factory: Any, names: list[str]) -> None:
    folder: Path = tmp_path_factory.mktemp("privacy")
    rows = [f'Drill,{price},"{name}","{name}",call 314-555-0199' for name in names for price in ("5", "12;5O")]
    (folder / "deals.csv").write_text("title,price,seller,User Name,text\n" + "\n".join(rows) + '\n"' + names[0] + "\n")
    home = Home(folder / "home")
    report = import_listings(home, [folder / "deals.csv"], ImportOptions("shop"), clock=lambda: NOW, say=lambda _: None)
    assert report.rows == report.loaded + report.known + report.quarantined == len(rows) + 1
    kept = "".join(
        repr(pq.read_table(path, partitioning=None).to_pylist())
        for record in ("listing", "quarantine", "run_report")
        for path in landed(home, record)
    )
    assert "555-0199" not in kept
    assert not [name for name in names if name.strip() in kept]

"""The importer's account of public data files, row for row."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from spiders.files.importer import ImportOptions, ImportReport, import_listings
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.quarantine import listing as quarantined

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files"
    ),
]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def take(home: Home, name: str | Path, **options: Any) -> ImportReport:
    path = Path(os.environ["KATY_TEST_DATA"]) / name
    report = import_listings(home, [path], ImportOptions(**options), clock=lambda: NOW, say=lambda _: None)
    assert report.rows == report.loaded + report.known + report.quarantined
    return report


def test_ebay_tech_deals_are_accounted_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mapping = {
        "title": "title",
        "price": "price",
        "url": "item_url",
        "observed_at": "timestamp",
        "list_price": "original_price",
    }
    name = "listings/ebay_tech_deals_2026-03_2026-04.csv.gz"
    first = take(home, name, source="ebay", mapping=mapping)
    assert (first.rows, first.loaded, first.known, first.quarantined) == (20_550, 17_069, 2_176, 1_305)
    assert first.reasons == {"no_price": 1_305}
    kept = len(quarantined(home))
    again = take(home, name, source="ebay", mapping=mapping)
    assert (again.loaded, again.known, again.quarantined) == (0, 19_245, 1_305)
    assert len(quarantined(home)) == kept
    table = pq.read_table(landed(home, "listing")[0], partitioning=None)
    assert pc.count_distinct(table["id"]).as_py() == 782
    assert pc.unique(table["currency"]).to_pylist() == ["USD"]


def test_genuinely_equal_sneaker_sales_stay_two(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mapping = {
        **{"title": "Sneaker Name", "price": "Sale Price", "list_price": "Retail Price", "observed_at": "Order Date"},
        **{"brand": "Brand", "region": "Buyer Region"},
    }
    # The first 12,000 sales; in 319 of them all is as in another.
    with gzip.open(Path(os.environ["KATY_TEST_DATA"]) / "listings/stockx_sales_2017-09_2018-10.csv.gz", "rt") as whole:
        name = tmp_path / "stockx.csv"
        name.write_text("".join(itertools.islice(whole, 12_001)))
    started = time.process_time()
    first = take(home, name, source="stockx", kind="sold", mapping=mapping)
    assert time.process_time() - started < 5
    assert (first.rows, first.loaded) == (12_000, 12_000)
    again = take(home, name, source="stockx", kind="sold", mapping=mapping)
    assert (again.loaded, again.known) == (0, 12_000)
    table = pq.read_table(landed(home, "listing")[0], columns=["brand"], partitioning=None)
    assert set(pc.unique(table["brand"]).to_pylist()) == {"Yeezy", "Off-White"}


def test_auctions_with_entities_go_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mapping = {"price": "total_pr", "condition": "cond"}
    report = take(home, "listings/ebay_auctions_mariokart_2009.csv", source="mario", kind="sold", mapping=mapping)
    assert (report.rows, report.loaded, report.reasons) == (143, 142, {"no_title": 1})
    titles = pq.read_table(landed(home, "listing")[0], columns=["title"], partitioning=None)["title"].to_pylist()
    assert not [title for title in titles if "&amp;" in title]


def test_books_with_blanks_by_design_go_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    mapping = {"price": "amazon_used", "gtin": "textbook_isbn", "title": "course"}
    report = take(home, "listings/textbooks_new_used_2018.csv", source="books", mapping=mapping)
    assert (report.rows, report.loaded, report.reasons) == (201, 72, {"no_price": 129})


def test_phones_without_a_title_get_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    report = take(home, "listings/used_phones_formula_made.csv", source="phones", mapping={"price": "used_price"})
    assert (report.rows, report.loaded) == (3_571, 3_571)
    row = pq.read_table(landed(home, "listing")[0], partitioning=None).slice(0, 1).to_pylist()[0]
    assert row["title"] == "Honor Android"
    assert json.loads(row["attributes"])["int_memory"] == "64.0"

"""Files become listings: every row is counted, none is lost, and the same file again is the same rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from spiders.files.importer import ImportOptions, ImportReport, import_listings
from spiders.files.release import release
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.quarantine import listing as quarantined

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
Importer = Callable[..., ImportReport]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def bring_in(home: Home, tmp_path: Path) -> Importer:
    """Write a text to a file and import it; keyword arguments are import options."""

    def run(text: str | bytes, name: str = "deals.csv", now: datetime = NOW, **options: Any) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        report = import_listings(
            home, [path], ImportOptions(**({"source": "shop"} | options)), clock=lambda: now, say=lambda _: None
        )
        assert report.rows == report.loaded + report.known + report.quarantined
        return report

    return run


def listings(home: Home) -> list[dict[str, Any]]:
    return [row for path in landed(home, "listing") for row in pq.read_table(path, partitioning=None).to_pylist()]


def only(home: Home) -> dict[str, Any]:
    (row,) = listings(home)
    return row | {"attributes": json.loads(row["attributes"])}


def test_a_plain_file_goes_in_with_its_own_headers(home: Home, bring_in: Importer) -> None:
    bring_in(
        " Title , PRICE,List  Price,Colour,observed_at,URL\n"
        "Makita &amp; drill,US $45.00,$60,blue,2026-05-01 10:00:00,https://www.shop.com/itm/1234567?utm=3\n"
    )
    row = only(home)
    assert row["title"] == "Makita & drill"
    assert (row["price"], row["currency"], row["list_price"]) == (Decimal(45), "USD", Decimal(60))
    assert row["observed_at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert (row["id"], row["url"]) == ("1234567", "https://www.shop.com/itm/1234567")
    assert row["attributes"] == {"Colour": "blue"}
    assert (row["found_at"], row["price_path"], row["kind"]) == ("deals.csv line 2", "column PRICE", "asking")


def test_indian_numbers_and_units_go_in_as_they_are_written(home: Home, bring_in: Importer) -> None:
    report = bring_in(
        "Name,Mileage ,Engine,New_Price,Price,Owner_Type\n"
        "Maruti Wagon R,26.6 km/kg,998 CC,,₹ 1.75 Lakh,First\n"
        'Honda Jazz,18.2 kmpl,1199 CC,8.61 Lakh,"₹ 4,50,000",First\n'
        "Audi A4,15.2 kmpl,1968 CC,,0.2 Cr,Second\n",
        mapping={"title": "name"},
        currency="INR",
    )
    assert report.loaded == 3
    assert [(row["price"], row["currency"]) for row in listings(home)] == [
        (Decimal(175_000), "INR"),
        (Decimal(450_000), "INR"),
        (Decimal(2_000_000), "INR"),
    ]
    attributes = json.loads(listings(home)[1]["attributes"])
    assert attributes == {"Mileage": "18.2 kmpl", "Engine": "1199 CC", "Owner_Type": "First"}
    assert [row["list_price"] for row in listings(home)] == [None, Decimal(861_000), None]


def test_a_german_file_is_read_by_what_its_columns_show(home: Home, bring_in: Importer) -> None:
    text = "\ufeffTitel;Preis;Datum\nBohrer;12,50 €;13.03.2026\nSäge;1.234 €;04.05.2026\n"
    bring_in(text, mapping={"title": "Titel", "price": "Preis", "observed_at": "Datum"})
    drill, saw = listings(home)
    assert (drill["price"], drill["currency"]) == (Decimal("12.5"), "EUR")
    assert saw["price"] == Decimal(1234)
    assert saw["observed_at"] == datetime(2026, 5, 4, tzinfo=UTC)


def test_day_and_month_are_told_apart_by_the_column(home: Home, bring_in: Importer) -> None:
    bring_in("title,price,observed_at\na,1,03/04/2026\nb,2,25/04/2026\n")
    assert [row["observed_at"].day for row in listings(home)] == [3, 25]


def test_equal_rows_of_an_offer_are_known(bring_in: Importer) -> None:
    row = "Drill,$5,2026-05-01,https://shop.com/itm/1234567?track={}\n"
    report = bring_in("title,price,observed_at,url\n" + row.format(1) + row.format(2).replace("$5", "US $5.00"))
    assert (report.loaded, report.known) == (1, 1)


def test_equal_sales_stay_two_and_are_known_again(bring_in: Importer) -> None:
    text = "title,price,observed_at\n" + "Shoe,100,2026-05-01\n" * 2
    assert bring_in(text, kind="sold").loaded == 2
    again = bring_in(text, kind="sold")
    assert (again.loaded, again.known) == (0, 2)
    longer = bring_in(text + "Shoe,100,2026-05-01\n", kind="sold")
    assert (longer.loaded, longer.known) == (1, 2)


def test_undated_rows_keep_the_time_of_their_first_import(home: Home, bring_in: Importer) -> None:
    text = "title,price\nDrill,5\nSaw,6\n"
    assert bring_in(text).loaded == 2
    again = bring_in(text, now=NOW + timedelta(days=3))
    assert (again.loaded, again.known) == (0, 2)
    other = bring_in(text + "Axe,7\n", now=NOW + timedelta(days=3))
    assert other.loaded == 3
    assert {row["observed_at"] for row in listings(home)} == {NOW, NOW + timedelta(days=3)}


def test_quarantined_rows_are_counted_each_time_and_kept_once(home: Home, bring_in: Importer) -> None:
    text = "title,price\nDrill,5\nSaw,\nSaw,\nAxe,12;5O\n"
    for _ in range(2):
        report = bring_in(text)
        assert report.reasons == {"no_price": 2, "bad_price": 1}
    assert sorted(held.row.reason for held in quarantined(home)) == ["bad_price", "no_price"]


def test_a_title_is_made_of_brand_and_model_where_there_is_none(home: Home, bring_in: Importer) -> None:
    report = bring_in("Manufacturer,Model,Price\nMakita,DHP482,$99\n")
    row = only(home)
    assert row["title"] == "Makita DHP482"
    assert row["attributes"] == {"Manufacturer": "Makita", "Model": "DHP482"}
    assert any("Manufacturer + Model" in note for note in report.notes)


def test_columns_can_be_joined_into_a_field(home: Home, bring_in: Importer) -> None:
    bring_in("make,model,price\nVW,Golf,$99\n", mapping={"title": "make + model"})
    assert only(home)["title"] == "VW Golf"


def test_an_unknown_field_is_an_attribute(home: Home, bring_in: Importer) -> None:
    bring_in("title,price,GB\nPhone,$99,128GB\n", mapping={"storage": "GB"}, fixed={"carrier": "none"})
    assert only(home)["attributes"] == {"storage": "128GB", "carrier": "none"}


def test_a_value_said_for_all_rows_fills_the_blanks_of_a_mapped_column(home: Home, bring_in: Importer) -> None:
    text = "title,price,where\nA,1,US-IL\nB,2,\n"
    bring_in(text, mapping={"region": "where"}, fixed={"region": "US-MO", "observed_at": "2026-01-31"})
    assert [row["region"] for row in listings(home)] == ["US-IL", "US-MO"]
    assert {row["observed_at"] for row in listings(home)} == {datetime(2026, 1, 31, tzinfo=UTC)}


def test_the_currency_is_the_rows_own_then_the_headers_then_the_options(home: Home, bring_in: Importer) -> None:
    assert bring_in("title,price (EUR)\nA,1\nB,$2\n", mapping={"price": "price (EUR)"}).notes
    bring_in("title,price\nC,3\nD,£4\n", currency="cad")
    bring_in("title,price,currency\nE,5,SEK\n")
    bring_in("title,price\nF,$6\n", fixed={"currency": "AUD"})
    assert {row["title"]: row["currency"] for row in listings(home)} == {
        **{"A": "EUR", "B": "USD", "C": "CAD", "D": "GBP", "E": "SEK", "F": "AUD"}
    }


def test_a_price_per_unit_is_the_price_of_one(home: Home, bring_in: Importer) -> None:
    report = bring_in("title,price,quantity\nFlour,€1.50/kg,\nRye,€1.50/kg,5 kg\nOil,€9,750 ml\n")
    assert report.reasons == {"ambiguous_price": 1}
    flour, oil = listings(home)
    assert (flour["quantity"], flour["unit"]) == (Decimal(1), "kg")
    assert (oil["quantity"], oil["unit"]) == (Decimal(750), "ml")


def test_what_cannot_be_read_as_a_lesser_field_is_kept_as_it_is_written(home: Home, bring_in: Importer) -> None:
    bring_in("title,price,list_price,gtin,ended_at,quantity\nBook,$5,ask Bob,12345,someday,a few\n")
    row = only(home)
    assert [row[name] for name in ("list_price", "gtin", "ended_at", "quantity")] == [None] * 4
    assert row["attributes"] == {"list_price": "ask Bob", "gtin": "12345", "ended_at": "someday", "quantity": "a few"}


def test_an_unsafe_url_is_not_kept(home: Home, bring_in: Importer) -> None:
    bring_in("title,price,url\n<script>alert(1)</script>Phone,$5,javascript:alert(1)\n")
    row = only(home)
    assert (row["title"], row["url"], row["attributes"]) == ("Phone", None, {})


def test_several_files_are_one_import(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,price\nA,1\n")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"title;price\nB;2\nC;\n"))
    files = [tmp_path / "a.csv", tmp_path / "b.csv.gz"]
    report = import_listings(home, files, ImportOptions("shop"), clock=lambda: NOW, say=lambda _: None)
    assert [(file.name, file.rows, file.quarantined) for file in report.files] == [("a.csv", 1, 0), ("b.csv.gz", 2, 1)]
    assert (report.rows, report.loaded, report.quarantined) == (3, 2, 1)
    (reports,) = landed(home, "run_report")
    assert [row["rows_read"] for row in pq.read_table(reports, partitioning=None).to_pylist()] == [1, 2]


def test_a_corrected_row_is_released_once(home: Home, bring_in: Importer) -> None:
    bring_in(
        "title;price;observed_at;colour\nBohrer;12,50;2026-05-01;blau\nSäge;12,5O;2026-05-02;rot\n", currency="EUR"
    )
    (held,) = quarantined(home)

    def let_in(**corrections: str) -> Any:
        return release(home, held.row.id[:10], corrections, clock=lambda: NOW, say=lambda _: None)

    with pytest.raises(BadInput, match="stays in the quarantine as bad_price"):
        let_in(colour="grün")
    done = let_in(price="12,50", colour="grün", seller="Hans Meier")
    assert (done.loaded, done.known) == (1, 0)
    assert (done.record.price, done.record.currency, done.record.title) == (Decimal("12.5"), "EUR", "Säge")
    assert done.record.observed_at == datetime(2026, 5, 2, tzinfo=UTC)
    assert done.record.attributes == {"colour": "grün"}
    assert done.record.found_at == "deals.csv line 3"
    assert done.record.seller is not None
    assert "Meier" not in done.record.seller
    with pytest.raises(BadInput, match="already"):
        let_in(price="13")
    (after,) = quarantined(home)
    assert after.released_at == NOW
    assert after.row == replace(held.row)


def test_a_broken_row_is_released_by_saying_it_anew(home: Home, bring_in: Importer) -> None:
    report = bring_in('title,price\n"Drill"x,5\n')
    assert report.reasons == {"broken_row": 1}
    (held,) = quarantined(home)
    assert json.loads(held.row.row_json) == {"": '"Drill"x,5'}
    corrections = {"title": "Drill", "price": "5"}
    done = release(home, held.row.id, corrections, clock=lambda: NOW, say=lambda _: None)
    assert (done.record.title, done.record.price, done.record.attributes) == ("Drill", Decimal(5), {})


def test_semicolons_of_entities_part_no_cells(home: Home, bring_in: Importer) -> None:
    text = "Name & Co;Size &amp; Weight;price\nHP &quot;Ryzen&quot;;15.6&#34;;5\nAT&T;5 kg;6\n"
    report = bring_in(text, mapping={"title": "name & co"})
    assert report.loaded == 2
    laptop, phone = listings(home)
    assert (laptop["title"], json.loads(laptop["attributes"])) == ('HP "Ryzen"', {"Size & Weight": '15.6"'})
    assert (phone["title"], json.loads(phone["attributes"])) == ("AT&T", {"Size & Weight": "5 kg"})


def test_a_column_that_only_numbers_the_rows_says_nothing(home: Home, bring_in: Importer) -> None:
    bring_in(",title,price,No\n0,A,1,7\n1,B,2,7\n")
    bring_in(",title,price,No\n0,B,2,7\n1,C,3,7\n")
    assert len({row["id"] for row in listings(home)}) == 3
    assert json.loads(listings(home)[0]["attributes"]) == {"No": "7"}


def test_row_names_without_a_header_shift_no_columns(home: Home, bring_in: Importer) -> None:
    bring_in('"title","price"\n"1","A",5\n"2","B",6\n"3","C",7\n')
    assert [(row["title"], row["price"]) for row in listings(home)] == [("A", 5), ("B", 6), ("C", 7)]


def test_a_header_may_name_the_scale(home: Home, bring_in: Importer) -> None:
    report = bring_in(
        "Name,Price (in Lakhs)\nCar,1.75\nVan,2.5 Lakh\nBus,\n", mapping={"price": "Price (in Lakhs)"}, currency="INR"
    )
    assert [row["price"] for row in listings(home)] == [Decimal(175_000), Decimal(250_000)]
    assert any("100,000" in note for note in report.notes)
    (held,) = quarantined(home)
    done = release(home, held.row.id, {"price": "300000"}, clock=lambda: NOW, say=lambda _: None)
    assert done.record.price == 300_000

"""Tables that nobody has described: which column is what, told as a careful person would."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from spiders.files.guessing import cells_currency
from spiders.files.headers import header_currency, words_of_file
from spiders.files.importer import Counted, sample_of
from spiders.files.money_columns import find_money, header_words
from spiders.files.plan import ImportOptions, Plan, learn, plan_of, resolve
from spiders.files.rows import Place, read_row
from spiders.files.table import Table, TableRow, column_names
from warehouse.errors import BadInput
from warehouse.records import Listing, Quarantined

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AHEAD = NOW + timedelta(hours=14)


def table(text: str, name: str = "table.csv") -> Table:
    head, *rows = list(csv.reader(text.strip().splitlines(), delimiter="|"))
    found = [TableRow(line, row) for line, row in enumerate(rows, 2)]
    return Table(name, column_names(head), "line", [], lambda: iter(found))


def plan_for(text: str, name: str = "table.csv", **options: object) -> Plan:
    asked = ImportOptions(source="shop", **options).checked()  # type: ignore[arg-type]
    one = table(text, name)
    return learn(resolve(asked, name, one.columns, sample_of(one), NOW, AHEAD), Counted(one))


def read(plan: Plan, text: str) -> list[Listing | Quarantined]:
    seen: dict[str, int] = {}
    place = Place("here", "run", 1, NOW)
    return [read_row(plan, row.cells, place, seen) for row in table(text).rows() if row.cells is not None]


def columns_of(plan: Plan) -> dict[str, str]:
    return {name: plan.column_of(name) for name in plan.places}


@pytest.mark.parametrize(
    ("headers", "cells", "price", "listed"),
    [
        ("Car_Name|Selling_Price|Present_Price", "ritz|3.35|5.59", "Selling_Price", "Present_Price"),
        ("name|Actual price|Discount price", "a|₹15,999|₹12,999", "Discount price", "Actual price"),
        (
            "name|discounted_price|actual_price|discount_percentage",
            "a|₹399|₹1,099|64%",
            "discounted_price",
            "actual_price",
        ),
        ("title|MSRP|asking price", "a|30|20", "asking price", "MSRP"),
        ("title|price|sale_price", "a|30|20", "sale_price", "price"),
        ("title|old price|new price", "a|30|20", "new price", "old price"),
        ("name|sellingprice|mrp", "a|30|40", "sellingprice", "mrp"),
        ("name|MSRP", "a|30", "MSRP", ""),
        ("name|Selling Price(₹)|Rating", "a|30|4.1", "Selling Price(₹)", ""),
        ("name|Amount|Rating", "a|30|4.1", "Amount", ""),
        ("name|Preis|Maintenance cost", "a|30|4", "Preis", ""),
        ("name|what|weight", "a|₹ 1.2 Cr|4", "what", ""),
        ("name|used_price|new_price|release_year", "a|30|40|2016", "used_price", "new_price"),
    ],
)
def test_the_price_is_what_is_asked_now(headers: str, cells: str, price: str, listed: str) -> None:
    plan = plan_for(f"{headers}\n{cells}\n{cells.replace('a|', 'b|')}")
    assert (plan.column_of("price"), plan.column_of("list_price")) == (price, listed)
    assert price in plan.guessed


def test_what_a_person_says_stands() -> None:
    text = "Car_Name|Selling_Price|Present_Price\nritz|3.35|5.59"
    assert plan_for(text, mapping={"price": "Present_Price"}).column_of("price") == "Present_Price"


def test_several_prices_of_one_meaning_are_refused_with_the_lines_to_try() -> None:
    with pytest.raises(BadInput, match='--map price="MSRP" or --map price="Retail Price"'):
        plan_for("title|MSRP|Retail Price\nA|1|2")


def test_another_form_of_the_price_is_no_attribute() -> None:
    plan = plan_for("title|price|price_per_sqft|sqft\nA|100|10|10\nB|220|11|20")
    assert (plan.again, sorted(plan.attributes)) == (("price_per_sqft",), ["sqft"])


@pytest.mark.parametrize(
    ("headers", "code"),
    [("Price_euros", "EUR"), ("Price (INR)", "INR"), ("Price(₹)", "INR"), ("price in lakhs", "INR"), ("price", None),
     ("TOP PRICE", None), ("price_usd", "USD")],
)  # fmt: skip
def test_a_header_names_its_currency(headers: str, code: str | None) -> None:
    assert header_currency([headers]) == code


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["4,25,000", "80,000"], "INR"),
        (["5.2 Lakh", "1.2 Cr"], "INR"),
        (["₹ 450", "300", "₹ 5"], "INR"),
        (["€5", "6"], "EUR"),
        (["1,425,000", "80,000"], None),
        (["5", "6"], None),
    ],
)
def test_cells_name_their_currency(cells: list[str], code: str | None) -> None:
    assert cells_currency(cells, "USD")[0] == code


def test_a_table_in_lakhs_is_told_by_its_cells_and_not_by_its_size() -> None:
    text = "Name|New_Price|Price\nAlto|8.61 Lakh|6.1\nSwift||5.5\n"
    plan = plan_for(text)
    assert (plan.scales, plan.currency) == ({"price": 5}, "INR")
    (alto, swift) = read(plan, text)
    assert isinstance(alto, Listing)
    assert isinstance(swift, Listing)
    assert (alto.price, alto.list_price, swift.price) == (Decimal(610_000), Decimal(861_000), Decimal(550_000))
    assert plan_for("Name|New_Price|Price\nAlto|8.61|6.1\nSwift||5.5\n").scales == {}


def test_links_dates_sellers_and_ids_are_told_by_header_and_content() -> None:
    rows = "\n".join(
        f"{n}x|Saw {n}|${n + 1}|https://a.com/p/{n}|2026-05-0{n % 9 + 1}|{'Dealer' if n % 2 else 'Individual'}|Pune"
        for n in range(20)
    )
    plan = plan_for(f"item_id|Name|Price_USD|item_url|Sale Date|seller|City\n{rows}")
    assert columns_of(plan) == {
        **{"price": "Price_USD", "url": "item_url", "observed_at": "Sale Date", "place": "City", "id": "item_id"},
        "title": "Name",
    }
    assert plan.attributes == {"seller type": 5, "City": 6}
    same = rows.replace("https://a.com/p/1\n", "https://a.com/p/2\n")
    same = "\n".join(line.replace(line.split("|")[3], "https://a.com/search") for line in same.splitlines())
    assert "url" not in plan_for(f"item_id|Name|Price_USD|item_url|Sale Date|seller|City\n{same}").places


def test_things_without_a_name_are_called_by_their_table_and_words() -> None:
    text = "carat|cut|color|price\n0.3|Ideal|E|326\n0.2|Good|J|300\n0.2|-|J|301"
    plan = plan_for(text, "diamonds_data (1).csv")
    assert [row.title for row in read(plan, text) if isinstance(row, Listing)] == [
        *("diamonds Ideal E", "diamonds Good J", "diamonds J")
    ]
    only = plan_for("rooms|price\n3|100\n4|120", "train.csv")
    assert only.called == "shop"
    assert words_of_file("UsedBikes2021 (1).csv") == "used bikes"


def test_a_brand_stands_before_names_that_lack_it() -> None:
    assert (
        plan_for("Company|Product|Price\nHP|Pavilion 12|9\nDell|Inspiron|8").column_of("title") == "Company + Product"
    )
    assert plan_for("company|name|Price\nHonda|Honda City|9").column_of("title") == "name"


def test_like_things_of_one_undated_table_are_two_where_their_prices_differ() -> None:
    text = "title|price\nFlat|100\nFlat|120\nFlat|100\nFlat|120"
    ids = [row.id for row in read(plan_for(text), text) if isinstance(row, Listing)]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_footers_and_unit_rows_are_set_aside_with_a_reason() -> None:
    text = "title|price|year|km\nSwift|4,25,000|2011|4\n|INR||km\nTotal|4,25,000||\nAlto|Ask For Price|2012|5"
    rows = read(plan_for(text), text)
    assert [row.reason if isinstance(row, Quarantined) else "" for row in rows][2:] == ["aggregate_row", "no_price"]
    assert isinstance(rows[1], Quarantined)


def test_a_quarantined_row_of_an_unknown_table_reads_the_same_again() -> None:
    text = "carat|cut|Selling_Price (lakh)|Present_Price\n0.3|Ideal|x|7 Lakh\n0.2|Good|3|8 Lakh"
    plan = plan_for(text, "gems.csv")
    (held, _) = read(plan, text)
    assert isinstance(held, Quarantined)
    row = json.loads(held.row_json)
    again = plan_of("shop", list(row), held.reading_json, AHEAD, NOW)
    cells = [row.get(column, "") for column in again.columns]
    cells[again.places["price"][0]] = "5"
    released = read_row(again, cells, Place("here", "run", 1, NOW))
    assert isinstance(released, Listing)
    assert (released.price, released.title, released.list_price) == (Decimal(500_000), "gems Ideal", Decimal(700_000))


def test_headers_are_read_as_words() -> None:
    assert header_words("Selling_Price(₹)") == ["selling", "price", "₹"]
    assert header_words("dateCrawled") == ["date", "crawled"]
    assert find_money(["a"], [["x"]], [0], "USD").price is None


@pytest.mark.parametrize("header", ["Price excl. VAT", "Price incl. tax", "Price (without delivery)"])
def test_what_a_price_is_without_does_not_make_it_none(header: str) -> None:
    plan = plan_for(f"Make|Model|{header}|VAT\nClaas|Arion|€ 45.000,-|21\nFendt|724|€ 61.500,-|21")
    assert columns_of(plan)["price"] == header


@pytest.mark.parametrize("header", ["Listing", "Annonce", "Angebot", "Título", "Bezeichnung"])
def test_a_title_is_called_so_in_other_words(header: str) -> None:
    rows = "\n".join(f"Tudor Black Bay 58 Ref. 79030N{n}|Steel|{900 + n}" for n in range(4))
    assert columns_of(plan_for(f"{header}|Bracelet|Price (USD)\n{rows}"))["title"] == header


def test_a_running_number_is_one_where_rows_are_written_twice() -> None:
    rows = "\n".join(f"{n}|Seiko {n}|{900 + n}" for n in (0, 1, 2, 2, 3, 4, 5, 6, 7, 8))
    assert "column 1" not in plan_for(f"|Title|Price (USD)\n{rows}").attributes

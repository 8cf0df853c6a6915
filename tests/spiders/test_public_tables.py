"""Tables in the shapes that people publish, imported plainly: which column is what, and what the first row says."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from spiders.files.importer import Counted, sample_of
from spiders.files.plan import ImportOptions, Plan, learn, resolve
from spiders.files.rows import Place, read_row
from spiders.files.table import Table, TableRow, column_names
from warehouse.errors import BadInput
from warehouse.records import Listing

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(name: str, text: str) -> tuple[Plan, Listing]:
    """The plan of a table and its first row."""
    head, *rows = list(csv.reader(io.StringIO(text)))
    found = [TableRow(line, row) for line, row in enumerate(rows, 2)]
    table = Table(name, column_names(head), "line", [], lambda: iter(found))
    ahead = NOW + timedelta(hours=14)
    asked = ImportOptions(source="shop").checked()
    plan = learn(resolve(asked, name, table.columns, sample_of(table), NOW, ahead), Counted(table))
    first = read_row(plan, rows[0], Place("here", "run", 1, NOW), {})
    assert isinstance(first, Listing), first
    return plan, first


@pytest.mark.parametrize(
    ("name", "text", "title", "price"),
    [
        pytest.param(
            "homes.csv",
            "kind,condition,price\nFlat,5,100 USD\nHut,7,120 USD\nHouse,3,90 USD",
            "homes Flat",
            "100 USD",
            id="a numeric condition, and things called as their file is",
        ),
        pytest.param(
            "homes.csv",
            'property,Price (in rupees),"Amount(in rupees)",Carpet Area\nFlat,6000,42 Lac ,500\nHut,5000,1.4 Cr,9',
            "homes Flat",
            "4200000 INR",
            id="the price of the whole, not of a square foot",
        ),
        pytest.param(
            "flats.csv",
            "name,price,price_unit\nAmber,2.5,Cr\nBirch,52.5,L",
            "Amber",
            "25000000 INR",
            id="a price and the column of its unit",
        ),
        pytest.param(
            "phones.csv",
            'Company Name,Model Name,Price (Pakistan),Price (USA)\nA,B 1,"PKR 2,999",USD 799\nA,B 2,PKR 9,USD 3',
            "A B 1",
            "799 USD",
            id="one price in several currencies",
        ),
        pytest.param(
            "sales.csv",
            "No,Description,Quantity,InvoiceDate,UnitPrice\n1,WHITE LANTERN,6,12/1/2010 8:26,2.55\n1,B,2,12/1/2010,3",
            "WHITE LANTERN",
            "2.55 USD",
            id="a price of one of several",
        ),
        pytest.param(
            "lot.csv",
            "make,model,condition,sellingprice,saledate\nKia,Rio,45,9000,Tue Dec 16 2014 12:30:00 GMT-0800 (PST)",
            "Kia Rio",
            "9000 USD",
            id="a moment with its zone's name",
        ),
        pytest.param(
            "dealer.csv",
            'brand,model,clean_title,price\nAudi,Q3,Yes,"$10,300"\nBMW,M4,Yes,"$9,000"',
            "Audi Q3",
            "10300 USD",
            id="a clean title names nothing",
        ),
        pytest.param(
            "audi.csv",
            "model,year,price\n A1,2017,12500\n A6,2016,16500",
            "audi A1",
            "12500 USD",
            id="a make in the file's name",
        ),
        pytest.param(
            "autos.csv",
            'Marke,Modell,Kraftstoff,Preis\nVW,Golf,Benzin,"12.990 €"\nVW,Polo,Diesel,"9.500 €"',
            "VW Golf",
            "12990 EUR",
            id="German words",
        ),
        pytest.param(
            "let.csv",
            "Posted On,City,Rent\n2022-05-18,Pune,10000\n2022-05-19,Goa,9000",
            "let Pune",
            "10000 USD",
            id="rent",
        ),
        pytest.param(
            "sets.csv",
            "set_name,list_price\nBird Island,29.99\nPlane,19.99",
            "Bird Island",
            "29.99 USD",
            id="a list price alone",
        ),
        pytest.param("avo.csv", "name,AveragePrice\nHass,1.33\nFuerte,1.2", "Hass", "1.33 USD", id="an average alone"),
        pytest.param(
            "cars.csv", "name,Price\nSwift,₹4.65L\nCity,₹7.2 L", "Swift", "465000 INR", id="lakhs as a letter"
        ),
        pytest.param(
            "specs.csv",
            "Laptop,Brand,Model,Final Price\nAsus B1 i5/8GB,Asus,B1,1009\nAcer A3 i3/4GB,Acer,A3,499",
            "Asus B1 i5/8GB",
            "1009 USD",
            id="a column called as its things",
        ),
    ],
)
def test_a_public_table_is_read_as_a_careful_person_would(name: str, text: str, title: str, price: str) -> None:
    _, first = read(name, text)

    amount, currency = price.split()
    assert (first.title, first.price, first.currency) == (title, Decimal(amount), currency)


def test_what_is_no_field_stays_an_attribute() -> None:
    plan, first = read("lot.csv", "make,model,condition,price,Quantity,unit price\nKia,Rio,45,9000,2,4500")
    assert (first.condition, first.attributes["condition"]) == (None, "45")
    assert plan.column_of("price") == "price"
    plan, first = read("sales.csv", "name,Quantity,UnitPrice\nLamp,6,2.55\nBowl,2,3")
    assert (first.quantity, first.attributes["Quantity"]) == (None, "6")


def test_a_rate_for_an_area_is_the_price_in_another_form() -> None:
    plan, _ = read("flats.csv", 'name,price,area\nOak,45 Lac,"₹ 5,000/sq.ft."\nElm,1.5 Crore,"₹ 7,692/sq.ft."')
    assert plan.again == ("area",)


def test_of_two_categories_the_narrower_counts_and_a_list_of_tags_is_none() -> None:
    cells = "\n".join(f"AC {n},appliances,Air Conditioners,{n + 1}" for n in range(30))
    plan, _ = read("shop.csv", f"name,main_category,sub_category,price\n{cells}")
    assert plan.column_of("category") == "sub_category"
    tags = "\n".join(f"Game {n},Indie;Action,{n + 1}" for n in range(30))
    assert "category" not in read("games.csv", f"name,categories,price\n{tags}")[0].places


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Swift,2014,450000\nCity,2015,500000", "begins with a row .* write a line of names above it"),
        ("one line of text\nand another", "has one column only"),
        ("longitude,rooms,MEDV\n-122.1,6,24.0\n-121.9,7,21.0", '--map price="rooms" or --map price="MEDV"'),
        ("name,colour\nbike,red", "say --map price=COLUMN. Its columns are"),
        ("name,min_price,max_price\nbike,10,20", '--map price="min_price" or --map price="max_price"'),
    ],
)
def test_a_table_without_a_price_is_refused_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read("table.csv", text)


@pytest.mark.parametrize("cell", ["Call for price", "No old price", "Ask for the price", "Login for price"])
def test_words_that_say_no_price_are_told(cell: str) -> None:
    plan, first = read("shop.csv", f"name,price,old_price\nA,5,{cell}\nB,6,7")
    assert plan.column_of("list_price") == "old_price"
    assert first.list_price is None


def test_a_moment_that_many_rows_lack_dates_none() -> None:
    cells = "\n".join(f"Home {n},{n + 1},{'2024-03-20' if n % 3 else ''}" for n in range(30))
    assert "observed_at" not in read("homes.csv", f"name,price,date_listed\n{cells}")[0].places

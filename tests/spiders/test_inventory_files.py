"""An inventory in a file, as people and shops keep it: each row is a thing, part of one, or named with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.owned.thing_terms import checked
from spiders.files.inventory import Inventory, InventoryOptions, read_inventory
from warehouse.errors import BadInput

SHOP = """Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,\
Variant Inventory Qty,Variant Price,Variant Barcode,Image Src,Gift Card,Google Shopping / Condition,Cost per item
tee,Cotton tee,"<p>Soft,
and long</p>",Acme,Shirts,Size,S,Color,Red,TEE-S,3,19.90,4006381333931,https://x.example/1.jpg,false,new,8.00
tee,,,,,,M,,Red,TEE-M,-2,19.90,,https://x.example/2.jpg,,,8.00
tee,,,,,,,,,,,,,https://x.example/3.jpg,,,
drill,Makita DHP453,,Makita,Drills,Title,Default Title,,,,2,89.00,,,false,used,
card,Gift card,,Acme,,Denominations,10,,,,1,10.00,,,true,,
free,Sticker,,Acme,,Title,Default Title,,,,,0.00,,,false,,
"""
NEW_SHOP = """Title,URL handle,Description,Vendor,Type,SKU,Barcode,Option1 name,Option1 value,Price,Cost per item,\
Inventory quantity,Product image URL
Cotton tee,tee,Soft,Acme,Shirts,TEE-S,,Size,S,19.90,8.00,3,https://x.example/1.jpg
,tee,,,,TEE-M,,,M,21.90,8.00,4,
"""
STOCK = """Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,SKU,HS Code,COO,Location,\
On hand (current),On hand (new)
tee,Cotton tee,Size,S,Color,Red,TEE-S,,,Main street,3,
tee,Cotton tee,Size,S,Color,Red,TEE-S,,,Harbour,1,5
drill,Makita DHP453,Title,Default Title,,,,,,Main street,not stocked,
"""
OLD_STOCK = """Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Main street,Harbour
tee,Cotton tee,Size,S,TEE-S,,,3,not stocked
drill,Makita DHP453,Title,Default Title,,,,1,2
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Inventory]:
    def of(text: str, **said: Any) -> Inventory:
        path = tmp_path / "inventory.csv"
        path.write_text(text, encoding="utf-8")
        found = read_inventory(path, InventoryOptions(**said))
        assert found.rows == len(found.arrivals) + found.parts + len(found.left_out), "every row is accounted for"
        return found

    return of


def test_a_shopify_export_is_one_thing_for_each_variant(read: Any) -> None:
    found = read(SHOP, currency="USD")
    assert (found.form, found.rows, found.parts) == ("Shopify products", 6, 1)
    small, medium, drill, sticker = found.arrivals

    assert small.own_key == "own:TEE-S"
    assert small.said == {
        "title": "Cotton tee S Red", "external_id": "TEE-S", "brand": "Acme", "category": "Shirts", "condition": "new",
        "gtin": "4006381333931", "worth": "19.90", "paid": "8.00", "currency": "USD", "quantity": 3,
        "attributes": {"Size": "S", "Color": "Red"},
    }  # fmt: skip
    assert medium.said["title"] == "Cotton tee M Red"
    assert medium.said["attributes"] == {"Size": "M", "Color": "Red"}
    assert medium.said["quantity"] == 0, "a shop that has sold more than it had"
    assert (drill.said["title"], drill.said["condition"]) == ("Makita DHP453", "used")
    assert "worth" not in sticker.said
    assert [(each.place, each.reason) for each in found.left_out] == [("inventory.csv line 7", "gift_card")]


def test_the_newer_headers_mean_the_same(read: Any) -> None:
    small, medium = read(NEW_SHOP, currency="USD").arrivals
    assert (small.said["title"], small.said["worth"], small.said["quantity"]) == ("Cotton tee S", "19.90", 3)
    assert (medium.said["title"], medium.said["brand"], medium.own_key) == ("Cotton tee M", "Acme", "own:TEE-M")


def test_a_shopify_inventory_adds_up_its_places_and_is_of_the_same_things(read: Any) -> None:
    products = {each.said["title"]: each.own_key for each in read(SHOP, currency="USD").arrivals}
    found = read(STOCK)
    assert (found.form, found.parts) == ("Shopify inventory", 1)
    assert {each.said["title"]: each.said["quantity"] for each in found.arrivals} == {
        "Cotton tee S Red": 8, "Makita DHP453": 0,
    }  # fmt: skip
    for each in found.arrivals:
        assert each.own_key == products[each.said["title"]]
        assert "worth" not in each.said, "what it does not speak of stays"

    older = {each.said["title"]: each.said["quantity"] for each in read(OLD_STOCK).arrivals}
    assert older == {"Cotton tee S": 3, "Makita DHP453": 3}


def test_a_sku_of_several_variants_tells_none_of_them(read: Any) -> None:
    found = read(SHOP.replace("TEE-M", "TEE-S"), currency="USD")
    keys = [each.own_key for each in found.arrivals]
    assert len(set(keys)) == len(keys)
    assert not any(key.startswith("own:") for key in keys)


def test_a_household_list_is_read_by_its_headers(read: Any) -> None:
    found = read(
        "Item,Make,Price paid (EUR),Est. value,Purchase date,Qty,EAN,Notes\n"
        'Bosch drill,Bosch,"1.049,90",80,13/04/2024,2,4006381333931,in the shed\n'
        'Lamp,,"20,00",,yesterday,,123,\n',
        mapping={"worth": "Est. value"},
    )
    drill, lamp = found.arrivals
    assert drill.said == {
        "title": "Bosch drill", "brand": "Bosch", "gtin": "4006381333931", "paid": "1049.90", "worth": "80",
        "currency": "EUR", "paid_on": "2024-04-13", "quantity": 2, "attributes": {"Notes": "in the shed"},
    }  # fmt: skip
    assert lamp.said["attributes"] == {"barcode": "123", "paid on": "yesterday"}, "details that cannot be read stay"
    assert "quantity" not in lamp.said


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",5,USD,1", "no_title"),
        ("Lamp,abc,USD,1", "bad_amount"),
        ("Lamp,5 - 10,USD,1", "bad_amount"),
        ("Lamp,€5,USD,1", "bad_currency"),
        ("Lamp,5,xyz,1", "bad_currency"),
        ("Lamp,5,,1", "no_currency"),
        ("Lamp,5,USD,some", "bad_quantity"),
        ("Lamp,5,USD,1.5", "bad_quantity"),
        ("Lamp,5,USD,1,2,3", "broken_row"),
    ],
)
def test_what_would_be_wrong_silently_is_left_out_with_its_reason(read: Any, row: str, reason: str) -> None:
    found = read(f"title,worth,currency,quantity\nChair,5,USD,1\n{row}\n")
    assert len(found.arrivals) == 1
    (left,) = found.left_out
    assert (left.place, left.reason) == ("inventory.csv line 3", reason)


def test_equal_rows_are_two_things_and_keep_their_keys_when_amounts_change(read: Any) -> None:
    first = read("title,worth,quantity\nChair,$5,1\nChair,$5,1\nTable,$9,1\n")
    later = read("title,worth,quantity\nTable,$8,3\nChair,$6,1\nChair,$5,2\n")
    assert len({each.own_key for each in first.arrivals}) == 3
    assert {each.own_key for each in first.arrivals} == {each.own_key for each in later.arrivals}


def test_what_a_person_says_goes_before_the_headers(read: Any) -> None:
    text = "Name,Second name,Price,Colour\nChair,Oak chair,5,\nLamp,Desk lamp,7,red\n"
    found = read(text, mapping={"title": "Second name", "hue": "Colour"}, fixed={"region": "US-MO", "hue": "white"})
    # An amount needs a currency.
    assert {each.reason for each in found.left_out} == {"no_currency"}
    chair, lamp = read(
        text, mapping={"title": "Second name", "hue": "Colour"}, fixed={"region": "US-MO", "hue": "white"},
        currency="usd",
    ).arrivals  # fmt: skip
    assert chair.said == {
        "title": "Oak chair", "region": "US-MO", "worth": "5", "currency": "USD",
        "attributes": {"hue": "white", "Name": "Chair"},
    }  # fmt: skip
    assert lamp.said["attributes"]["hue"] == "red"


def test_a_workbook_is_read_like_any_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("SKU", "Title", "Cost"), ("A-1", "Chair", 5.5), ("A-2", "Lamp", 7)):
        book.active.append(row)
    book.save(tmp_path / "stock.xlsx")
    found = read_inventory(tmp_path / "stock.xlsx", InventoryOptions(currency="USD"))
    assert [(each.own_key, each.said["paid"]) for each in found.arrivals] == [("own:A-1", "5.5"), ("own:A-2", "7")]


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        ("colour,price\nred,5\n", {}, "no column for the title"),
        ("title\nChair\n", {"currency": "dollars"}, "no ISO 4217"),
        ("title\nChair\n", {"mapping": {"worth": "Value"}}, 'no column "Value"'),
        ("\x00\x01\x02PNG\x00\x00", {}, "binary"),
    ],
)
def test_what_is_no_inventory_is_refused_with_the_way_out(
    read: Any, text: str, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        read(text, **said)


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=6))
def test_whatever_is_in_the_cells_no_row_is_lost_and_what_is_taken_can_be_kept(
    tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    import csv

    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("title", "worth", "quantity", "barcode"), *rows])
    found = read_inventory(path, InventoryOptions(currency="USD"))
    assert found.rows == len(found.arrivals) + len(found.left_out)
    for each in found.arrivals:
        if any(sign.isalnum() for sign in each.said["title"]):
            assert checked(each.said).title == each.said["title"]


def test_rows_without_names_of_columns_are_refused_with_the_way_out(read: Any) -> None:
    with pytest.raises(BadInput, match="put a first row above"):
        read("Makita DHP453,60\nApple iPhone 13,300\n")


def test_pieces_that_are_no_whole_number_say_how_many_there_may_be(read: Any) -> None:
    assert read("title,quantity\nDrill,1.5\n").left_out[0].message.endswith("up to 1000000")

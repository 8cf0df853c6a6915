"""What a listing says it is: fields, roles and reasons, read from its own words."""

from __future__ import annotations

import csv
import json
import os
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.titles import CORPUS, WRITTEN, labelled, main, read_corpus
from features.condition import UNSTATED, scale
from features.thing import ROLES, kinds_of, read_thing
from features.title import LONGEST, plain


@pytest.mark.parametrize("row", read_corpus(CORPUS), ids=lambda row: row["title"])
def test_a_labelled_title_is_read_as_labelled(row: dict[str, str]) -> None:
    thing = read_thing(row["title"])

    read = {field: written(thing) for field, written in WRITTEN.items()}
    assert read == {field: labelled(field, row[field]) for field in WRITTEN}


def test_what_is_stated_comes_before_what_is_read() -> None:
    stated = read_thing(
        "Bosch drill 18V red",
        brand="De Walt",
        gtin="4006381333931",
        mpn="DCD-771",
        condition="3000",
        attributes={"Color": "Black", "Model Year": "2021", "Capacity": "2 TB"},
    )

    assert (stated.brand, stated.gtin, stated.mpn) == ("dewalt", "04006381333931", "dcd771")
    assert (stated.colour, stated.year, stated.grade) == ("black", 2021, "good")
    assert (2000.0, "gb") in stated.sizes


@pytest.mark.parametrize("nothing", ["Unbranded", "Does not apply", "N/A", "", "  ", "-"])
def test_a_brand_that_is_none_yields_to_the_title(nothing: str) -> None:
    assert read_thing("Bosch drill", brand=nothing).brand == "bosch"
    assert read_thing("drill", brand=nothing).brand is None


def test_attributes_name_the_fields_that_sources_call_otherwise() -> None:
    read = read_thing(
        "drill", attributes=[("Manufacturer", "Bosch"), ("EAN", "4006381333931"), ("Part-Number", "GSB 18")]
    )

    assert (read.brand, read.gtin, read.mpn) == ("bosch", "04006381333931", "gsb18")


@pytest.mark.parametrize(
    ("stated", "number"),
    [
        ("4006381333931", "04006381333931"),
        ("4006381333932", None),
        ("036000291452", "00036000291452"),
        ("0-306-40615-2", "09780306406157"),
        ("2012345678900", None),
        ("200000000004", None),
        ("00000000", None),
        ("Does not apply", None),
    ],
)
def test_only_a_number_that_is_valid_all_over_the_world_is_a_gtin(stated: str, number: str | None) -> None:
    assert read_thing("thing", gtin=stated).gtin == number


def test_a_book_number_and_a_labelled_barcode_are_read_from_the_words() -> None:
    assert read_thing("Campbell Biology 9780134093413 hardcover").gtin == "09780134093413"
    assert read_thing("drill", description="Original. EAN: 4006381333931, boxed").gtin == "04006381333931"
    assert read_thing("order 4006381333931").gtin is None


def test_a_description_tells_of_copies_and_empty_boxes_but_of_nothing_else() -> None:
    assert "empty_box" in read_thing("iPhone 13 Pro", description="You are buying the box only!").roles
    assert "replica" in read_thing("Rolex watch", description="This is a replica").roles
    assert read_thing("iPhone 13", description="we buy phones for parts, lot of 5, see our bundle").roles == frozenset()


def test_the_words_that_decided_are_told() -> None:
    reasons = dict(read_thing("Lot of 5 Makita drills, open box").reasons)

    assert reasons["lot"] == "lot of 5"
    assert reasons["open_box"] == "open box"
    assert reasons["brand"] == "makita"


def test_how_much_is_sold_comes_from_the_title_or_from_attributes_with_a_unit() -> None:
    assert read_thing("rice", attributes={"quantity": "2.5", "unit": "kg"}).quantity == Decimal("2.5")
    assert read_thing("rice", attributes={"quantity": "NaN", "unit": "kg"}).quantity is None
    assert read_thing("drill", attributes={"quantity": "12"}).quantity is None
    assert read_thing("1-3 pack screen protector").quantity is None


@given(st.text(max_size=200), st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_text_is_a_thing_of_known_roles_and_grade(title: str, code: str | None, condition: str | None) -> None:
    thing = read_thing(title, brand=code, gtin=code, mpn=code, condition=condition, description=title)

    assert thing.roles <= ROLES
    assert thing.grade in {*scale().grades, UNSTATED}
    assert (thing.accessory_for is not None) <= ("accessory" in thing.roles)
    assert thing.sizes == tuple(sorted(set(thing.sizes)))
    assert thing == read_thing(title, brand=code, gtin=code, mpn=code, condition=condition, description=title)


WORDS = (
    "lot of 5 iphone 13 case for with bundle no parts only box replica set 2x new good - , 128gb wanted left".split()
)


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_roles_are_read_alike_for_a_thing_and_for_its_product(words: list[str]) -> None:
    title = " ".join(words)
    kinds, size = kinds_of(title)
    thing = read_thing(title)

    assert set(kinds) <= thing.roles
    assert size == thing.lot_size
    assert size is None or size >= 2


@pytest.mark.parametrize(
    "hidden",
    [
        "iPh\u200bone 13 ca\u00adse",
        "\u202eiPhone\u202c 13 \u2066case\u2069",
        "iPhone\x00 13\x1b case",
        "iPhone&nbsp;13 &amp;quot;clear&amp;quot; case",
        "ｉＰｈｏｎｅ １３ ｃａｓｅ",
    ],
)
def test_what_is_hidden_in_a_title_hides_nothing(hidden: str) -> None:
    assert {"iphone", "13", "case"} <= set(plain(hidden).split())
    assert "accessory" in read_thing(hidden).roles


def test_a_flood_of_marks_and_a_title_of_a_megabyte_are_read_in_time() -> None:
    flood = "iPhone 13" + "\u0301\u0489" * 200_000
    assert len(plain(flood)) <= len("iphone 13") + 8
    assert read_thing("lot of 5 drill " * 70_000).lot_size == 5
    assert len(plain("<b>" * 400_000)) <= LONGEST
    assert read_thing("(" * 1_000_000).roles == frozenset()


@given(st.text(max_size=100))
def test_a_plain_title_has_no_sign_that_is_not_seen(title: str) -> None:
    assert not [sign for sign in plain(title) if unicodedata.category(sign) in ("Cc", "Cf")]


def test_the_measurement_of_titles_tells_its_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["katy bench titles", "--rounds", "1", "--json"])
    main()
    figures = json.loads(capsys.readouterr().out)

    assert figures["titles_per_second"] > 0
    assert set(figures["right"]) == set(WRITTEN)
    assert min(figures["right"].values()) > 0.95


DATA = os.environ.get("KATY_TEST_DATA")
real = pytest.mark.skipif(not DATA, reason="KATY_TEST_DATA names no folder of real listings")


@real
def test_no_listing_of_the_cheapest_iphones_is_a_phone() -> None:
    page = json.loads((Path(str(DATA)) / "pages" / "ebay_browse_search_iphone_by_price.json").read_text("utf-8"))
    titles = [(item["title"], item["categories"][0]["categoryName"]) for item in page["itemSummaries"]]
    told = {"accessory", "service"}

    assert len(titles) == 100
    # What is left are cards and codes of a game, and name no phone.
    left = [title for title, category in titles if not read_thing(title).roles & told]
    assert all("pok" in title.casefold() for title in left)


@real
def test_the_auctions_that_were_no_single_game_are_found_and_no_other() -> None:
    path = Path(str(DATA)) / "listings" / "ebay_auctions_mariokart_2009.csv"
    with path.open(encoding="utf-8") as file:
        rows = [(row["total_pr"], read_thing(row["title"]).roles & {"bundle", "lot"}) for row in csv.DictReader(file)]

    # 66.44 was paid for the game with two wheels, sold as "bundl".
    assert {price: sorted(roles) for price, roles in rows if roles} == {
        "326.51": ["bundle"],
        "118.5": ["bundle", "lot"],
        "66.44": ["bundle"],
    }

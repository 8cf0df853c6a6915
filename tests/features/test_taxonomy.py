"""What a listing is: the tree, the grammar of titles, and the categories of marketplaces."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.taxonomy import OTHER, categorise, read_category, tree
from features.taxonomy.words import singular, tokens

TREE = tree()
SERVICES = [name for name in TREE.leaves() if TREE.under(name, "services")]


@pytest.mark.parametrize(
    ("name", "title"), [(each.id, title) for each in TREE.categories.values() for title in each.examples]
)
def test_every_example_of_the_files_is_read_as_its_category(name: str, title: str) -> None:
    assert categorise(None, title) == name


def test_every_leaf_has_examples_a_tax_category_and_attributes() -> None:
    for name in TREE.leaves():
        leaf = TREE[name]
        assert leaf.examples, name
        assert leaf.tax in TREE.tax, name
        assert leaf.attributes, name
        assert set(leaf.essential) <= set(TREE.essential), name


def test_every_service_has_an_occupation_and_every_good_a_life() -> None:
    assert len(SERVICES) > 50
    assert [name for name in SERVICES if not TREE[name].occupation] == []
    goods = [
        name for name in TREE.leaves() if not any(TREE.under(name, group) for group in ("services", "space", "rental"))
    ]
    assert [name for name in goods if not TREE[name].life and not TREE.under(name, "collecting")] == []


def test_what_a_household_cannot_do_without_is_marked() -> None:
    marked = {flag: {name for name in TREE.leaves() if flag in TREE[name].essential} for flag in TREE.essential}
    for flag, name in {
        "water": "water", "food": "bread", "shelter": "tent", "medical": "medical", "heat": "heater",
        "power": "generator",
    }.items():  # fmt: skip
        assert name in marked[flag]
    assert "guitar" not in set().union(*marked.values())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("case for iphone", "case"),
        ("iPhone 13 with case", "phone"),
        ("iPhone 13 128GB + charger", "phone"),
        ("iPhone 13, no charger", "phone"),
        ("Thing for iPhone", "phone_accessory"),
        ("For iPhone 14 13 12 11", "phone_accessory"),
        ("Genuine glass iPhone 14 13 12 11 Pro Max", "phone_accessory"),
        ("Galaxy S21 64MP camera 128GB unlocked", "phone"),
        ("Apple Watch Series 7 45mm GPS aluminum case", "watch"),
        ("Dell Latitude laptop and charger", "laptop"),
        ("phone and tablet stand", "case"),
        ("Dell laptop, charger included", "laptop"),
        ("laptop charger", "charger"),
        ("Mario Kart Wii", "game"),
        ("Wii console with Mario Kart", "console"),
        ("For sale: iPhone 12 64GB", "phone"),
        ("looking for a cordless drill", "drill"),
        ("shoes for men", "shoes"),
        ("slim fit jeans", "pants"),
        ("bag of rice 20 lb", "pantry"),
        ("leather bag", "bag"),
        ("Limited Edition relic", OTHER),
        ("lot of 3 textbooks", "book"),
        ("coffee table", "table"),
        ("table lamp", "lamp"),
        ("bike repair", "bike_repair"),
        ("bike", "bicycle"),
        ("guitar lessons", "music_lesson"),
        ("drill bit set", "tool_accessory"),
        ("Tiller rental", "tool_rental"),
        ("LAPTOPS!!!", "laptop"),
        ("for", OTHER),
        ("", OTHER),
    ],
)
def test_a_title_is_the_thing_it_names_last_not_what_it_fits_or_comes_with(title: str, expected: str) -> None:
    assert categorise(None, title) == expected


@pytest.mark.parametrize(
    ("stated", "title", "expected"),
    [
        ("Cell Phones & Smartphones", "as shown", "phone"),
        ("9355", "as shown", "phone"),
        ("ebay:9355", "as shown", "phone"),
        ("google:267", "as shown", "phone"),
        ("Electronics > Communications > Telephony > Mobile Phones", "as shown", "phone"),
        ("Electronics > Computers > Grommets", "as shown", "computers"),
        ("Electronics", "iPhone 12 64GB unlocked", "phone"),
        ("Electronics", "as shown", "electronics"),
        ("Clothing", "phone booth print", "apparel"),
        ("Cell Phones & Smartphones", "Case for iPhone 13", "case"),
        ("Cell Phones & Smartphones", "iPhone 13 with case", "phone"),
        ("Cell Phone Accessories", "iPhone 13", "phone_accessory"),
        ("craigslist:bik", "as shown", "bicycle"),
        ("Men's running shoes", "Pegasus 38", "shoes"),
        ("Other", "cordless drill", "drill"),
        ("Gnomish relics", "as shown", "gnomish relics"),
        ("Gnomish relics", "cordless drill", "drill"),
        ("winter coat", "as shown", "coat"),
    ],
)
def test_a_stated_category_holds_as_far_as_it_is_known(stated: str, title: str, expected: str) -> None:
    assert categorise(stated, title) == expected


def test_names_that_others_rely_on_stay() -> None:
    kept = (
        "laptop desktop tablet phone watch headphones speaker television monitor projector printer camera lens drone "
        "console game storage memory processor graphics_card motherboard network keyboard mouse charger cable case "
        "vacuum kitchen drill saw generator pump mower trimmer bicycle scooter car motorcycle stroller car_seat crib "
        "toy book guitar piano instrument coat shoes dress shirt bag sofa table chair bed dresser lamp refrigerator "
        "washer tent fitness kayak heater fan"
    ).split()
    assert [name for name in kept if name not in TREE.leaves()] == []


@given(st.none() | st.text(max_size=40), st.text(max_size=120))
def test_any_text_has_one_category_and_how_it_is_known(stated: str | None, title: str) -> None:
    reading = read_category(stated, title)

    assert reading.category
    assert reading.how in {"stated", "noun", "name", "fits", "weak", "nothing"}
    assert (reading.category == OTHER) == (reading.how == "nothing") or reading.how == "stated"


@given(
    st.sampled_from(["phone", "tablet", "laptop"]), st.sampled_from(TREE["case"].words), st.sampled_from(["", "new"])
)
def test_an_accessory_for_a_thing_is_never_the_thing(thing: str, accessory: str, state: str) -> None:
    for title in (
        f"{state} {accessory} for {thing}",
        f"for {thing} {state} {accessory}",
        f"{thing} {accessory} {state}",
    ):
        assert categorise(None, title) != thing


@given(st.sampled_from(sorted(TREE.categories)))
def test_the_path_of_a_category_ends_at_a_root(name: str) -> None:
    path = TREE.path(name)

    assert path[0] == name
    assert TREE[path[-1]].parent is None
    assert all(TREE.under(name, above) for above in path)


@given(st.text(alphabet="abcdefgilmnoprsuvy'", min_size=1, max_size=12))
def test_the_singular_of_a_singular_is_itself(word: str) -> None:
    once = singular(word)
    assert singular(once) in {once, singular(singular(once))}
    assert len(once) <= len(word) + 1


def test_tokens_keep_marks_that_part_a_title_and_no_others() -> None:
    assert tokens("Galaxy S22+ 14-inch w/ 2 cases - NEW & boxed") == [
        *("galaxy", "s22", "14", "inch", "w/", "2", "case", "-", "new", "and", "boxed")
    ]


@pytest.mark.data
def test_no_accessory_of_a_search_for_phones_by_price_is_a_phone() -> None:
    folder = os.environ.get("KATY_TEST_DATA")
    page = Path(folder or "nowhere") / "pages" / "ebay_browse_search_iphone_by_price.json"
    if not page.is_file():
        pytest.skip("KATY_TEST_DATA names no folder with the page of summaries")
    found = json.loads(page.read_text("utf-8"))["itemSummaries"]

    assert len(found) == 100
    for item in found:
        own = item["categories"][0]
        for stated in (None, own["categoryName"], own["categoryId"]):
            read = categorise(stated, item["title"])
            assert read != "phone", item["title"]
            assert stated is None or read in TREE, (stated, item["title"])


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Carhartt J130 sandstone active winter coat quilt lined", "coat"),
        ("Carhartt C003 coat blanket lined", "coat"),
        ("Handmade quilt, lined with flannel", "bedding"),
    ],
)
def test_a_noun_that_only_describes_is_not_the_thing(title: str, named: str) -> None:
    assert categorise(None, title) == named

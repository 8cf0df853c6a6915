"""Hostile JSON-LD: whatever can be read is read, and nothing loses the page."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.web.jsonld import bare, plain, read_blocks, text

GOOD = '{"@type": "Product", "name": "Drill", "offers": {"price": "20"}}'
VALUE = json.loads(GOOD)


@pytest.mark.parametrize(
    "script",
    [
        GOOD,
        f"  {GOOD};",
        f"<!-- {GOOD} -->",
        f"<![CDATA[{GOOD}]]>",
        f"//<![CDATA[\n{GOOD}\n//]]>",
        f"/* a shop */ {GOOD} // the end",
        '{"@type": "Product", // what\n "name": "Drill", /* how\n much */ "offers": {"price": "20",},}',
        '\ufeff{"@type": "Product", "name": "Dr\x01il\x00l", "offers": {"price": "20"}}\x1f',
        "{&quot;@type&quot;: &quot;Product&quot;, &quot;name&quot;: &quot;Drill&quot;, "
        "&quot;offers&quot;: {&quot;price&quot;: &quot;20&quot;}}",
    ],
)
def test_dirt_around_json_ld_does_not_lose_it(script: str) -> None:
    blocks = read_blocks([script])
    assert blocks.unreadable == 0
    assert [plain(value) for value in blocks.values] == [plain(VALUE)]


def test_line_ends_and_wrong_escapes_inside_strings_are_forgiven() -> None:
    blocks = read_blocks(['{"name": "Mike\\\'s drill,\nhardly used \\(really\\)"}'])
    assert blocks.values[0]["name"].startswith("Mike\\'s drill,\nhardly")


def test_comment_signs_inside_strings_are_no_comments() -> None:
    blocks = read_blocks(['{"url": "https://shop.example/a", "name": "50 /* 60", } // end'])
    assert blocks.values == [{"url": "https://shop.example/a", "name": "50 /* 60"}]


def test_several_values_in_one_block_are_all_read() -> None:
    assert len(read_blocks([f"{GOOD}\n{GOOD}"]).values) == 2


def test_what_cannot_be_read_is_counted_and_the_next_block_still_read() -> None:
    blocks = read_blocks(["{broken", "", GOOD, "[" * 100_000])
    assert blocks.unreadable == 2
    assert blocks.values == [VALUE]


def test_numbers_keep_the_digits_they_were_written_with() -> None:
    assert read_blocks(['{"a": 2879.20, "b": 1.0, "c": 12}']).values == [{"a": "2879.20", "b": "1.0", "c": "12"}]


def test_a_json_number_with_three_decimals_is_not_mistaken_for_thousands() -> None:
    from warehouse.reading.price import read_price

    price = read_price(read_blocks(['{"price": 1.234}']).values[0]["price"])
    assert price is not None
    assert str(price.amount).rstrip("0") == "1.234"


def test_keys_and_types_are_compared_without_prefix_and_case() -> None:
    assert bare("http://schema.org/Product") == bare("schema:product") == bare("Product") == "product"
    assert plain({"schema:Offers": {"Price": 1, "x": None}}) == {"offers": {"price": 1}}


def test_nesting_beyond_measure_is_cut_off() -> None:
    value: dict[str, object] = {}
    for _ in range(500):
        value = {"a": value}
    assert json.dumps(plain(value)).count("{") <= 41


def test_a_value_says_its_text_whatever_it_is_wrapped_in() -> None:
    assert text({"@type": "Brand", "name": ["Bosch &amp; Co", "x"]}) == "Bosch & Co"
    assert text([None, {"@value": "a"}]) == "a"
    assert text({}) is None


@given(st.lists(st.text(max_size=200), max_size=5))
def test_no_text_breaks_the_reading(scripts: list[str]) -> None:
    blocks = read_blocks(scripts)
    assert blocks.unreadable <= len(scripts)
    for value in blocks.values:
        plain(value)


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_json_is_read_as_it_is(value: object) -> None:
    assert read_blocks([json.dumps(value)]).unreadable == 0

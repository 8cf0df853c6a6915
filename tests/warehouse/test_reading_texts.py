"""URLs, words, currencies and item numbers, made plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.currency import ISO_4217, read_currency
from warehouse.reading.gtin import read_gtin
from warehouse.reading.urls import canonical, is_safe, item_number
from warehouse.reading.words import clean_text, fold_header, is_no_price, nearest

SLUGS = st.lists(st.text("abcdefghij-0123456789", min_size=1, max_size=12), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://www.ebay.com/itm/256232862651?_trkparms=5373%3A5", "256232862651"),
        ("https://www.ebay.com/itm/some-title/256232862651#x", "256232862651"),
        ("https://stl.craigslist.org/zip/d/foo-bar/7712345678.html", "7712345678"),
        ("https://www.amazon.com/Foo/dp/B0ABCDEF12/ref=sr_1_1?keywords=x", "B0ABCDEF12"),
        ("https://www.shop.com/c/100001/widget-a", "shop.com/c/100001/widget-a"),
        ("https://shop.com/item.php?id=5&utm_source=x", "shop.com/item.php?id=5"),
        ("www.shop.com/a?x=1", "shop.com/a"),
    ],
)
def test_an_item_is_known_by_its_number_or_path(url: str, number: str) -> None:
    assert item_number(url) == number


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://user@evil.com/",
        "not a url",
        "",
        "http:///x",
        "ftp://a.b/c",
        "http://a.b:99999/",
    ],
)
def test_a_url_that_is_not_safe_is_not_kept(url: str) -> None:
    assert not is_safe(url)
    assert canonical(url) is None
    assert item_number(url) is None


@given(SLUGS, st.text("abc=&%0", max_size=20), st.text("abc", max_size=5))
def test_query_and_fragment_do_not_change_what_a_url_leads_to(path: list[str], query: str, fragment: str) -> None:
    plain = f"https://shop.example.com/{'/'.join(path)}"
    assert canonical(f"{plain}?{query}#{fragment}") == canonical(plain)
    assert item_number(f"{plain}?{query}#{fragment}") == item_number(plain)
    assert canonical(canonical(plain) or "") == canonical(plain)


@given(st.text(max_size=80))
def test_clean_text_is_one_printable_line(text: str) -> None:
    clean = clean_text(text)
    assert "\n" not in clean
    assert clean == clean.strip()
    assert "<script" not in clean.casefold()
    assert all(sign.isprintable() or sign == "\u200d" for sign in clean)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("~~ Wii MARIO KART &amp; WHEEL ~", "~~ Wii MARIO KART & WHEEL ~"),
        ("<b>Foo</b>  5 < 6", "Foo 5 < 6"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Phone", "Phone"),
        ("<\u200bscript>x</script>Phone", "Phone"),
        ("15.6&quot; screen", '15.6" screen'),
        ("a\x00b\u200bc\n d", "a bc d"),
    ],
)
def test_text_is_cleaned(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_headers_are_compared_without_case_and_blanks() -> None:
    assert fold_header("  List   Price ") == fold_header("list_price") == fold_header("LISTPRICE")
    assert nearest("Titel", ["price", "title", "seller"]) == "title"
    assert nearest("zzzz", ["price", "title"]) is None


def test_what_sellers_write_instead_of_a_price_is_no_price() -> None:
    assert all(is_no_price(text) for text in ("", " ", "N/A", "nan", "-", "Price on request", "BEST OFFER!", "None"))
    assert not any(is_no_price(text) for text in ("0", "free", "12,5O"))


def test_every_code_stands_for_itself() -> None:
    assert all(read_currency(code) == code for code in ISO_4217)
    assert read_currency("€") == "EUR"
    assert read_currency("kr") is None
    assert read_currency("kr", "NOK") == "NOK"
    assert read_currency("XXXX") is None


@given(st.integers(10**11, 10**12 - 1))
def test_one_wrong_digit_of_a_gtin_is_noticed(number: int) -> None:
    right = [f"{number}{digit}" for digit in range(10) if read_gtin(f"{number}{digit}")]
    assert len(right) == 1


def test_item_numbers_of_trade_are_read_as_written() -> None:
    assert read_gtin("978-1-138-47785-8") == "9781138477858"
    assert read_gtin("9781138477858.0") == "9781138477858"
    assert read_gtin("ISBN 0-306-40615-2") == "9780306406157"
    assert read_gtin("isbn:9780307741806") == "9780307741806"
    assert read_gtin("9781138477859") is None
    assert read_gtin("000000000000") is None

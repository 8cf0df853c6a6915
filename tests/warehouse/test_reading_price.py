"""Prices are read as they are written, and what is not one exact price says so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.numbers import decimal_mark, mark_of, read_number
from warehouse.reading.price import read_price

AMOUNTS = st.integers(1, 99_999_999_999).map(lambda cents: Decimal(cents) / 100)
AROUND = st.sampled_from(
    [
        *("{}", "${}", "$ {}", "US ${}", "{} €", "€{}", "EUR {}", "{} EUR", "£{}", "₹ {}", "Rs. {}", "Price: ${}"),
        *("{} zł", "{} Kč", "CHF {}", "{} kr", "¥{}", "R$ {}", "AU ${}", "{} USD", "{}/-", "{} VB", "ca. {} €"),
    ]
)


def indian(whole: str) -> str:
    head, tail = whole[:-3], whole[-3:]
    pairs = []
    while head:
        pairs.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*pairs, tail])


def written(amount: Decimal, style: str) -> str:
    english = f"{amount:,.2f}"
    whole, _, cents = f"{amount:.2f}".partition(".")
    return {
        "plain": f"{amount:.2f}",
        "english": english,
        "german": english.translate(str.maketrans(",.", ".,")),
        "swiss": english.replace(",", "'"),
        "typographic swiss": english.replace(",", "’"),
        "french": english.replace(",", "\u202f").replace(".", ","),
        "spaced": english.replace(",", "\u00a0"),
        "indian": f"{indian(whole)}.{cents}",
        "comma": f"{amount:.2f}".replace(".", ","),
    }[style]


STYLES = st.sampled_from(
    ["plain", "english", "german", "swiss", "typographic swiss", "french", "spaced", "indian", "comma"]
)


@given(AMOUNTS, STYLES, AROUND)
def test_a_written_amount_is_read_back(amount: Decimal, style: str, around: str) -> None:
    text = around.format(written(amount, style))
    read = read_price(text)
    assert read is not None, text
    assert (read.amount, read.upper, read.why) == (amount, None, "")


@given(AMOUNTS, STYLES)
def test_a_negative_amount_stays_negative(amount: Decimal, style: str) -> None:
    for text in (f"-{written(amount, style)}", f"−${written(amount, style)}", f"({written(amount, style)})"):
        read = read_price(text)
        assert read is not None
        assert read.amount == -amount


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    read = read_price(text)
    assert read is None or read.amount.is_finite()


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.sampled_from(["english", "german"]))
def test_a_column_shows_its_decimal_mark(amounts: list[Decimal], style: str) -> None:
    mark = decimal_mark(written(amount, style) for amount in amounts)
    assert mark == ("." if style == "english" else ",")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("US $1.00", "1", "USD"),
        ("$1.00", "1", "USD"),
        ("₹ 1,25,000", "125000", "INR"),
        ("Rs. 1,25,000/-", "125000", "INR"),
        ("5.5 Lakh", "550000", None),
        ("2.3 Cr", "23000000", None),
        ("₹8.61 lakh", "861000", "INR"),
        ("$1.2M", "1200000", "USD"),
        ("12k", "12000", None),
        ("35€99", "35.99", "EUR"),
        ("CHF 1’234.–", "1234", "CHF"),
        ("500:-", "500", None),
        ("1,234,567.890", "1234567.89", None),
        ("AU $12.50", "12.50", "AUD"),
        ("C $15.00", "15", "CAD"),
        ("SGD $5", "5", "SGD"),
        ("USD$12", "12", "USD"),
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("12 usd", "12", "USD"),
        ("50 dollars", "50", "USD"),
        ("$12 (20% off)", "12", "USD"),
        ("$12.99 Buy It Now", "12.99", "USD"),
        ("1.5E+03", "1500", None),
        ("1e12", "1e12", None),
        ("free", "0", None),
        ("0.999", "0.999", None),
        ("￥1０00", "1000", "JPY"),
        ("99¢", "0.99", "USD"),
        ("50 pence", "0.50", "GBP"),
        (",75 €", "0.75", "EUR"),
        ("1,235€ 99", "1235.99", "EUR"),
        ("184,20 €HT", "184.20", "EUR"),
        ("R$ -2,00", "-2", "BRL"),
        ("12.50-", "-12.50", None),
        ("١٢٣٫٤٥", "123.45", None),
        ("S/ 25.00", "25", "PEN"),
        ("99 LEI", "99", "RON"),
    ],
)
def test_prices_people_write(text: str, amount: str, currency: str | None) -> None:
    read = read_price(text)
    assert read is not None
    assert (read.amount, read.currency, read.why) == (Decimal(amount), currency, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "N/A",
        "12,5O",
        "iPhone 12",
        "20% off",
        "12.50.3",
        "1,2345,6",
        "DCD771",
        "5 for all",
        "5 yr",
        "a" * 500,
    ],
)
def test_what_is_not_wholly_a_price_is_none(text: str) -> None:
    assert read_price(text) is None


@pytest.mark.parametrize(
    ("text", "lower", "upper"), [("$10 - $20", "10", "20"), ("10–20 €", "10", "20"), ("5 to 7.50", "5", "7.50")]
)
def test_a_range_has_two_ends(text: str, lower: str, upper: str) -> None:
    read = read_price(text)
    assert read is not None
    assert (read.amount, read.upper) == (Decimal(lower), Decimal(upper))
    assert read.why


@pytest.mark.parametrize(
    "text", ["from $349", "2 pairs from $349", "$12.99+", "<50", "was $20 now $15", "3 x $10", "20 € 30 €"]
)
def test_what_is_no_exact_price_says_why(text: str) -> None:
    read = read_price(text)
    assert read is not None
    assert read.why


@pytest.mark.parametrize(
    ("text", "per"), [("€3.50/kg", "kg"), ("12 per month", "month"), ("$5 an hour", "hour"), ("£10/m²", "m2")]
)
def test_a_price_per_unit_names_the_unit(text: str, per: str) -> None:
    read = read_price(text)
    assert read is not None
    assert read.per == per


def test_a_shared_sign_means_what_the_hint_says() -> None:
    assert read_price("$5", "CAD") == read_price("C $5")
    euro = read_price("€5", "CAD")
    assert euro is not None
    assert euro.currency == "EUR"


def test_a_sign_of_several_currencies_is_not_guessed() -> None:
    crowns = read_price("500 kr")
    assert crowns is not None
    assert (crowns.currency, crowns.sign) == (None, "kr")
    swedish = read_price("500 kr", "SEK")
    assert swedish is not None
    assert (swedish.currency, swedish.sign) == ("SEK", None)


def test_an_ambiguous_number_follows_its_column() -> None:
    assert read_number("1.234") == 1234
    assert read_number("1.234", ".") == Decimal("1.234")
    assert read_number("1,234", ",") == Decimal("1.234")
    assert read_number("12.50", ",") == Decimal("12.50")
    assert mark_of("1.2.3") is None
    assert decimal_mark(["1.234", "2.500"]) is None


@pytest.mark.parametrize("text", ["£12.50 (+ p&p)", "£12.50 + p&p", "£12.50 + VAT", "£12.50 plus postage"])
def test_what_comes_on_top_makes_a_price_no_bound(text: str) -> None:
    read = read_price(text)
    assert read is not None
    assert (read.amount, read.currency, read.why) == (Decimal("12.50"), "GBP", "")


@pytest.mark.parametrize("text", ["12.500 € ¹", "12.500 €²", "€ 12.500 ³)", "12.500 €†"])
def test_the_mark_of_a_footnote_is_no_part_of_a_price(text: str) -> None:
    read = read_price(text)
    assert read is not None
    assert (read.amount, read.currency, read.why) == (12500, "EUR", "")

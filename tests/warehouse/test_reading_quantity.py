"""Numbers inside text are read with their unit; names are left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.quantity import Quantity, read_quantity


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("19.67 kmpl", 19.67, "kmpl"),
        ("26.6 km/kg", 26.6, "km/kg"),
        ("1582 CC", 1582, "cc"),
        ("1,582 CC", 1582, "cc"),
        ("2.3 Cr", 2.3e7, ""),
        ("₹ 5.5 Lakh", 550_000, "INR"),
        ("1,25,000", 125_000, ""),
        ("256GB", 256, "gb"),
        ("1TB", 1000, "gb"),
        ('15.6"', 15.6, "in"),
        ("15.6-inch", 15.6, "in"),
        ("15 %", 15, "%"),
        ("5,5 kg", 5500, "g"),
        ("1.234 kg", 1234, "g"),
        ("12k miles", 12_000, "mi"),
        ("3.5 GHz", 3500, "mhz"),
        ("18V", 18, "v"),
        ("2Ah", 2000, "mah"),
        ("190Nm@ 2000rpm", 190, "nm"),
        ("5 seats", 5, "seats"),
        ("-5", -5, ""),
        ("2018", 2018, ""),
        ("$120", 120, "USD"),
        (" 64.0 ", 64, ""),
    ],
)
def test_quantities_people_write(text: str, number: float, unit: str) -> None:
    read = read_quantity(text)
    assert read is not None
    assert read.unit == unit
    assert read.number == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    [
        *("DCD771", "i5", "5G", "4G", "1st", "1st Owner", "250i", "2018-03-01", "10 x 20 cm", "10-20", "null bhp", ""),
        *("nan", "inf", "infinity", "1_000", "US-MO", "6'2\"", "10A", "M10", "12:30", "1.2.3", "v2"),
    ],
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert read_quantity(text) is None


@given(st.text(max_size=50))
def test_no_text_breaks_the_reading(text: str) -> None:
    read = read_quantity(text)
    assert read is None or read.number == read.number


@given(
    st.floats(0, 1e9).map(lambda number: round(number, 3)), st.sampled_from(["", " cc", " kmpl", "mAh", " bhp", "%"])
)
def test_a_written_quantity_is_read_back(number: float, unit: str) -> None:
    assert read_quantity(f"{number:.3f}{unit}") == Quantity(number, unit.strip().casefold())


def test_a_comma_is_decimal_where_the_column_says_so() -> None:
    assert read_quantity("1,234 kg", ",") == Quantity(1234.0, "g")
    assert read_quantity("1.234", ",") == Quantity(1234.0, "")


def test_a_hundred_thousand_cells_take_moments() -> None:
    cells = [f"{number / 10} kmpl" for number in range(100_000)]
    start = time.process_time()
    assert all(read_quantity(cell) for cell in cells)
    # A million in a few seconds.
    assert time.process_time() - start < 3

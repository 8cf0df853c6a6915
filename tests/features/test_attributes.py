"""Attributes as numbers and levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.attributes import TITLE_UNITS, AttributeReader, learn_reader, title_numbers
from features.title import measures, plain

FUELS = ("Petrol", "Diesel", "CNG")


@pytest.fixture(scope="module")
def cars() -> list[dict[str, str]]:
    return [
        {
            "Mileage": f"{15 + n % 9}.5 kmpl",
            "engine_size": f"{1000 + 10 * n} CC",
            "Fuel": FUELS[n % 3],
            "Unnamed: 0": str(n),
            "Sr. No.": str(n),
            "remark": f"a text that only car {n} has",
            "maker": "Maruti",
        }
        for n in range(200)
    ]


@pytest.fixture(scope="module")
def reader(cars: list[dict[str, str]]) -> AttributeReader:
    return learn_reader(cars)


def test_numbers_inside_texts_are_read_without_their_units(reader: AttributeReader) -> None:
    row = reader.transform([{"Mileage": "19.67 kmpl", "engine size": "1582 CC", "Fuel": "Diesel"}])[0]
    read = dict(zip(reader.names, row, strict=True))

    assert read["mileage"] == pytest.approx(19.67)
    assert read["engine size"] == 1582


def test_words_that_repeat_become_levels(reader: AttributeReader) -> None:
    assert set(reader.levels) == {"fuel"}
    assert set(reader.levels["fuel"]) == {"petrol", "diesel", "cng"}
    place = reader.names.index("fuel")
    codes = reader.transform([{"Fuel": fuel} for fuel in FUELS])[:, place]
    assert sorted(codes) == [0, 1, 2]


def test_row_numbers_free_texts_and_constants_are_left_out(reader: AttributeReader) -> None:
    assert set(reader.names) == {"mileage", "engine size", "fuel"}


def test_what_is_missing_or_never_seen_is_not_a_number(reader: AttributeReader) -> None:
    out = reader.transform([{"Fuel": "Hydrogen", "Mileage": "unknown"}, {}, {"Colour": "red"}])

    assert out.shape == (3, 3)
    assert np.isnan(out).all()


def test_spelling_of_a_name_does_not_matter(reader: AttributeReader) -> None:
    same = reader.transform([{"engine_size": "1200 CC"}, {" Engine-Size ": "1200cc"}, {"ENGINE SIZE": "1,200 cc"}])

    assert (same[:, reader.names.index("engine size")] == 1200).all()


def test_a_rare_attribute_is_left_out(cars: list[dict[str, str]]) -> None:
    rows = [dict(row, rare="5") if n < 10 else row for n, row in enumerate(cars)]

    assert "rare" not in learn_reader(rows).names


def test_a_reader_is_kept_as_text_and_read_back(reader: AttributeReader) -> None:
    assert AttributeReader.from_json(reader.to_json()) == reader


@given(st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=4), max_size=30))
def test_any_attributes_give_a_matrix_of_their_shape(rows: list[dict[str, str]]) -> None:
    reader = learn_reader(rows)

    assert reader.transform(rows).shape == (len(rows), len(reader.names))


def test_the_largest_and_smallest_measure_and_the_year_are_read_from_a_title() -> None:
    read = title_numbers(["laptop 8GB 256GB 2019", "Trek bike", "poster 1080p"])
    gb = TITLE_UNITS.index("gb")

    assert (read[0, 2 * gb], read[0, 2 * gb + 1], read[0, -1]) == (256, 8, 2019)
    assert np.isnan(read[1]).all()
    assert np.isnan(read[2]).all()


@given(
    st.lists(
        st.lists(st.sampled_from(["16gb", "8 GB", '15.6"', "1TB", "12v", "1998", "2021", "x200p", "2in"])), max_size=6
    )
)
def test_measures_of_a_title_are_its_largest_its_smallest_and_a_year(said: list[list[str]]) -> None:
    titles = [" ".join(words) for words in said]
    found = title_numbers(titles)

    assert found.shape == (len(titles), 2 * len(TITLE_UNITS) + 1)
    for row, title in zip(found, titles, strict=True):
        told = measures(plain(title))
        for place, unit in enumerate(TITLE_UNITS):
            own = [value for value, each in told if each == unit]
            high_low = [max(own), min(own)] if own else [np.nan, np.nan]
            assert row[2 * place : 2 * place + 2] == pytest.approx(high_low, nan_ok=True)
        years = [int(word) for word in title.split() if word in ("1998", "2021")]
        assert row[-1] == pytest.approx(max(years) if years else np.nan, nan_ok=True)

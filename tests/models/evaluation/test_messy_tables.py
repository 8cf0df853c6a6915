"""Messy tables of other people: what the reader makes of their attributes, and that laws are found again."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from bench.worth_messy import TABLES, write
from features.attributes import learn_reader, numbers_in


@pytest.mark.parametrize(
    ("name", "numbers", "levels"),
    [
        ("cars", {"kilometers driven", "year", "mileage", "engine"}, {"owner type", "transmission"}),
        ("laptops", {"ram", "weight", "memory gb", "cpu ghz", "screenresolution pixels"}, {"cpu", "company"}),
        ("flats", {"total sqft", "size", "bath"}, {"location"}),
    ],
)
def test_numbers_and_levels_are_found_in_messy_columns(
    name: str, numbers: set[str], levels: set[str], tmp_path: Path
) -> None:
    with write(tmp_path / "table.csv", name, 200).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    reader = learn_reader(rows)

    assert numbers <= set(reader.numeric)
    assert levels <= set(reader.levels)
    assert "" not in reader.names  # the running number
    table = reader.transform(rows)
    for column in numbers & {"kilometers driven", "ram", "weight", "total sqft"}:
        assert np.isfinite(table[:, reader.names.index(column)]).mean() > 0.8


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rs. 4,50,000", {"": 450_000.0}),
        ("45,000 km", {"": 45_000.0}),
        ("1.37kg", {"": 1370.0}),
        ("2; 16", {" #1": 2.0, " #2": 16.0, " product": 32.0}),
        ("2100 - 2850", {"": 2475.0, " #1": 2100.0, " #2": 2850.0}),
        ("10000000-20000000", {"": 1.5e7, " #1": 1e7, " #2": 2e7}),
        ("142.84Sq. Meter", {"": 1537.52}),
        ("1,081 sq.ft.", {"": 1081.0}),
        ("2h 50m", {"": 170.0}),
        ("19h", {"": 1140.0}),
        ("4\u00a0350 h", {"": 261_000.0}),
        ("1200 - 1400 Sq.Yards", {"": 11_700.0, " #1": 10_800.0, " #2": 12_600.0}),
        ("EZ 03/2015", {" year": 2015 + 2 / 12}),
        ("22:30", {"": 22.5}),
        ("24/03/2019", {" date": 2019.2245}),
        ("03/2015", {" date": 2015 + 2 / 12}),
        ("12 GB RAM, 256 GB inbuilt", {" gb": 268.0, " gb #1": 12.0, " gb #2": 256.0}),
        ("10 out of 11", {" #1": 10.0, " #2": 11.0}),
        ("Paperback,– 10 Mar 2016", {" year": 2016.0}),
        ("110 kW (150 PS)", {" #1": 110.0, " #2": 150.0}),
        ("1920x1080", {" #1": 1920.0, " #2": 1080.0, " pixels": 2_073_600.0}),
        ("128GB SSD +  1TB HDD", {" gb": 1128.0, " gb #1": 128.0, " gb #2": 1000.0}),
        ("IPS Panel Full HD 1920x1080", {" pixels": 2_073_600.0}),
        ("N/A", {}),
        ("Second owner", {}),
    ],
)
def test_the_numbers_of_a_text(text: str, found: dict[str, float]) -> None:
    assert dict(numbers_in(text)) == pytest.approx(found)


def test_a_year_is_one_number_however_it_is_written() -> None:
    ways = ("{}", "approx. {}", "03/{}", "{} (estimated)")
    rows = [{"Made": ways[n % 4].format(1990 + n % 30), "Weight": f"{n % 7 + 1} kg"} for n in range(200)]

    reader = learn_reader(rows)

    assert set(reader.numeric) == {"made", "weight"}
    found = reader.transform(rows)[:, reader.names.index("made")]
    assert found == pytest.approx([1990 + n % 30 + (n % 4 == 2) * 2 / 12 for n in range(200)], abs=1e-3)


def test_what_texts_have_in_common_is_read_as_words() -> None:
    rows = [
        {"Edition": f"{'Paperback' if n % 2 else 'Hardcover'},– {n % 28 + 1} Mar {1990 + n % 30}"} for n in range(420)
    ]

    reader = learn_reader(rows)

    assert (reader.wordy, reader.numeric, set(reader.levels)) == (("edition",), ("edition year",), {"edition word"})
    assert len(set(reader.transform(rows)[:4, 1])) == 2
    assert "edition=paperback" in reader.tokens(rows)[1]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_made_again_from_its_seed(name: str, tmp_path: Path) -> None:
    one, two = (write(tmp_path / f"{name}{place}", name, 20).read_bytes() for place in (1, 2))
    assert one == two

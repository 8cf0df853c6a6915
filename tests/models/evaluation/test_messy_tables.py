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
        ("2100 - 2850", {" #1": 2100.0, " #2": 2850.0, " product": 5_985_000.0}),
        ("1920x1080", {" #1": 1920.0, " #2": 1080.0, " pixels": 2_073_600.0}),
        ("128GB SSD +  1TB HDD", {" gb": 1128.0}),
        ("IPS Panel Full HD 1920x1080", {" pixels": 2_073_600.0}),
        ("N/A", {}),
        ("Second owner", {}),
    ],
)
def test_the_numbers_of_a_text(text: str, found: dict[str, float]) -> None:
    assert dict(numbers_in(text)) == pytest.approx(found)


def test_every_table_is_made_again_from_its_seed(tmp_path: Path) -> None:
    for name in TABLES:
        one, two = (write(tmp_path / f"{name}{place}", name, 20).read_bytes() for place in (1, 2))
        assert one == two

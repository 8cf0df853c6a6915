"""Brand and model are read from labels, straight, upside down, lying and dim."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from features.photo.labels import read_lines

DRILL = ("DEWALT DCD771 20V MAX", "Cordless Drill")


def texts(image: Image.Image) -> list[str]:
    return [line.text for line in read_lines(np.asarray(image))[0]]


@pytest.mark.parametrize("angle", [0, 45, 90, 180])
def test_a_label_is_read_however_it_lies(studio: Any, angle: int) -> None:
    image = studio.photo(studio.label(*DRILL), angle=angle, size=(900, 900))
    assert sorted(texts(image)) == sorted(DRILL)


@pytest.mark.parametrize("light", [0.3, 0.12])
def test_a_dim_label_is_read(studio: Any, light: float) -> None:
    assert texts(studio.photo(studio.label(*DRILL), light=light, noise=1)) == list(DRILL)


def test_labels_of_two_things_are_both_read_with_their_places(studio: Any) -> None:
    image = studio.photo(
        studio.label("MAKITA DHP453", size=40), studio.label("BOSCH GSR 12V", size=30), size=(1200, 500)
    )
    lines = {line.text: line for line in read_lines(np.asarray(image))[0]}
    assert set(lines) == {"MAKITA DHP453", "BOSCH GSR 12V"}
    assert lines["MAKITA DHP453"].x < 0.5 < lines["BOSCH GSR 12V"].x
    assert lines["MAKITA DHP453"].height > lines["BOSCH GSR 12V"].height > 0.02


def test_of_very_much_text_the_largest_is_read_and_that_is_said(studio: Any) -> None:
    page = studio.label(*(f"line {number} of small print" for number in range(40)), size=14)
    image = Image.new("RGB", (900, 1000), "white")
    image.paste(page, (40, 100))
    image.paste(studio.label("PHILIPS HR2355"), (40, 5))
    lines, more = read_lines(np.asarray(image))
    assert more
    assert len(lines) <= 30
    assert lines[0].text == "PHILIPS HR2355"


@pytest.mark.parametrize("shape", [(600, 800, 3), (1, 1, 3), (1, 5000, 3), (17, 4000, 3), (3000, 20, 3)])
def test_where_there_is_no_text_none_is_read(shape: tuple[int, ...]) -> None:
    assert read_lines(np.full(shape, 200, np.uint8)) == ((), False)

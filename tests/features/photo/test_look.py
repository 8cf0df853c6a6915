"""The same photo is known again after it was saved, resized or brightened; another is not taken for it."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from features.photo import SAME_PHOTO, Look, similar
from features.photo.look import look_of

HEX = "0123456789abcdef"
looks = st.builds(
    Look, *(st.text(HEX, min_size=size, max_size=size) for size in (16, 64)), st.text(HEX, min_size=11, max_size=11)
)


def _saved(image: Image.Image) -> Image.Image:
    held = io.BytesIO()
    image.save(held, "JPEG", quality=40)
    return Image.open(held).convert("RGB")


def _cropped(image: Image.Image) -> Image.Image:
    across, down = image.width // 50, image.height // 50
    return image.crop((across, down, image.width - across, image.height - down))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved again": _saved,
    "a third as large": lambda image: image.resize((image.width // 3, image.height // 3)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "cropped by four in a hundred": _cropped,
}


@given(looks, looks)
def test_likeness_is_the_same_both_ways_and_a_share(one: Look, other: Look) -> None:
    assert similar(one, other) == similar(other, one)
    assert 0 <= similar(one, other) <= 1
    assert similar(one, one) in (0.0, 1.0)


def test_a_blank_picture_is_like_no_other() -> None:
    white, grey = (look_of(np.full((60, 80, 3), shade, np.uint8)) for shade in (255, 128))
    assert similar(white, grey) == similar(white, white) == 0.0


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_copy_of_a_drawn_scene_is_the_same_photo(studio: Any, name: str) -> None:
    image = studio.photo(studio.label("MAKITA DHP453"), studio.barcode(width=300), angle=7, size=(900, 600))
    assert similar(look_of(np.asarray(image)), look_of(np.asarray(CHANGES[name](image)))) >= SAME_PHOTO


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_real_photos_are_known_again_and_told_apart() -> None:
    files = sorted((Path(os.environ["KATY_TEST_DATA"]) / "photos").glob("*/*/*/*.jpg"))[::6]
    images = [Image.open(file).convert("RGB") for file in files]
    known = [look_of(np.asarray(image)) for image in images]
    mistaken = sum(similar(one, other) >= SAME_PHOTO for one, other in itertools.combinations(known, 2))
    assert mistaken <= 1, f"{mistaken} of {len(files) * (len(files) - 1) // 2} pairs"
    for name, change in CHANGES.items():
        again = [look_of(np.asarray(change(image))) for image in images]
        found = [similar(one, other) >= SAME_PHOTO for one, other in zip(known, again, strict=True)]
        assert np.mean(found) >= 0.98, name

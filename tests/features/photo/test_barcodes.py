"""Barcodes are read at any angle, also small, dim and blurred; what is read is right, or nothing is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from features.photo.barcodes import read_barcodes


def codes(image: Image.Image) -> list[str | None]:
    return [code.gtin for code in read_barcodes(np.asarray(image.convert("L")))]


@pytest.mark.parametrize("angle", [*range(0, 180, 15), 180, 225, 300])
def test_a_barcode_is_read_at_any_angle(studio: Any, angle: int) -> None:
    assert codes(studio.photo(studio.barcode(width=500), angle=angle, size=(760, 700))) == [studio.gtin]


@pytest.mark.parametrize("angle", [0, 40, 75])
@pytest.mark.parametrize("damage", [{"blur": 1.5}, {"blur": 2.5}, {"light": 0.1}, {"light": 0.3, "blur": 1.5}])
def test_a_barcode_is_read_where_it_is_blurred_or_dim(studio: Any, angle: int, damage: dict[str, float]) -> None:
    image = studio.photo(studio.barcode(width=640), angle=angle, size=(800, 760), **damage)
    assert codes(image) == [studio.gtin]


@pytest.mark.parametrize("angle", [0, 45])
def test_a_barcode_is_read_where_it_has_little_contrast(studio: Any, angle: int) -> None:
    image = studio.photo(studio.barcode(width=500), angle=angle, noise=1, size=(760, 700))
    assert codes(ImageEnhance.Contrast(image).enhance(0.1)) == [studio.gtin]


@pytest.mark.parametrize("angle", [0, 45])
def test_a_barcode_is_read_that_is_a_small_part_of_a_large_picture(studio: Any, angle: int) -> None:
    assert codes(studio.photo(studio.barcode(width=260), angle=angle, size=(3200, 2400))) == [studio.gtin]


@pytest.mark.parametrize(
    ("digits", "angle", "blur"),
    [
        # Each of these is misread with a right check digit where a single reading is believed.
        ("5788783848372", 15, 2.2),
        ("6463319128454", 15, 2.2),
        ("6224704558535", 8, 2.4),
        ("3643883170100", 35, 2.2),
        ("5432319487572", 20, 2.2),
    ],
)
def test_a_barcode_too_blurred_to_read_is_never_read_as_another(
    studio: Any, digits: str, angle: int, blur: float
) -> None:
    image = studio.photo(studio.barcode(digits, width=420), angle=angle, size=(560, 460), blur=blur, noise=5)
    assert codes(image) in ([], ["0" + digits])


def test_two_things_in_a_picture_give_two_codes(studio: Any) -> None:
    other = studio.barcode("036000291452", "UPCA", width=500)
    image = studio.photo(studio.barcode(width=500), other, angle=10, size=(1400, 700))
    assert codes(image) == ["00036000291452", studio.gtin]


def test_things_that_lie_askew_to_each_other_are_both_read(studio: Any) -> None:
    other = studio.barcode("036000291452", "UPCA", width=400).rotate(45, expand=True, fillcolor="white")
    assert set(codes(studio.photo(studio.barcode(width=500), other, size=(1400, 800)))) == {
        "00036000291452",
        studio.gtin,
    }


@pytest.mark.parametrize(
    ("kind", "text", "gtin"),
    [
        ("EAN13", "4006381333931", "04006381333931"),
        ("UPCA", "036000291452", "00036000291452"),
        ("UPCE", "04252614", "00042100005264"),
        ("EAN8", "96385074", "00000096385074"),
        ("ITF14", "10012345000017", "10012345000017"),
        ("EAN13", "9780306406157", "09780306406157"),
        # A shop's own number, a weighed good's, a coupon: they name nothing outside that shop.
        ("EAN13", "2012345678903", None),
        ("EAN13", "2912345678906", None),
        ("EAN8", "20123451", None),
        ("Code128", "PARCEL 036000291452", None),
        ("QRCode", "https://id.gs1.org/01/09506000134352/10/ABC", "09506000134352"),
        ("QRCode", "https://example.org/9506000134352", None),
    ],
)
def test_a_code_gives_the_gtin_it_holds(studio: Any, kind: str, text: str, gtin: str | None) -> None:
    read = read_barcodes(np.asarray(studio.photo(studio.barcode(text, kind, width=420), size=(700, 560)).convert("L")))
    assert [code.gtin for code in read] == [gtin]


def test_what_a_code_says_is_short(studio: Any) -> None:
    image = studio.photo(studio.barcode("A 1 " + "x" * 400, "QRCode", width=500), size=(700, 700))
    (code,) = read_barcodes(np.asarray(image.convert("L")))
    assert code.text == "A 1 " + "x" * 296


@pytest.mark.parametrize("what", ["blank", "noise", "stripes", "wall"])
def test_where_there_is_no_code_none_is_read(studio: Any, what: str) -> None:
    rng = np.random.default_rng(1)
    grey = {
        "blank": np.full((700, 900), 255, np.uint8),
        "noise": rng.integers(0, 256, (700, 900), dtype=np.uint8),
        "stripes": np.repeat(rng.integers(0, 2, (1, 180), dtype=np.uint8) * 255, 5, axis=1).repeat(700, axis=0),
        "wall": np.asarray(studio.photo(size=(900, 700)).convert("L")),
    }[what]
    assert read_barcodes(grey) == ()


@given(st.integers(10**11, 10**12 - 1), st.sampled_from([0, 5, 12, 20, 33, 48, 90, 137]), st.floats(0, 2.2))
@settings(max_examples=10, derandomize=True)
def test_a_gtin_read_is_the_one_printed(studio: Any, number: int, angle: int, blur: float) -> None:
    digits = f"4{number}"[:12]
    code = studio.barcode(digits + _check(digits), width=420)
    for gtin in codes(studio.photo(code, angle=angle, size=(600, 560), blur=blur)):
        assert gtin == "0" + digits + _check(digits)


def _check(digits: str) -> str:
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)

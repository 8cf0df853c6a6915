"""Files made to break a reader get the right answer or a clear refusal, and quickly."""

from __future__ import annotations

import io
import struct
import zlib
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from features.photo import DEFAULT, Limits, PictureRefused, read_pictures
from features.photo.decode import Pixels, decode
from features.photo.header import read_header
from features.photo.reader import Reader
from features.photo.refused import REASONS


def refusal(data: bytes, limits: Limits = DEFAULT) -> PictureRefused:
    with pytest.raises(PictureRefused) as refused:
        read_pictures([data], limits=limits)
    assert refused.value.number == 1
    assert str(refused.value).startswith("picture 1: ")
    return refused.value


def answer(data: bytes) -> str:
    """The size of a picture, or why it is refused."""
    try:
        (seen,) = read_pictures([data])
    except PictureRefused as refused:
        return refused.reason
    return f"{seen.width} × {seen.height}"


def decoded(data: bytes) -> Pixels:
    return decode(data, read_header(data), DEFAULT)


def test_a_text_file_is_no_picture_whatever_its_name() -> None:
    for data in (b"DEWALT DCD771 20V MAX\n" * 50, b"", b"\0" * 5000, b"<html><img src=x>", b"PK\3\4 a zip archive"):
        assert refusal(data).reason == "not_a_picture"


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "PDF", "EPS", "ICO", "JPEG2000"])
def test_formats_that_are_not_read_are_named(studio: Any, kind: str) -> None:
    refused = refusal(studio.file(Image.new("RGB", (32, 32)), kind))
    assert refused.reason == "unsupported_format"
    assert "save it as JPEG, PNG or WebP" in refused.says


@pytest.mark.parametrize(
    "data",
    [b'<?xml version="1.0"?><svg width="9"/>', b"\0\0\0\x1cftypavif\0\0\0\0", b"\0\0\0\x18ftypisom"],
    ids=["SVG", "AVIF", "MP4"],
)
def test_drawings_films_and_newer_formats_are_refused(data: bytes) -> None:
    assert refusal(data).reason == "unsupported_format"


def test_heic_names_the_extra_that_reads_it() -> None:
    if find_spec("pillow_heif") is not None:
        pytest.skip("the extra heic is installed here")
    refused = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert refused.reason == "unsupported_format"
    assert "katy[heic]" in refused.says


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_of_a_hundred_megapixels_is_refused_by_its_size(studio: Any, kind: str) -> None:
    refused = refusal(studio.file(Image.new("L", (10_000, 10_000), 90), kind))
    assert refused.reason == "too_many_pixels"
    assert "100 million pixels" in refused.says


@pytest.mark.parametrize(
    "header",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 2**31 - 1, 2**31 - 1) + b"\x08\x02\0\0\0" + b"\0" * 40,
        b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\xff\xff\xff\xff\x03" + b"\0" * 40,
        b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff" * 2 + b"\0" * 40,
    ],
    ids=["PNG", "JPEG", "WebP"],
)
def test_a_header_that_declares_a_giant_is_refused_before_anything_is_decoded(header: bytes) -> None:
    assert refusal(header).reason == "too_many_pixels"


def test_a_small_file_of_very_many_equal_pixels_is_read(studio: Any) -> None:
    row = b"\0" + b"\xff" * 1000
    data = studio.png(8000, 8000, row * 8000, depth=1)
    assert len(data) < 60_000
    (seen,) = read_pictures([data])
    assert (seen.width, seen.height, seen.barcodes, seen.lines) == (8000, 8000, (), ())
    assert "reduced" in seen.notes


def test_chunks_that_unpack_to_very_much_do_no_harm(studio: Any) -> None:
    bomb = zlib.compress(b"\0" * 400_000_000, 9)
    rows = (b"\0" + b"\x80" * 64) * 64
    for name, start in ((b"zTXt", b"k\0\0"), (b"iCCP", b"p\0\0"), (b"iTXt", b"k\0\1\0\0\0")):
        data = studio.png(64, 64, rows, more=studio.chunk(name, start + bomb))
        assert answer(data) in ("64 × 64", "unreadable")


def test_a_header_that_promises_less_than_follows_is_no_way_in(studio: Any) -> None:
    data = studio.png(64, 64, b"\0" * 300_000_000)
    assert read_pictures([data])[0].width == 64


def test_files_that_are_cut_off_are_refused(studio: Any) -> None:
    image = studio.photo(studio.label("DEWALT"), size=(300, 200))
    for kind in ("JPEG", "PNG", "WEBP"):
        data = studio.file(image, kind)
        for length in (14, 40, len(data) // 2, len(data) - 40):
            assert refusal(data[:length]).reason in {"unreadable", "not_a_picture"}


def test_of_an_animation_the_first_picture_is_read(studio: Any) -> None:
    first, second = studio.photo(studio.label("FIRST"), size=(300, 200)), Image.new("RGB", (300, 200), "red")
    for kind, how in (("WEBP", {"lossless": True}), ("PNG", {})):
        pixels = decoded(studio.file(first, kind, save_all=True, append_images=[second] * 3, **how))
        assert np.array_equal(pixels.rgb, np.asarray(first))
        assert pixels.notes == ("first_of_several",)


def test_what_hides_behind_a_picture_is_not_looked_at(studio: Any) -> None:
    data = studio.file(studio.photo(studio.label("DEWALT"), size=(300, 200)), "PNG")
    (plain,) = read_pictures([data])
    assert [line.text for line in plain.lines] == ["DEWALT"]
    assert read_pictures([data + b"%PDF-1.7 <script>alert(1)</script> PK\3\4"]) == [plain]


def test_every_kind_of_pixel_is_read(studio: Any) -> None:
    label = studio.photo(studio.label("DEWALT DCD771"), size=(600, 200), noise=0)
    grey = label.convert("L")
    letters = Image.eval(grey, lambda value: 255 if value < 60 else 0)
    on_glass = Image.new("RGBA", label.size, (0, 0, 0, 0))
    on_glass.paste(Image.new("RGBA", label.size, "black"), mask=letters)
    kinds = {
        "CMYK": (studio.file(label.convert("CMYK"), "JPEG"), label),
        "grey": (studio.file(grey, "JPEG"), label.convert("L")),
        "progressive": (studio.file(label, "JPEG", progressive=True), label),
        "16 bits": (studio.file(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257), "PNG"), grey),
        "palette": (studio.file(label.quantize(256), "PNG"), label),
        "palette with a clear colour": (studio.file(label.quantize(256), "PNG", transparency=255), label),
        "black and white": (studio.file(label.convert("1"), "PNG"), label.convert("1")),
        "grey with alpha": (studio.file(label.convert("LA"), "PNG"), grey),
        "clear": (studio.file(on_glass, "WEBP", lossless=True), Image.eval(letters, lambda value: 255 - value)),
    }
    for kind, (data, meant) in kinds.items():
        off = np.abs(decoded(data).rgb.astype(int) - np.asarray(meant.convert("RGB")).astype(int))
        assert off.mean() < 3, kind


def test_sixteen_bits_of_grey_keep_their_shades(studio: Any) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint16) * 257, (4, 1))
    data = studio.file(Image.fromarray(ramp), "PNG")
    assert np.array_equal(
        decode(data, read_header(data), DEFAULT).grey, np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 100_000), (100_000, 1), (2, 65_000), (30, 60_000)])
def test_pictures_of_strange_shapes_say_nothing(studio: Any, size: tuple[int, int]) -> None:
    (seen,) = read_pictures([studio.file(Image.new("RGB", size, "teal"), "PNG")])
    assert (seen.barcodes, seen.lines, "small" in seen.notes) == ((), (), True)


def test_too_many_bytes_and_too_many_pictures_are_refused(studio: Any) -> None:
    data = studio.file(Image.new("RGB", (64, 64)))
    refused = refusal(data, Limits(bytes=len(data) - 1))
    assert refused.reason == "too_many_bytes"
    with pytest.raises(PictureRefused) as many:
        read_pictures([data] * 9)
    assert (many.value.reason, many.value.number) == ("too_many_pictures", 0)


def test_the_refusal_names_the_picture_and_nothing_is_decoded_before(studio: Any) -> None:
    good = studio.file(Image.new("RGB", (64, 64)))
    with pytest.raises(PictureRefused) as refused:
        read_pictures([good, b"text", good])
    assert refused.value.number == 2
    assert refused.value.reason in REASONS


def test_a_picture_that_needs_more_memory_than_it_may_is_refused(studio: Any) -> None:
    data, reader = studio.file(Image.new("RGBA", (7_900, 7_900)), "PNG"), Reader()
    with pytest.raises(PictureRefused) as refused:
        reader.read(data, Limits(memory_bytes=1_150_000_000))
    assert refused.value.reason in {"too_many_pixels", "unreadable"}
    reader.close()


@given(st.data())
@settings(max_examples=150, derandomize=True)
def test_no_damage_to_a_file_gets_past_the_refusals(studio: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))
    file = bytearray(_small(studio, kind))
    for _ in range(data.draw(st.integers(1, 6))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    del file[data.draw(st.integers(len(file) // 2, len(file))) :]
    limits, said = Limits(pixels=4_000_000), ""
    try:
        pixels = decode(bytes(file), read_header(bytes(file)), limits)
    except PictureRefused as refused:
        said = refused.reason
    assert said in REASONS or pixels.rgb.shape == (*pixels.grey.shape, 3)


def _small(studio: Any, kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    held = io.BytesIO()
    studio.photo(size=(48, 32)).save(held, kind, exif=exif)
    return held.getvalue()

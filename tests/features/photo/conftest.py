"""Pictures of things, drawn for the tests: labels, barcodes, walls, and files made to break a reader."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from features.photo import close_reader

WALL = (150, 130, 110)


class Studio:
    """Draws pictures and writes them as files."""

    ean = "4006381333931"
    gtin = "04006381333931"

    def barcode(self, text: str = ean, kind: str = "EAN13", *, width: int = 640) -> Image.Image:
        """A printed barcode with its quiet zones."""
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        image = Image.fromarray(np.asarray(code.to_image(scale=6, add_quiet_zones=True))).convert("RGB")
        return image.resize((width, round(image.height * width / image.width)))

    def label(self, *lines: str, size: int = 48) -> Image.Image:
        """A white sticker with lines of black letters."""
        font = ImageFont.load_default(size)
        width = max(round(font.getlength(line)) for line in lines) + 2 * size
        image = Image.new("RGB", (width, round(size * (1 + 1.5 * len(lines)))), "white")
        for number, line in enumerate(lines):
            ImageDraw.Draw(image).text((size, size * (0.5 + 1.5 * number)), line, fill="black", font=font)
        return image

    def photo(
        self,
        *things: Image.Image,
        angle: float = 0,
        size: tuple[int, int] = (1200, 900),
        noise: float = 3.0,
        light: float = 1.0,
        blur: float = 0.0,
    ) -> Image.Image:
        """Things side by side on a wall, turned, blurred, dimmed and with a sensor's noise."""
        image = Image.new("RGB", size, WALL)
        for number, thing in enumerate(things):
            turned = thing.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
            mask = Image.new("L", thing.size, 255).rotate(angle, expand=True)
            middle = size[0] * (2 * number + 1) // (2 * len(things))
            image.paste(turned, (middle - turned.width // 2, (size[1] - turned.height) // 2), mask)
        if blur:
            image = image.filter(ImageFilter.GaussianBlur(blur))
        grain = np.random.default_rng(0).normal(0, noise, (size[1], size[0], 1))
        return Image.fromarray((np.asarray(image) * light + grain).clip(0, 255).astype(np.uint8))

    def file(self, image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
        """A picture as a file."""
        held = io.BytesIO()
        image.save(held, kind, **options)
        return held.getvalue()

    def png(self, width: int, height: int, rows: bytes, *, colour: int = 0, depth: int = 8, more: bytes = b"") -> bytes:
        """A PNG put together by hand: what its header says need not be true."""
        header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        packed = self.chunk(b"IDAT", zlib.compress(rows, 9))
        chunks = (self.chunk(b"IHDR", header), more, packed, self.chunk(b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

    def chunk(self, name: bytes, data: bytes) -> bytes:
        """One chunk of a PNG."""
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    yield Studio()
    close_reader()

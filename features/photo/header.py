"""What a file is and how large it says it is, from its first bytes alone: nothing is decoded.

Sources: ISO/IEC 15948 (PNG), ITU-T T.81 annex B (JPEG), RFC 9649 (WebP), ISO/IEC 23008-12 (HEIF).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from features.photo.refused import PictureRefused

Format = Literal["JPEG", "PNG", "WEBP", "HEIF"]

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# Other formats that people have, so that the refusal can name them. They are never opened.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\1\0", "icon"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
# Start-of-frame markers: all of C0–CF but DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class Header:
    """A format and the declared size in pixels; 0 × 0 where only decoding tells (HEIF)."""

    format: Format
    width: int
    height: int


def read_header(data: bytes) -> Header:
    """The header of a JPEG, PNG, WebP or HEIF file. PictureRefused: not_a_picture, unsupported_format, unreadable."""
    if data.startswith(b"\xff\xd8\xff"):
        return _sized("JPEG", _jpeg_size(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _sized("PNG", struct.unpack_from(">II", data, 16) if data[12:16] == b"IHDR" and len(data) > 24 else None)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _sized("WEBP", _webp_size(data))
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return Header("HEIF", 0, 0)
    raise _refusal(data)


def _sized(name: Format, size: tuple[int, ...] | None) -> Header:
    if size is None or min(size) < 1:
        raise PictureRefused(
            "unreadable", f"this {name} file is damaged: it does not say how large it is; save it again"
        )
    return Header(name, size[0], size[1])


def _refusal(data: bytes) -> PictureRefused:
    if not data:
        return PictureRefused("not_a_picture", "the file is empty")
    name = next((name for start, name in _OTHERS if data.startswith(start)), None)
    if data[4:8] == b"ftyp":
        name = "AVIF" if data[8:12] in {b"avif", b"avis"} else "video"
    if name is None and b"<svg" in data[:1024].lower():
        name = "SVG"
    if name is None:
        return PictureRefused("not_a_picture", "this is not a picture, whatever its name; a JPEG, PNG or WebP is read")
    return PictureRefused("unsupported_format", f"{name} files are not read; save it as JPEG, PNG or WebP")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of the first frame: segments are skipped by their length, so a thumbnail is not taken for it."""
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF or marker in _NO_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        length = struct.unpack_from(">H", data, place + 2)[0]
        if marker in {0xD9, 0xDA} or length < 2:
            return None
        place += 2 + length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None

"""What stands on pictures and what they look like. They are decoded in another process, never in this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from features.photo.header import read_header
from features.photo.limits import DEFAULT, Limits
from features.photo.picture import PictureRead
from features.photo.reader import Reader
from features.photo.refused import PictureRefused


def read_pictures(
    pictures: Sequence[bytes], *, limits: Limits = DEFAULT, embedder: Path | None = None
) -> list[PictureRead]:
    """Barcodes, lines of text and looks of pictures (JPEG, PNG, WebP; HEIC with its extra), in the order given.

    All of them are checked before the first is decoded, and none is kept. `embedder` names an ONNX model that adds a
    vector. PictureRefused says which picture and why; Busy where other callers' pictures take too long.
    """
    if len(pictures) > limits.pictures:
        raise PictureRefused(
            "too_many_pictures", f"{len(pictures)} pictures are too many at once; send at most {limits.pictures}"
        )
    for number, data in enumerate(pictures, start=1):
        with _numbered(number):
            _check(data, limits)
    read = []
    for number, data in enumerate(pictures, start=1):
        with _numbered(number):
            read.append(_reader().read(bytes(data), limits, embedder))
    return read


def close_reader() -> None:
    """End the process that decodes, for a server that stops; the next picture starts another."""
    _reader().close()


@cache
def _reader() -> Reader:
    return Reader()


@contextmanager
def _numbered(number: int) -> Iterator[None]:
    try:
        yield
    except PictureRefused as refused:
        raise PictureRefused(refused.reason, refused.says, number=number) from None


def _check(data: bytes, limits: Limits) -> None:
    """What can be told without decoding."""
    if len(data) > limits.bytes:
        raise PictureRefused(
            "too_many_bytes",
            f"it has {len(data) / 1e6:.1f} million bytes, and at most {limits.bytes / 1e6:.0f} million are read; "
            "make it smaller",
        )
    header = read_header(data)
    limits.check_size(header.width, header.height)
    if header.format == "HEIF" and find_spec("pillow_heif") is None:
        raise PictureRefused(
            "unsupported_format", "HEIC needs the extra 'heic' (pip install 'katy[heic]'); or save it as JPEG"
        )

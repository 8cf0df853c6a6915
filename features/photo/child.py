"""The decoding process: pictures in, what was read of them out, one after the other.

Its parent (`features.photo.reader`) starts it with a JSON object as its only argument and talks to it over pipes. It
says {"ready": true} or {"cannot_start": why}. A request is a line of JSON, then the bytes of the picture; it
is answered by two lines, {"reading": true} before anything is done with it, then {"read": …} or {"refused": reason,
"says": sentence}. It ends when its input does, or after a while without work.
"""

from __future__ import annotations

import io
import json
import os
import select
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from features.photo import confine
from features.photo.barcodes import read_barcodes
from features.photo.decode import decode
from features.photo.embed import Embedder
from features.photo.header import read_header
from features.photo.labels import read_lines
from features.photo.light import quality
from features.photo.limits import Limits
from features.photo.look import look_of
from features.photo.picture import PictureRead
from features.photo.refused import PictureRefused
from warehouse.errors import BadInput

_IDLE_SECONDS = 600.0


def main() -> None:
    """Serve requests until there are no more."""
    start = json.loads(sys.argv[-1])
    limits = Limits(**start["limits"])
    requests, answers = sys.stdin.buffer, _own_output()
    confine.at_start(limits.memory_bytes)
    try:
        embedder = Embedder(Path(start["embedder"])) if start["embedder"] else None
    except BadInput as error:
        _say(answers, {"cannot_start": str(error)})
        return
    _load_all(limits, embedder)
    confine.once_loaded()
    _say(answers, {"ready": True})
    while _wait(requests) and (line := requests.readline()):
        data = requests.read(json.loads(line)["bytes"])
        _say(answers, {"reading": True})
        confine.for_one_picture(limits.seconds)
        _say(answers, _answer(data, limits, embedder))


def read_picture(data: bytes, limits: Limits, embedder: Embedder | None = None) -> PictureRead:
    """All that is read of one picture. PictureRefused where it cannot be."""
    pixels = decode(data, read_header(data), limits)
    lines, more = ((), False) if limits.looks_only else read_lines(pixels.rgb)
    sharpness, brightness, notes = quality(pixels.grey)
    return PictureRead(
        barcodes=() if limits.looks_only else read_barcodes(pixels.grey),
        lines=lines,
        look=look_of(pixels.rgb),
        width=pixels.width,
        height=pixels.height,
        sharpness=sharpness,
        brightness=brightness,
        notes=(*pixels.notes, *notes, *(("more_text",) if more else ())),
        vector=() if embedder is None else tuple(round(float(value), 6) for value in embedder.vector(pixels.rgb)),
    )


def _answer(data: bytes, limits: Limits, embedder: Embedder | None) -> dict[str, Any]:
    """What to say of a picture. No exception's own words leave this process: they can hold what stands in the file."""
    try:
        return {"read": asdict(read_picture(data, limits, embedder))}
    except PictureRefused as refused:
        return {"refused": refused.reason, "says": refused.says}
    except MemoryError:
        return {"refused": "too_many_pixels", "says": "it takes more memory than a picture may; make it smaller"}
    except Exception:
        return {"refused": "unreadable", "says": "it could not be read; save it again as JPEG or PNG"}


def _own_output() -> IO[bytes]:
    """The pipe to the parent, out of the way of libraries that print."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
    return pipe


def _say(answers: IO[bytes], what: dict[str, Any]) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


def _wait(requests: IO[bytes]) -> bool:
    """Whether there is something to read; False after a while. Windows cannot wait for a pipe."""
    if sys.platform == "win32":
        return True
    return bool(select.select([requests.fileno()], [], [], _IDLE_SECONDS)[0])


def _load_all(limits: Limits, embedder: Embedder | None) -> None:
    """Read a picture of each format, so that every library is loaded while files can still be opened."""
    import cv2
    from PIL import Image, ImageDraw, ImageFont

    cv2.setNumThreads(1)
    image = Image.new("RGB", (320, 96), "white")
    ImageDraw.Draw(image).text((20, 20), "KATY 100", fill="black", font=ImageFont.load_default(40))
    exif = Image.Exif()
    exif[0x0112] = 3
    for name in ("JPEG", "PNG", "WEBP"):
        file = io.BytesIO()
        image.save(file, name, exif=exif)
        data = file.getvalue()
        decode(data, read_header(data), limits)
    read_picture(data, limits, embedder)
    # A broken file is a way of its own through Pillow.
    _answer(data[:200], limits, embedder)


if __name__ == "__main__":
    main()

"""What is read from a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOTES: Mapping[str, str] = {
    "turned": "it was turned as its file says",
    "reduced": "it was made smaller before it was read",
    "first_of_several": "the file holds several pictures; the first was read",
    "small": "it is too small to hold letters or bars that can be read",
    "dark": "it is dark: more light would help",
    "bright": "it is overexposed: less light would help",
    "blurred": "nothing in it is sharp: hold still, or step back",
    "more_text": "it holds more text than was read; the largest lines were",
}


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode: what it says, its kind as ISO names it ("EAN-13"), and the GTIN it holds.

    `gtin` has 14 digits with a valid check digit; it is None where the code holds none, or a number that is only
    unique within one company or shop (GS1 General Specifications, section 1.4: restricted circulation and coupons).
    """

    text: str
    format: str
    gtin: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text. `confidence` is the recogniser's, in [0, 1].

    `height` is that of the letters as a share of the picture's shorter side; `x` and `y` are the line's centre as
    shares of width and height, from the top left corner.
    """

    text: str
    confidence: float
    height: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture looks like, as ImageHash's hexadecimal digits: phash of 64 bits, dhash of 256, colorhash of 42.

    `features.photo.look.similar` compares two of them.
    """

    phash: str
    dhash: str
    colour: str


@dataclass(frozen=True, slots=True)
class PictureRead:
    """All that is kept of a picture: nothing of its metadata, no place, no time, no device.

    `width` and `height` are in pixels, upright, before any reduction. `sharpness` is the variance of the Laplacian of
    its grey values (0–255), softened by one pixel, at a longer side of at most 1024 pixels (Pech-Pacheco et al. 2000);
    `brightness` is the mean grey in [0, 1]. `notes` are keys of NOTES. `vector` is the embedding of unit length, empty
    without a model.
    """

    barcodes: tuple[Barcode, ...]
    lines: tuple[Line, ...]
    look: Look
    width: int
    height: int
    sharpness: float
    brightness: float
    notes: tuple[str, ...]
    vector: tuple[float, ...] = ()


def picture_read(told: Mapping[str, Any]) -> PictureRead:
    """A PictureRead from the JSON object that `dataclasses.asdict` of one becomes.

    KeyError, TypeError or ValueError where it is none.
    """
    return PictureRead(
        barcodes=tuple(
            Barcode(str(each["text"]), str(each["format"]), None if each["gtin"] is None else str(each["gtin"]))
            for each in told["barcodes"]
        ),
        lines=tuple(
            Line(str(each["text"]), *(float(each[name]) for name in ("confidence", "height", "x", "y")))
            for each in told["lines"]
        ),
        look=Look(
            *(f"{int(told['look'][name], 16):0{len(told['look'][name])}x}" for name in ("phash", "dhash", "colour"))
        ),
        width=int(told["width"]),
        height=int(told["height"]),
        sharpness=float(told["sharpness"]),
        brightness=float(told["brightness"]),
        notes=tuple(note for note in told["notes"] if note in NOTES),
        vector=tuple(float(value) for value in told["vector"]),
    )

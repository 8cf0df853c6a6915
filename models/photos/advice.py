"""Which picture to take next: the one that would tell most, given what the last ones told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Below these a picture tells little whatever is in it; measured on text and barcodes at ever worse pictures
# (bench/photos.py): variance of the Laplacian, and mean brightness on 0–1.
BLURRED = 3.0
DARK = 0.15


@dataclass(frozen=True, slots=True)
class Seen:
    """What the pictures gave, as far as advice needs it."""

    barcode: bool
    known_barcode: bool
    brand: bool
    code: bool
    words: int
    sharpness: float
    brightness: float
    things: int


def next_picture(seen: Seen) -> str:
    """A sentence for the person with the phone."""
    if seen.things > 1:
        return "Take one thing at a time: more than one was seen in the picture."
    if seen.brightness < DARK:
        return "Take it again with more light."
    if seen.sharpness < BLURRED and not seen.barcode and seen.words < 3:
        return "Take it again, held still and from closer by: the picture is blurred."
    if seen.brand and not seen.code:
        return "Take the label on the back or underneath: the brand was read, the model number was not."
    if seen.code and not seen.brand:
        return "Take the side with the maker's name: a model number was read, the brand was not."
    if seen.barcode and not seen.known_barcode:
        return "Take the side with brand and model: the barcode was read, but nothing here carries that number."
    if seen.brand and seen.code and not seen.barcode:
        return "Take the barcode, or the size and edition on the box: brand and model were read, and leave a doubt."
    if seen.words >= 3:
        return "Take the type plate or the barcode: words were read, but they fit no one thing."
    return "Take the barcode on the box, or the label with brand and model number, filling the picture."


def best(values: Sequence[float]) -> float:
    """The best figure among several pictures: advice is about what none of them shows."""
    return max(values, default=0.0)

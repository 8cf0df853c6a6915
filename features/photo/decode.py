"""From the bytes of a picture to its pixels. Runs in the decoding process only."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.photo.header import Header
from features.photo.limits import Limits
from features.photo.refused import PictureRefused

if TYPE_CHECKING:
    from PIL import Image

# More pixels than this add nothing to what can be read, only time and memory.
WORKING_PIXELS = 16_000_000
_DAMAGED = "the file is damaged or cut off; save or send it again"


@dataclass(frozen=True, slots=True)
class Pixels:
    """An upright picture: `rgb` (height, width, 3) and `grey` (height, width), both uint8, without any metadata.

    `width` and `height` are the upright size before it was reduced to WORKING_PIXELS.
    """

    rgb: np.ndarray
    grey: np.ndarray
    width: int
    height: int
    notes: tuple[str, ...]


def decode(data: bytes, header: Header, limits: Limits) -> Pixels:
    """The pixels of a picture. PictureRefused: unreadable, too_many_pixels.

    Pillow may open the format its header names and no other. What Pillow complains of is not passed on: its words can
    hold what stands in the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decode(data, header, limits)
    except (PictureRefused, MemoryError):
        raise
    except Exception:
        raise PictureRefused("unreadable", _DAMAGED) from None


def _decode(data: bytes, header: Header, limits: Limits) -> Pixels:
    from PIL import Image

    # Sizes are checked below, for every format alike.
    Image.MAX_IMAGE_PIXELS = None
    if header.format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    with Image.open(io.BytesIO(data), formats=[header.format]) as image:
        limits.check_size(*image.size)
        notes = ["first_of_several"] if getattr(image, "n_frames", 1) > 1 else []
        turned = _orientation(image)
        size = image.size
        factor = math.ceil(math.sqrt(size[0] * size[1] / WORKING_PIXELS))
        if factor > 1:
            notes.append("reduced")
            # A JPEG is decoded at a half, a quarter or an eighth straight away.
            image.draft(None, (math.ceil(size[0] / factor), math.ceil(size[1] / factor)))
        image.load()
        plain = _opaque(image, size, factor)
    if turned is not None:
        notes.append("turned")
        plain = plain.transpose(turned)
        if turned.name in {"ROTATE_90", "ROTATE_270", "TRANSPOSE", "TRANSVERSE"}:
            size = (size[1], size[0])
    rgb = np.asarray(plain)
    return Pixels(rgb, np.asarray(plain.convert("L")), size[0], size[1], tuple(notes))


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """How to turn it upright (Exif 2.32, tag 274); None also where its metadata cannot be read."""
    from PIL import ExifTags, Image

    turns = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270"}
    turns |= {7: "TRANSVERSE", 8: "ROTATE_90"}
    try:
        said = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:
        return None
    return Image.Transpose[turns[said]] if isinstance(said, int) and said in turns else None


def _opaque(image: Image.Image, size: tuple[int, int], factor: int) -> Image.Image:
    """Eight-bit RGB, on white where it is transparent, reduced by the factor where decoding has not done so."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_eight_bit(np.asarray(image)))
    see_through = image.has_transparency_data
    if image.mode not in {"L", "RGB", "RGBA", "CMYK"} or see_through:
        image = image.convert("RGBA" if see_through else "RGB")
    if factor > 1 and image.size == size:
        image = image.reduce(factor)
    if see_through:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _eight_bit(grey: np.ndarray) -> np.ndarray:
    """Grey values of 16 bits as 8; Pillow itself would cut all above 255."""
    eight: np.ndarray = (np.clip(grey, 0, 65535).astype(np.uint16) >> 8).astype(np.uint8)
    return eight

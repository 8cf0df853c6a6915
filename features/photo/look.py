"""What a picture looks like as a few hundred bits, and how alike two pictures are.

    similar = 1 − (phash bits that differ + dhash bits / 4 + colour bits / 2) / 60, at least 0

The same photo saved again, made smaller, brighter or slightly cropped stays above SAME_PHOTO; another photo does not.
`python -m bench.photos --folder FOLDER` measures both for any folder of different photos. A mirrored photo, and one
cropped by a tenth or more, is mostly not found.
"""

from __future__ import annotations

import numpy as np

from features.photo.picture import Look

# One pair of different photos in a hundred thousand is as alike as this.
SAME_PHOTO = 0.5
_FARTHEST = 60.0
# Half the bits of a phash are ones, but where a picture shows nothing.
_LEAST_ONES = 12
# Hashes look at the picture through grids of at most 64 cells; averaging to this first costs nothing but time saved.
_SIDE = 512


def look_of(rgb: np.ndarray) -> Look:
    """The look of an upright picture (height, width, 3, uint8)."""
    import imagehash
    from PIL import Image

    from features.photo.resize import at_most

    image = Image.fromarray(at_most(rgb, _SIDE))
    return Look(str(imagehash.phash(image)), str(imagehash.dhash(image, 16)), str(imagehash.colorhash(image)))


def similar(one: Look, other: Look) -> float:
    """How alike two pictures are, in [0, 1]; from SAME_PHOTO on it is taken for the same photo.

    A blank picture is like none, not even itself: there is nothing to know it by.
    """
    if _blank(one) or _blank(other):
        return 0.0
    distance = _bits(one.phash, other.phash) + _bits(one.dhash, other.dhash) / 4 + _bits(one.colour, other.colour) / 2
    return max(0.0, 1.0 - distance / _FARTHEST)


def _bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _blank(look: Look) -> bool:
    return int(look.phash, 16).bit_count() < _LEAST_ONES

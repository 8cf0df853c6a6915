"""How sharp and how bright a picture is. Runs in the decoding process only."""

from __future__ import annotations

import numpy as np

from features.photo.resize import at_most

_SIDE = 1024
# Below, fine print cannot be read; measured on pictures of labels that were blurred until it could not.
_BLURRED = 30.0
_DARK = 0.15
_BRIGHT = 0.97
_SMALL = 64


def quality(grey: np.ndarray) -> tuple[float, float, list[str]]:
    """Sharpness (variance of the Laplacian, see PictureRead), mean brightness in [0, 1], and notes on both."""
    import cv2

    small = at_most(grey, _SIDE)
    sharpness = float(cv2.Laplacian(small, cv2.CV_64F).var())
    brightness = float(small.mean()) / 255
    notes = ["small"] if min(grey.shape) < _SMALL else []
    if brightness < _DARK:
        notes.append("dark")
    elif brightness > _BRIGHT:
        notes.append("bright")
    if sharpness < _BLURRED:
        notes.append("blurred")
    return round(sharpness, 2), round(brightness, 4), notes

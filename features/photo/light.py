"""How sharp and how bright a picture is. Runs in the decoding process only."""

from __future__ import annotations

import numpy as np

from features.photo.resize import at_most

_SIDE = 1024
# Labels of 24 and 48 pixels are read down to 2.3; real photos of clothes have 11 and more, a bare wall 2.2.
_BLURRED = 3.0
_DARK = 0.15
_BRIGHT = 0.97
_SMALL = 64


def quality(grey: np.ndarray) -> tuple[float, float, list[str]]:
    """Sharpness (variance of the Laplacian, see PictureRead), mean brightness in [0, 1], and notes on both."""
    import cv2

    small = at_most(grey, _SIDE)
    # Softened first: else a sensor's noise passes for sharpness.
    sharpness = float(cv2.Laplacian(cv2.GaussianBlur(small, (0, 0), 1.0), cv2.CV_64F).var())
    brightness = float(small.mean()) / 255
    notes = ["small"] if min(grey.shape) < _SMALL else []
    if brightness < _DARK:
        notes.append("dark")
    elif brightness > _BRIGHT:
        notes.append("bright")
    if sharpness < _BLURRED:
        notes.append("blurred")
    return round(sharpness, 2), round(brightness, 4), notes

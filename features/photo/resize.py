"""Copies of a picture: smaller, larger, turned, sharper, with more contrast. Runs in the decoding process only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_LEAST_SHADES = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """A changed copy of a picture. `back` (2, 3) takes a point (x, y, 1) of it to the picture's own pixels."""

    image: np.ndarray
    back: np.ndarray


def original(image: np.ndarray) -> Copy:
    """The picture itself."""
    return Copy(image, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))


def at_most(image: np.ndarray, side: int) -> np.ndarray:
    """The picture with its longer side reduced to `side`; itself where it is not longer."""
    import cv2

    height, width = image.shape[:2]
    if max(height, width) <= side:
        return image
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller: np.ndarray = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return smaller


def reduced(copy: Copy, side: int) -> Copy:
    """A copy with its longer side reduced to `side`; itself where it is not longer."""
    image = at_most(copy.image, side)
    return copy if image is copy.image else _scaled(copy, image)


def enlarged(copy: Copy, factor: float) -> Copy:
    """A copy `factor` times as wide and high."""
    import cv2

    return _scaled(copy, cv2.resize(copy.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))


def rotated(copy: Copy, degrees: float) -> Copy:
    """A copy turned against the clock, whole: the canvas grows, and its corners are grey."""
    import cv2

    if degrees == 0:
        return copy
    height, width = copy.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(height * sine + width * cosine), int(height * cosine + width * sine))
    matrix[:, 2] += (size[0] / 2 - width / 2, size[1] / 2 - height / 2)
    image = cv2.warpAffine(copy.image, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(127, 127, 127))
    return Copy(image, _after(copy.back, cv2.invertAffineTransform(matrix)))


def sharpened(copy: Copy, radius: float) -> Copy:
    """A copy plus six times what a Gaussian blur of a radius takes from it (unsharp mask)."""
    import cv2

    return Copy(cv2.addWeighted(copy.image, 7.0, cv2.GaussianBlur(copy.image, (0, 0), radius), -6.0, 0), copy.back)


def softened(copy: Copy, radius: float) -> Copy:
    """A copy under a Gaussian blur."""
    import cv2

    return Copy(cv2.GaussianBlur(copy.image, (0, 0), radius), copy.back)


def cut_out(copy: Copy, corners: np.ndarray, width: int) -> Copy | None:
    """A strip along a barcode, straightened to `width` pixels, with a fifth of it for the quiet zones.

    `corners` (4, 2) are clockwise from the code's top left, in the copy's pixels. None where they span nothing.
    """
    import cv2

    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    length = float(np.linalg.norm(right - left))
    if length < 10:
        return None
    along = (right - left) / length
    half = 0.62 * length * along
    # A reader that crossed the bars in a few rows knows little of their height; a strip is enough.
    down = max(float(np.linalg.norm(corners[3] - corners[0])), 0.15 * length) / 2 * np.array([-along[1], along[0]])
    centre = (left + right) / 2
    height = max(60, round(width * float(np.linalg.norm(down) / np.linalg.norm(half))))
    source = np.array([centre - half - down, centre + half - down, centre - half + down], dtype=np.float32)
    target = np.array([(0, 0), (width, 0), (0, height)], dtype=np.float32)
    matrix = cv2.getAffineTransform(source, target)
    strip = cv2.warpAffine(
        copy.image, matrix, (width, min(height, width)), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return Copy(strip, _after(copy.back, cv2.invertAffineTransform(matrix)))


def stretched(copy: Copy) -> Copy:
    """A copy with its darkest hundredth black and its brightest white; itself where it is so already, or blank."""
    low, high = np.percentile(copy.image, (1, 99))
    if high - low < 4 or high - low > 180:
        return copy
    image = np.clip((copy.image.astype(np.float32) - low) * (255.0 / (high - low)), 0, 255)
    return Copy(image.astype(np.uint8), copy.back)


def blank(image: np.ndarray) -> bool:
    """Whether a picture shows nothing at all: fewer shades than bars or letters need."""
    return int(image.max()) - int(image.min()) < _LEAST_SHADES


def _scaled(copy: Copy, image: np.ndarray) -> Copy:
    across, down = copy.image.shape[1] / image.shape[1], copy.image.shape[0] / image.shape[0]
    return Copy(image, _after(copy.back, np.array([[across, 0.0, 0.0], [0.0, down, 0.0]])))


def _after(back: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The affine map that takes `step` first and `back` then."""
    whole: np.ndarray = back @ np.vstack((step, (0.0, 0.0, 1.0)))
    return whole

"""Which lines of a picture stand on one label: those that are near each other for the size of their letters."""

from __future__ import annotations

from collections.abc import Sequence

from features.photo.picture import Line

# Gaps that separate labels, in heights of the larger letters: between columns, and between lines.
_ASIDE, _BELOW = 2.0, 3.0
# The width of a letter for its height, of common typefaces.
_LETTER = 0.55


def labels_in(lines: Sequence[Line], width: int, height: int) -> list[int]:
    """The number of the label that each line stands on, from 0, for a picture of a size in pixels."""
    labels = list(range(len(lines)))
    boxes = [_box(line, width, height) for line in lines]
    for at, one in enumerate(boxes):
        for before in range(at):
            if labels[before] != labels[at] and _near(one, boxes[before]):
                old, new = max(labels[at], labels[before]), min(labels[at], labels[before])
                labels = [new if label == old else label for label in labels]
    return labels


def _box(line: Line, width: int, height: int) -> tuple[float, float, float, float, float]:
    """Left, top, right, bottom and the height of the letters in pixels, as text that runs across would have them."""
    tall = line.height * min(width, height)
    wide = _LETTER * tall * len(line.text)
    x, y = line.x * width, line.y * height
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2, tall


def _near(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    tall = max(one[4], other[4])
    aside = max(one[0], other[0]) - min(one[2], other[2])
    below = max(one[1], other[1]) - min(one[3], other[3])
    return aside <= _ASIDE * tall and below <= _BELOW * tall

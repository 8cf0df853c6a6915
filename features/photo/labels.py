"""Lines of text in a picture, by RapidOCR with the models in its package. Runs in the decoding process only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from features.photo.picture import Line
from features.photo.resize import Copy, blank, enlarged, original, reduced, rotated, stretched

# Text is looked for in small copies and read in a larger one: finding costs by the pixel, reading by the line. Large
# letters are missed in the larger of the small copies, small letters in the smaller.
_FIND_SIDES = (960, 480)
_READ_SIDE = 2000
_MOST_LINES = 30
_LEAST_CONFIDENCE = 0.5
_SURE = 0.8
_LONGEST_TEXT = 200
# Letters of fewer pixels cannot be told apart.
_LEAST_SIDE = 16


@dataclass(frozen=True, slots=True)
class _Found:
    """A piece of text and its corners (4, 2), clockwise, in the whole picture's pixels."""

    text: str
    confidence: float
    corners: np.ndarray

    @property
    def weight(self) -> float:
        return self.confidence * len(self.text)


@cache
def _reader() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _READ_SIDE,
            "Det.limit_type": "max",
            "Det.limit_side_len": _FIND_SIDES[0],
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read_lines(rgb: np.ndarray) -> tuple[tuple[Line, ...], bool]:
    """The lines of a picture (height, width, 3, uint8) from top to bottom, and whether there were more than are read.

    Of very many lines the highest are read. Where no line reads well, the picture is tried again on its side and askew.
    """
    copy = stretched(reduced(original(rgb), _READ_SIDE))
    if max(copy.image.shape) < _FIND_SIDES[0]:
        copy = enlarged(copy, _FIND_SIDES[0] / max(copy.image.shape))
    if min(copy.image.shape[:2]) < _LEAST_SIDE or blank(copy.image):
        return (), False
    found, more = _read(copy, _FIND_SIDES)
    for angle in (90, 45):
        # Small letters are found only where they run across.
        if not any(each.confidence >= _SURE and len(each.text) > 3 for each in found):
            again, more_again = _read(rotated(reduced(copy, _READ_SIDE * 7 // 10), angle), _FIND_SIDES[:1])
            found, more = [*found, *again], more or more_again
    lines = (_line(each, rgb.shape) for each in _apart(found))
    return tuple(sorted(lines, key=lambda line: (line.y, line.x, line.text))), more


def _read(copy: Copy, sides: tuple[int, ...]) -> tuple[list[_Found], bool]:
    """The pieces of text of a copy, and whether there were more than are read."""
    image = np.ascontiguousarray(copy.image[:, :, ::-1])
    boxes = _boxes(image, sides)
    if not boxes:
        return [], False
    chosen = sorted(boxes, key=lambda box: (-_height(box), *box.ravel()))[:_MOST_LINES]
    found = [
        _Found(text, confidence, np.column_stack((box, np.ones(4))) @ copy.back.T)
        for box, (text, confidence) in zip(chosen, _recognise(image, chosen), strict=True)
        if text and confidence >= _LEAST_CONFIDENCE
    ]
    return found, len(boxes) > _MOST_LINES


def _boxes(image: np.ndarray, sides: tuple[int, ...]) -> list[np.ndarray]:
    """Where text is: corners (4, 2), float32, of what any of the sizes finds, once."""
    boxes: list[np.ndarray] = []
    for side in sides:
        small = reduced(original(image), side)
        if min(small.image.shape[:2]) < _LEAST_SIDE:
            continue
        told = _reader()(small.image, use_det=True, use_cls=False, use_rec=False).boxes
        scale = image.shape[1] / small.image.shape[1]
        for box in () if told is None else np.asarray(told, dtype=np.float32) * np.float32(scale):
            if not any(_same(box, other) for other in boxes):
                boxes.append(box)
    return boxes


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two boxes are nearly one."""
    near = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)) < 0.3 * _height(other)
    return bool(near and 0.85 < _length(one) / _length(other) < 1.18 and 0.6 < _height(one) / _height(other) < 1.6)


def _recognise(image: np.ndarray, boxes: list[np.ndarray]) -> list[tuple[str, float]]:
    """Text and confidence of each box. One that reads badly is tried upside down."""
    reader = _reader()
    crops, _ = reader.cls_and_rotate(reader.crop_text_regions(image, boxes))
    texts = _texts(reader, crops)
    doubtful = [at for at, (_, confidence) in enumerate(texts) if confidence < _SURE]
    if doubtful:
        turned = _texts(reader, [np.ascontiguousarray(crops[at][::-1, ::-1]) for at in doubtful])
        for at, other in zip(doubtful, turned, strict=True):
            texts[at] = max(texts[at], other, key=lambda read: read[1])
    return texts


def _texts(reader: Any, crops: list[np.ndarray]) -> list[tuple[str, float]]:
    read = reader.recognize_txt(crops)
    return [(_clean(text), float(score)) for text, score in zip(read.txts, read.scores, strict=True)]


def _clean(text: str) -> str:
    """In compatibility form (the models write some signs at full width), without control characters."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT])
    return " ".join("".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in text).split())


def _apart(found: Iterable[_Found]) -> list[_Found]:
    """Of pieces that lie over each other, the one that says most, most surely."""
    kept: list[_Found] = []
    for each in sorted(found, key=lambda each: (-each.weight, each.text, *each.corners.ravel())):
        if not any(_within(each, other) or _within(other, each) for other in kept):
            kept.append(each)
    return kept


def _within(one: _Found, other: _Found) -> bool:
    """Whether the centre of one lies in the box of the other."""
    import cv2

    x, y = one.corners.mean(axis=0)
    return bool(cv2.pointPolygonTest(other.corners.astype(np.float32), (float(x), float(y)), False) >= 0)


def _sides(box: np.ndarray) -> tuple[float, float]:
    sides = np.linalg.norm(box - np.roll(box, 1, axis=0), axis=1)
    return float(sides[0] + sides[2]) / 2, float(sides[1] + sides[3]) / 2


def _height(box: np.ndarray) -> float:
    """The shorter side of a box: text runs along the longer one."""
    return max(1.0, min(_sides(box)))


def _length(box: np.ndarray) -> float:
    return max(1.0, *_sides(box))


def _line(found: _Found, shape: tuple[int, ...]) -> Line:
    height, width = shape[:2]
    x, y = np.clip(found.corners.mean(axis=0) / (width, height), 0.0, 1.0)
    share = min(1.0, _height(found.corners) / min(height, width))
    return Line(found.text, round(found.confidence, 4), round(share, 4), round(float(x), 4), round(float(y), 4))

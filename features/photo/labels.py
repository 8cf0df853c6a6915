"""Lines of text in a picture, by RapidOCR with the models in its package. Runs in the decoding process only."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np

from features.photo.picture import Line
from features.photo.resize import enlarged, original, reduced, stretched

# Text is looked for in a small copy and read in a larger one: finding costs by the pixel, reading by the line.
_FIND_SIDE = 960
_READ_SIDE = 2000
_MOST_LINES = 30
_LEAST_CONFIDENCE = 0.5
_SURE = 0.8
_LONGEST_TEXT = 200
# Letters of fewer pixels cannot be told apart.
_LEAST_SIDE = 16


@cache
def _reader() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _READ_SIDE,
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            "Det.limit_side_len": _FIND_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read_lines(rgb: np.ndarray) -> tuple[tuple[Line, ...], bool]:
    """The lines of a picture (height, width, 3, uint8) from top to bottom, and whether there were more than are read.

    Of very many lines the highest are read. A line that reads badly is tried upside down.
    """
    copy = stretched(reduced(original(rgb), _READ_SIDE))
    if max(copy.image.shape) < _FIND_SIDE:
        copy = enlarged(copy, _FIND_SIDE / max(copy.image.shape))
    image = np.ascontiguousarray(copy.image[:, :, ::-1])
    if min(image.shape[:2]) < _LEAST_SIDE:
        return (), False
    boxes = _reader()(image, use_det=True, use_cls=False, use_rec=False).boxes
    if boxes is None or not len(boxes):
        return (), False
    heights = [_height(box) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda at: (-heights[at], at))[:_MOST_LINES]
    texts = _recognise(image, [boxes[at] for at in order])
    lines = [
        _line(text, confidence, boxes[at], image.shape[:2])
        for at, (text, confidence) in zip(order, texts, strict=True)
        if text and confidence >= _LEAST_CONFIDENCE
    ]
    return tuple(sorted(lines, key=lambda line: (line.y, line.x, line.text))), len(boxes) > _MOST_LINES


def _recognise(image: np.ndarray, boxes: list[np.ndarray]) -> list[tuple[str, float]]:
    """Text and confidence of each box."""
    reader = _reader()
    crops, _ = reader.cls_and_rotate(reader.crop_text_regions(image, [np.float32(box) for box in boxes]))
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


def _height(box: np.ndarray) -> float:
    """The shorter side of a box of four corners, in pixels: text runs along the longer one."""
    sides = np.linalg.norm(box - np.roll(box, 1, axis=0), axis=1)
    return float(min(sides[0] + sides[2], sides[1] + sides[3]) / 2)


def _line(text: str, confidence: float, box: np.ndarray, shape: tuple[int, ...]) -> Line:
    height, width = shape
    x, y = box.mean(axis=0)
    share = _height(box) / min(height, width)
    return Line(text, round(confidence, 4), round(share, 4), round(float(x) / width, 4), round(float(y) / height, 4))

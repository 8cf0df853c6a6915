"""A text model of one's own: any ONNX file that turns tokens into vectors."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from features.matching.item import Item
from features.matching.text_model import TextModel
from warehouse.errors import BadInput

WORDS = ("", "drill", "phone", "red", "blue")
TABLE = np.array([[0, 0, 5], [1, 0, 0], [0, 1, 0], [0, 0, 0.2], [0, 0, -0.2]], dtype=np.float32)


def field(number: int, value: bytes | int | str) -> bytes:
    """One field of a protocol buffer: a varint or a length-delimited value."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    held = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(held)) + held


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def lookup_model(path: Path, taken: str = "input_ids") -> Path:
    """An ONNX model that looks each token up in TABLE: ids (n, tokens) → vectors (n, tokens, 3)."""

    def tensor(name: str, kind: int, *axes: str) -> bytes:
        shape = b"".join(field(1, field(2, axis)) for axis in axes)
        return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))

    node = field(1, "table") + field(1, taken) + field(2, "out") + field(4, "Gather")
    sizes = b"".join(field(1, size) for size in TABLE.shape)
    table = sizes + field(2, 1) + field(8, "table") + field(9, TABLE.tobytes())
    graph = field(1, node) + field(2, "lookup") + field(5, table)
    graph += field(11, tensor(taken, 7, "n", "t")) + field(12, tensor("out", 1, "n", "t", "d"))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)))
    return path


def tokenise(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    known = [[WORDS.index(word) for word in text.split()] for text in texts]
    longest = max(map(len, known))
    ids = np.array([row + [0] * (longest - len(row)) for row in known], dtype=np.int64)
    return ids, (ids > 0).astype(np.int64)


def test_a_text_is_the_mean_of_its_tokens_whatever_it_is_read_with(tmp_path: Path) -> None:
    model = TextModel(lookup_model(tmp_path / "m.onnx"), tokenise)
    alone, together = model.vectors(["drill"]), model.vectors(["drill", "phone red blue drill"])
    np.testing.assert_allclose(alone[0], [1, 0, 0])
    np.testing.assert_allclose(together[0], alone[0])
    np.testing.assert_allclose(together[1], np.array([1, 1, 0]) / np.sqrt(2), rtol=1e-6)


def test_pairs_are_as_alike_as_their_texts(tmp_path: Path) -> None:
    model = TextModel(lookup_model(tmp_path / "m.onnx"), tokenise)
    one, other = Item("1", "red drill"), Item("2", "blue drill", description="phone")
    same, differing = model.features([one, one], [one, other])
    np.testing.assert_allclose(same, [1, 1], rtol=1e-6)
    assert differing[1] < differing[0] < 1
    assert model.features([], []).shape == (0, 2)


def test_what_is_no_text_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"no model")
    with pytest.raises(BadInput, match=r"no\.onnx cannot be read as an ONNX model"):
        TextModel(tmp_path / "no.onnx", tokenise)
    with pytest.raises(BadInput, match="takes pixels"):
        TextModel(lookup_model(tmp_path / "m.onnx", taken="pixels"), tokenise)


@pytest.mark.skipif(importlib.util.find_spec("tokenizers") is not None, reason="the extra `text` is installed")
def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"katy\[text\]"):
        TextModel.open(tmp_path / "m.onnx", tmp_path / "tokenizer.json")


@pytest.mark.skipif(importlib.util.find_spec("tokenizers") is None, reason="the extra `text` is not installed")
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match=r"tokenizer\.json"):
        TextModel.open(lookup_model(tmp_path / "m.onnx"), tmp_path / "tokenizer.json")

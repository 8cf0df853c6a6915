"""Texts as vectors by a pretrained model of your own: an ONNX file and its tokenizer. An extra, off by default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from features.matching.item import Item
from features.matching.side import read_side
from warehouse.errors import BadInput

GROUP = "text model"
NAMES = ("text_model_title_cosine", "text_model_whole_cosine")
_BATCH = 32
_TOKENS = 128

Tokenise = Callable[[Sequence[str]], tuple[np.ndarray, np.ndarray]]
"""Texts → token ids and attention mask, both int64 of shape (texts, tokens); the mask is 0 where a text has ended."""


class TextModel:
    """A model from tokens to vectors.

    Its inputs are among input_ids, attention_mask and token_type_ids, int64 of shape (n, tokens). Its first output is
    a vector for each text, or one for each token; of these the mean over the text's tokens is taken, as sentence
    encoders do (Reimers and Gurevych 2019).
    """

    def __init__(self, path: Path, tokenise: Tokenise) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BadInput(f"{path} cannot be read as an ONNX model; name the .onnx file of a text model") from error
        self._inputs = [taken.name for taken in self._session.get_inputs()]
        if "input_ids" not in self._inputs or not set(self._inputs) <= {
            "input_ids",
            "attention_mask",
            "token_type_ids",
        }:
            raise BadInput(f"{path} takes {', '.join(self._inputs)}; a text model takes input_ids and attention_mask")
        self._tokenise = tokenise

    @classmethod
    def open(cls, path: Path, tokenizer: Path) -> TextModel:
        """Open a model and its tokenizer.json; BadInput where one cannot be read or the extra `text` is missing."""
        return cls(path, _tokeniser(tokenizer))

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vector of each text, of length 1: float32, shape (len(texts), dimensions)."""
        parts = [self._batch(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.vstack(parts) if parts else np.zeros((0, 0), dtype=np.float32)

    def features(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """Columns NAMES of the pairs (left[i], right[i]): shape (n, len(NAMES))."""
        out = np.zeros((len(left), len(NAMES)))
        read = [read_side(item) for item in left], [read_side(item) for item in right]
        for column, name in enumerate(("title", "whole")):
            one, other = ([getattr(side, name) for side in sides] for sides in read)
            place = {each: number for number, each in enumerate(dict.fromkeys([*one, *other]))}
            found = self.vectors(list(place))
            if place:
                out[:, column] = np.einsum("ij,ij->i", found[[place[t] for t in one]], found[[place[t] for t in other]])
        return out

    def _batch(self, texts: Sequence[str]) -> np.ndarray:
        ids, mask = self._tokenise(texts)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        found = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0], dtype=np.float32)
        if found.ndim == 3:
            weight = mask[:, :, None].astype(np.float32)
            found = (found * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        unit: np.ndarray = found / np.where(length == 0, 1, length)
        return unit


def _tokeniser(path: Path) -> Tokenise:
    try:
        import tokenizers
    except ImportError as error:
        raise BadInput("a text model needs the extra `text`: pip install 'katy[text]'") from error
    try:
        loaded = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:
        raise BadInput(f"{path} cannot be read as a tokenizer; name the tokenizer.json of the model") from error
    loaded.enable_truncation(_TOKENS)
    loaded.enable_padding()

    def tokenise(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        read = loaded.encode_batch(list(texts))
        ids, mask = [one.ids for one in read], [one.attention_mask for one in read]
        return np.array(ids, dtype=np.int64), np.array(mask, dtype=np.int64)

    return tokenise

"""Pictures as vectors, by a model of your own: an ONNX file. Runs in the decoding process only; off by default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from warehouse.errors import BadInput

# What most published models of pictures were trained with (ImageNet's means and deviations by channel, RGB in [0, 1]).
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)
_SIDE = 224


class Embedder:
    """A model from pixels to a vector.

    It has one input of shape (n, 3, height, width), float32, RGB; height and width are 224 where the model leaves them
    open. Its first output, flattened, is the vector. Mean and deviation are those of its metadata "mean" and "std"
    (JSON lists of three numbers for values in [0, 1]), else ImageNet's. BadInput where the file is no such model.
    """

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BadInput(f"{path} cannot be read as an ONNX model; name the .onnx file of a picture model") from error
        inputs = self._session.get_inputs()
        shape = inputs[0].shape
        if len(inputs) != 1 or len(shape) != 4 or shape[1] != 3 or inputs[0].type != "tensor(float)":
            raise BadInput(f"{path} does not take pictures: it needs one float input of shape (n, 3, height, width)")
        self._name = inputs[0].name
        self._height, self._width = (side if isinstance(side, int) else _SIDE for side in shape[2:])
        said = self._session.get_modelmeta().custom_metadata_map
        self._mean = _three(said.get("mean"), _MEAN, path)
        self._deviation = _three(said.get("std"), _DEVIATION, path)

    def vector(self, rgb: np.ndarray) -> np.ndarray:
        """The vector of a picture (height, width, 3, uint8): float64 of unit length, or zeros."""
        import cv2

        image = cv2.resize(rgb, (self._width, self._height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        batch = ((image - self._mean) / self._deviation).transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        vector = np.asarray(self._session.run(None, {self._name: batch})[0], dtype=np.float64).ravel()
        length = float(np.linalg.norm(vector))
        return vector / length if length else vector


def _three(said: str | None, usual: tuple[float, ...], path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        numbers = np.array(usual if said is None else json.loads(said), dtype=np.float32)
    except (ValueError, TypeError):
        numbers = np.empty(0, dtype=np.float32)
    if numbers.shape != (3,):
        raise BadInput(f'{path}: its metadata "mean" and "std" have to be JSON lists of three numbers')
    return numbers

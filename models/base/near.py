"""What the things with the most similar titles cost: nearest neighbours by the cosine of idf-weighted words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

NEIGHBOURS = 6
_SHARPNESS = 4.0
_BATCH = 500


@dataclass(frozen=True)
class Near:
    """Titles learned from, as rows of length 1, and what they cost."""

    words: sp.csr_matrix
    target: np.ndarray

    def columns(self, words: sp.csr_matrix) -> np.ndarray:
        """Mean of the nearest, weighted by similarity; the best similarity; and how far they differ: (rows, 3)."""
        many = min(NEIGHBOURS, len(self.target))
        out = np.full((words.shape[0], 3), np.nan)
        turned = self.words.T.tocsc()
        for start in range(0, words.shape[0], _BATCH):
            alike = (words[start : start + _BATCH] @ turned).toarray()
            top = np.argpartition(-alike, many - 1, axis=1)[:, :many]
            top.sort(axis=1)
            near = np.take_along_axis(alike, top, axis=1).clip(0.0, None).astype(float)
            weight = near**_SHARPNESS + 1e-6
            weight /= weight.sum(axis=1, keepdims=True)
            value = self.target[top]
            mean = (weight * value).sum(axis=1)
            spread = np.sqrt((weight * (value - mean[:, np.newaxis]) ** 2).sum(axis=1))
            out[start : start + _BATCH] = np.column_stack([mean, near.max(axis=1), spread])
        return out

"""Numeric attributes for a linear model: standardised, and their logs beside, over all and within each category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

_LEAST = 30  # rows a category needs before an attribute has a scale of its own in it
_FURTHEST = 4.0  # standard deviations; what lies beyond is taken for a slip of the pen


@dataclass(frozen=True)
class Numerics:
    """Where and how wide each column lies: `scales[group]` is (mean, width) of each column, NaN where unknown.

    The columns are the numbers and the logs of those that are never negative; group "" is all rows.
    """

    logged: tuple[int, ...]
    scales: dict[str, np.ndarray]

    @property
    def width(self) -> int:
        return len(self.scales) * int(self.scales[""].shape[1])

    def design(self, numbers: np.ndarray, categories: pd.Series) -> sp.csr_matrix:
        """Shape (rows, width): a block for each group, 0 for what is missing or of another category."""
        columns = _columns(numbers, self.logged)
        block = columns.shape[1]
        rows, places, values = [], [], []
        members = _members(categories)
        for number, (group, scale) in enumerate(sorted(self.scales.items())):
            inside = np.arange(len(columns)) if group == "" else members.get(group, np.zeros(0, int))
            scaled = np.clip((columns[inside] - scale[0]) / scale[1], -_FURTHEST, _FURTHEST)
            row, place = np.nonzero(np.isfinite(scaled))
            rows.append(inside[row])
            places.append(place + number * block)
            values.append(scaled[row, place])
        data = (np.concatenate(values), (np.concatenate(rows), np.concatenate(places)))
        return sp.csr_matrix(data, shape=(len(columns), self.width), dtype=np.float32)

    def to_json(self) -> dict[str, object]:
        """As plain lists; NaN becomes null."""
        scales = {group: [[_plain(x) for x in line] for line in scale] for group, scale in self.scales.items()}
        return {"logged": list(self.logged), "scales": scales}

    @classmethod
    def from_json(cls, raw: dict[str, object]) -> Numerics:
        scales: dict[str, list[list[float | None]]] = raw["scales"]  # type: ignore[assignment]
        logged: list[int] = raw["logged"]  # type: ignore[assignment]
        read = {
            name: np.array([[np.nan if x is None else x for x in line] for line in both], float).reshape(2, -1)
            for name, both in scales.items()
        }
        return cls(tuple(logged), read)


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _columns(numbers: np.ndarray, logged: tuple[int, ...]) -> np.ndarray:
    logs = np.log1p(np.maximum(numbers[:, list(logged)], 0.0))
    return np.column_stack([numbers, logs]).astype(float)


def learn_numerics(numbers: np.ndarray, categories: pd.Series) -> Numerics:
    """Scales from rows of numbers (NaN for the unknown), shape (rows, attributes)."""
    positive = tuple(place for place in range(numbers.shape[1]) if not (numbers[:, place] < 0).any())
    columns = _columns(numbers, positive)
    scales = {"": _scale(columns)}
    members = _members(categories)
    for category, inside in sorted(members.items()):
        if len(members) > 1 and len(inside) >= _LEAST:
            scales[category] = _scale(columns[inside])
    return Numerics(positive, scales)


def _members(categories: pd.Series) -> dict[str, np.ndarray]:
    """The places of each category, rising."""
    code, names = pd.factorize(categories)
    edges = np.cumsum(np.bincount(code, minlength=len(names)))[:-1]
    return dict(zip(map(str, names), np.split(np.argsort(code, kind="stable"), edges), strict=True))


def _scale(columns: np.ndarray) -> np.ndarray:
    """Mean and width of each column between its 1st and 99th percentile; NaN where it says too little."""
    out = np.full((2, columns.shape[1]), np.nan)
    for place in range(columns.shape[1]):
        known = columns[:, place][np.isfinite(columns[:, place])]
        if len(known) < _LEAST:
            continue
        inner = np.clip(known, *np.percentile(known, [1, 99]))
        if inner.std() > 1e-9:
            out[:, place] = inner.mean(), inner.std()
    return out

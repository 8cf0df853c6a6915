"""What things of the same first words cost: category, then brand, series and model, each drawn to the one above it.

Titles begin with the maker and go on to the model. The mean of each beginning, shrunk to that of the next shorter one,
is a prior for things whose own like was never seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.text import neutral

DEPTHS = (1, 2, 3, 4)
_DRAWN = 3.0  # cases' worth by which a mean is drawn to the one above it


def lineage_keys(rows: pd.DataFrame) -> np.ndarray:
    """Hashes of category, category + first words (years left out), and product: shape (rows, 2 + len(DEPTHS))."""
    categories = [str(category) for category in rows["category"]]
    columns = [categories, *([] for _ in DEPTHS), [f"= {product}" for product in rows["product"]]]
    for category, title in zip(categories, rows["title"], strict=True):
        beginning, words = category, [w for w in neutral(str(title)).split() if not _year(w)]
        for depth in DEPTHS:
            beginning = f"{beginning} {words[depth - 1]}" if depth <= len(words) else beginning
            columns[depth].append(beginning)
    return np.column_stack([pd.util.hash_array(np.array(column, dtype=object)) for column in columns])


def _year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word[:2] in ("19", "20")


@dataclass(frozen=True)
class Lineage:
    """`levels[i]` are the sorted hashes of level i with what each adds to the level above, and its number of cases."""

    mean: float
    levels: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]

    @property
    def width(self) -> int:
        return 2 * (len(self.levels) - 1)

    def columns(self, keys: np.ndarray) -> np.ndarray:
        """For each level below the category the value known down to it and the log of 1 + its cases."""
        value = np.full(len(keys), self.mean)
        out = []
        for place, (known, adds, cases) in enumerate(self.levels):
            found = np.minimum(np.searchsorted(known, keys[:, place]), max(len(known) - 1, 0))
            there = known[found] == keys[:, place] if len(known) else np.zeros(len(keys), bool)
            value = value + np.where(there, adds[found] if len(known) else 0.0, 0.0)
            if place:
                out += [value, np.where(there, np.log1p(cases[found]) if len(known) else 0.0, 0.0)]
        return np.column_stack(out)

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays with names, to be saved."""
        names = ("keys", "adds", "cases")
        return {
            f"{name}{place}": array
            for place, level in enumerate(self.levels)
            for name, array in zip(names, level, strict=True)
        } | {"mean": np.array(self.mean)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Lineage:
        levels = []
        for place in itertools.count():
            if f"keys{place}" not in arrays:
                break
            levels.append((arrays[f"keys{place}"], arrays[f"adds{place}"], arrays[f"cases{place}"]))
        return cls(float(arrays["mean"]), tuple(levels))


def fit_lineages(keys: np.ndarray, target: np.ndarray, insides: Sequence[np.ndarray]) -> list[Lineage]:
    """For each choice of rows (`insides`), level by level, the residual of the level above averaged over each key's
    rows."""
    codes = [pd.factorize(keys[:, place], sort=True) for place in range(keys.shape[1])]
    out = []
    for inside in insides:
        value = np.full(len(inside), float(target[inside].mean()))
        levels = []
        for code, known in codes:
            where = code[inside]
            counts = np.bincount(where, minlength=len(known))
            adds = (np.bincount(where, target[inside] - value, len(known)) / (counts + _DRAWN)).astype(np.float32)
            value = value + adds[where]
            met = counts > 0
            levels.append((known[met], adds[met], counts[met].astype(np.float32)))
        out.append(Lineage(float(target[inside].mean()), tuple(levels)))
    return out


def fit_lineage(keys: np.ndarray, target: np.ndarray) -> Lineage:
    """`fit_lineages` of all rows."""
    return fit_lineages(keys, target, [np.arange(len(target))])[0]

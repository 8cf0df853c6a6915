"""The list price among the linear looks at a thing: what things of its kind bring of theirs, and how far that is heard.

Trees follow a straight line in steps only, and so learn badly that a thing twice as dear new is twice as dear now. So
ln list price + the category's median ln(price / list price) moves the *line* that the trees start from; what age and
condition do to the ratio is left to them. Where a thing stands beside its list price was learned from others (out of
fold), and a list price that is far from everything else said of the thing moves the line no further than a usual error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

_LEAST = 40  # cases with a list price that ratios are learned from
_DRAWN = 10.0  # cases by which a category is drawn to all
_HELD = 20.0  # cases by which a weight is drawn to 0
_WEIGHTS = tuple(step / 20 for step in range(21))


@dataclass(frozen=True)
class ListRatio:
    """Median ln(price / list price) by category ("" for all; none at all where too few list prices are known), and the
    `weights` of what follows from it beside a line from the title alone and one with the attributes; no line is moved
    by more than a weight's share of `furthest`, in logs."""

    ratios: dict[str, float]
    weights: tuple[float, float] = (0.0, 0.0)
    furthest: tuple[float, float] = (0.0, 0.0)

    def value(self, rows: pd.DataFrame) -> np.ndarray:
        """ln list price + ratio of each row, NaN without a list price."""
        if not self.ratios:
            return np.full(len(rows), np.nan)
        ratio = rows["category"].map(self.ratios).fillna(self.ratios[""]).to_numpy(float)
        out: np.ndarray = rows["ln_list"].to_numpy(float) + ratio
        return out

    def steps(self, value: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """How far list prices (`value`) move both lines, (rows, 2), in logs; 0 where there is none."""
        away = np.nan_to_num(value[:, np.newaxis] - lines)
        out: np.ndarray = np.array(self.weights) * np.clip(away, -np.array(self.furthest), np.array(self.furthest))
        return out


def learn_ratios(rows: pd.DataFrame, target: np.ndarray) -> ListRatio:
    """The ratios of rows with list prices (columns `category` and `ln_list`), `target` their log prices."""
    above = target - rows["ln_list"].to_numpy(float)
    listed = np.isfinite(above)
    if listed.sum() < _LEAST:
        return ListRatio({})
    every = float(np.median(above[listed]))
    own = pd.Series(above[listed]).groupby(rows["category"].to_numpy(object)[listed]).agg(["median", "size"])
    drawn = every + (own["median"] - every) * own["size"] / (own["size"] + _DRAWN)
    return ListRatio({"": every} | {str(name): round(float(ratio), 6) for name, ratio in drawn.items()})


def learn_steps(ratio: ListRatio, value: np.ndarray, lines: np.ndarray, target: np.ndarray) -> ListRatio:
    """The ratio with the weights of its `value`s beside the `lines`, (rows, 2), all of them out of fold: least
    absolute errors, as the trees have it, with large ones held back."""
    there = np.isfinite(value)
    if not there.any():
        return ratio
    found = []
    for line in lines[there].T:
        rest, away = target[there] - line, value[there] - line
        limit = 3 * max(1.4826 * float(np.median(np.abs(rest))), 1e-3)
        away, rest = np.clip(away, -limit, limit), np.clip(rest, -limit, limit)
        size = [float(np.abs(rest - weight * away).sum()) for weight in _WEIGHTS]
        found.append((_WEIGHTS[int(np.argmin(size))] * len(away) / (len(away) + _HELD), limit))
    return replace(ratio, weights=(found[0][0], found[1][0]), furthest=(found[0][1], found[1][1]))

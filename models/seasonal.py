"""The yearly course of a category's prices, told apart from a level that wanders and from one that drifts.

Weekly means of what prices bring beyond the thing itself are a level that takes random steps (Harvey 1989, ch. 2), a
drift, and a wave with one or two peaks a year; or no wave at all. Each of these, with steps of each size, predicts
every week from the weeks before it; how well it did is the weight with which it speaks (Bayesian model averaging:
Hoeting, Madigan, Raftery & Volinsky 1999). A wave that does not help to predict the weeks after it is hardly heard.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.shocks.whiten import innovations, log_scales
from models.weeks import weekly

YEAR = 365.25
ORDERS = (1, 2)
# Variance of a week's step of the level over that of one seller's noise.
_RATIOS = (0.00003, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
_DRIFT, _WAVES = 0.2, (0.15, 0.15, 0.06, 0.06)  # what is expected: standard deviations, logs (a year, of the drift)
_WITH = ((0.5, 0), (0.3, 2), (0.2, 4))  # what is believed beforehand of so many coefficients of the wave


def harmonics(day: int | np.ndarray) -> np.ndarray:
    """sin and cos of each order, of days since 1970: one more axis at the end."""
    angle = 2 * np.pi * np.asarray(day, float)[..., np.newaxis] / YEAR
    return np.concatenate(
        [part for order in ORDERS for part in (np.sin(order * angle), np.cos(order * angle))], axis=-1
    )


def seasons(rows: pd.DataFrame, price: np.ndarray, categories: list[str]) -> dict[str, list[float]]:
    """Coefficients of `harmonics` by category, in logs.

    `rows` has category, seller and day; `price` is each row's log price without all that does not change with time.
    """
    chosen = rows["category"].isin(categories).to_numpy() & np.isfinite(price)
    if not chosen.any():
        return {}
    weeks = weekly(rows[chosen], price[chosen])
    time = (weeks.middle - weeks.middle[-1]) / YEAR
    columns = np.concatenate([time[:, np.newaxis], harmonics(weeks.middle)], axis=1)
    wide = np.broadcast_to(columns[:, np.newaxis], (*weeks.n.shape, columns.shape[1]))
    series = np.concatenate([weeks.y[..., np.newaxis], wide], axis=-1)
    heard: list[list[tuple[float, np.ndarray]]] = [[] for _ in weeks.names]
    for ratio in _RATIOS:
        white, scales = innovations(series, weeks.n, ratio), log_scales(weeks.n, ratio)
        for place, told in enumerate(heard):
            told += _told(white[:, place], scales[place], weeks.noise[place])
    return {name: _averaged(told) for name, told in zip(weeks.names, heard, strict=True)}


def _told(white: np.ndarray, scales: float, noise: float) -> list[tuple[float, np.ndarray]]:
    """Log evidence and coefficients of the wave for each of `_WITH`, from one category's innovations.

    With a conjugate prior for coefficients and noise (Zellner 1971, ch. 3), of which `noise` sets the unit.
    """
    white = white[np.isfinite(white[:, 0])]
    y, x, n = white[:, 0], white[:, 1:], len(white)
    out = []
    for believed, waves in _WITH:
        width = 1 + waves
        prior = noise / np.square([_DRIFT, *_WAVES[:waves]])
        precision = x[:, :width].T @ x[:, :width] + np.diag(prior)
        found = np.linalg.solve(precision, x[:, :width].T @ y)
        left = max(float(y @ y - found @ (x[:, :width].T @ y)), 0.0) + noise
        evidence = 0.5 * float(np.log(prior).sum() - np.linalg.slogdet(precision)[1] - n * np.log(left) - scales)
        wave = np.zeros(len(_WAVES))
        wave[:waves] = found[1:]
        out.append((evidence + float(np.log(believed)), wave))
    return out


def _averaged(told: list[tuple[float, np.ndarray]]) -> list[float]:
    evidence = np.array([each for each, _ in told])
    weight = np.exp(evidence - evidence.max())
    mean = (weight[:, np.newaxis] * np.array([wave for _, wave in told])).sum(axis=0) / weight.sum()
    return [round(float(each), 6) for each in mean]

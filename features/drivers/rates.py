"""How a count of seven days stands against the usual one: a category against itself, a region drawn to its category.

A few posts or offers a week say little, and what moves a category moves most of its regions: a region's ratio is drawn
to its category's, and that to 1, as if so many more had been counted (the gamma-Poisson model of disease mapping:
Clayton & Kaldor 1987).
"""

from __future__ import annotations

import numpy as np

from features.drivers.offers import Counts, since_seen, usual_before
from features.drivers.table import Steps

_CATEGORY, _REGION = 5.0, 20.0  # usual counts' worth of its parent's ratio that an area's own is drawn to it
MOST = 3.0


def against_usual(keys: list[tuple[str, str]], counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ln of the ratio to the usual count (areas × days), and details: counted, usual.

    `keys` are category and region, "" for all regions of a category. NaN before anything is usual.
    """
    whole = np.array([region == "" for _, region in keys])
    drawn = np.where(whole, _CATEGORY, _REGION)[:, np.newaxis]
    usual = np.exp(usual_before(since_seen(np.log(counted + drawn), counted > 0))) - drawn
    place = {category: n for n, (category, region) in enumerate(keys) if region == ""}
    above = np.array([place[category] for category, _ in keys])
    ratio = np.ones(counted.shape)
    ratio[whole] = ((counted + drawn) / (usual + drawn))[whole]
    parent = np.where(whole[:, np.newaxis], 1.0, np.nan_to_num(ratio[above], nan=1.0))
    value = np.log((counted + drawn * parent) / (usual + drawn))
    return np.clip(value, -MOST, MOST), np.stack([counted, np.maximum(usual, 0.0)], axis=-1)


def steps_by_area(
    name: str, counts: Counts, value: np.ndarray, detail: np.ndarray
) -> dict[tuple[str, str, str], Steps]:
    """Daily values as steps. Rounded to what can be told apart, so that the table stays small."""
    out = {}
    for n, (category, region) in enumerate(counts.keys):
        known = np.isfinite(value[n])
        if known.any():
            told = np.round(detail[n, known], 2)
            out[name, category, region] = Steps(counts.last[known], np.round(value[n, known], 4), told)
    return out

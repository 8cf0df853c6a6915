"""Which prices may teach a model what things are worth: not those that are suspected, nor those that stand out.

A hedonic model of a product with few listings learns by heart what these cost, and every comparable is then held
against what it learned. Leaving a far-off price out where values are put together is too late by then.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from features.integrity.outlying import FAR, far_off
from features.integrity.voices import count_once


def teaches(rows: pd.DataFrame, price: np.ndarray, suspected: np.ndarray | None = None) -> np.ndarray:
    """A mask of the rows (one a listing) that may teach: `price` in logs at the reference, `suspected` the factor of
    the suspicions that stand against each (1: none). Far is meant from the same product's other sellers."""
    out = np.ones(len(rows), bool) if suspected is None else suspected >= 1.0
    product = pd.factorize(rows["product"].to_numpy(object))[0]
    seller = pd.factorize(rows["seller"].to_numpy(object))[0]
    left = np.flatnonzero(out & (product >= 0))
    left = left[np.argsort(product[left], kind="stable")]
    edges = np.flatnonzero(np.diff(product[left], prepend=-1, append=-1)) if len(left) else np.zeros(1, int)
    if len(edges) < 2:
        return out
    values = price[left]
    wide = np.maximum.reduceat(values, edges[:-1]) - np.minimum.reduceat(values, edges[:-1]) > FAR
    voice = count_once(np.ones(len(left)), product[left], seller[left])
    for (first, behind), apart in zip(itertools.pairwise(edges.tolist()), wide.tolist(), strict=True):
        if apart:
            one = slice(first, behind)
            out[left[one]] = ~far_off(values[one], voice[one], seller[left[one]])
    return out

"""The time-product-dummy index: log price = product + period, by weighted least squares.

Summers (1973) for countries; for time de Haan and Krsinich (2014, Journal of Business & Economic Statistics 32),
Krsinich (2016, Journal of Official Statistics 32: the fixed-effects index and its equivalence to a fully interacted
hedonic one). Every price of every unit bears on the index, those of units seen once alone excepted: their product
effect takes them up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from features.index.panel import Panel, solve

_ROUNDS = 8


def time_product_dummy(panel: Panel, base: int = 0, robust: bool = False) -> np.ndarray:
    """Log index of each period, 0 at the place `base`; NaN where nothing connects a period with it.

    The product effects are solved out first, so that one system of the size of the periods remains. `robust` holds
    prices far from the fit back (Huber's weights, tuning 1.345, scale by the median absolute residual).
    """
    index = _fit(panel, base)
    for _ in range(_ROUNDS if robust else 0):
        held = replace(panel, weight=panel.weight * _huber(panel, index))
        moved = _fit(held, base)
        if np.nanmax(np.abs(moved - index), initial=0.0) < 1e-9:
            break
        index = moved
    return index


def _fit(panel: Panel, base: int) -> np.ndarray:
    weight = panel.weight
    per_unit = weight.sum(axis=1)
    share = weight / per_unit[:, None]
    laplacian = np.diag(weight.sum(axis=0)) - weight.T @ share
    # What is 0 by arithmetic must not become a link by rounding.
    laplacian[((weight > 0).astype(float).T @ (weight > 0)) == 0] = 0.0
    mean = (share * panel.price).sum(axis=1)
    right = (weight * (panel.price - mean[:, None])).sum(axis=0)
    return solve(laplacian, right, base)


def _huber(panel: Panel, index: np.ndarray) -> np.ndarray:
    seen = np.asarray(panel.weight > 0)
    over = np.where(seen, panel.price - np.nan_to_num(index), np.nan)
    alone: np.ndarray = np.less(seen.sum(axis=1), 2)
    over[alone] = np.nan
    left = over - np.nanmedian(np.where(alone[:, None], 0.0, over), axis=1)[:, None]
    scale = 1.4826 * np.nanmedian(np.abs(left)) if np.isfinite(left).any() else 0.0
    if scale < 1e-9:
        return np.ones(panel.weight.shape)
    held: np.ndarray = np.minimum(1.0, 1.345 * scale / np.maximum(np.nan_to_num(np.abs(left)), 1e-12))
    return held

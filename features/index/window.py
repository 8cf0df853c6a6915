"""A rolling window of a multilateral index, spliced so that what was published is never revised.

Each new period is computed with the window that ends with it, and tied to the published periods of that window by the
mean splice: the mean over all of them of "published then, moved by the window from then to now" (Diewert and Fox 2022,
Journal of Business & Economic Statistics 40; ILO et al., CPI Manual 2020, ch. 10). Until the window is full it grows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from features.index.dummy import time_product_dummy
from features.index.geks import geks
from features.index.panel import Panel, panel

Multilateral = Callable[[Panel, int], np.ndarray]
METHODS: dict[str, Multilateral] = {
    "geks": geks,
    "tpd": time_product_dummy,
    "robust": partial(time_product_dummy, robust=True),
}


def published_index(
    table: pd.DataFrame,
    *,
    window: int = 53,
    method: str | Multilateral = "tpd",
    published: Mapping[int, float] | None = None,
) -> pd.Series:
    """Log index by period, 0 at the first; as it was, or would have been, published period by period.

    `window` counts periods seen (for a strong season at least a year and one). `published` holds values that stand:
    they come back as they are, and later periods are tied to them. NaN where a period shares no chain of units with
    any published period of its window. Raises ValueError for a window under 2 or an unknown method.
    """
    if window < 2:
        raise ValueError(f"a window of {window} periods has nothing to compare; it needs 2 or more")
    if isinstance(method, str) and method not in METHODS:
        raise ValueError(f'there is no index method "{method}"; there are {", ".join(METHODS)}')
    compute = METHODS[method] if isinstance(method, str) else method
    whole = panel(table)
    out = pd.Series(np.nan, index=pd.Index(whole.periods, name="period"), name="log_index", dtype=float)
    standing = published or {}
    for place, period in enumerate(whole.periods):
        if period in standing:
            out.iloc[place] = standing[period]
        elif place == 0:
            out.iloc[place] = 0.0
        else:
            first = max(place - window + 1, 0)
            out.iloc[place] = _next(compute, whole.between(first, place), out.to_numpy()[first : place + 1])
    return out


def _next(compute: Multilateral, window: Panel, published: np.ndarray) -> float:
    # Seen from its last period, a window says nothing of what no chain of units connects with it.
    return splice(compute(window, len(window.periods) - 1), published)


def splice(fresh: np.ndarray, published: np.ndarray) -> float:
    """The last period's published log index by the mean splice, from a window's fresh one; NaN where nothing ties.

    `published` covers the same periods as `fresh`; its last value is not looked at.
    """
    ties = published[:-1] + fresh[-1] - fresh[:-1]
    known = ties[np.isfinite(ties)]
    return float(known.mean()) if len(known) else float("nan")

"""Raw materials: how far the prices of what a category is made of stand from where they stood at its reference.

The value is Σ share × ln(price / price at the reference), with the shares that are expected to reach the goods
(data/commodity_goods.toml): a pass-through of 1 means that these are right. The reference is the first day on which the
category was seen, or the first price after it. A price counts from its publication: days after its period is over.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from features.drivers.table import DETAILS, Steps

_PUBLISHED_AFTER = 3  # days after the end of its period: the World Bank's sheet comes on the second working day


def commodity(
    prices: pd.DataFrame, first_seen: dict[str, int]
) -> tuple[dict[tuple[str, str, str], Steps], tuple[str, ...]]:
    """Steps by category, and the titles that their details name by number.

    `prices` has commodity, day (first of the period), days and price, oldest first, each period as it was published
    first; `first_seen` the first day of each category. Details: number of the raw material that moved it most, its
    price, its price at the reference, the period's first day, its share.
    """
    series = _series(prices)
    titles = tuple(sorted(_table()["material"]))
    out = {}
    for category, shares in sorted(_table()["category"].items()):
        used = {name: series[name] for name in shares if name in series}
        if category in first_seen and used:
            steps = _steps(used, shares, first_seen[category], titles)
            if steps is not None:
                out["commodity", category, ""] = steps
    return out, tuple(str(_table()["material"][name]["title"]) for name in titles)


def _series(prices: pd.DataFrame) -> dict[str, pd.DataFrame]:
    there = sorted(set(prices["commodity"]))
    out = {}
    for name, said in _table()["material"].items():
        found = next((key for start in said["starts"] for key in there if key.startswith(start)), None)
        if found is not None:
            own = prices[prices["commodity"] == found].sort_values("day", kind="stable")
            known = own["day"] + own["days"] + np.where(own["days"] > 1, _PUBLISHED_AFTER, 0)
            out[name] = own.assign(known=known.astype(np.int64), ln=np.log(own["price"].astype(float)))
    return out


def _steps(
    used: dict[str, pd.DataFrame], shares: dict[str, float], first: int, titles: tuple[str, ...]
) -> Steps | None:
    days = np.unique(np.concatenate([one["known"].to_numpy() for one in used.values()]))
    # The price that stood at the reference, and all since.
    days = days[max(int(np.searchsorted(days, first, side="right")) - 1, 0) :]
    if len(days) == 0:
        return None
    moved = np.zeros((len(used), len(days)))
    at = {}
    for n, (name, one) in enumerate(used.items()):
        place = np.searchsorted(one["known"].to_numpy(), days, side="right") - 1
        reference = max(int(np.searchsorted(one["known"].to_numpy(), max(first, days[0]), side="right")) - 1, 0)
        at[n] = (np.maximum(place, 0), reference)
        moved[n] = np.where(
            place >= 0, shares[name] * (one["ln"].to_numpy()[at[n][0]] - one["ln"].iloc[reference]), 0.0
        )
    most = np.abs(moved).argmax(axis=0)
    detail = np.full((len(days), DETAILS), np.nan)
    names = list(used)
    for column, n in enumerate(most):
        one, (place, reference) = used[names[n]], at[n]
        now, then = one.iloc[int(place[column])], one.iloc[reference]
        detail[column, :5] = titles.index(names[n]), now["price"], then["price"], now["day"], shares[names[n]]
    return Steps(days.astype(np.int64), moved.sum(axis=0), detail)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("features").joinpath("data/commodity_goods.toml").read_text("utf-8"))

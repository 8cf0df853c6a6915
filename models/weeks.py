"""Weekly means of prices by category: what is learned of how a market moves through time is learned from these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

WEEK = 7
_HELD = 0.4  # log distance from a week's median at which a seller's price is held


@dataclass(frozen=True)
class Weeks:
    """Cells of week × category: mean log price `y` over sellers, and their number `n` (0: not seen).

    `noise` is the variance of one seller's price by category, `middle` the middle day of each week.
    """

    names: list[str]
    y: np.ndarray
    n: np.ndarray
    noise: np.ndarray
    middle: np.ndarray


def weekly(rows: pd.DataFrame, price: np.ndarray) -> Weeks:
    """The cells of `rows` (category, seller, day) with their log prices; a seller counts once in a week, and prices far
    from the week's median are held. Weeks start on Mondays. There must be rows."""
    days = rows["day"].to_numpy(np.int64)
    first = (int(days.min()) - 4) // WEEK
    names = sorted(rows["category"].unique())
    table = pd.DataFrame(
        {
            "week": (days - 4) // WEEK - first,
            "category": pd.Categorical(rows["category"], names).codes,
            "seller": pd.factorize(rows["seller"])[0],
            "price": price,
        }
    )
    sellers = table.groupby(["week", "category", "seller"])["price"].median().reset_index()
    middle = sellers.groupby(["week", "category"])["price"].transform("median")
    sellers["price"] = sellers["price"].clip(middle - _HELD, middle + _HELD)
    away = (sellers["price"] - middle).abs()
    # A lone seller lies on the week's median and says nothing of the spread.
    spread = away.where(away > 0).groupby(sellers["category"]).median().reindex(range(len(names))).fillna(_HELD)
    cells = sellers.groupby(["week", "category"])["price"].agg(["mean", "size"])
    shape = (int(table["week"].max()) + 1, len(names))
    y, n = np.zeros(shape), np.zeros(shape)
    place = tuple(cells.index.get_level_values(name).to_numpy() for name in ("week", "category"))
    y[place], n[place] = cells["mean"].to_numpy(), cells["size"].to_numpy()
    middles = (first + np.arange(shape[0])) * WEEK + 4 + WEEK // 2
    return Weeks(names, y, n, np.maximum(1.4826 * spread.to_numpy(float), 1e-2) ** 2, middles)

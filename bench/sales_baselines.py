"""Plain answers to what the next sale will bring: what earlier sales of the same thing brought."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

LAST_FIVE, LAST, CATEGORY = "median of last five", "last sale", "category median"


def baselines(rows: pd.DataFrame, cases: pd.DataFrame, same: Sequence[str]) -> pd.DataFrame:
    """Prices by each baseline for each case, from sales of days before its own; NaN where there is none.

    `rows` are sorted by day. The same thing has the same title and the same values of the attributes `same`; the
    category's median is of all its sales so far.
    """
    day, price = rows["day"].to_numpy(), np.exp(rows["ln_price"].to_numpy(float))
    things = places(things_of(rows, same))
    categories = places(rows["category"].to_numpy(object))
    middle = {name: pd.Series(price[place]).expanding().median().to_numpy() for name, place in categories.items()}
    out = np.full((len(cases), 3), np.nan)
    for number, (thing, category, when) in enumerate(
        zip(things_of(cases, same), cases["category"], cases["day"], strict=True)
    ):
        place = things.get(thing, np.zeros(0, int))
        before = place[: np.searchsorted(day[place], when)]
        if len(before):
            out[number, :2] = np.median(price[before[-5:]]), price[before[-1]]
        known = int(np.searchsorted(day[categories[category]], when)) if category in categories else 0
        if known:
            out[number, 2] = middle[category][known - 1]
    return pd.DataFrame(out, columns=[LAST_FIVE, LAST, CATEGORY])


def things_of(rows: pd.DataFrame, same: Sequence[str]) -> np.ndarray:
    """What makes a row the same thing as another: its title and some of its attributes, as one text."""
    said = zip(rows["title"], rows["attributes"], strict=True)
    return np.array(["\n".join([title, *(str(each.get(name, "")) for name in same)]) for title, each in said], object)


def places(names: np.ndarray) -> dict[str, np.ndarray]:
    """Where each name stands, in order."""
    return {str(name): place.to_numpy() for name, place in pd.Series(range(len(names))).groupby(names)}

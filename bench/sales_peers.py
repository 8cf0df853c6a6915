"""What FLAML values sales at, given what an analyst would give it: each thing's earlier prices as columns.

For each month valued it learns from the sales of the days before that month; columns are of the days before each sale.
The target is the log price above the median of the title's last ten sales, so that trees need not learn prices anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.sales_baselines import places, things_of
from bench.worth_peers import learner
from features.market import day_date, day_number

_LOOKED_BACK = 10
_TAUGHT = 60_000  # the newest sales it learns from


def automl(rows: pd.DataFrame, cases: pd.DataFrame, same: Sequence[str], minutes: float) -> np.ndarray:
    """FLAML's prices for the cases, `minutes` for all months together; NaN where the title was never sold before.

    `rows` are sorted by day; `cases` are some of them. Raises BadInput where FLAML is not installed.
    """
    months = np.array([day_date(int(day)).replace(day=1) for day in cases["day"]], object)
    out = np.full(len(cases), np.nan)
    for month in sorted(set(months)):
        asked = np.flatnonzero(months == month)
        taught = rows[rows["day"] < day_number(month)].tail(_TAUGHT)
        table, middle = columns_of(rows, taught, same)
        known = np.isfinite(middle)
        model = learner()
        target = taught["ln_price"].to_numpy(float) - middle
        model.fit(table[known], target[known], time_budget=60 * minutes / len(set(months)))
        own, level = columns_of(rows, cases.iloc[asked], same)
        # Its predictions are of rows with a median; the rest stay unknown.
        out[asked] = np.exp(np.asarray(model.predict(own), float) + level)
    return out


def columns_of(rows: pd.DataFrame, asked: pd.DataFrame, same: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The table of sales `asked`, and the log median of the title's last ten (NaN: none), from earlier days alone.

    Columns: codes of title and region; the attributes `same` as numbers; log list price; how far the last price, the
    median of the last five and of the last twenty of the same thing, and the title's last day and month, stand from
    that log median; how many days ago each was; the number of sales of title and thing.
    """
    day, price = rows["day"].to_numpy(), rows["ln_price"].to_numpy(float)
    titles, things = places(rows["title"].to_numpy(object)), places(things_of(rows, same))
    numbered = {name: code for code, name in enumerate(sorted(titles))}
    regions = {name: code for code, name in enumerate(sorted(set(rows["region"])))}
    named = zip(asked["title"], things_of(asked, same), asked["day"], strict=True)
    told = [_history(day, price, titles[title], things[thing], int(when)) for title, thing, when in named]
    middle, history = np.array([each[0] for each in told]), np.array([each[1:] for each in told])
    own = [[_number(each.get(name)) for name in same] for each in asked["attributes"]]
    steady = [asked["title"].map(numbered), asked["region"].map(regions), asked["ln_list"]]
    table = np.column_stack([np.column_stack([each.to_numpy(float) for each in steady]), np.array(own), history])
    return table, middle


def _history(day: np.ndarray, price: np.ndarray, title: np.ndarray, thing: np.ndarray, when: int) -> list[float]:
    title, thing = (place[: np.searchsorted(day[place], when)] for place in (title, thing))
    if len(title) == 0:
        return [float("nan")] * 10
    middle = float(np.median(price[title[-_LOOKED_BACK:]]))
    same = [_median(price[thing[-last:]]) - middle for last in (1, 5, 20)]
    yesterday, month = (title[np.searchsorted(day[title], when - back) :] for back in (1, 30))
    lately = [_median(price[part]) - middle for part in (yesterday, month)]
    ago = [float(when - day[thing[-1]]) if len(thing) else float("nan"), float(when - day[title[0]])]
    return [middle, *same, *lately, *ago, float(len(title)), float(len(thing))]


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return float("nan")

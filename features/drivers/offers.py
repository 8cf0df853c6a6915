"""Counts of offers, sales and wanted posts by category, region and week.

An offer stands from the day it was seen until it is seen again, ends or is sold; where none of that is known, for some
days after it was seen last. Counted are the weeks that are over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.level import period_start

WEEK = 7
_GRACE = 14  # days an offer is believed to stand after it was seen last
_LEAST = 30  # rows a region needs in a category before it is counted by itself


@dataclass(frozen=True)
class Counts:
    """A row for each area (`keys`: category and region, "" for all regions), a column for each week.

    `last` is each week's last day. `offers` stood at some time in the week, `gone` were sold or ended in it, `on_sale`
    are the days these had been on offer (of `timed` of them), `wanted` the posts of people who look for such a thing.
    """

    keys: list[tuple[str, str]]
    last: np.ndarray
    offers: np.ndarray
    gone: np.ndarray
    on_sale: np.ndarray
    timed: np.ndarray
    wanted: np.ndarray


def count(rows: pd.DataFrame) -> Counts | None:
    """Weekly counts of `rows`: listing, category, region, kind, day and ended (day, NaN where not known).

    None where no week is over.
    """
    if len(rows) == 0:
        return None
    first = period_start(int(rows["day"].min()), WEEK)
    weeks = (int(rows["day"].max()) + 1 - first) // WEEK
    if weeks < 1:
        return None
    keys, area = _areas(rows)
    rows = rows.assign(area=area)
    shape = (len(keys), weeks)
    stood, gone = _offers(rows), _gone(rows)
    offers = np.zeros((shape[0], shape[1] + 1))
    stood = stood.assign(begin=(stood["day"] - first) // WEEK, end=(stood["until"] - first) // WEEK)
    # Seen twice in a week it is one offer of the week.
    again = stood.groupby("listing")["end"].shift(1) + 1
    stood = stood.assign(begin=stood["begin"].where(again.isna() | (again <= stood["begin"]), again).astype(np.int64))
    stood = stood[stood["begin"] <= stood["end"]]
    begin, end = stood["begin"].to_numpy(), stood["end"].to_numpy()
    for areas in _both(stood, keys):
        there = (areas >= 0) & (begin < weeks)
        np.add.at(offers, (areas[there], begin[there]), 1.0)
        np.add.at(offers, (areas[there], np.minimum(end[there] + 1, weeks)), -1.0)
    wanted = rows[rows["kind"] == "wanted"].drop_duplicates(["listing", "day"])
    wanted = wanted.assign(week=(wanted["day"] - first) // WEEK).drop_duplicates(["listing", "week"])
    timed = gone[gone["on_sale"].notna()]
    return Counts(
        keys=keys,
        last=first + WEEK * np.arange(weeks, dtype=np.int64) + WEEK - 1,
        offers=np.cumsum(offers, axis=1)[:, :weeks],
        gone=_tally(gone, keys, first, shape, None),
        on_sale=_tally(timed, keys, first, shape, timed["on_sale"].to_numpy(float)),
        timed=_tally(timed, keys, first, shape, None),
        wanted=_tally(wanted, keys, first, shape, None),
    )


def _areas(rows: pd.DataFrame) -> tuple[list[tuple[str, str]], np.ndarray]:
    """The areas that are counted, those of whole categories last; and each row's area (−1: its category's alone)."""
    own = rows["category"].astype(str) + "\n" + rows["region"].astype(str)
    counted = own.value_counts()
    kept = sorted(str(key) for key, n in counted.items() if n >= _LEAST and not str(key).endswith("\n"))
    areas = [(key.split("\n")[0], key.split("\n")[1]) for key in kept]
    areas += [(category, "") for category in sorted(rows["category"].astype(str).unique())]
    return areas, own.map({key: n for n, key in enumerate(kept)}).fillna(-1).to_numpy(int)


def _both(rows: pd.DataFrame, keys: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Each row's own area and its category's."""
    whole = {category: n for n, (category, region) in enumerate(keys) if region == ""}
    return rows["area"].to_numpy(int), rows["category"].map(whole).to_numpy(int)


def _tally(
    rows: pd.DataFrame, keys: list[tuple[str, str]], first: int, shape: tuple[int, int], value: np.ndarray | None
) -> np.ndarray:
    out = np.zeros(shape)
    week = (rows["day"].to_numpy() - first) // WEEK
    amount = np.ones(len(rows)) if value is None else value
    for areas in _both(rows, keys):
        there = (areas >= 0) & (week >= 0) & (week < shape[1])
        np.add.at(out, (areas[there], week[there]), amount[there])
    return out


def _sold(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["kind"].isin(["sold", "traded"])].drop_duplicates("listing", keep="first")


def _offers(rows: pd.DataFrame) -> pd.DataFrame:
    """Each asking observation with the last day (`until`) on which it says that the offer stands."""
    asking = rows[rows["kind"] == "asking"].sort_values(["listing", "day"], kind="stable")
    following = asking.groupby("listing")["day"].shift(-1) - 1
    # Of no rows pandas maps to text.
    sold = asking["listing"].map(_sold(rows).set_index("listing")["day"]).astype(float) - 1
    ended = asking["ended"].where(asking["ended"] >= asking["day"])
    until = pd.concat([following, sold, ended], axis=1).min(axis=1)
    believed = (asking["day"] + _GRACE).where(asking["ended"].isna(), np.inf)
    until = np.minimum(until.fillna(np.inf), believed)
    out = asking.assign(until=until)
    return out[out["until"] >= out["day"]].astype({"until": np.int64})


def _gone(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each listing that was sold or has ended: `day` it went, `on_sale` days since it was first offered."""
    asking = rows[rows["kind"] == "asking"]
    began = asking.groupby("listing")["day"].min()
    ended = asking[asking["ended"].notna()].drop_duplicates("listing", keep="last")
    ended = ended.assign(day=ended["ended"].astype(np.int64))
    gone = pd.concat([_sold(rows), ended]).drop_duplicates("listing", keep="first")
    on_sale = gone["day"] - gone["listing"].map(began).astype(float)  # of no sales pandas maps to text
    return gone.assign(on_sale=on_sale.where(on_sale >= 0))


def usual(value: np.ndarray, half_life: float) -> np.ndarray:
    """Of each week's counts the exponentially weighted sum of the weeks *before* it, divided by their weights."""
    out = np.zeros_like(value)
    total, weight, keep = np.zeros(value.shape[0]), 0.0, 0.5 ** (1 / half_life)
    for week in range(value.shape[1]):
        out[:, week] = total / weight if weight else np.nan
        total, weight = total * keep + value[:, week], weight * keep + 1.0
    return out

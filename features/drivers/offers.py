"""Counts of offers, sales and wanted posts by category and region, of the seven days up to each day.

An offer stands from the day it was seen until it is seen again, ends or is sold; where none of that is known, for some
days after it was seen last. Counted anew every day: a sign that comes a week late follows a swell of prices that takes
three weeks to rise by two fifths only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

WEEK, LEAST_WEEKS = 7, 8  # weeks of which something must be known before anything is usual
_YEAR = 52  # weeks
_GRACE = 14  # days an offer is believed to stand after it was seen last
_LEAST = 100  # rows a region needs in a category before it is counted by itself


@dataclass(frozen=True)
class Counts:
    """A row for each area (`keys`: category and region, "" for all regions), a column for each day from the seventh on.

    `last` are the days; all else is of the seven days up to each. `offers` stood at some time in them, `new` were
    offered for the first time, `gone` were sold or ended, `on_sale` are the days these had been on offer (of `timed` of
    them), `wanted` the posts of people who look for such a thing.
    """

    keys: list[tuple[str, str]]
    last: np.ndarray
    offers: np.ndarray
    new: np.ndarray
    gone: np.ndarray
    on_sale: np.ndarray
    timed: np.ndarray
    wanted: np.ndarray


def count(rows: pd.DataFrame) -> Counts | None:
    """Counts of `rows`: listing, category, region, kind, day and ended (day, NaN where not known).

    None where there are fewer than seven days.
    """
    if len(rows) == 0:
        return None
    first, days = int(rows["day"].min()), int(np.ptp(rows["day"])) + 1
    if days < WEEK:
        return None
    keys, area = _areas(rows)
    rows = rows.assign(area=area)
    span = _Span(keys, first, days)
    wanted = rows[rows["kind"] == "wanted"].drop_duplicates(["listing", "day"]).sort_values(["listing", "day"])
    gone = _gone(rows)
    timed = gone[gone["on_sale"].notna()]
    return Counts(
        keys=keys,
        last=first + np.arange(WEEK - 1, days, dtype=np.int64),
        offers=span.stood(_offers(rows)),
        new=span.happened(rows[rows["kind"] == "asking"].sort_values("day").drop_duplicates("listing")),
        gone=span.happened(gone),
        on_sale=span.happened(timed, timed["on_sale"].to_numpy(float)),
        timed=span.happened(timed),
        wanted=span.stood(wanted.assign(until=wanted["day"])),
    )


@dataclass(frozen=True)
class _Span:
    """The areas and days that are counted."""

    keys: list[tuple[str, str]]
    first: int
    days: int

    def happened(self, rows: pd.DataFrame, amount: np.ndarray | None = None) -> np.ndarray:
        """Rows (or their `amount`) whose day is one of the seven up to each day."""
        day = rows["day"].to_numpy() - self.first
        return self._sums(rows, day, day + WEEK, np.ones(len(rows)) if amount is None else amount)

    def stood(self, rows: pd.DataFrame) -> np.ndarray:
        """Listings that stood, from `day` to `until`, on one of the seven days up to each day; `rows` are in order."""
        begin, behind = rows["day"] - self.first, rows["until"] - self.first + WEEK
        # Seen twice within seven days it is one offer of them.
        again = behind.groupby(rows["listing"]).shift(1)
        begin = begin.where(again.isna() | (again <= begin), again).astype(np.int64)
        there = (begin < behind).to_numpy()
        return self._sums(rows[there], begin[there].to_numpy(), behind[there].to_numpy(), np.ones(int(there.sum())))

    def _sums(self, rows: pd.DataFrame, begin: np.ndarray, behind: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """The sum of the amounts that count from day `begin` until before `behind`, by area and day."""
        size = self.days + 1
        place = np.zeros(len(self.keys) * size)
        for areas in _both(rows, self.keys):
            there = (areas >= 0) & (begin >= 0) & (begin < self.days)
            start = areas[there] * size
            place += np.bincount(start + begin[there], amount[there], minlength=len(place))
            place -= np.bincount(start + np.minimum(behind[there], self.days), amount[there], minlength=len(place))
        out: np.ndarray = np.cumsum(place.reshape(-1, size), axis=1)[:, WEEK - 1 : self.days]
        # Amounts are whole numbers: what adding and taking away leaves behind is rounding.
        return np.round(out, 6)


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


def mean_before(value: np.ndarray, half_life: float) -> np.ndarray:
    """Of each day's counts the exponentially weighted mean of those a week, two weeks, … before; a day's weight halves
    every `half_life` weeks."""
    out = np.full(value.shape, np.nan)
    keep, total, weight = 0.5 ** (1 / half_life), np.zeros((value.shape[0], WEEK)), 0.0
    for start in range(WEEK, value.shape[1], WEEK):
        stop = min(start + WEEK, value.shape[1])
        total = total * keep + value[:, start - WEEK : start]
        weight = weight * keep + 1.0
        out[:, start:stop] = total[:, : stop - start] / weight
    return out


def usual_before(value: np.ndarray) -> np.ndarray:
    """What is usual of each day's values by those a week, two weeks, … before, a year back: the middle of the half of
    them that lie closest together (the shorth: Andrews et al. 1972, Robust Estimates of Location).

    A swell of weeks, to one side only, moves a mean and a median by what it adds to them; this half lies where nothing
    swells. NaN until there are weeks enough that are known (not NaN).
    """
    out = np.full(value.shape, np.nan)
    for day in range(LEAST_WEEKS * WEEK, value.shape[1]):
        out[:, day] = _shorth(value[:, day % WEEK : day : WEEK][:, -_YEAR:])
    return out


def _shorth(values: np.ndarray) -> np.ndarray:
    """The mean of each row's shortest half; NaN where fewer than `LEAST_WEEKS` are known."""
    past = np.sort(values, axis=1)  # NaN last
    known, place = np.isfinite(past).sum(axis=1, keepdims=True), np.arange(past.shape[1])
    half = known // 2 + 1
    end = place + half - 1
    with np.errstate(invalid="ignore"):
        width = np.take_along_axis(past, np.minimum(end, past.shape[1] - 1), axis=1) - past
        width = np.where(end < known, width, np.inf)
        # Of stretches that are equally short the middle one, so that counts, which are often equal, lean to no side.
        near = width <= width.min(axis=1, keepdims=True) + 1e-12
    low = np.rint((near * place).sum(axis=1, keepdims=True) / near.sum(axis=1, keepdims=True))
    inside = (place >= low) & (place < low + half)
    mean = np.where(inside, np.nan_to_num(past), 0.0).sum(axis=1) / half[:, 0]
    return np.where(known[:, 0] >= LEAST_WEEKS, mean, np.nan)


def since_seen(value: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """`value` (areas × days), NaN before anything was `seen` of an area."""
    return np.where(np.cumsum(seen, axis=1) > 0, value, np.nan)

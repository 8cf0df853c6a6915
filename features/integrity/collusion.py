"""Coordinated listings: several sellers who bring one product, within days, at prices far from everybody else's.

Each day the far-off sellers of the fortnight before are weighed against the product's own past. The score is a sum of
log likelihood ratios, in nats, *arranged* against *by chance*:

    prices  k of n sellers lie as far out, where a share q of the past sellers did (binomial)
    crowd   k newcomers came, where λ were to be expected (Poisson)
    close   their prices lie nearer together than the past sellers' (normal, the cluster's scale against the past's)
    words   pairs of them say the same more often than past sellers did

Honest shops with equal list prices are old, sell many things and are not far off. A market that moves takes its old
sellers and its neighbouring products along: what the category did meanwhile is taken out first, and old sellers at the
new price lift the suspicion, or keep it from being raised. Only where others go on selling at the old prices, too many
to be late, is age no excuse: accounts can be kept until they are old.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.integrity.flags import HOLDS, Flag
from features.integrity.history import Histories
from features.level import period_start
from features.title import words

WINDOW = 14  # days in which they come
_PAST = 365  # days of the product's past that are looked at
_YOUNG, _OLD = 30, 90  # days: a newcomer is younger, and an old seller by age alone is older
_LEAST_PAST = 4  # sellers without whom there is no past to be far from
_LEAST = 3  # sellers who make a crowd
_FAR, _VERY_FAR = math.log(1.3), math.log(1.5)
_SCALES = 2.5
_THRESHOLD = 12.0
_LEAST_SCALE = 0.1
_NEVER = 2**40
_WITNESSES = 2
_STAYED = 0.3  # of a crowd's number: so many go on at the old prices where the market has not moved


@dataclass(frozen=True)
class _Product:
    """One product's first appearances in time order: market rows, days, sellers, prices as asked (kind taken out)."""

    name: str
    row: np.ndarray
    day: np.ndarray
    seller: np.ndarray
    price: np.ndarray
    young: np.ndarray
    old: np.ndarray
    title: np.ndarray

    def window(self, first: int, behind: int) -> tuple[int, int]:
        """The places of the rows from day `first` to before day `behind`."""
        return int(np.searchsorted(self.day, first)), int(np.searchsorted(self.day, behind))


def coordinated(rows: pd.DataFrame, histories: Histories) -> list[Flag]:
    """The suspicions of coordinated listings in a market table sorted by day."""
    flags: list[Flag] = []
    for category in _by_category(rows, histories):
        for product in category:
            flags += _flags_of(product, category)
    return flags


def _by_category(rows: pd.DataFrame, histories: Histories) -> Iterator[list[_Product]]:
    """The products of each category, in the order of their names."""
    once = np.flatnonzero(~rows["listing"].duplicated(keep="first").to_numpy())
    once = once[~histories.neutral[once]]
    day = histories.day[once]
    age, breadth = histories.age(once, day), histories.products(once, day)
    # Of unnamed sellers those are new whose source is: a file out of the blue.
    new = np.where(histories.named[once], (age < _YOUNG) & (breadth <= 1), histories.source_age[once] < _YOUNG)
    old = ((age >= _YOUNG) & (breadth >= 2) | (age >= _OLD)) & histories.named[once]
    columns = (
        once, day, histories.seller[once], rows["ln_price"].to_numpy(float)[once] - _kind_gap(rows, once),
        new.astype(bool), old, rows["title"].to_numpy(object)[once],
    )  # fmt: skip
    category, _ = pd.factorize(rows["category"].to_numpy(object)[once], sort=True)
    product, names = pd.factorize(rows["product"].to_numpy(object)[once], sort=True)
    # Each product's rows are one slice of arrays sorted once: a group of a table costs a hundred times as much.
    order = np.lexsort((product, category))
    order = order[(category[order] >= 0) & (product[order] >= 0)]
    category, product = category[order], product[order]
    columns = tuple(column[order] for column in columns)
    edges = np.flatnonzero(np.concatenate([[True], (np.diff(category) != 0) | (np.diff(product) != 0), [True]]))
    if len(order) == 0:
        return
    parts = list(itertools.pairwise(edges.tolist()))
    for _, those in itertools.groupby(parts, key=lambda part: int(category[part[0]])):
        yield [_Product(str(names[product[a]]), *(column[a:b] for column in columns)) for a, b in those]


def _kind_gap(rows: pd.DataFrame, chosen: np.ndarray) -> np.ndarray:
    # A tenth is what asking stands above sold on most markets; here only far is told from near.
    return np.where(rows["kind"].to_numpy(object)[chosen] == "asking", 0.1, 0.0)


@dataclass(frozen=True)
class _Past:
    """How a product was sold before a week began: each seller's newest price, their middle and scale, the wordings."""

    prices: np.ndarray
    centre: float
    scale: float
    titles: np.ndarray


def _past(product: _Product, week: int, flagged: np.ndarray) -> _Past | None:
    """The past that the days of a week are held against: the year up to a fortnight before it."""
    low, high = np.searchsorted(product.day, [week - WINDOW - _PAST, week - WINDOW + 1])
    honest = np.flatnonzero(~flagged[low:high]) + low
    prices = _one_each(product.seller[honest], product.price[honest])
    if len(prices) < _LEAST_PAST:
        return None
    centre = _median(prices)
    scale = max(1.4826 * _median(np.abs(prices - centre)), _LEAST_SCALE)
    return _Past(prices, centre, scale, product.title[honest[-30:]])


def _flags_of(product: _Product, category: list[_Product]) -> list[Flag]:
    if len(np.unique(product.seller)) < _LEAST + _LEAST_PAST:
        return []
    raised = np.full(len(product.row), _NEVER)  # the day on which each row was first suspected
    crowds: list[tuple[int, float, tuple[np.ndarray, float, float]]] = []
    days = np.unique(product.day)
    for week, of_week in itertools.groupby(days.tolist(), key=lambda day: period_start(day, 7)):
        windows = [(day, *product.window(day - WINDOW + 1, day + 1)) for day in of_week]
        # Most weeks of most products are too quiet for a crowd.
        windows = [(day, low, high) for day, low, high in windows if high - low >= _LEAST]
        past = _past(product, week, raised < week) if windows else None
        if past is None:
            continue
        for day, low, high in windows:
            for side in (1.0, -1.0):
                found = _crowd_on(product, category, past, slice(low, high), side)
                if found is not None and (raised[found[0]] > day).any():
                    raised[found[0]] = np.minimum(raised[found[0]], day)
                    crowds.append((day, past.centre, found))
    return [_flag(product, raised, day, centre, *found) for day, centre, found in crowds]


def _flag(
    product: _Product, raised: np.ndarray, day: int, centre: float, members: np.ndarray, score: float, off: float
) -> Flag:
    sellers = tuple(sorted({str(seller) for seller in product.seller[members]}))
    lifted = _lifted(product, members, centre, day, raised)
    return Flag(
        "coordinated", product.name, sellers, product.row[members], day, lifted, score, _told(product, members, off)
    )


def _crowd_on(
    product: _Product, category: list[_Product], past: _Past, window: slice, side: float
) -> tuple[np.ndarray, float, float] | None:
    """The crowd in a window of days, on one side of the product's past: places, score, how far off it is."""
    limit = max(_FAR, _SCALES * past.scale)
    off = side * (product.price[window] - past.centre)
    if (off > limit).sum() < _LEAST:
        return None
    off = off - side * _moved(category, product, int(product.day[window.stop - 1]))
    members = _members(product, window, off, limit)
    sellers = _one_each(product.seller[members], off[members - window.start])
    if len(sellers) < _LEAST:
        return None
    around = len(np.unique(product.seller[window]))
    as_far = (float((side * (past.prices - past.centre) > limit).sum()) + 0.5) / (len(past.prices) + 1.0)
    score = _binomial(len(sellers), around, as_far)
    before = slice(0, window.start)
    rate = (product.young[before].sum() + 1.0) * WINDOW / (int(product.day[window.start] - product.day[0]) + WINDOW)
    score += _poisson(int(product.young[members].sum()), rate) + _close(sellers, past.scale)
    score += _worded(product.title[members], past.titles)
    return (members, score, side * float(np.median(sellers))) if score >= _THRESHOLD else None


def _members(product: _Product, window: slice, off: np.ndarray, limit: float) -> np.ndarray:
    """The places of the crowd in the window: all who are very far off, where others go on selling at the old prices
    meanwhile; else the newcomers, if no old sellers are with them (who bear witness that the market moved)."""
    day, seller = product.day[window], product.seller[window]
    very = np.flatnonzero(off > max(limit, _VERY_FAR))
    if len(very) >= _LEAST:
        since = (day >= np.median(day[very])) & (np.abs(off) < limit / 2)
        if len(np.unique(seller[since])) >= max(_LEAST, _STAYED * len(np.unique(seller[very]))):
            every: np.ndarray = very + window.start
            return every
    witnesses = len(np.unique(seller[product.old[window] & (off > limit / 2)]))
    young: np.ndarray = np.flatnonzero((off > limit) & product.young[window]) + window.start
    return young if witnesses < _WITNESSES else young[:0]


def _median(values: np.ndarray) -> float:
    """numpy's median, without what it does around a few numbers, which takes ten times as long as sorting them."""
    ordered, size = np.sort(values), len(values)
    return float((ordered[(size - 1) // 2] + ordered[size // 2]) / 2)


def _one_each(seller: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Each seller's newest price, once."""
    _, last = np.unique(seller[::-1], return_index=True)
    out: np.ndarray = price[::-1][last]
    return out


def _moved(category: list[_Product], product: _Product, day: int) -> float:
    """How far the category's other products moved in the window: the median over their sellers; 0 of fewer than 4."""
    moves: list[float] = []
    for other in category:
        low, middle, high = np.searchsorted(other.day, [day - WINDOW - _PAST + 1, day - WINDOW + 1, day + 1])
        if other.name == product.name or middle - low < 3 or high == middle:
            continue
        moves += (other.price[middle:high] - _median(other.price[low:middle])).tolist()
    return float(np.median(moves)) if len(moves) >= _LEAST_PAST else 0.0


def _binomial(k: int, n: int, chance: float) -> float:
    """Log likelihood ratio of k among n under their own share against a chance; 0 where the share is no higher."""
    share = k / n
    if share <= chance:
        return 0.0
    rest = (n - k) * math.log((1 - share) / (1 - chance)) if k < n else 0.0
    return k * math.log(share / chance) + rest


def _poisson(k: int, expected: float) -> float:
    return k * math.log(k / expected) - (k - expected) if k > expected else 0.0


def _close(prices: np.ndarray, scale: float) -> float:
    """Log likelihood ratio of a normal cluster with its own scale against one with the past's."""
    own = max(float(np.std(prices, ddof=1)), 0.02)
    if own >= scale:
        return 0.0
    return (len(prices) - 1) * (math.log(scale / own) - (1 - (own / scale) ** 2) / 2)


def _worded(crowd: np.ndarray, past: np.ndarray) -> float:
    now, then = _same_words(crowd[-30:]), _same_words(past[-30:])
    return (len(crowd[-30:]) - 1) * max(0.0, math.log((now + 0.1) / (then + 0.1)))


def _same_words(titles: np.ndarray) -> float:
    """The share of pairs of titles of which four words in five are the same (Jaccard)."""
    said = [frozenset(words(str(title))) for title in titles]
    pairs = [(one, other) for place, one in enumerate(said) for other in said[place + 1 :]]
    alike = sum(len(one & other) >= 0.8 * len(one | other) for one, other in pairs)
    return alike / len(pairs) if pairs else 0.0


def _lifted(product: _Product, members: np.ndarray, old_centre: float, day: int, raised: np.ndarray) -> int:
    """The day on which, of the old sellers since, three and two thirds are at the crowd's prices; else when it lapses.

    A seller is believed a fortnight later, if not suspected by then: the crowd's next accounts do not free its first.
    """
    crowd = float(np.median(product.price[members]))
    later = (product.day > day) & (product.day < day + HOLDS) & product.old & (raised > product.day + WINDOW)
    later &= ~np.isin(product.seller, product.seller[members])
    seller, seen, price = product.seller[later], product.day[later], product.price[later]
    _, first = np.unique(seller, return_index=True)
    first = np.sort(first)
    joined = np.abs(price[first] - crowd) < np.abs(price[first] - old_centre)
    with_them = np.cumsum(joined)
    enough = np.flatnonzero((with_them >= _LEAST) & (3 * with_them > 2 * np.arange(1, len(joined) + 1)))
    return min(int(seen[first][enough[0]]) + WINDOW, day + HOLDS) if len(enough) else day + HOLDS


def _told(product: _Product, members: np.ndarray, off: float) -> str:
    days = product.day[members]
    span = int(days.max() - days.min()) + 1
    return (
        f'{len(np.unique(product.seller[members]))} sellers listed "{product.title[members[0]]}" within {span} days at '
        f"{math.exp(off):.2f} times what others ask"
    )

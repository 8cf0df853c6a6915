"""How much a seller's history is worth on a day: a newcomer is heard, who has long sold different things is heard best.

    weight = newcomer + (1 − newcomer) · ½ [ (1 − 2^(−age/half_age)) + (1 − 2^(−(products − 1)/half_products)) ]

Age is in days since the seller was first seen, products are the distinct ones seen of them by the day. Both can be made
up, but only slowly and one account at a time: it is a price on false accounts, no proof.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

NEWCOMER = 0.4  # of an old seller's weight; never 0, for everybody was new once
_HALF_AGE = 45.0
_HALF_PRODUCTS = 2.0
_FEW_NAMED = 5


class Histories:
    """The sellers of a market table sorted by day.

    `named` says for each row whether its seller is known by a name of their own. Unnamed ones are newcomers, but where
    hardly any seller of the category had been named by the row's day: where nothing is known of anybody (`neutral`),
    all are equal.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self.day = rows["day"].to_numpy(np.int64)
        self.seller, names = pd.factorize(rows["seller"].to_numpy(object))
        self.names = np.asarray(names, dtype=object)
        self.product = pd.factorize(rows["product"].to_numpy(object))[0]
        place, sources = pd.factorize(rows["source"].to_numpy(object))
        lead = np.asarray([f"{source}/" for source in sources], dtype=object)
        pairs = zip(rows["seller"].to_numpy(object), lead[place], strict=True)
        self.named = np.array([not str(seller).startswith(start) for seller, start in pairs], dtype=bool)
        category = pd.factorize(rows["category"].to_numpy(object))[0]
        self.neutral = ~self.named & (_named_so_far(category, self.seller, self.named) < _FEW_NAMED)
        self.source_age = self.day - _first_day(category, place, self.day)
        self.first = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(self.first, self.seller, self.day)
        self._met, self._start = self._first_meetings(len(names))

    def _first_meetings(self, sellers: int) -> tuple[np.ndarray, np.ndarray]:
        """Days on which each seller was first seen with one more product, as one sorted array of seller and day."""
        pairs = pd.DataFrame({"seller": self.seller, "product": self.product, "day": self.day})
        met = pairs.drop_duplicates(["seller", "product"], keep="first")
        key = np.sort(_key(met["seller"].to_numpy(), met["day"].to_numpy()))
        return key, np.searchsorted(key, _key(np.arange(sellers), np.full(sellers, -(2**20))))

    def age(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Days since each row's seller was first seen, as of each day."""
        out: np.ndarray = np.maximum(days - self.first[self.seller[rows]], 0)
        return out

    def products(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Distinct products seen of each row's seller by the end of each day; at least 1."""
        seller = self.seller[rows]
        seen = np.searchsorted(self._met, _key(seller, days), side="right") - self._start[seller]
        out: np.ndarray = np.maximum(seen, 1)
        return out

    def weight(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The weight of each row's seller as of each day, in [NEWCOMER, 1]."""
        aged = 1.0 - 0.5 ** (self.age(rows, days) / _HALF_AGE)
        broad = 1.0 - 0.5 ** ((self.products(rows, days) - 1) / _HALF_PRODUCTS)
        weight = NEWCOMER + (1.0 - NEWCOMER) * (aged + broad) / 2.0
        weight = np.where(self.named[rows], weight, NEWCOMER)
        return np.where(self.neutral[rows], 1.0, weight)


def _key(seller: np.ndarray, day: np.ndarray) -> np.ndarray:
    out: np.ndarray = seller.astype(np.int64) * 2**22 + (day.astype(np.int64) + 2**21)
    return out


def _named_so_far(category: np.ndarray, seller: np.ndarray, named: np.ndarray) -> np.ndarray:
    """For each row the number of named sellers seen in its category up to it."""
    pairs = pd.DataFrame({"category": category, "seller": seller})
    fresh = pd.Series(named & ~pairs.duplicated().to_numpy())
    out: np.ndarray = fresh.groupby(category).cumsum().to_numpy()
    return out


def _first_day(category: np.ndarray, source: np.ndarray, day: np.ndarray) -> np.ndarray:
    """For each row the day on which its source was first seen in its category."""
    out: np.ndarray = pd.Series(day).groupby([category, source]).transform("first").to_numpy()
    return out

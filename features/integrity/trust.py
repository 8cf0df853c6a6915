"""Trust: how much each row of the market may say, as of a day. What is flagged later is heard less from then on.

A row's weight is its seller's history (features.integrity.history) times the smallest factor of the suspicions that
stand on the day (features.integrity.flags). It is never 0: nobody is silenced by a suspicion.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.integrity.collusion import coordinated
from features.integrity.flags import Flag
from features.integrity.history import NEWCOMER, Histories
from features.integrity.outlying import far_off
from features.integrity.voices import count_once, effective_number
from features.integrity.wash import buyer_of, wash_trades

# A photo that more sellers than this show is the maker's own, and says nothing of whose offer it is.
_OWN_PHOTO = 3


class Trust:
    """Trust in the rows of one market table, sorted by day. Never changes once made."""

    newcomer = NEWCOMER

    def __init__(self, rows: pd.DataFrame) -> None:
        self.histories = Histories(rows)
        found = [*coordinated(rows, self.histories), *wash_trades(rows)]
        self.flags: tuple[Flag, ...] = tuple(
            dataclasses.replace(flag, sellers=self._names(flag)) for flag in sorted(found, key=_order)
        )
        self.pair, self.photo = _pairs(rows), _photos(rows)
        self._row, self._raised, self._lifted, self._factor = _by_row(self.flags)

    def weights(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Weights in (0, 1] of market rows (positions) as of days (since 1970), one for each pair."""
        rows, days = np.asarray(rows, int), np.asarray(days, np.int64)
        out: np.ndarray = self.histories.weight(rows, days) * self.suspected(rows, days)
        return out

    def suspected(self, rows: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The factor of the suspicions alone: 1 where nothing stands against a row."""
        out = np.ones(len(rows))
        low, high = np.searchsorted(self._row, rows), np.searchsorted(self._row, rows, side="right")
        for place in np.flatnonzero(high > low).tolist():
            part = slice(int(low[place]), int(high[place]))
            stands = (self._raised[part] <= days[place]) & (days[place] < self._lifted[part])
            out[place] = self._factor[part][stands].min(initial=1.0)
        return out

    def shared(self, weight: np.ndarray, question: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Weights of comparables so that one seller, one photo and one pair of traders count once in each question."""
        for group in (self.histories.seller, self.photo, self.pair):
            weight = count_once(weight, question, group[rows])
        return weight

    def number(self, rows: np.ndarray, day: int, price: np.ndarray | None = None, usual: float | None = None) -> int:
        """How many independent sellers stand behind some rows as of a day: the effective number, rounded.

        With the rows' prices (logs, comparable with each other; NaN: not known) those far from all others are none;
        of few sellers how far that is leans on what spread is `usual` (`far_off`).
        """
        weight = self.weights(rows, np.full(len(rows), day))
        if price is not None:
            known = np.flatnonzero(np.isfinite(price))
            seller = self.histories.seller[rows[known]]
            voice = count_once(weight[known], np.zeros(len(known), int), seller)
            far = known[far_off(price[known], voice, seller, usual=usual)]
            rows, weight = np.delete(rows, far), np.delete(weight, far)
        sellers, place = np.unique(self.histories.seller[rows], return_inverse=True)
        heaviest = np.zeros(len(sellers))
        np.maximum.at(heaviest, place, weight)
        return round(effective_number(heaviest, NEWCOMER))

    def flags_on(self, day: int) -> list[Flag]:
        """The suspicions that stand at the end of a day."""
        return [flag for flag in self.flags if flag.raised <= day < flag.lifted]

    def cases(self, day: int) -> list[Flag]:
        """The suspicions that stand on a day, those of one kind, product and overlapping rows as one: the newest."""
        newest: dict[tuple[str, str], Flag] = {}
        for flag in self.flags_on(day):
            newest[flag.kind, flag.product] = flag
        return list(newest.values())

    def table(self) -> pd.DataFrame:
        """All suspicions ever raised, one row each, for analysts."""
        return pd.DataFrame([flag.as_row(self.histories.day) for flag in self.flags])

    def _names(self, flag: Flag) -> tuple[str, ...]:
        return tuple(sorted({str(self.histories.names[self.histories.seller[row]]) for row in flag.rows.tolist()}))


def _order(flag: Flag) -> tuple[int, str, str, int]:
    return flag.raised, flag.kind, flag.product, int(flag.rows[0])


def _by_row(flags: Sequence[Flag]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Row, raised, lifted and factor of every row of every flag, in order of the rows."""
    size = [len(flag.rows) for flag in flags]
    row = np.concatenate([flag.rows for flag in flags]).astype(int) if flags else np.zeros(0, int)
    order = np.argsort(row, kind="stable")
    raised, lifted, factor = (
        np.repeat([getattr(flag, name) for flag in flags], size)[order] for name in ("raised", "lifted", "factor")
    )
    return row[order], raised, lifted, factor.astype(float)


def _pairs(rows: pd.DataFrame) -> np.ndarray:
    """A code for each pair of traders; −1 where a party is not known."""
    buyer = np.array([buyer_of(each) for each in rows["attributes"]], dtype=object)
    known = np.flatnonzero(buyer != "")
    out = np.full(len(rows), -1)
    if len(known):
        seller = rows["seller"].to_numpy(object)[known]
        names = ["\n".join(sorted(pair)) for pair in zip(seller.astype(str), buyer[known].astype(str), strict=True)]
        out[known] = pd.factorize(np.array(names, dtype=object))[0]
    return out


def _photos(rows: pd.DataFrame) -> np.ndarray:
    """A code for each photo that few sellers show; −1 elsewhere."""
    out = np.full(len(rows), -1)
    if "look" not in rows:
        return out
    look = rows["look"].to_numpy(object)
    known = np.flatnonzero([isinstance(each, str) and bool(each) for each in look])
    if len(known):
        shown = pd.DataFrame({"look": look[known], "seller": rows["seller"].to_numpy(object)[known]})
        # Point in time: how many had shown it by each row's own day (the rows are sorted by it).
        first = ~shown.duplicated(["look", "seller"])
        by_then = first.groupby(shown["look"]).cumsum().to_numpy()
        code = pd.factorize(shown["look"])[0]
        out[known] = np.where(by_then <= _OWN_PHOTO, code, -1)
    return out

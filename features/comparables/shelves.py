"""Where market rows stand: by title and kind of price, and by a key such as a barcode; in order of time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.comparables.index import TitleIndex

_NEVER = np.iinfo(np.int64).max
_NONE = np.zeros(0, int)


class OneKind:
    """The rows of one kind of price, by title. `first_day` is the day each title had the first (far off: none)."""

    def __init__(self, index: TitleIndex, mine: np.ndarray) -> None:
        """`mine` says of each market row whether it is of this kind."""
        self.mine = mine
        self._order = index.order[mine[index.order]]
        count = np.bincount(index.title_of_row[self._order], minlength=len(index.titles))
        self._start = np.concatenate([[0], np.cumsum(count)])
        self.first_day = np.full(len(index.titles), _NEVER)
        has = count > 0
        self.first_day[has] = index.day[self._order[self._start[:-1][has]]]

    def rows_of(self, title: int) -> np.ndarray:
        """Row numbers of a title, oldest first."""
        rows: np.ndarray = self._order[self._start[title] : self._start[title + 1]]
        return rows


class ByKey:
    """The rows of each value of a text column; rows without one are nowhere."""

    def __init__(self, column: pd.Series) -> None:
        code, values = pd.factorize(column, use_na_sentinel=True)
        self._order = np.argsort(code, kind="stable")
        counts = np.bincount(code + 1, minlength=len(values) + 1)
        self._start = np.concatenate([[0], np.cumsum(counts)])
        self._place = pd.Index(values)

    def rows_of(self, key: str | None) -> np.ndarray:
        """Row numbers, oldest first; none for a key that nothing has."""
        if not key or key not in self._place:
            return _NONE
        place = int(self._place.get_loc(key)) + 1
        rows: np.ndarray = self._order[self._start[place] : self._start[place + 1]]
        return rows

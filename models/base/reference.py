"""The market's rows at the reference, as one vintage sees them; reckoned for those rows only that are asked for.

A vintage knows the listings it learned from out of fold; of all others it must predict. Of a large market a run looks
at few of these.

What is held against a thing's own past sales must be valued by the model as it is, which learned from them: out of
fold they lie where it would have thought without them, and to move a value by that as well counts what they say twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.base.trees import Information, information_of

if TYPE_CHECKING:
    from models.base.compose import Market
    from models.training.vintage import Vintage


Hedonics = Callable[[pd.DataFrame, "Vintage", Sequence[Information]], np.ndarray]


class Reference:
    """`above` is log price less effects, level and hedonic value: a row for each market row and a column for each kind
    of information, for a comparable is held against a question on what is known of both. `learned` is the same with
    the hedonic value of the model that learned from the row, not out of fold."""

    def __init__(self, market: Market, vintage: Vintage | None, until: int) -> None:
        """Rows after day `until` are not looked at; they stand as NaN."""
        self.vintage = vintage
        self.above = Above(market, vintage, until)
        self.learned = Above(market, vintage, until, _as_learned)

    def information(self, questions: pd.DataFrame) -> np.ndarray:
        """The kind of information of each question; all the same where nothing was learned yet."""
        if self.vintage is None:
            return np.zeros(len(questions), int)
        return information_of(questions, self.vintage.hedonic.reader)


class Above:
    """An array of rows by kinds of information that fills in what is asked of it."""

    def __init__(self, market: Market, vintage: Vintage | None, until: int, hedonic: Hedonics | None = None) -> None:
        self.market, self.vintage, self.hedonic = market, vintage, hedonic or own_hedonic
        high = int(np.searchsorted(market.rows["day"].to_numpy(), until, side="right"))
        self.values = np.full((len(market.rows), len(Information)), np.nan)
        self.known = np.zeros(self.values.shape, bool)
        self.known[high:] = True

    def __getitem__(self, asked: tuple[np.ndarray | slice, np.ndarray | int]) -> np.ndarray:
        """As of an array: rows, then kinds of information."""
        chosen = np.arange(len(self.known))[asked[0]] if isinstance(asked[0], slice) else asked[0]
        rows, kinds = np.broadcast_arrays(chosen, asked[1])
        unknown = ~self.known[rows, kinds]
        # Rows that lack the same kinds together: four times as many answers as are asked for cost four times as much.
        places, row = np.unique(rows[unknown], return_inverse=True)
        missing = np.zeros((len(places), len(Information)), bool)
        missing[row, kinds[unknown]] = True
        lacks = missing @ (1 << np.arange(len(Information)))
        for each in np.unique(lacks).tolist():
            alike = places[lacks == each]
            lacking = [kind for kind in Information if each >> kind & 1]
            self.values[np.ix_(alike, np.array(lacking))] = self._reckoned(alike, lacking)
        self.known[rows, kinds] = True
        out: np.ndarray = self.values[rows, kinds]
        return out

    def _reckoned(self, places: np.ndarray, kinds: Sequence[Information]) -> np.ndarray:
        market, rows = self.market, self.market.rows.iloc[places]
        price = rows["ln_price"].to_numpy(float)[:, np.newaxis]
        if self.vintage is None:
            return np.repeat(price, len(kinds), axis=1)
        told = (each[places] for each in (market.level, market.season, market.region))
        effects = self.vintage.effects.taken_out(rows, *told)
        out: np.ndarray = price - effects[:, np.newaxis] - self.hedonic(rows, self.vintage, kinds)
        return out


def own_hedonic(rows: pd.DataFrame, vintage: Vintage, kinds: Sequence[Information] = tuple(Information)) -> np.ndarray:
    """Hedonic values of market rows, a column for each of the kinds of information: out of fold for listings the
    vintage learned from, else predicted."""
    place = vintage.guessed.index.get_indexer(pd.Index(rows["listing"]))
    out: np.ndarray = vintage.guessed.to_numpy(float)[np.ix_(place, kinds)]
    unknown = place < 0
    if unknown.any():
        out[unknown] = vintage.hedonic.predict_each(rows[unknown], kinds)
    return out


def _as_learned(rows: pd.DataFrame, vintage: Vintage, kinds: Sequence[Information]) -> np.ndarray:
    """Hedonic values of market rows by the whole model, whether it learned from them or not."""
    return vintage.hedonic.predict_each(rows, kinds)

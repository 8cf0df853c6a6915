"""The composition: base value and raw effects of things in question, from a vintage and what was known on a day.

This is the one place where comparables, hedonic value, effects and level meet; replay, valuation and evaluation all
come through here. Everything is natural logs in the anchor currency.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.integrity.trust import Trust
from features.integrity.voices import capped
from models.base.gather import Standing, gather
from models.base.kernel import Kernel, starting
from models.base.kriging import Kriged
from models.base.local import Places
from models.base.pairs import Near, Pairs, kriged
from models.base.robust import robust_mean
from models.base.trees import Information, information_of
from models.knobs import ComparableKnobs
from models.training.vintage import Vintage

_FAIR = 0.25  # of the weight from which a mean starts no seller has more
_KEEP = 80  # comparables that enter a mean; the rest weigh too little to matter


@dataclass(frozen=True)
class Market:
    """A market table sorted by day, its titles' index, and the raw level of each row's area in its period.

    `season` is the seasonal effect that was taken out before that level was found: 0 as long as no season was known,
    so that the level of that time holds it; NaN where no level was found. Only both together are what the time did.
    """

    rows: pd.DataFrame
    index: TitleIndex
    level: np.ndarray
    season: np.ndarray
    trust: Trust | None = None

    @cached_property
    def places(self) -> Places:
        """The rows' coordinates in telling attributes."""
        return Places(self.rows)


@dataclass(frozen=True)
class Compared:
    """The comparables of one question: market rows, similarity, weight and ρ's parts, best first.

    `above` is each comparable's log price at the reference minus its own hedonic value; `mean` their robust mean and
    `evidence` how many wholly alike comparables of today they are worth. `settled`: there were enough of the very same
    thing for `mean` to hold as it is, drawn to the hedonic value no further.
    """

    row: np.ndarray
    similarity: np.ndarray
    weight: np.ndarray
    above: np.ndarray
    mean: float
    evidence: float
    settled: bool = False

    @property
    def best(self) -> float:
        return float(self.similarity.max()) if len(self.similarity) else 0.0


NOTHING = Compared(np.zeros(0, int), np.zeros(0), np.zeros(0), np.zeros(0), 0.0, 0.0)


class Reference:
    """The market's rows at the reference, as one vintage sees them.

    `hedonic` and `above` (log price less effects, level and hedonic value) have a row for each market row and a column
    for each kind of information: a comparable is held against a question on what is known of both.
    """

    def __init__(self, market: Market, vintage: Vintage | None, until: int) -> None:
        """Rows after day `until` are not looked at; they stand as NaN."""
        rows = market.rows
        high = int(np.searchsorted(rows["day"].to_numpy(), until, side="right"))
        self.vintage = vintage
        self.hedonic = np.full((len(rows), len(Information)), np.nan)
        self.above = np.full((len(rows), len(Information)), np.nan)
        known = rows.iloc[:high]
        price = known["ln_price"].to_numpy(float)[:, np.newaxis]
        if vintage is None:
            self.hedonic[:high], self.above[:high] = 0.0, price
            return
        self.hedonic[:high] = own_hedonic(known, vintage)
        effects = vintage.effects.taken_out(known, market.level[:high], market.season[:high])
        self.above[:high] = price - effects[:, np.newaxis] - self.hedonic[:high]

    def information(self, questions: pd.DataFrame) -> np.ndarray:
        """The kind of information of each question; all the same where nothing was learned yet."""
        if self.vintage is None:
            return np.zeros(len(questions), int)
        return information_of(questions, self.vintage.hedonic.reader)


def own_hedonic(rows: pd.DataFrame, vintage: Vintage) -> np.ndarray:
    """Hedonic values of market rows, a column for each kind of information: out of fold for listings the vintage
    learned from, else predicted."""
    place = vintage.guessed.index.get_indexer(pd.Index(rows["listing"]))
    out: np.ndarray = vintage.guessed.to_numpy(float)[place]
    unknown = place < 0
    if unknown.any():
        out[unknown] = vintage.hedonic.predict_each(rows[unknown])
    return out


def compare(
    questions: pd.DataFrame,
    days: np.ndarray,
    market: Market,
    reference: Reference,
    knobs: ComparableKnobs,
    standing: Standing,
) -> list[Compared]:
    """Comparables for each question as known at the end of its day; its own listing (column `listing`) is left out.

    `standing` says where the market stood, as known on a day.
    """
    kernel = kernel_of(reference.vintage, knobs)
    pairs = gather(questions, days, market, reference, knobs, standing, kernel.telling)
    return weigh(pairs, market, kernel, knobs)


def kernel_of(vintage: Vintage | None, knobs: ComparableKnobs) -> Kernel:
    """What a vintage learned of the weights of comparables; before the first one what the knobs say."""
    if vintage is not None and vintage.kernel is not None:
        return vintage.kernel
    return starting(knobs.sharpness, knobs.half_life, knobs.sold_weight)


def weigh(pairs: Pairs, market: Market, kernel: Kernel, knobs: ComparableKnobs) -> list[Compared]:
    """Comparables weighted by the kernel and put together; where there are enough of the very same thing, kriged."""
    found: list[Compared] = [NOTHING] * len(pairs.category)
    weight = knobs.sold_weight * kernel.weights(pairs.x, pairs.category[pairs.question]) * pairs.share
    if market.trust is not None:
        weight = market.trust.shared(weight, pairs.question, pairs.row)
    edges = np.flatnonzero(np.diff(pairs.question, prepend=-1, append=-1))
    for first, behind in itertools.pairwise(edges):
        one = slice(int(first), int(behind))
        found[int(pairs.question[first])] = _summarise(
            pairs.row[one], pairs.similarity[one], weight[one], pairs.above[one], market.index.seller
        )
    if pairs.near is not None:
        wider = np.array([found[question].mean for question in pairs.near.question.tolist()])
        solved = kriged(pairs.near, kernel, pairs.category, wider)
        for place, question in enumerate(pairs.near.question.tolist()):
            found[question] = _joined(found[question], pairs.near, solved, place)
    return found


def _joined(wider: Compared, near: Near, solved: Kriged, place: int) -> Compared:
    """Kriged comparables and the wider ones together: `mean` is the wider mean and what the nearest add to it.

    A comparable weighs as much as it moves the value; one that only says what another is worth beside it (a negative
    coefficient) weighs nothing.
    """
    there = near.pairs.there[place]
    coefficient = solved.coefficient[place][there]
    left = 1.0 - float(coefficient.sum())
    row = np.concatenate([near.row[place][there], wider.row])
    similarity = np.concatenate([near.similarity[place][there], wider.similarity])
    above = np.concatenate([wider.mean + solved.above[place][there], wider.above])
    rest = wider.weight / wider.weight.sum() if len(wider.row) else wider.weight
    share = np.concatenate([coefficient, max(left, 0.0) * rest])
    row, back = np.unique(row, return_inverse=True)
    place_of = np.full(len(row), len(back))
    np.minimum.at(place_of, back, np.arange(len(back)))
    weight = np.maximum(np.bincount(back, share, len(row)), 0.0)
    evidence = float(solved.evidence[place])
    weight = weight * (evidence / weight.sum() if weight.sum() > 0 else 0.0)
    best = np.lexsort((row, -weight))
    best = best[weight[best] > 0][:_KEEP]
    if len(best) == 0:
        return wider
    mean = wider.mean + float(solved.mean[place])
    first = place_of[best]
    return Compared(row[best], similarity[first], weight[best], above[first], mean, evidence, settled=True)


def _summarise(
    row: np.ndarray, similarity: np.ndarray, weight: np.ndarray, above: np.ndarray, seller: np.ndarray
) -> Compared:
    order = np.lexsort((row, -weight))
    order = order[weight[order] > 0][:_KEEP]
    if len(order) == 0:
        return NOTHING
    row, similarity, weight, above = row[order], similarity[order], weight[order], above[order]
    mean, robust = robust_mean(above, weight, start=capped(weight, seller[row], _FAIR))
    best = np.lexsort((row, -robust))
    return Compared(row[best], similarity[best], robust[best], above[best], mean, float(robust.sum()))

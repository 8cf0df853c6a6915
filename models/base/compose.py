"""The composition: base value and raw effects of things in question, from a vintage and what was known on a day.

This is the one place where comparables, hedonic value, effects and level meet; replay, valuation and evaluation all
come through here. Everything is natural logs in the anchor currency.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.integrity.outlying import FAR, far_off
from features.integrity.trust import Trust
from features.integrity.voices import capped
from models.base.gather import Standing, gather
from models.base.kernel import Kernel, starting
from models.base.kriging import Kriged
from models.base.local import Places
from models.base.pairs import Near, Pairs, kriged
from models.base.reference import Reference
from models.base.robust import robust_mean
from models.knobs import ComparableKnobs
from models.training.vintage import Vintage

_FAIR = 0.25  # of the weight no seller has more; an equal share where there are fewer than four
_BEGAN = 60  # days after a category's first row in which what is first seen need not be new
_KEEP = 80  # comparables that enter a mean; the rest weigh too little to matter


@dataclass(frozen=True)
class Market:
    """A market table sorted by day, its titles' index, and the raw level of each row's area in its period.

    `season` is the seasonal effect that was taken out before that level was found: 0 as long as no season was known,
    so that the level of that time holds it; NaN where no level was found. `region` likewise is the effect of the row's
    region. Only all three together are what the time did.
    """

    rows: pd.DataFrame
    index: TitleIndex
    level: np.ndarray
    season: np.ndarray
    region: np.ndarray
    trust: Trust | None = None

    @cached_property
    def born(self) -> np.ndarray:
        """The day on which each row's title was first seen; −∞ where it may have been there before anything was."""
        day = self.rows["day"].to_numpy(float)
        first = self.rows["day"].groupby(self.index.title_of_row).transform("min").to_numpy(float)
        began = self.rows["day"].groupby(self.rows["category"]).transform("min").to_numpy(float) if len(day) else day
        return np.where(first < began + _BEGAN, -np.inf, first)

    @cached_property
    def copied(self) -> np.ndarray:
        """Rows that a later row says again: the same seller's, of one day, title, price and attributes."""
        said = pd.DataFrame(
            {
                "seller": self.index.seller,
                "title": self.index.title_of_row,
                "day": self.rows["day"].to_numpy(),
                "price": self.rows["ln_price"].to_numpy(float),
                "attributes": [str(sorted(each.items())) for each in self.rows["attributes"]],
            }
        )
        out: np.ndarray = said.duplicated(keep="last").to_numpy()
        return out

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        return {}

    def column(self, name: str) -> np.ndarray:
        """A column of the rows as objects. Of a large market that takes longer than all that is asked of it."""
        if name not in self._columns:
            self._columns[name] = self.rows[name].to_numpy(object)
        return self._columns[name]

    @cached_property
    def first_of_product(self) -> dict[str, int]:
        """The row with which each product was first seen."""
        product = self.column("product")
        first = np.flatnonzero(~pd.Series(product).duplicated().to_numpy())
        return dict(zip(product[first].tolist(), first.tolist(), strict=True))

    @cached_property
    def regions(self) -> frozenset[str]:
        """The regions of which there is any price."""
        return frozenset(str(each) for each in self.rows["region"].unique() if each)

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
    return with_nearest(widely(pairs, market, kernel, knobs), pairs, market, kernel, knobs)


def widely(pairs: Pairs, market: Market, kernel: Kernel, knobs: ComparableKnobs) -> list[Compared]:
    """`weigh` without the kriging: what all comparables say together."""
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
    return found


def with_nearest(
    wider: list[Compared], pairs: Pairs, market: Market, kernel: Kernel, knobs: ComparableKnobs
) -> list[Compared]:
    """What all comparables say (`widely`), and beside it what kriging the nearest adds where there are enough."""
    found = list(wider)
    near = pairs.near if pairs.near is None else _without_far(pairs.near, market, kernel, knobs)
    if near is not None:
        solved = kriged(near, kernel, pairs.category, np.array([wider[each].mean for each in near.question.tolist()]))
        for place, question in enumerate(near.question.tolist()):
            found[question] = _joined(found[question], near, solved, place)
    return found


def _without_far(near: Near, market: Market, kernel: Kernel, knobs: ComparableKnobs) -> Near | None:
    """The nearest without the prices of those who are far from all others, who also are no voices of whom there must be
    enough; None where no question has enough."""
    follows = kernel.covariance_of("").follows
    above = near.pairs.above + near.pairs.drift * follows / (near.pairs.age + follows)
    there, enough = near.pairs.there.copy(), np.ones(len(near.question), bool)
    high, low = np.where(there, above, -np.inf).max(axis=1), np.where(there, above, np.inf).min(axis=1)
    for place in np.flatnonzero(high - low > FAR).tolist():
        own = np.flatnonzero(there[place])
        row = near.row[place][own]
        far = far_off(above[place][own], near.share[place][own], market.index.seller[row])
        if far.any():
            there[place, own[far]] = False
            day = int(market.index.day[row[0]] + near.pairs.age[place, own[0]])
            row = row[~far]
            voices = len(row) if market.trust is None else market.trust.number(row, day)
            enough[place] = voices >= knobs.near_least
    near = replace(near, pairs=replace(near.pairs, there=there))
    return near.part(np.flatnonzero(enough), there.shape[1]) if enough.any() else None


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
    """Comparables and their robust mean: whoever is far from all others is left out before any scale is formed, and of
    what is left no seller has more than a quarter of the weight."""
    order = np.lexsort((row, -weight))
    order = order[weight[order] > 0][:_KEEP]
    if len(order) == 0:
        return NOTHING
    voice = seller[row[order]]
    order = order[~far_off(above[order], capped(weight[order], voice, _FAIR), voice)]
    row, similarity, weight, above = row[order], similarity[order], weight[order], above[order]
    _, robust = robust_mean(above, weight, start=capped(weight, seller[row], _FAIR))
    robust = capped(robust, seller[row], _FAIR)
    mean = float((robust * above).sum() / robust.sum())
    best = np.lexsort((row, -robust))
    return Compared(row[best], similarity[best], robust[best], above[best], mean, float(robust.sum()))

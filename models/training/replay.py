"""Replay: cases of the past valued by an older vintage, with what was known the day before each.

What they missed by sizes the interval, and they teach how the nearest comparables are weighed: from cases that the
hedonic model itself was taught with one would learn to be too sure of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.level import segment_unit
from features.market import last_of_each_listing
from models.base.compose import Market, kernel_of, widely, with_nearest
from models.base.gather import gather
from models.base.pairs import Pairs
from models.base.reference import Reference, own_hedonic
from models.base.teach import Lesson
from models.base.worth import Base, base_values
from models.interval import SCORE_COLUMNS, judged, score_table, shape_of
from models.knobs import Knobs
from models.level.products import lag, products_on
from models.level.state import Levels
from models.life.linear import linear_value
from models.training.vintage import Vintage

# A covariance is learned from the newest few of these. They are a sample of the whole window: the newest of all cases
# of a large market are those of a day or two.
_LISTENED = 1500


@dataclass(frozen=True)
class Replayed:
    """The scores of replayed cases (`models.interval`), and what the cases teach."""

    scores: pd.DataFrame
    lesson: Lesson | None = None


NOTHING = Replayed(pd.DataFrame(columns=list(SCORE_COLUMNS)))


def replay(market: Market, levels: Levels, vintage: Vintage, first: int, last: int, knobs: Knobs) -> Replayed:
    """A sample of the listings seen from day `first` to day `last`, valued as of the day before each.

    Only of goods that the vintage knows: elsewhere its intervals are not taken from scores either.
    """
    low, high = np.searchsorted(market.rows["day"].to_numpy(), [first, last + 1])
    window = market.rows.iloc[low:high].assign(level=market.level[low:high])
    cases = sample(last_of_each_listing(window).reset_index(drop=True), knobs.interval.replayed)
    # What the vintage could not have answered for is no case of its answers.
    cases = cases[vintage.knows(cases)].reset_index(drop=True) if len(cases) else cases
    if len(cases) == 0:
        return NOTHING
    pairs, days, reference = pairs_of(cases, market, vintage, levels, knobs)
    kernel, own = kernel_of(vintage, knobs.comparables), own_of(cases, reference)
    wider = widely(pairs, market, kernel, knobs.comparables)
    base = base_values(cases, with_nearest(wider, pairs, market, kernel, knobs.comparables), vintage, own)
    scores = score(cases, days, base, reference, market, levels, knobs)
    missed = judged(vintage.scores, scores, vintage.cutoff, knobs.interval)
    # The same case with the linear baseline in the place of the base value.
    linear = scores["score"].to_numpy() + base.value - linear_value(cases, vintage)
    level = levels.of_questions(cases, days)[0]
    above = cases["ln_price"].to_numpy(float) - vintage.effects.adjustment(cases) - level - own
    return Replayed(scores.assign(missed=missed, linear=linear), Lesson(pairs, above, wider, chosen(cases, _LISTENED)))


def pairs_of(
    cases: pd.DataFrame, market: Market, vintage: Vintage, levels: Levels, knobs: Knobs
) -> tuple[Pairs, np.ndarray, Reference]:
    """The cases beside their comparables, as known the day before each; those days, and the market as it was seen.

    What is known from the first day alone, as all of a file without dates is, is known on that day (but for the case).
    """
    days = np.maximum(cases["day"].to_numpy() - 1, int(market.rows["day"].iat[0]))
    reference = Reference(market, vintage, int(days.max()))
    telling = kernel_of(vintage, knobs.comparables).telling
    return gather(cases, days, market, reference, knobs.comparables, levels, telling), days, reference


def own_of(cases: pd.DataFrame, reference: Reference) -> np.ndarray:
    """Hedonic values of the cases, out of fold where they were learned from, by what is known of each."""
    vintage = reference.vintage
    assert vintage is not None
    out: np.ndarray = own_hedonic(cases, vintage)[np.arange(len(cases)), reference.information(cases)]
    return out


def score(
    cases: pd.DataFrame,
    days: np.ndarray,
    base: Base,
    reference: Reference,
    market: Market,
    levels: Levels,
    knobs: Knobs,
) -> pd.DataFrame:
    """ln(price) − ln(published value of the day before), in the kind of price the case is; reckoned as a valuation."""
    vintage = reference.vintage
    assert vintage is not None
    asked = list(zip(cases["product"].astype(str), cases["category"].astype(str), days.tolist(), strict=True))
    distinct = list(dict.fromkeys(asked))
    known = dict(zip(distinct, products_on(market, levels, reference, distinct, knobs), strict=True))
    lags = np.zeros(len(cases))
    for place, (category, region) in enumerate(zip(cases["category"], cases["region"], strict=True)):
        at, product = levels.at(int(days[place])), known[asked[place]]
        lags[place] = lag(at, segment_unit(category, region), product, base.compared[place].settled)
    level = levels.of_questions(cases, days)[0]
    value = base.value + vintage.effects.adjustment(cases) + level + lags
    return score_table(
        cases["day"].to_numpy(),
        cases["category"].to_numpy(object),
        value,
        base.evidence,
        np.abs(lags) > 1e-9,
        cases["ln_price"].to_numpy(float) - value,
        [shape_of(each, -float(late)) for each, late in zip(base.compared, lags, strict=True)],
    )


def sample(cases: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most `most` cases, chosen by the hash of their listing: the same ones whatever else there is."""
    return cases[chosen(cases, most)].reset_index(drop=True) if len(cases) > most else cases


def chosen(cases: pd.DataFrame, most: int) -> np.ndarray:
    """The same as a mask."""
    if len(cases) <= most:
        return np.ones(len(cases), bool)
    rank = pd.util.hash_array(("case " + cases["listing"].astype(str)).to_numpy(object).astype(str))
    out = np.zeros(len(cases), bool)
    out[np.argsort(rank, kind="stable")[:most]] = True
    return out

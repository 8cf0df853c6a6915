"""The composition: base value and raw effects of things in question, from a vintage and what was known on a day.

This is the one place where comparables, hedonic value, effects and level meet; replay, valuation and evaluation all
come through here. Everything is natural logs in the anchor currency.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.comparables import Found, TitleIndex, collapse
from features.condition import UNSTATED
from features.taxonomy import OTHER
from models.base.trees import Information, information_of
from models.knobs import ComparableKnobs
from models.training.vintage import Vintage

# Day → (first row, row behind the last, their levels): the rows of the period that the day lies in.
LevelOn = Callable[[int], tuple[int, int, np.ndarray]]

_KEEP = 80  # comparables that enter a mean; the rest weigh too little to matter
_OWNERS = 4  # one seller's wordings take at most this part of the titles looked at


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


@dataclass(frozen=True)
class Compared:
    """The comparables of one question: market rows, similarity, weight and ρ's parts, best first.

    `above` is each comparable's log price at the reference minus its own hedonic value; `mean` their robust mean and
    `evidence` how many wholly alike comparables of today they are worth.
    """

    row: np.ndarray
    similarity: np.ndarray
    weight: np.ndarray
    above: np.ndarray
    mean: float
    evidence: float

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
    level_on: LevelOn,
) -> list[Compared]:
    """Comparables for each question as known at the end of its day; its own listing (column `listing`) is left out.

    `level_on` gives the levels, as known that day, of the rows whose period was not over on it.
    """
    vintage, index, rows = reference.vintage, market.index, market.rows
    found: list[Compared] = [NOTHING] * len(questions)
    parts: list[tuple[int, np.ndarray, np.ndarray]] = []
    for chosen, idf in _by_weights(days, vintage, index):
        texts = [str(text) for text in questions["title"].to_numpy(object)[chosen]]
        best = index.similar_titles(
            texts, days[chosen], idf, top=knobs.titles, least=knobs.min_similarity, per_owner=knobs.titles // _OWNERS
        )
        for question, (titles, alike) in zip(chosen, best, strict=True):
            if len(titles) == 0:
                continue
            members = [index.rows_of(int(title), int(days[question]), knobs.per_title) for title in titles]
            parts.append((int(question), np.concatenate(members), np.repeat(alike, [len(m) for m in members])))
    if not parts:
        return found
    flat = Found(
        np.repeat([question for question, _, _ in parts], [len(row) for _, row, _ in parts]),
        np.concatenate([row for _, row, _ in parts]),
        np.concatenate([alike for _, _, alike in parts]),
    )
    flat = collapse(rows, flat, rows["listing"].to_numpy(object), rows["seller"].to_numpy(object))
    weight = _weights(questions, days, flat, rows, knobs)
    above = reference.above[flat.row, reference.information(questions)[flat.question]]
    if vintage is not None:
        for day in np.unique(days[flat.question]):
            low, high, levels = level_on(int(day))
            late = (days[flat.question] == day) & (flat.row >= low) & (flat.row < high)
            above[late] += market.level[flat.row[late]] - levels[flat.row[late] - low]
    edges = np.flatnonzero(np.diff(flat.question, prepend=-1, append=-1))
    for first, behind in itertools.pairwise(edges):
        one = slice(int(first), int(behind))
        found[int(flat.question[first])] = _summarise(flat.row[one], flat.similarity[one], weight[one], above[one])
    return found


def _by_weights(
    days: np.ndarray, vintage: Vintage | None, index: TitleIndex
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Questions that share their word weights: all of a vintage's, or those of one day before the first vintage."""
    if vintage is not None:
        yield np.arange(len(days)), vintage.idf
        return
    for day in np.unique(days):
        yield np.flatnonzero(days == day), index.idf(int(day))


def _weights(
    questions: pd.DataFrame, days: np.ndarray, flat: Found, rows: pd.DataFrame, knobs: ComparableKnobs
) -> np.ndarray:
    """similarity^sharpness × recency × kind, less for another category or condition, shared within a seller."""
    take = {name: rows[name].to_numpy(object)[flat.row] for name in ("category", "grade", "kind", "listing", "seller")}
    asked = {name: questions[name].to_numpy(object)[flat.question] for name in ("category", "grade")}
    weight = flat.similarity**knobs.sharpness
    weight = weight * 0.5 ** ((days[flat.question] - rows["day"].to_numpy()[flat.row]) / knobs.half_life)
    weight = weight * np.where(take["kind"] == "asking", 1.0, knobs.sold_weight)
    strange = (take["category"] != asked["category"]) & (asked["category"] != OTHER) & (take["category"] != OTHER)
    weight = weight * np.where(strange, 0.1, 1.0)
    otherwise = (take["grade"] != asked["grade"]) & (asked["grade"] != UNSTATED)
    weight = weight * np.where(otherwise, 0.8, 1.0)
    if "listing" in questions:
        weight = np.where(take["listing"] == questions["listing"].to_numpy(object)[flat.question], 0.0, weight)
    pairs = pd.DataFrame({"question": flat.question, "seller": take["seller"]})
    shared: np.ndarray = weight / pairs.groupby(["question", "seller"])["seller"].transform("size").to_numpy()
    return shared


def _summarise(row: np.ndarray, similarity: np.ndarray, weight: np.ndarray, above: np.ndarray) -> Compared:
    order = np.lexsort((row, -weight))
    order = order[weight[order] > 0][:_KEEP]
    if len(order) == 0:
        return NOTHING
    row, similarity, weight, above = row[order], similarity[order], weight[order], above[order]
    mean, robust = robust_mean(above, weight)
    best = np.lexsort((row, -robust))
    return Compared(row[best], similarity[best], robust[best], above[best], mean, float(robust.sum()))


def robust_mean(values: np.ndarray, weight: np.ndarray, rounds: int = 4) -> tuple[float, np.ndarray]:
    """Huber's M-estimate of location (Huber 1964, k = 1.5), started at the weighted median; and the weights it used."""
    middle = weighted_median(values, weight)
    used = weight
    for _ in range(rounds):
        distance = np.abs(values - middle)
        scale = max(1.4826 * weighted_median(distance, weight), 0.03)
        used = weight * np.minimum(1.0, 1.5 * scale / np.maximum(distance, 1e-12))
        middle = float((used * values).sum() / used.sum())
    return middle, used


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """The value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    # A hair less than half: where two values share the weight evenly it is the lower one, however the sums round.
    return float(values[order][np.searchsorted(total, total[-1] / 2 * (1 - 1e-9))])

"""Gathering: which rows of the market a question is compared with, and all that is known of each pair by its day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from features.comparables import Found, TitleIndex, collapse
from models.base.kriging import Nearest
from models.base.local import Telling, distances
from models.base.pairs import Near, Pairs, coordinates, nearest_of, pair_features
from models.knobs import ComparableKnobs

if TYPE_CHECKING:
    from models.base.compose import Market
    from models.base.reference import Reference
    from models.training.vintage import Vintage

_OWNERS = 4  # one seller's wordings take at most this part of the titles looked at
_SAME = 0.9999  # similarity from which two titles have the same words


class Standing(Protocol):
    """Where the market stood on a day, as known on it (`models.level.state.Levels`)."""

    @property
    def shock(self) -> np.ndarray:
        """What the drivers made of each market row's price when it was seen, a part of its level."""

    def open_rows(self, day: int) -> tuple[int, int, np.ndarray]:
        """First row, row behind the last, and their levels: the rows of the period that a day lies in."""

    def of_questions(self, questions: pd.DataFrame, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The raw level of each question's area on its day, and what of it the drivers make."""


def gather(
    questions: pd.DataFrame,
    days: np.ndarray,
    market: Market,
    reference: Reference,
    knobs: ComparableKnobs,
    standing: Standing,
    telling: tuple[Telling, ...],
) -> Pairs:
    """All pairs of questions and comparables, each known by its question's day, with what the weights are made from."""
    vintage, index = reference.vintage, market.index
    parts: list[tuple[int, np.ndarray, np.ndarray]] = []
    same: dict[int, np.ndarray] = {}
    for chosen, idf in _by_weights(days, vintage, index):
        texts = [str(text) for text in questions["title"].to_numpy(object)[chosen]]
        best = index.similar_titles(
            texts, days[chosen], idf, top=knobs.titles, least=knobs.min_similarity, per_owner=knobs.titles // _OWNERS
        )
        for question, (titles, alike) in zip(chosen.tolist(), best, strict=True):
            if len(titles) == 0:
                continue
            members = [index.rows_of(int(title), int(days[question]), knobs.per_title) for title in titles]
            parts.append((question, np.concatenate(members), np.repeat(alike, [len(m) for m in members])))
            same[question] = titles[alike > _SAME]
    flat = Found(
        np.repeat([question for question, _, _ in parts], [len(row) for _, row, _ in parts]).astype(int),
        np.concatenate([np.zeros(0, int), *(row for _, row, _ in parts)]),
        np.concatenate([np.zeros(0), *(alike for _, _, alike in parts)]),
    )
    listing = market.column("listing")
    flat = collapse(flat, listing, index.seller, index.title_of_row)
    if "listing" in questions:
        other = listing[flat.row] != questions["listing"].to_numpy(object)[flat.question]
        flat = Found(flat.question[other], flat.row[other], flat.similarity[other])
    above_of = Above(questions, days, market, reference, standing)
    return Pairs(
        questions["category"].to_numpy(object),
        flat.question,
        flat.row,
        flat.similarity,
        pair_features(questions, days, flat, market, telling),
        _shares(market, days, flat),
        above_of(flat.question, flat.row),
        _near(questions, days, market, flat, same, above_of, telling, knobs),
    )


def _by_weights(
    days: np.ndarray, vintage: Vintage | None, index: TitleIndex
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Questions that share their word weights: all of a vintage's, or those of one day before the first vintage."""
    if vintage is not None:
        yield np.arange(len(days)), vintage.idf
        return
    for day in np.unique(days):
        yield np.flatnonzero(days == day), index.idf(int(day))


class Above:
    """How far market rows stand above their hedonic value, on what is known of the question too, by its day."""

    def __init__(
        self, questions: pd.DataFrame, days: np.ndarray, market: Market, reference: Reference, standing: Standing
    ) -> None:
        self.days, self.market, self.reference, self.standing = days, market, reference, standing
        self.information = reference.information(questions)
        level, shock = standing.of_questions(questions, days)
        self.trend = level - shock

    def __call__(self, question: np.ndarray, row: np.ndarray, *, learned: bool = False) -> np.ndarray:
        """Of each pair; `learned`: held against the model that learned from the row, for rows of the very same thing,
        which is valued by that model."""
        of = self.reference.learned if learned else self.reference.above
        out: np.ndarray = of[row, self.information[question]]
        if self.reference.vintage is None:
            return out
        out += self.market.level[row] - self._level(question, row)
        return out

    def drift(self, question: np.ndarray, row: np.ndarray) -> np.ndarray:
        """How far the level of each row's area, then, stood above that of the question's, now; without the drivers.

        Where it is put back, another region's price of today is moved by what regions differ in for good (their
        effects), not by what a week's few sellers made of the regions' levels.
        """
        if self.reference.vintage is None:
            return np.zeros(len(row))
        out: np.ndarray = self._level(question, row) - self.standing.shock[row] - self.trend[question]
        return out

    def _level(self, question: np.ndarray, row: np.ndarray) -> np.ndarray:
        """The level that was taken out of each row: that of its period, of an open one as known on the day."""
        out: np.ndarray = self.market.level[row]
        day = self.days[question]
        for each in np.unique(day):
            low, high, levels = self.standing.open_rows(int(each))
            late = (day == each) & (row >= low) & (row < high)
            out[late] = levels[row[late] - low]
        return out


def _shares(market: Market, days: np.ndarray, flat: Found) -> np.ndarray:
    """The part of a weight that trust leaves each row, and the seller's other offers."""
    if market.trust is not None:
        return market.trust.weights(flat.row, days[flat.question])
    pairs = pd.DataFrame({"question": flat.question, "seller": market.index.seller[flat.row]})
    out: np.ndarray = 1.0 / pairs.groupby(["question", "seller"])["seller"].transform("size").to_numpy(float)
    return out


def _near(
    questions: pd.DataFrame,
    days: np.ndarray,
    market: Market,
    flat: Found,
    same: dict[int, np.ndarray],
    above_of: Above,
    telling: tuple[Telling, ...],
    knobs: ComparableKnobs,
) -> Near | None:
    """The nearest comparables of the questions that have enough: rows of the same words, or of the same product."""
    index, places, most = market.index, market.places, knobs.near
    product, listing = market.column("product"), market.column("listing")
    own = coordinates(questions, telling)
    asked = questions["product"].to_numpy(object)
    named = questions["listing"].to_numpy(object) if "listing" in questions else None
    first = np.searchsorted(flat.question, np.arange(len(questions) + 1))
    kept: list[tuple[int, np.ndarray]] = []
    for question, titles in same.items():
        part = flat.row[first[question] : first[question + 1]]
        alike = [index.newest_of(int(title), int(days[question]), knobs.near_looked_at) for title in titles]
        row = np.unique(np.concatenate([part[product[part] == asked[question]], *alike]))
        row = row if named is None else row[listing[row] != named[question]]
        row = row[~market.copied[row]]
        if len(row) < knobs.near_least:
            continue
        age = np.maximum(days[question] - index.day[row], 0).astype(float)
        worded_so = np.isin(row, np.concatenate([np.zeros(0, int), *alike]))
        stands = places.of(row, telling)
        chosen = nearest_of(own[question], places.listing[row], stands, age, telling, most, worded_so)
        # Voices, not prices: one seller's many are no ground.
        voices = len(chosen) if market.trust is None else market.trust.number(row[chosen], int(days[question]))
        if voices >= knobs.near_least:
            kept.append((question, row[chosen]))
    if not kept:
        return None
    asker = np.array([question for question, _ in kept])
    rows, title, asked_title = np.full((len(kept), most), -1), np.full((len(kept), most), -1), np.full(len(kept), -2)
    for place, (question, row) in enumerate(kept):
        rows[place, : len(row)] = row
        title[place, : len(row)] = index.title_of_row[row]
        # Wordings of the same words are one title.
        if len(same[question]):
            asked_title[place] = same[question][0]
            title[place, np.isin(title[place], same[question])] = same[question][0]
    return _padded(questions, days, market, flat, asker, rows, (title, asked_title), above_of, telling, own)


def _padded(
    questions: pd.DataFrame,
    days: np.ndarray,
    market: Market,
    flat: Found,
    asker: np.ndarray,
    rows: np.ndarray,
    titles: tuple[np.ndarray, np.ndarray],
    above_of: Above,
    telling: tuple[Telling, ...],
    own: np.ndarray,
) -> Near:
    index, there, row = market.index, rows >= 0, np.maximum(rows, 0)
    question = np.repeat(asker[:, np.newaxis], rows.shape[1], axis=1)
    title, asked = titles
    place = market.places.of(row.ravel(), telling).reshape(*rows.shape, len(telling))
    share = np.ones(rows.shape)
    if market.trust is not None:
        flat_question, flat_row = question[there], row[there]
        trusted = market.trust.weights(flat_row, days[flat_question])
        share[there] = market.trust.shared(trusted, flat_question, flat_row)
    above, drift = np.zeros(rows.shape), np.zeros(rows.shape)
    above[there] = above_of(question[there], row[there], learned=True)
    drift[there] = above_of.drift(question[there], row[there])
    grade = market.column("grade")[row] != questions["grade"].to_numpy(object)[question]
    pairs = Nearest(
        there,
        np.maximum(days[question] - index.day[row], 0).astype(float),
        title,
        asked,
        distances(own[question], place, telling),
        place,
        np.array([each.words for each in telling], bool),
        market.column("kind")[row] == "asking",
        grade,
        share,
        above,
        drift,
        *_newness(days, market, asker, row, there & (title == asked[:, np.newaxis])),
        index.seller[row],
    )
    known = pd.Series(flat.similarity, index=pd.MultiIndex.from_arrays([flat.question, flat.row]))
    similarity = known.reindex(pd.MultiIndex.from_arrays([question.ravel(), rows.ravel()])).to_numpy(float)
    similarity = np.where(title == asked[:, np.newaxis], 1.0, np.nan_to_num(similarity.reshape(rows.shape), nan=1.0))
    return Near(asker, rows, similarity, share, pairs)


def _newness(
    days: np.ndarray, market: Market, asker: np.ndarray, row: np.ndarray, asked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many days before each comparable of the asked title that title was first seen, and before the question; of
    other titles (∞) nothing falls."""
    born = np.where(asked, market.born[row], -np.inf)
    oldest = np.where(asked, born, np.inf).min(axis=1)
    since = market.index.day[row] - born
    return since, np.where(asked.any(axis=1), days[asker] - oldest, np.inf)

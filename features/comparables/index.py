"""The titles of a market table, indexed once as hashed words, and the rows that carry them.

Word weights come with each question, so that an answer as of an earlier day uses the weights known then. Rows of a
title are kept in time order: what was known on a day is found by bisection.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.comparables.search import COSINE, Shelf, Terms, earlier_of_owner, exact, most_similar
from features.text import word_matrix

_SHORT, _LONG = 4, 12  # words and word pairs of a question that is all keyword, and of one that is a whole title
_SHORT_POWER = 0.15
OF_A_SELLER = 8  # newest rows of one title that are looked at


@dataclass(frozen=True)
class Weighed:
    """Under some word weights: the idf² mass of each word, and of each title."""

    mass: np.ndarray
    size: np.ndarray


class TitleIndex:
    """The titles of a market table (sorted by day) and the rows that carry them.

    A title belongs to the seller who used it first: that never changes later.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        # As objects: an array of fixed width would take the longest title's room for every one.
        place, titles = pd.factorize(rows["title"].to_numpy(object), sort=True)
        self.titles = titles
        self.words = word_matrix(list(titles))
        self.by_word = self.words.T.tocsr()
        # Row numbers grouped by title and in time order within it, because the table is sorted by day.
        self.order = np.argsort(place, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(titles)))])
        self.day = rows["day"].to_numpy()
        self.seller = pd.factorize(rows["seller"])[0]
        self.title_of_row = place
        first_row = self.order[self.start[:-1]] if len(titles) else np.zeros(0, int)
        self.first_day = self.day[first_row] if len(titles) else np.zeros(0, int)
        self.owner = self.seller[first_row] if len(titles) else np.zeros(0, int)
        # By id, with the weights themselves held beside: the id of an array that is gone may come back as another's.
        self._weighed: dict[int, tuple[np.ndarray, Weighed]] = {}

    def idf(self, day: int) -> np.ndarray:
        """Word weights from the titles first seen by a day: for times before anything was trained."""
        known = self.words[self.first_day <= day]
        frequency = np.bincount(known.indices, minlength=self.words.shape[1])
        out: np.ndarray = (np.log((1 + known.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
        return out

    def weighed(self, idf: np.ndarray) -> Weighed:
        """The titles under these weights, kept per weights in use."""
        key = id(idf)
        if key not in self._weighed:
            mass = (idf**2).astype(np.float64)
            weighed = Weighed(mass, np.asarray(self.words @ mass).ravel())
            self._weighed = {**dict(list(self._weighed.items())[-8:]), key: (idf, weighed)}
        return self._weighed[key][1]

    def terms(self, texts: list[str], idf: np.ndarray, *, by_length: bool = False) -> list[Terms]:
        """Texts as questions.

        `by_length`: a text of a few words is a search for titles that have them, however long; without it every text
        is taken for a whole title.
        """
        words, mass = word_matrix(texts), self.weighed(idf).mass
        columns = [words.indices[low:high] for low, high in itertools.pairwise(words.indptr)]
        return [Terms(column, mass[column], power_of(len(column)) if by_length else COSINE) for column in columns]

    def similar_titles(
        self,
        texts: list[str],
        days: np.ndarray,
        idf: np.ndarray,
        *,
        top: int,
        least: float,
        per_owner: int | None = None,
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each text the most similar titles seen by its day: (title numbers, similarities), best first.

        Of the titles of one owner at most `per_owner` are found, so that one seller's many wordings leave room for
        others.
        """
        asked = zip(self.terms(texts, idf), days, strict=True)
        return [
            self.search(terms, self.first_day <= day, idf, top=top, least=least, per_owner=per_owner)
            for terms, day in asked
        ]

    def search(
        self,
        terms: Terms,
        known: np.ndarray,
        idf: np.ndarray,
        *,
        top: int,
        least: float,
        per_owner: int | None = None,
        share: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """`similar_titles` for one question among the titles `known`; `share` multiplies each one's similarity."""
        shelf = Shelf(self.weighed(idf).size, known, self.owner, top if per_owner is None else per_owner, share)
        return most_similar(self.words, self.by_word, terms, shelf, top=top, least=least)

    def similarity(self, terms: Terms, titles: np.ndarray, idf: np.ndarray) -> np.ndarray:
        """How similar some titles are to a question (0–1)."""
        return exact(self.words, titles, terms, self.weighed(idf).size)

    def rows_of(self, title: int, day: int, newest: int) -> np.ndarray:
        """Row numbers of a title seen by the end of `day`: each seller's newest, of the newest `newest` sellers.

        Oldest first. One row a seller, because else one that offers many copies, or is seen every day, would leave no
        room for the others.
        """
        return self.newest_of_sellers(self.order[self.start[title] : self.start[title + 1]], day, newest)

    def newest_of(self, title: int, day: int, newest: int) -> np.ndarray:
        """The newest row numbers of a title seen by the end of `day`, oldest first; of one seller no more than
        `OF_A_SELLER`, so that who offers a thing a hundred times does not hide what others sold it for."""
        rows = self.order[self.start[title] : self.start[title + 1]]
        rows = rows[: np.searchsorted(self.day[rows], day, side="right")][-newest:]
        if len(rows) <= OF_A_SELLER:
            return rows
        newer: np.ndarray = earlier_of_owner(self.seller[rows][::-1])[::-1]
        return rows[newer < OF_A_SELLER]

    def newest_of_sellers(self, rows: np.ndarray, day: int, newest: int) -> np.ndarray:
        """Of some row numbers in time order those of `rows_of`; all that are known where they are few."""
        known = rows[: np.searchsorted(self.day[rows], day, side="right")]
        if len(known) <= newest:
            return known
        for part in (known[-8 * newest :], known):
            _, first = np.unique(self.seller[part][::-1], return_index=True)
            if len(first) >= newest or len(part) == len(known):
                break
        return part[len(part) - 1 - np.sort(first)[:newest][::-1]]


def power_of(terms: int) -> float:
    """The exponent p of a question with so many words and word pairs: rising from a few words to a whole title."""
    along = (terms - _SHORT) / (_LONG - _SHORT)
    return float(np.interp(along, [0.0, 1.0], [_SHORT_POWER, COSINE]))

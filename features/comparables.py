"""Comparables: which listings a thing is compared with, and how alike they are.

Titles are indexed once, as hashed words; their weights come with each question, so that an answer as of an earlier day
uses the weights known then. Similarity is the cosine of idf-weighted words. Rows of a title are kept in time order:
what was known on a day is found by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.text import word_matrix


@dataclass(frozen=True)
class Found:
    """Candidates for many questions, flat: parallel arrays, one entry for each (question, market row)."""

    question: np.ndarray
    row: np.ndarray
    similarity: np.ndarray


class TitleIndex:
    """The titles of a market table (sorted by day) and the rows that carry them."""

    def __init__(self, rows: pd.DataFrame) -> None:
        titles, place = np.unique(rows["title"].to_numpy(object).astype(str), return_inverse=True)
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
        # By id, with the weights themselves held beside: the id of an array that is gone may come back as another's.
        self._norms: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def idf(self, day: int) -> np.ndarray:
        """Word weights from the titles first seen by a day: for times before anything was trained."""
        known = self.words[self.first_day <= day]
        frequency = np.bincount(known.indices, minlength=self.words.shape[1])
        out: np.ndarray = (np.log((1 + known.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
        return out

    def _length(self, idf: np.ndarray) -> np.ndarray:
        """The length of each title's vector under these weights, kept per weights in use."""
        key = id(idf)
        if key not in self._norms:
            squares = self.words.multiply((idf**2)[np.newaxis, :]).sum(axis=1)
            norms = np.sqrt(np.asarray(squares).ravel())
            norms[norms == 0] = 1
            self._norms = {**dict(list(self._norms.items())[-8:]), key: (idf, norms)}
        return self._norms[key][1]

    def similar_titles(
        self, texts: list[str], days: np.ndarray, idf: np.ndarray, *, top: int, least: float
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each text the most similar titles seen by its day: (title numbers, similarities), best first."""
        words = word_matrix(texts)
        squares = (idf**2)[np.newaxis, :]
        asked = words.multiply(squares).tocsr()
        own = np.sqrt(np.asarray(asked.sum(axis=1)).ravel())
        own[own == 0] = 1
        norms = self._length(idf)
        out = []
        for start in range(0, len(texts), 256):
            scores = (asked[start : start + 256] @ self.by_word).tocsr()
            for position in range(scores.shape[0]):
                low, high = scores.indptr[position], scores.indptr[position + 1]
                title = scores.indices[low:high]
                alike = scores.data[low:high] / (norms[title] * own[start + position])
                keep = (alike >= least) & (self.first_day[title] <= days[start + position])
                title, alike = title[keep], alike[keep]
                if len(title) > top:
                    best = np.argpartition(-alike, top)[:top]
                    title, alike = title[best], alike[best]
                ranked = np.lexsort((title, -np.round(alike, 6)))
                out.append((title[ranked], alike[ranked]))
        return out

    def rows_of(self, title: int, day: int, newest: int) -> np.ndarray:
        """Row numbers of a title seen by the end of `day`: each seller's newest, of the newest `newest` sellers.

        Oldest first. One row a seller, because else one that offers many copies, or is seen every day, would leave no
        room for the others.
        """
        rows = self.order[self.start[title] : self.start[title + 1]]
        known = rows[: np.searchsorted(self.day[rows], day, side="right")]
        if len(known) <= newest:
            return known
        for part in (known[-8 * newest :], known):
            _, first = np.unique(self.seller[part][::-1], return_index=True)
            if len(first) >= newest or len(part) == len(known):
                break
        return part[len(part) - 1 - np.sort(first)[:newest][::-1]]


def collapse(rows: pd.DataFrame, found: Found, market_listing: np.ndarray, market_seller: np.ndarray) -> Found:
    """Each listing once (its newest row), and each seller's copies of one title once: nobody counts twice."""
    table = pd.DataFrame(
        {
            "question": found.question,
            "row": found.row,
            "similarity": found.similarity,
            "listing": market_listing[found.row],
            "seller": market_seller[found.row],
            "title": rows["title"].to_numpy(object)[found.row],
        }
    ).sort_values(["question", "row"], kind="stable")
    table = table.drop_duplicates(["question", "listing"], keep="last")
    table = table.drop_duplicates(["question", "seller", "title"], keep="last")
    return Found(table["question"].to_numpy(), table["row"].to_numpy(), table["similarity"].to_numpy())

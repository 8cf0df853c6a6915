"""The most similar titles of a million, exactly, and without looking at most of them.

A title shares the idf² mass M with a question; Q is the question's own mass and D the title's. Their similarity is
M / (Q^(1−p)·D^p): with p = ½ the cosine of idf-weighted words, with a smaller p rather the share of the question that
the title covers. M ≤ D, so a title that shares only some words of the question, of mass R together, is never more
similar than (R/Q)^(1−p). Rare words are looked up first; as soon as that bound of all the words not yet looked up is
below the similarity of the worst title kept so far, no other title can come in (MaxScore, Turtle and Flood 1995).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

COSINE = 0.5
_SLACK = 1e-4  # sums in single precision choose who is looked at; the similarity itself is summed in double
_FIRST_LOOK = 2000  # postings after which the bound is tried for the first time; from then on after four times as many
_POOL = 8  # as many times more titles as asked for are ranked before owners are limited


@dataclass(frozen=True)
class Terms:
    """A question: its columns of the word matrix in rising order, their idf² masses, and the exponent p."""

    column: np.ndarray
    mass: np.ndarray
    power: float = COSINE


@dataclass(frozen=True)
class Shelf:
    """The titles that may be found, and how: arrays with one entry for each title.

    `size` is a title's own mass D; `known` says whether it may be found; `owner` is who it counts for, and of one
    owner at most `per_owner` titles are found; `share` (0–1) is what its similarity is multiplied with.
    """

    size: np.ndarray
    known: np.ndarray
    owner: np.ndarray
    per_owner: int
    share: np.ndarray | None = None


def most_similar(
    words: sp.csr_matrix, by_word: sp.csr_matrix, terms: Terms, shelf: Shelf, *, top: int, least: float
) -> tuple[np.ndarray, np.ndarray]:
    """The `top` most similar titles that are at least `least` alike: (title numbers, similarities), best first.

    Of titles equally alike (to six digits) those of the lower number come first, so that titles which came later
    never change the order of the others.
    """
    whole = float(terms.mass.sum())
    if whole <= 0 or top <= 0:
        return np.zeros(0, int), np.zeros(0)
    found, partial, rest, worst = _look_up(by_word, terms, shelf, whole, top, least)
    highest = _alike(partial[found] + rest, shelf.size[found], terms, whole) * _share(shelf, found)
    found = found[highest >= worst * (1 - _SLACK)]
    alike = exact(words, found, terms, shelf.size) * _share(shelf, found)
    enough = alike >= least
    found, alike = found[enough], alike[enough]
    best = _ranked(found, np.round(alike, 6), shelf, top)
    return found[best], alike[best]


def exact(words: sp.csr_matrix, title: np.ndarray, terms: Terms, size: np.ndarray) -> np.ndarray:
    """The similarity of some titles, summed in the order of the columns.

    So it is the same to the last bit whatever else the index holds; `size` are the masses of all titles.
    """
    whole = float(terms.mass.sum())
    if whole <= 0 or len(title) == 0:
        return np.zeros(len(title))
    question = np.zeros(words.shape[1])
    question[terms.column] = terms.mass
    return _alike(words[title] @ question, size[title], terms, whole)


def _look_up(
    by_word: sp.csr_matrix, terms: Terms, shelf: Shelf, whole: float, top: int, least: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """The titles found by the words looked up, and what is known of them by then.

    That is: the mass that each title (of all) shares, the mass of the words not looked up, and the similarity that has
    to be beaten.
    """
    start, stop = by_word.indptr[terms.column], by_word.indptr[terms.column + 1]
    partial = np.zeros(by_word.shape[1], np.float32)
    found = [np.zeros(0, by_word.indices.dtype)]
    rest, worst, seen, look = whole, least, 0, _FIRST_LOOK
    for term in np.argsort(stop - start, kind="stable"):
        if (rest / whole) ** (1 - terms.power) < worst * (1 - _SLACK):
            break
        title = by_word.indices[start[term] : stop[term]]
        fresh = title[partial[title] == 0]
        found.append(fresh[shelf.known[fresh]])
        # A title has a word once, so that no place is named twice here.
        partial[title] += np.float32(terms.mass[term])
        rest = max(rest - float(terms.mass[term]), 0.0)
        seen += len(title)
        if seen >= look:
            look = 4 * seen
            now = np.concatenate(found)
            lowest = _alike(partial[now], shelf.size[now], terms, whole) * _share(shelf, now)
            kept = _ranked(now, lowest, shelf, top)
            worst = max(least, float(lowest[kept[-1]])) if len(kept) == top else least
    return np.concatenate(found), partial, rest, worst


def _alike(shared: np.ndarray, size: np.ndarray, terms: Terms, whole: float) -> np.ndarray:
    own = np.maximum(size, 1e-12)
    # More than its own mass no title shares: the bound on what is not looked up yet must not say so.
    alike: np.ndarray = np.minimum(shared, own) / (whole ** (1 - terms.power) * own**terms.power)
    return alike


def _share(shelf: Shelf, title: np.ndarray) -> np.ndarray | float:
    return 1.0 if shelf.share is None else shelf.share[title]


def _ranked(title: np.ndarray, alike: np.ndarray, shelf: Shelf, top: int) -> np.ndarray:
    """Places of the best `top`, at most `per_owner` of one owner, the most alike and of these the lowest number first.

    Taking the best that the limit allows, one by one, also gives the highest worst one (it is a partition matroid).
    """
    pool = _POOL * top
    while True:
        chosen = _highest(alike, pool)
        order = chosen[np.lexsort((title[chosen], -alike[chosen]))]
        kept = order[earlier_of_owner(shelf.owner[title[order]]) < shelf.per_owner]
        if len(kept) >= top or len(chosen) == len(alike):
            return kept[:top]
        pool *= _POOL


def _highest(alike: np.ndarray, count: int) -> np.ndarray:
    """Places of the `count` highest values, and of all that equal the lowest of these."""
    if len(alike) <= count:
        return np.arange(len(alike))
    bar = np.partition(alike, len(alike) - count)[len(alike) - count]
    return np.flatnonzero(alike >= bar)


def earlier_of_owner(owner: np.ndarray) -> np.ndarray:
    """For each place how many places before it have the same owner."""
    order = np.argsort(owner, kind="stable")
    first = np.flatnonzero(np.diff(owner[order], prepend=owner[order][:1] - 1)) if len(owner) else np.zeros(0, int)
    count = np.arange(len(owner)) - np.repeat(first, np.diff(np.append(first, len(owner))))
    out = np.empty(len(owner), int)
    out[order] = count
    return out

"""What differing words tell: a logistic model of single words on one side, words on both, and words against words.

That "upgrade" stands on one side only says more than that "software" does. How much is learned from decided pairs, on
top of the plain features, so that a word counts for what likeness does not already say.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from features.matching.side import Side
from features.matching.strings import Aligned

STRENGTH = 1.0
"""Inverse strength of the ridge penalty (liblinear's C)."""
FEWEST = 2
_CROSSED = 12
_FAR = 5.0
_DIGITS = str.maketrans("0123456789", "9" * 10)


def marks(left: Side, right: Side, aligned: Aligned, *, sides: bool) -> list[str]:
    """Return what is seen of the words of a pair, sorted: "only:upgrade", "both:adobe", "win|mac", …

    With ``sides`` the left and the right side have habits of their own, and a word left over tells which it was on.
    """
    found = {f"both:{word}" for word in aligned.shared}
    for rest, other, side in ((aligned.rest_left, right, "left"), (aligned.rest_right, left, "right")):
        place = side if sides else "one"
        for word in rest:
            found.add(f"only:{word}")
            found.add(f"{place}:{_shape(word)}")
            if sides:
                found.add(f"{side}:{word}")
            if word in other.whole_set:
                found.add(f"told:{word}")
    found.update("~".join(sorted(two)) for two in aligned.soft if two[0] != two[1])
    crossed = itertools.product(aligned.rest_left[:_CROSSED], aligned.rest_right[:_CROSSED])
    found.update(f"{one}|{two}" if one < two else f"{two}|{one}" for one, two in crossed)
    return sorted(found)


def _shape(word: str) -> str:
    """A word with digits by its shape ("a9": letters, then figures), any other as "word"."""
    if word.isalpha():
        return "word"
    return "".join(sign if sign.isdigit() else "a" for sign in word.translate(_DIGITS)[:8])


@dataclass(frozen=True)
class Evidence:
    """A fitted model: weights of plain features (moved and scaled) and of marks, in log odds."""

    middle: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    plain_weights: np.ndarray
    mark_weights: dict[str, float]
    offset: float

    @classmethod
    def fit(cls, plain: np.ndarray, seen: Sequence[Sequence[str]], labels: np.ndarray, weights: np.ndarray) -> Evidence:
        """Fit a ridge-penalised logistic regression (liblinear) on features (n, k) and marks of n pairs."""
        from sklearn.linear_model import LogisticRegression

        known = ~np.isnan(plain)
        columns = zip(plain.T, known.any(axis=0), strict=True)
        # A column of nothing but NaN has no median: 0 stands for it.
        middle = np.array([np.median(column[~np.isnan(column)]) if any_known else 0.0 for column, any_known in columns])
        filled = np.where(known, plain, middle)
        centre, scale = filled.mean(axis=0), filled.std(axis=0)
        scale = np.where(scale > 1e-9, scale, 1.0)
        times = Counter(mark for row in seen for mark in row)
        kept = sorted(mark for mark, number in times.items() if number >= FEWEST)
        matrix = sp.hstack([sp.csr_matrix(_scaled(filled, centre, scale)), 0.5 * _matrix(seen, kept)]).tocsr()
        # The dual form: there are more marks than pairs.
        model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, max_iter=2000, random_state=0)
        model.fit(matrix, labels, sample_weight=weights)
        learned = model.coef_[0]
        width = plain.shape[1]
        by_mark = {mark: 0.5 * float(weight) for mark, weight in zip(kept, learned[width:], strict=True)}
        return cls(middle, centre, scale, learned[:width], by_mark, float(model.intercept_[0]))

    def score(self, plain: np.ndarray, seen: Sequence[Sequence[str]]) -> np.ndarray:
        """Log odds of "same" for features (n, k) and marks of n pairs: shape (n,)."""
        filled = np.where(np.isnan(plain), self.middle, plain)
        told = np.array([sum(self.mark_weights.get(mark, 0.0) for mark in row) for row in seen])
        odds: np.ndarray = _scaled(filled, self.centre, self.scale) @ self.plain_weights + told + self.offset
        return odds


def _scaled(filled: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = 0.5 * np.clip((filled - centre) / scale, -_FAR, _FAR)
    return scaled


def _matrix(seen: Sequence[Sequence[str]], kept: Sequence[str]) -> sp.csr_matrix:
    place: Mapping[str, int] = {mark: number for number, mark in enumerate(kept)}
    indices: list[int] = []
    starts = [0]
    for row in seen:
        indices += [place[mark] for mark in row if mark in place]
        starts.append(len(indices))
    return sp.csr_matrix((np.ones(len(indices)), indices, starts), shape=(len(seen), len(kept)))

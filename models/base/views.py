"""Several linear looks at a thing, stacked under the trees (Wolpert 1992): each guesses the log price by itself.

From the title alone: a ridge on words, a ridge whose words mean something else in each category, the means of
beginnings of titles, and the nearest titles. From the attributes as well: a ridge over those. What each contributes to
the *line* that the trees start from is learned from predictions out of fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.attributes import AttributeReader
from features.text import WORD_BITS
from models.base.crossed import Crossed, Tokens, Weights, fit_crossed, read_tokens
from models.base.lineage import DEPTHS, Lineage, fit_lineages, lineage_keys
from models.base.near import Near
from models.base.text_ridge import TextRidge, fit_ridges, text_design
from models.knobs import HedonicKnobs

# The guesses, in their order; the last one needs attributes.
GUESSES = ("words", "words by category", "beginnings", "nearest titles", "attributes")
WORDS_ALONE = len(GUESSES) - 1
# What stands beside the guesses: means and cases of each beginning, similarity and spread of the nearest.
BESIDE = 2 * (len(DEPTHS) + 1) + 2
_APART = 20_000  # rows from which both kinds of regressions are fitted at once


@dataclass(frozen=True)
class Prepared:
    """Rows made ready for the views, but for anything that is learned from prices."""

    rows: pd.DataFrame
    text: sp.csr_matrix
    tokens: Tokens
    keys: np.ndarray
    numbers: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Prepared:
        return Prepared(
            self.rows.iloc[np.arange(len(self.rows))[chosen]],
            self.text[chosen],
            self.tokens[chosen],
            self.keys[chosen],
            self.numbers[chosen],
        )

    @property
    def described(self) -> np.ndarray:
        """Which rows have an attribute that the reader knows; what counts as described, see `trees.information_of`."""
        out: np.ndarray = np.isfinite(self.numbers).any(axis=1)
        return out


def prepare(rows: pd.DataFrame, idf: np.ndarray, weights: Weights | None, reader: AttributeReader) -> Prepared:
    """Rows for the views; the tokens stay counts where no `weights` are given."""
    tokens = read_tokens(rows, reader)
    return Prepared(
        rows,
        text_design(rows["title"], idf),
        tokens if weights is None else tokens.weighted(weights),
        lineage_keys(rows),
        reader.transform(list(rows["attributes"])),
    )


@dataclass(frozen=True)
class Views:
    """The fitted views; `near` is None where there were too many things to look among."""

    ridge: TextRidge
    crossed: Crossed
    lineage: Lineage
    near: Near | None
    described: Crossed

    def columns(self, ready: Prepared) -> tuple[np.ndarray, np.ndarray]:
        """The guesses (rows, len(GUESSES)), NaN for a guess there is not, and what stands beside (rows, BESIDE)."""
        numeric = ready.numbers[:, : self.numerics]
        beginnings = self.lineage.columns(ready.keys)
        nearest = np.full((len(ready.rows), 3), np.nan)
        if self.near is not None:
            nearest = self.near.columns(_halves(ready.text))
        described = self.described.predict(ready.tokens, ready.rows, numeric)
        guesses = np.column_stack(
            [
                self.ridge.predict(ready.text, ready.rows),
                self.crossed.predict(ready.tokens, ready.rows, numeric),
                beginnings[:, -2],
                nearest[:, 0],
                np.where(ready.described, described, np.nan),
            ]
        )
        return guesses, np.column_stack([beginnings, nearest[:, 1:]])

    @property
    def numerics(self) -> int:
        """How many of the attributes' columns are numbers."""
        learned = self.described.numerics
        return 0 if learned is None else learned.scales[""].shape[1] - len(learned.logged)


def _halves(text: sp.csr_matrix) -> sp.csr_matrix:
    """The words of a text design, without the character pieces behind them."""
    return text[:, : 2**WORD_BITS]


def fit_views(
    ready: Prepared,
    target: np.ndarray,
    idf: np.ndarray,
    numerics: int,
    knobs: HedonicKnobs,
    insides: Sequence[np.ndarray],
) -> list[Views]:
    """Fit every view on each choice of rows (`insides`, rising places); the first `numerics` columns of their numbers
    are numbers, the rest codes."""
    numbers = ready.numbers[:, :numerics]
    # The regressions know nothing of each other, and their sparse products let other threads run meanwhile.
    with ThreadPoolExecutor(1 if len(target) < _APART else 2) as work:
        crossed = work.submit(fit_crossed, ready.tokens, ready.rows, numbers, target, knobs.crossed_alpha, insides)
        words = work.submit(fit_ridges, ready.text, ready.rows, target, idf, knobs.ridge_alpha, insides)
        beginnings = fit_lineages(ready.keys, target, insides)
        fits = zip(insides, beginnings, words.result(), crossed.result(), strict=True)
    out = []
    for inside, lineage, ridge, (bare, described) in fits:
        few = len(inside) <= knobs.near_rows
        near = Near(_halves(ready.text[inside]), target[inside].astype(np.float32)) if few else None
        out.append(Views(ridge, bare, lineage, near, described))
    return out


@dataclass(frozen=True)
class Line:
    """Weights of the guesses around `mean`: `words` without the attributes' guess, `all` with it."""

    mean: float
    words: tuple[float, ...]
    all: tuple[float, ...]

    def parts(self, guesses: np.ndarray, *, described: bool) -> np.ndarray:
        """What each guess adds to the mean, in logs; without `described` the attributes' one adds nothing."""
        own = np.array([*self.words, 0.0])
        weights = np.broadcast_to(own, guesses.shape)
        if described:
            weights = np.where(np.isfinite(guesses[:, -1:]), np.array(self.all), own)
        return weights * np.nan_to_num(guesses - self.mean)

    def of(self, guesses: np.ndarray, *, described: bool) -> np.ndarray:
        out: np.ndarray = self.parts(guesses, described=described).sum(axis=1) + self.mean
        return out


def learn_line(guesses: np.ndarray, target: np.ndarray, drawn: float = 10.0) -> Line:
    """Non-negative least squares of the target on out-of-fold guesses, drawn to their plain mean (Breiman 1996)."""
    mean = float(target.mean())
    words = _weights(guesses[:, :WORDS_ALONE] - mean, target - mean, drawn)
    full = np.isfinite(guesses[:, -1])
    both = _weights(guesses[full] - mean, target[full] - mean, drawn) if full.sum() >= 30 else np.append(words, 0.0)
    return Line(mean, tuple(words.tolist()), tuple(both.tolist()))


def _weights(guesses: np.ndarray, target: np.ndarray, drawn: float) -> np.ndarray:
    from scipy.optimize import nnls

    there = np.isfinite(guesses).all(axis=0)
    start = there / there.sum()
    used = np.nan_to_num(guesses)
    # Large errors are held back: one slip of a pen must not choose the weights.
    rest = target - used @ start
    limit = 4 * max(float(np.median(np.abs(rest))), 1e-3)
    held = used @ start + np.clip(rest, -limit, limit)
    pull = np.sqrt(drawn * max(float((used**2).mean()), 1e-9))
    found, _ = nnls(
        np.vstack([used, pull * np.eye(used.shape[1])]),
        np.concatenate([held, pull * start]),
    )
    out: np.ndarray = np.where(there, found, 0.0)
    return out

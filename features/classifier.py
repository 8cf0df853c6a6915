"""What a title's words say of its category where the rules are silent: a linear model with a calibrated confidence.

It learns from titles whose category is known (from the source's own words, or from firm rules) and from the words of
the tree itself, so that it knows every category before anything was seen. Words, pairs of words and pieces of words
(so that "sofabed" and "labtop" are not lost) are hashed, weighted by how rare they are, and go into one logistic
regression per category. Its scores are turned into the chance that the answer is right by a second small regression
on held-out titles of other items, among them titles of categories it was not shown: what is new to it gets a low one.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from features.taxonomy import OTHER, Reading, Tree, read_category, tree
from features.taxonomy.stated import says_nothing
from features.text import char_matrix, inverse_document_frequency, neutral, weighted, word_matrix
from warehouse.errors import BadInput

# Below this chance of being right a guess is no answer.
THRESHOLD = 0.6
# From here on a guess goes before what a title's noun or make seems to say.
OVERRULES = 0.97
# How often the rules were right in 220 titles of electronics read by hand, by how they read them; "stated" and "fits"
# were too few there to count: a source's own word is believed.
RULE_CONFIDENCE = {"stated": 0.98, "noun": 0.9, "name": 0.95, "fits": 0.85, "weak": 0.65, "nothing": 0.0}

_FORMAT = 1
# At most so many titles of one category, and of all: more of them cost time and teach little.
_PER_CATEGORY = 1_500
_MOST_TITLES = 40_000
_MOST_PASSES, _ROWS_PASSED = 6, 120_000
_MOST_COLUMNS = 40_000
# Coefficients are kept with two bytes each; this keeps a model below 16 MB.
_MOST_COEFFICIENTS = 8_000_000
_LEAST_TITLES = 5
_HELD_OUT = 5
_NOVEL = 10


class Understood(NamedTuple):
    """The category of a listing, the chance that it is right, and how it is known (see `Reading.how`; or "model")."""

    category: str
    confidence: float
    how: str


@dataclass(frozen=True)
class _Linear:
    """Scores of categories: columns are those kept of the hashed ones, coefficients (columns, categories)."""

    categories: tuple[str, ...]
    columns: np.ndarray
    idf: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    def scores(self, matrix: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Scores of each row and category, and the share of each row's columns that the model knows."""
        kept = matrix[:, self.columns]
        known = np.diff(kept.indptr) / np.maximum(np.diff(matrix.indptr), 1)
        return np.asarray(weighted(kept, self.idf) @ self.coefficients) + self.intercept, known


@dataclass(frozen=True)
class CategoryModel:
    """A trained classifier. `key` is a hash of what it learned from; `trust` the four weights of its confidence."""

    key: str
    linear: _Linear
    trust: np.ndarray

    @classmethod
    def train(
        cls,
        titles: Sequence[str],
        categories: Sequence[str],
        *,
        groups: Sequence[str] | None = None,
        known: Tree | None = None,
    ) -> CategoryModel:
        """Learn from titles whose category is known, and from the words of the tree (`known`; Katy's own by default).

        `groups` says which titles are of one item (a product, a listing): an item is either learned from or held out.
        A category outside the tree needs five different titles. Equal titles of one category count once, so neither
        scraping nor a busy seller weighs; the order of the rows does not matter.

        Raises:
            BadInput: the lists differ in length.
        """
        if len(titles) != len(categories) or (groups is not None and len(groups) != len(titles)):
            raise BadInput("a category model needs one category, and one group where groups are given, for each title")
        known = known or tree()
        rows = _rows(titles, categories, groups if groups is not None else titles, known)
        matrix = _matrix([row.text for row in rows])
        label = np.array([row.category for row in rows])
        held = np.array([row.held for row in rows])
        novel = np.array([_share(row.category, "novel") < 1 / _NOVEL for row in rows])
        trial = _fit(matrix[~held & ~novel], label[~held & ~novel])
        # All held-out titles of what the trial knows, and as many of novel categories as make up their share.
        ask = held & (~novel | (np.array([_share(row.text, "ask") for row in rows]) < 1 / _NOVEL * 2))
        trust = _trust(trial, matrix[ask], label[ask])
        said = json.dumps([_FORMAT, [(row.category, row.text) for row in rows]], ensure_ascii=False)
        return cls(hashlib.sha256(said.encode()).hexdigest()[:16], _fit(matrix, label), trust)

    def predict(self, titles: Sequence[str]) -> tuple[list[str], np.ndarray]:
        """The likeliest category of each title and the chance that it is right, float64, shape (len(titles),)."""
        if not titles:
            return [], np.zeros(0)
        scores, known = self.linear.scores(_matrix([neutral(title) for title in titles]))
        best = scores.argmax(axis=1)
        logit = np.column_stack([_evidence(scores, known), np.ones(len(titles))]) @ self.trust
        chance = np.where(known > 0, 1 / (1 + np.exp(-logit)), 0.0)
        return [self.linear.categories[place] for place in best], chance

    def save(self, folder: Path) -> None:
        """Write `categories.json` and `categories.npz` into a folder; equal models give equal bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        said = {"format": _FORMAT, "key": self.key, "categories": self.linear.categories, "trust": self.trust.tolist()}
        (folder / "categories.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")
        np.savez_compressed(
            folder / "categories.npz",
            columns=self.linear.columns,
            idf=self.linear.idf,
            coefficients=self.linear.coefficients.astype(np.float16),
            intercept=self.linear.intercept,
        )

    @classmethod
    def load(cls, folder: Path) -> CategoryModel:
        """Read what `save` wrote.

        Raises:
            BadInput: there is no such model, or another version of Katy wrote it.
        """
        try:
            said = json.loads((folder / "categories.json").read_text("utf-8"))
            with np.load(folder / "categories.npz", allow_pickle=False) as kept:
                parts = {name: kept[name] for name in ("columns", "idf", "coefficients", "intercept")}
        except (OSError, ValueError, KeyError) as wrong:
            raise BadInput(f"{folder} holds no category model ({wrong}); train one anew") from None
        if said.get("format") != _FORMAT:
            raise BadInput(f"{folder}: a category model of format {said.get('format')}; this Katy reads {_FORMAT}")
        parts["coefficients"] = parts["coefficients"].astype(np.float32)
        return cls(said["key"], _Linear(tuple(said["categories"]), **parts), np.array(said["trust"]))


def understand(stated: str | None, title: str, model: CategoryModel | None = None) -> Understood:
    """The category of one listing; see `understand_all`."""
    return understand_all([stated], [title], model)[0]


def understand_all(
    stated: Sequence[str | None], titles: Sequence[str], model: CategoryModel | None = None
) -> list[Understood]:
    """The category of each listing: by what the source states and the rules, and by the model where they are unsure.

    A guess below `THRESHOLD` is not given: what neither rules nor model know stays "other", with confidence 0. A very
    sure guess goes before a noun or make in the title, but never turns an accessory into the thing it is made for.
    """
    readings = [read_category(own, title) for own, title in zip(stated, titles, strict=True)]
    out = [Understood(reading.category, RULE_CONFIDENCE[reading.how], reading.how) for reading in readings]
    unsure = [
        place for place, reading in enumerate(readings) if reading.how != "stated" or reading.category not in tree()
    ]
    if model is None or not unsure:
        return out
    texts = [titles[place] if says_nothing(stated[place]) else f"{stated[place]} {titles[place]}" for place in unsure]
    guesses, chances = model.predict(texts)
    for place, guess, chance in zip(unsure, guesses, chances, strict=True):
        if guess != out[place].category and chance >= _hurdle(readings[place], guess):
            out[place] = Understood(guess, float(chance), "model")
    return out


def _hurdle(reading: Reading, guess: str) -> float:
    """How sure a guess must be to go before what the rules read."""
    if tree().fits(reading.category, guess):
        return 2.0
    if reading.category not in tree():
        return THRESHOLD
    return OVERRULES if reading.firm else max(THRESHOLD, RULE_CONFIDENCE[reading.how])


class _Row(NamedTuple):
    category: str
    text: str
    held: bool


def _rows(titles: Sequence[str], categories: Sequence[str], groups: Sequence[str], known: Tree) -> list[_Row]:
    """The different titles of each category, at most `_PER_CATEGORY` of them, sorted; the tree's own words behind."""
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    for title, category, group in zip(titles, categories, groups, strict=True):
        text = neutral(title)
        if text and category != OTHER:
            own = seen[category]
            own[text] = min(own.get(text, group), group)
    seen = {name: texts for name, texts in seen.items() if name in known or len(texts) >= _LEAST_TITLES}
    most = _fair_share([len(texts) for texts in seen.values()])
    rows = []
    for category, texts in sorted(seen.items()):
        # Which titles of a large category are learned from is drawn by their hash: no seed, and no order of rows.
        chosen = sorted(texts, key=lambda text: (_share(text, "drawn"), text))[:most]
        rows += [_Row(category, text, _share(texts[text], "held") < 1 / _HELD_OUT) for text in sorted(chosen)]
    for each in known.categories.values():
        own_words = {neutral(text) for text in (each.label, *each.words, *each.names, *each.weak, *each.examples)}
        rows += [
            _Row(each.id, text, _share(text, "held") < 1 / _HELD_OUT)
            for text in sorted(own_words)
            if text and text not in seen.get(each.id, {})
        ]
    return rows


def _fair_share(sizes: Sequence[int]) -> int:
    """How many titles a category may have so that all together are at most `_MOST_TITLES`."""
    most = _PER_CATEGORY
    while most > 1 and sum(min(size, most) for size in sizes) > _MOST_TITLES:
        most = int(most * 0.9)
    return most


def _share(text: str, use: str) -> float:
    """A number in [0, 1) that depends on a text and a use alone."""
    return int.from_bytes(hashlib.blake2b(f"{use} {text}".encode(), digest_size=7).digest()) / 2**56


def _matrix(texts: Sequence[str]) -> sp.csr_matrix:
    return sp.hstack([word_matrix(texts), char_matrix(texts)], format="csr")


def _fit(matrix: sp.csr_matrix, label: np.ndarray) -> _Linear:
    """One logistic regression per category, by stochastic gradient descent over a fixed order of rows."""
    from sklearn.linear_model import SGDClassifier

    columns = _telling(matrix, label)
    kept = matrix[:, columns]
    idf = inverse_document_frequency(kept)
    # Threads, not processes: gradient descent frees the interpreter, and categories do not touch each other.
    passes = int(np.clip(_ROWS_PASSED // max(len(label), 1), 2, _MOST_PASSES))
    learner = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=passes, tol=None, random_state=0, n_jobs=2)
    learner.fit(weighted(kept, idf), label)
    names = tuple(str(name) for name in learner.classes_)
    # As they are stored, so that a model read back answers alike.
    coefficients = learner.coef_.T.astype(np.float16).astype(np.float32)
    return _Linear(names, columns, idf, coefficients, learner.intercept_.astype(np.float32))


def _telling(matrix: sp.csr_matrix, label: np.ndarray) -> np.ndarray:
    """The columns that tell most of the categories (chi-square of presence), in order; those met once are left out."""
    from sklearn.feature_selection import chi2

    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    columns = np.flatnonzero(frequency >= 2)
    most = min(_MOST_COLUMNS, _MOST_COEFFICIENTS // max(len(np.unique(label)), 1))
    if len(columns) > 2 * most:
        # Chi-square needs a dense table of categories and columns: the rarest columns do not come that far.
        columns = np.sort(columns[np.argsort(-frequency[columns], kind="stable")[: 2 * most]])
    if len(columns) <= most:
        return columns
    score = np.nan_to_num(chi2(matrix[:, columns], label)[0])
    return np.sort(columns[np.argsort(-score, kind="stable")[:most]])


def _evidence(scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """What the confidence is made from: the best score, its lead over the next, and the share of known columns."""
    two = np.partition(scores, -2, axis=1)[:, -2:]
    return np.column_stack([two[:, 1], two[:, 1] - two[:, 0], known])


def _trust(trial: _Linear, matrix: sp.csr_matrix, label: np.ndarray) -> np.ndarray:
    """The weights of a logistic regression of "is right" on the evidence (Platt 1999), from held-out titles."""
    from sklearn.linear_model import LogisticRegression

    scores, known = trial.scores(matrix)
    right = np.array(trial.categories)[scores.argmax(axis=1)] == label
    learner = LogisticRegression(C=10.0).fit(_evidence(scores, known), right)
    weights: Any = np.append(learner.coef_[0], learner.intercept_[0])
    return np.asarray(weights, dtype=np.float64)

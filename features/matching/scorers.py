"""The pair scorers through time: each month's from what was known at its start.

Until enough labels are known the prior alone teaches. Then the scorer in use is replaced at the start of a month when
the labels have doubled, or when people have decided something. A scorer is fitted when a pair needs it, not
before, and kept on disk under the hash of what it learned from.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from features.market import day_date, day_number
from features.matching.item import Item
from features.matching.labels import Label
from features.matching.pair_model import FAST, PairModel
from features.matching.prior import prior_labels
from features.matching.weak import chosen
from warehouse.errors import KatyError

ENOUGH = 200
GROWTH = 2.0
MOST_WEAK = 4_000
PERSON_WEIGHT = 10.0
TRAINING = replace(FAST, folds=3)
_KEPT = 16
# Scorers of this process by key: a second data folder, or a second run, need not learn the same again.
_FITTED: dict[str, PairModel] = {}
_HELD = 4


class LazyScorer:
    """A scorer known by what it is to learn from; fitted, or read from disk, when the first pair comes."""

    def __init__(self, labels: Sequence[Label], folder: Path | None, code_version: str) -> None:
        self.labels, self.folder = labels, folder
        self.key = _hash(labels, code_version)
        self._model: PairModel | None = None

    @property
    def model(self) -> PairModel:
        """The fitted model."""
        if self._model is None:
            self._model = self._read() or _FITTED.get(self.key) or fit(self.labels, self.key)
            self._keep(self._model)
        return self._model

    @property
    def learned(self) -> bool:
        """Whether a pair was ever in doubt here, so that the model was needed: now, or in an earlier run."""
        there = self.folder is not None and (self.folder / self.key).is_dir()
        return self._model is not None or there

    def score(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """P(same product) of each pair; nothing is fitted for no pairs."""
        return self.model.score(left, right) if len(left) else np.zeros(0)

    def reasons(self, left: Item, right: Item) -> list[str]:
        """What spoke for or against the pair, in plain words."""
        return self.model.reasons(left, right)

    def _read(self) -> PairModel | None:
        if self.folder is None or not (self.folder / self.key).is_dir():
            return None
        try:
            return PairModel.load(self.folder / self.key)
        except (KatyError, OSError, ValueError, KeyError):
            # It can be learned again from the same labels.
            shutil.rmtree(self.folder / self.key, ignore_errors=True)
            return None

    def _keep(self, model: PairModel) -> None:
        _FITTED[self.key] = model
        for key in list(_FITTED)[:-_HELD]:
            del _FITTED[key]
        if self.folder is not None and not (self.folder / self.key).is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f".tmp-{uuid.uuid4().hex}"
            model.save(unfinished)
            unfinished.rename(self.folder / self.key)
            _prune(self.folder)


class Scorers:
    """`scorer_on(day)` for any day, from labels that each know their day."""

    def __init__(
        self,
        weak: Sequence[Label],
        decided: Sequence[Label],
        *,
        folder: Path | None = None,
        code_version: str = "",
        prior: Sequence[Label] | None = None,
    ) -> None:
        """`weak` are `weak_labels`, `decided` what people said; `prior` what is taught before all, unless the whole."""
        self.weak, self.decided, self.folder, self.code_version = weak, decided, folder, code_version
        self.prior = prior
        self._starts = _months([label.day for label in (*weak, *decided)])
        self._learned: list[tuple[int, LazyScorer]] = []

    def scorer_on(self, day: int) -> LazyScorer:
        """The scorer in use on a day (days since 1970)."""
        if not self._learned:
            self._learned = self._through_time()
        return next(scorer for start, scorer in reversed(self._learned) if start <= day)

    @property
    def latest(self) -> LazyScorer:
        """The newest scorer: for questions of today."""
        return self.scorer_on(np.iinfo(np.int64).max)

    def _through_time(self) -> list[tuple[int, LazyScorer]]:
        prior = list(_prior() if self.prior is None else self.prior)
        out = [(np.iinfo(np.int64).min, LazyScorer(prior, self.folder, self.code_version))]
        had_weak, had_decided = 0, 0
        for start in self._starts:
            weak = sum(label.day < start for label in self.weak)
            decided = [label for label in self.decided if label.day < start]
            grown = weak >= max(ENOUGH, GROWTH * had_weak) and weak > had_weak
            if grown or len(decided) > had_decided:
                taught = chosen(self.weak, start, MOST_WEAK) if weak >= ENOUGH else []
                out.append((start, LazyScorer([*prior, *taught, *decided], self.folder, self.code_version)))
                had_weak, had_decided = (weak if weak >= ENOUGH else had_weak), len(decided)
        return out


def fit(labels: Sequence[Label], key: str) -> PairModel:
    """A pair model of labels, weighted."""
    return PairModel.fit(
        [(label.left, label.right) for label in labels],
        [label.same for label in labels],
        weights=[label.weight for label in labels],
        key=key,
        training=TRAINING,
    )


@cache
def _prior() -> tuple[Label, ...]:
    return tuple(prior_labels())


def _months(days: Sequence[int]) -> list[int]:
    """The first days of the months after those in which a label became known, ascending."""
    starts = set()
    for day in set(days):
        at = day_date(day)
        starts.add(day_number(date(at.year + at.month // 12, at.month % 12 + 1, 1)))
    return sorted(starts)


def _hash(labels: Sequence[Label], code_version: str) -> str:
    digest = hashlib.sha256(code_version.encode())
    for label in labels:
        digest.update(repr((label.left, label.right, label.same, label.weight)).encode())
    return digest.hexdigest()[:24]


def _prune(folder: Path) -> None:
    """Keep the newest few: the others can be learned again from the landing files."""
    there = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in there[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)

"""The pair model: boosted trees over the features of a pair, on top of what differing words tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.matching import pair_reasons, pair_store
from features.matching.evidence import Evidence
from features.matching.item import Item
from features.matching.pair_features import GROUPS, PairFeatures, PairRows
from warehouse.errors import BadInput

EVIDENCE = "evidence"
"""The group of what single words tell."""


@dataclass(frozen=True)
class Training:
    """How trees are grown (LightGBM's names in brackets)."""

    members: int = 4
    """Models whose probabilities are averaged, each with its own seed; every second one with random splits."""
    rounds: int = 400
    rate: float = 0.03
    """learning_rate"""
    leaves: int = 15
    """num_leaves"""
    columns: float = 0.4
    """feature_fraction"""
    rows: float = 0.8
    """bagging_fraction"""
    ridge: float = 3.0
    """lambda_l2"""
    folds: int = 5
    """Folds by which the evidence of words is learned on some pairs and read on others."""
    seed: int = 0
    workers: int = 1
    """Members grown at the same time, each on one core; the trees are the same for any number."""


# What the matching of a whole warehouse can afford.
FAST = Training(members=2, rounds=200, rate=0.06)


@dataclass(frozen=True)
class Extra:
    """Columns that know more than the two items: shape (n, len(names)), and the group of each."""

    matrix: np.ndarray
    names: tuple[str, ...]
    groups: tuple[str, ...]


class PairModel:
    """A trained :class:`~features.matching.scorer.PairScorer`."""

    def __init__(
        self,
        key: str,
        features: PairFeatures,
        kept: Sequence[str],
        evidence: Evidence | None,
        boosters: Sequence[Any],
        extra: tuple[str, ...] = (),
    ) -> None:
        self.key, self.features, self.evidence, self.boosters = key, features, evidence, tuple(boosters)
        self.kept, self.extra = tuple(kept), extra
        """Groups of columns that are used, and names of the extra columns."""
        self._columns = np.flatnonzero(np.isin(features.groups, self.kept))

    @property
    def names(self) -> list[str]:
        """Names of the columns that the trees read."""
        plain = [self.features.names[column] for column in self._columns]
        return [*plain, *([EVIDENCE] if self.evidence else []), *self.extra]

    @classmethod
    def fit(
        cls,
        pairs: Sequence[tuple[Item, Item]],
        labels: Sequence[bool] | Sequence[int] | np.ndarray,
        *,
        weights: Sequence[float] | np.ndarray | None = None,
        key: str | None = None,
        sides: bool = False,
        features: PairFeatures | None = None,
        rows: PairRows | None = None,
        extra: Extra | None = None,
        groups: Collection[str] | None = None,
        training: Training = FAST,
    ) -> PairModel:
        """Learn from decided pairs: 1 (or True) where both are the same product.

        ``features`` are learned from the pairs' items unless given, ``rows`` are what they give for the pairs, where
        known already; ``groups`` names those of GROUPS and EVIDENCE that are used, all unless given.
        The same input gives the same model. Raises BadInput where there are not at least two pairs of each kind.
        """
        truth = np.asarray(labels).astype(np.int8)
        weight = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
        if min(int(truth.sum()), int((1 - truth).sum())) < 2:
            raise BadInput(
                f"{int(truth.sum())} of {len(truth)} pairs are the same; two of each kind teach, fewer do not"
            )
        left, right = [one for one, _ in pairs], [other for _, other in pairs]
        kept = tuple(group for group in (*GROUPS, EVIDENCE) if groups is None or group in groups)
        features = features or PairFeatures.fit([*left, *right], sides=sides, seed=training.seed)
        rows = rows or features.rows(left, right)
        model = cls(key or _hash(pairs, truth, weight), features, kept, None, (), extra.names if extra else ())
        plain = rows.matrix[:, model._columns]
        blocks = [plain]
        if EVIDENCE in kept:
            blocks.append(_out_of_fold(plain, rows.marks, truth, weight, training)[:, None])
            model.evidence = Evidence.fit(plain, rows.marks, truth, weight)
        if extra is not None:
            blocks.append(extra.matrix)
        model.boosters = tuple(_grow(np.hstack(blocks), truth, weight, training))
        return model

    def score(self, left: Sequence[Item], right: Sequence[Item], extra: Extra | None = None) -> np.ndarray:
        """P(same product) of each pair (left[i], right[i]): float64 in [0, 1], shape (n,)."""
        if not len(left):
            return np.zeros(0)
        return self.score_rows(self.features.rows(left, right), extra)

    def score_rows(self, rows: PairRows, extra: Extra | None = None) -> np.ndarray:
        """P(same product) of pairs whose features are known: float64 in [0, 1], shape (n,)."""
        matrix = self._matrix(rows, extra)
        scores = [np.asarray(booster.predict(matrix, num_threads=1), dtype=np.float64) for booster in self.boosters]
        mean: np.ndarray = np.clip(np.mean(scores, axis=0), 0.0, 1.0)
        return mean

    def reasons(self, left: Item, right: Item) -> list[str]:
        """Return what spoke for or against the pair, in plain words, what moved the trees most first."""
        matrix = self._matrix(self.features.rows([left], [right]), None)
        moved = np.mean(
            [booster.predict(matrix, pred_contrib=True, num_threads=1)[0] for booster in self.boosters], axis=0
        )
        groups = [self.features.groups[column] for column in self._columns] + ([EVIDENCE] if self.evidence else [])
        weight = {group: float(sum(moved[: len(groups)][np.array(groups) == group])) for group in sorted(set(groups))}
        marks = self.evidence.mark_weights if self.evidence else {}
        return pair_reasons.reasons(left, right, weight, marks, self.features)

    def _matrix(self, rows: PairRows, extra: Extra | None) -> np.ndarray:
        """The columns `names` of pairs, as the trees read them."""
        if self.extra != (extra.names if extra else ()):
            raise BadInput(f"the model learned with the extra columns {', '.join(self.extra) or 'none'}; give the same")
        plain = rows.matrix[:, self._columns]
        blocks = [plain]
        if self.evidence is not None:
            blocks.append(self.evidence.score(plain, rows.marks)[:, None])
        if extra is not None:
            blocks.append(extra.matrix)
        return np.hstack(blocks)

    def save(self, folder: Path) -> None:
        """Write the model to a folder: LightGBM's text, JSON and NumPy arrays."""
        pair_store.save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> PairModel:
        """Read a model that :meth:`save` wrote; BadInput where the folder holds none."""
        return cls(**pair_store.load(folder))


def _grow(matrix: np.ndarray, truth: np.ndarray, weight: np.ndarray, training: Training) -> list[Any]:
    import lightgbm

    def member(number: int) -> Any:
        data = lightgbm.Dataset(matrix, truth, weight=weight, params={"verbosity": -1, "num_threads": 1})
        settings = {
            "objective": "binary",
            "learning_rate": training.rate,
            "num_leaves": training.leaves,
            # A leaf of ten pairs is small among thousands and large among hundreds.
            "min_data_in_leaf": int(np.clip(len(truth) // 100, 2, 10)),
            "feature_fraction": training.columns,
            "bagging_fraction": training.rows,
            "bagging_freq": 1,
            "lambda_l2": training.ridge,
            "extra_trees": number % 2 == 1,
            "seed": training.seed + number,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        return lightgbm.train(settings, data, training.rounds)

    with ThreadPoolExecutor(training.workers) as pool:
        return list(pool.map(member, range(training.members)))


def _out_of_fold(
    plain: np.ndarray, marks: Sequence[Sequence[str]], truth: np.ndarray, weight: np.ndarray, training: Training
) -> np.ndarray:
    """Evidence of each pair from models that did not see it: shape (n,). Two folds at least."""
    from sklearn.model_selection import StratifiedKFold

    folds = int(np.clip(min(truth.sum(), len(truth) - truth.sum()), 2, training.folds))
    out = np.zeros(len(truth))
    for learn, read in StratifiedKFold(folds, shuffle=True, random_state=training.seed).split(plain, truth):
        seen = Evidence.fit(plain[learn], [marks[row] for row in learn], truth[learn], weight[learn])
        out[read] = seen.score(plain[read], [marks[row] for row in read])
    return out


def _hash(pairs: Sequence[tuple[Item, Item]], truth: np.ndarray, weight: np.ndarray) -> str:
    digest = hashlib.sha256()
    for (left, right), same, much in zip(pairs, truth.tolist(), weight.tolist(), strict=True):
        digest.update(json.dumps([asdict(left), asdict(right), same, much], sort_keys=True).encode())
    return digest.hexdigest()[:16]

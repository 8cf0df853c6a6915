"""The hedonic model: log price of a thing from its words, brand, category, attributes and list price.

A ridge regression on the title's words and character pieces is predicted out of fold and stacked as one feature under
LightGBM (Wolpert 1992), which adds attributes and measures. The target is log price at the reference: condition,
region, kind, season and market level already taken out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.attributes import TITLE_UNITS, AttributeReader, learn_reader, title_numbers
from features.text import char_matrix, word_matrix
from models.knobs import HedonicKnobs


@dataclass(frozen=True)
class Codes:
    """Words to small integers for a categorical column; unknown words are NaN."""

    known: tuple[str, ...]

    def of(self, values: pd.Series) -> np.ndarray:
        place = {word: code for code, word in enumerate(self.known)}
        return values.map(place).to_numpy(np.float32, na_value=np.nan)

    @classmethod
    def learn(cls, values: pd.Series, least: int = 3) -> Codes:
        counts = values[values != ""].value_counts()
        return cls(tuple(sorted(str(word) for word, n in counts.items() if n >= least)))


@dataclass(frozen=True)
class TextRidge:
    """A linear model over hashed words, character pieces and the product key."""

    idf: np.ndarray
    coefficients: np.ndarray
    mean: float
    products: dict[str, float]

    def predict(self, design: sp.csr_matrix, products: pd.Series) -> np.ndarray:
        known = products.map(self.products).fillna(0.0).to_numpy(float)
        out: np.ndarray = design @ self.coefficients + self.mean + known
        return out


@dataclass(frozen=True)
class Hedonic:
    """A trained hedonic model. `predict` gives log price at the reference, one per row."""

    ridge: TextRidge
    reader: AttributeReader
    categories: Codes
    brands: Codes
    booster: Any

    def predict(self, rows: pd.DataFrame, design: sp.csr_matrix | None = None) -> np.ndarray:
        if len(rows) == 0:
            return np.zeros(0)
        text = text_design(rows["title"], self.ridge.idf) if design is None else design
        line = self.ridge.predict(text, rows["product"])
        features = np.column_stack([line, _tabular(rows, self.reader, self.categories, self.brands)])
        out: np.ndarray = self.booster.predict(features, num_threads=_threads(len(rows))) + line
        return out

    def knows(self, rows: pd.DataFrame) -> np.ndarray:
        """Share of each title's pieces (by idf weight) that the model has learned a coefficient for, 0–1."""
        design = text_design(rows["title"], self.ridge.idf)
        known = (self.ridge.coefficients != 0).astype(np.float32)
        weight = np.asarray(design.sum(axis=1)).ravel()
        return np.divide(design @ known, weight, out=np.zeros(len(rows)), where=weight > 0)

    def save(self, folder: Path) -> None:
        np.savez(folder / "ridge.npz", idf=self.ridge.idf, coefficients=self.ridge.coefficients.astype(np.float32))
        (folder / "trees.txt").write_text(self.booster.model_to_string(), "utf-8")
        rest = {
            "mean": self.ridge.mean,
            "products": self.ridge.products,
            "reader": self.reader.to_json(),
            "categories": self.categories.known,
            "brands": self.brands.known,
        }
        (folder / "hedonic.json").write_text(json.dumps(rest, sort_keys=True), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Hedonic:
        import lightgbm

        arrays = np.load(folder / "ridge.npz")
        rest = json.loads((folder / "hedonic.json").read_text("utf-8"))
        return cls(
            TextRidge(arrays["idf"], arrays["coefficients"], rest["mean"], rest["products"]),
            AttributeReader.from_json(rest["reader"]),
            Codes(tuple(rest["categories"])),
            Codes(tuple(rest["brands"])),
            lightgbm.Booster(model_str=(folder / "trees.txt").read_text("utf-8")),
        )


def text_design(titles: pd.Series, idf: np.ndarray) -> sp.csr_matrix:
    """Words and character pieces side by side, idf-weighted, each half of length 1: (n, words + pieces)."""
    from features.text import weighted

    unique, place = np.unique(titles.to_numpy(object).astype(str), return_inverse=True)
    words, pieces = word_matrix(list(unique)), char_matrix(list(unique))
    split = words.shape[1]
    both = sp.hstack([weighted(words, idf[:split]), weighted(pieces, idf[split:])], format="csr")
    return both if len(unique) == len(titles) and bool((place == np.arange(len(titles))).all()) else both[place]


def fold_of(listings: pd.Series, folds: int) -> np.ndarray:
    """The fold of each listing, from a hash of its name: the same in every run and vintage."""
    return (pd.util.hash_array(listings.to_numpy(object).astype(str)) % folds).astype(int)


def learn(
    rows: pd.DataFrame, target: np.ndarray, idf: np.ndarray, knobs: HedonicKnobs, seed: int = 7
) -> tuple[Hedonic, np.ndarray]:
    """Train on one row per listing; returns the model and its out-of-fold predictions for the same rows."""
    design = text_design(rows["title"], idf)
    fold = fold_of(rows["listing"], knobs.folds)
    line = np.zeros(len(rows))
    for held in range(knobs.folds):
        inside = fold != held
        part = _fit_ridge(design[inside], rows["product"][inside], target[inside], idf, knobs.ridge_alpha)
        line[~inside] = part.predict(design[~inside], rows["product"][~inside])
    ridge = _fit_ridge(design, rows["product"], target, idf, knobs.ridge_alpha)
    reader = learn_reader(list(rows["attributes"]))
    categories, brands = Codes.learn(rows["category"]), Codes.learn(rows["brand"])
    table = np.column_stack([line, _tabular(rows, reader, categories, brands)])
    trees = _Trees(table, target - line, rows["listing"], reader, knobs, seed)
    guessed = line.copy()
    for held in range(knobs.folds):
        guessed[fold == held] += trees.fit(fold != held).predict(table[fold == held], num_threads=_threads(len(rows)))
    return Hedonic(ridge, reader, categories, brands, trees.fit(np.ones(len(rows), bool))), guessed


def _threads(rows: int) -> int:
    """One thread for small tables: OpenMP's threads wait for each other by spinning, which on a busy machine costs
    far more than they bring."""
    return 1 if rows < 60_000 else 0


class _Trees:
    """LightGBM fits over one table, with some rows taught a second time without their attributes."""

    def __init__(
        self,
        table: np.ndarray,
        target: np.ndarray,
        listings: pd.Series,
        reader: AttributeReader,
        knobs: HedonicKnobs,
        seed: int,
    ) -> None:
        self.knobs, self.seed = knobs, seed
        attributes = len(reader.names) + 1  # the list price counts as one
        blank = fold_of("blank " + listings.astype(str), 1000) < 1000 * knobs.blank_share
        again = np.flatnonzero(blank) if reader.names or np.isfinite(table[:, -attributes]).any() else np.zeros(0, int)
        copy = table[again].copy()
        copy[:, -attributes:] = np.nan
        self.table = np.vstack([table, copy]).astype(np.float32)
        self.target = np.concatenate([target, target[again]])
        self.origin = np.concatenate([np.arange(len(table)), again])
        first = table.shape[1] - len(reader.levels)
        self.categorical = [1, 2, *range(first, table.shape[1])]

    def fit(self, inside: np.ndarray) -> Any:
        import lightgbm

        knobs = self.knobs
        chosen = inside[self.origin]
        few = int(chosen.sum()) < 1500
        parameters = {
            "objective": "huber",
            "alpha": 0.6,
            "learning_rate": knobs.learning_rate,
            "num_leaves": 15 if few else knobs.leaves,
            "min_data_in_leaf": knobs.min_leaf,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 2.0,
            "max_cat_to_onehot": 4,
            "cat_smooth": 20.0,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": _threads(int(chosen.sum())),
            "verbosity": -1,
        }
        data = lightgbm.Dataset(
            self.table[chosen], self.target[chosen], categorical_feature=self.categorical, free_raw_data=True
        )
        rounds = knobs.trees // 2 if few else knobs.trees
        return lightgbm.train(parameters, data, num_boost_round=rounds)


def _tabular(rows: pd.DataFrame, reader: AttributeReader, categories: Codes, brands: Codes) -> np.ndarray:
    """Category, brand, measures in the title, title length, list price, attributes: the tree model's own columns."""
    titles = list(rows["title"])
    return np.column_stack(
        [
            categories.of(rows["category"]),
            brands.of(rows["brand"]),
            np.array([len(title) for title in titles], np.float32),
            title_numbers(titles),
            rows["ln_list"].to_numpy(np.float32),
            reader.transform(list(rows["attributes"])),
        ]
    )


def column_names(reader: AttributeReader) -> list[str]:
    """Names of the tree model's columns, in order."""
    measures = [f"{end} {unit} in the title" for unit in TITLE_UNITS for end in ("largest", "smallest")]
    head = ["words of the title", "category", "brand", "length of the title", *measures, "year in the title"]
    return [*head, "list price", *reader.names]


def _fit_ridge(
    design: sp.csr_matrix, products: pd.Series, target: np.ndarray, idf: np.ndarray, alpha: float
) -> TextRidge:
    from sklearn.linear_model import Ridge

    counts = products.value_counts()
    place = {key: position for position, key in enumerate(sorted(str(k) for k, n in counts.items() if n >= 2))}
    column = products.map(place)
    there = column.notna().to_numpy()
    row = np.flatnonzero(there)
    indicator = sp.csr_matrix(
        (np.ones(len(row), np.float32), (row, column[there].astype(int))), shape=(len(products), max(len(place), 1))
    )
    active = active_columns(design)
    stacked = sp.hstack([design[:, active], indicator], format="csr")
    model = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-3, max_iter=200).fit(stacked, target)
    beta = np.zeros(design.shape[1], np.float32)
    beta[active] = model.coef_[: len(active)]
    own = {key: round(float(model.coef_[len(active) + position]), 8) for key, position in place.items()}
    return TextRidge(idf, beta, float(model.intercept_), own)


def active_columns(design: sp.csr_matrix) -> np.ndarray:
    """The columns that hold anything: of half a million hashed ones a solver need only see these."""
    return np.flatnonzero(np.bincount(design.indices, minlength=design.shape[1]))

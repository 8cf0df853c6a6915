"""The hedonic model: log price of a thing from its words, brand, category, attributes and list price.

A ridge regression on the title's words and character pieces is predicted out of fold and stacked as one feature under
LightGBM (Wolpert 1992), which adds attributes and measures. The target is log price at the reference: condition,
region, kind, season and market level already taken out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.attributes import AttributeReader, learn_reader
from models.base.text_ridge import TextRidge, fit_ridge, text_design
from models.base.trees import Codes, Information, Trees, fold_of, leave_out, tabular, threads
from models.knobs import HedonicKnobs


@dataclass(frozen=True)
class Hedonic:
    """A trained hedonic model. `predict` gives log price at the reference, from the words and what else is known."""

    ridge: TextRidge
    reader: AttributeReader
    categories: Codes
    brands: Codes
    booster: Any

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """One log price per row, from all the row says."""
        return self.predict_each(rows, [Information.ALL])[:, 0]

    def predict_each(self, rows: pd.DataFrame, kinds: Sequence[Information] = tuple(Information)) -> np.ndarray:
        """Log prices from each kind of information, the rest of the row left out: shape (rows, kinds)."""
        if len(rows) == 0:
            return np.zeros((0, len(kinds)))
        line = self.ridge.predict(text_design(rows["title"], self.ridge.idf), rows)
        table = np.column_stack([line, tabular(rows, self.reader, self.categories, self.brands)])
        return predictions(self.booster, table, line, kinds, len(self.reader.names))

    def knows(self, rows: pd.DataFrame) -> np.ndarray:
        """Share of each title's pieces (by idf weight) that the model has learned a coefficient for, 0–1."""
        design = text_design(rows["title"], self.ridge.idf)
        known = (self.ridge.coefficients != 0).astype(np.float32)
        weight = np.asarray(design.sum(axis=1)).ravel()
        share: np.ndarray = np.divide(design @ known, weight, out=np.zeros(len(rows)), where=weight > 0)
        return share

    def save(self, folder: Path) -> None:
        np.savez(folder / "ridge.npz", idf=self.ridge.idf, coefficients=self.ridge.coefficients.astype(np.float32))
        (folder / "trees.txt").write_text(self.booster.model_to_string(), "utf-8")
        rest = {
            "mean": self.ridge.mean,
            "products": self.ridge.products,
            "around": self.ridge.categories,
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
            TextRidge(arrays["idf"], arrays["coefficients"], rest["mean"], rest["around"], rest["products"]),
            AttributeReader.from_json(rest["reader"]),
            Codes(tuple(rest["categories"])),
            Codes(tuple(rest["brands"])),
            lightgbm.Booster(model_str=(folder / "trees.txt").read_text("utf-8")),
        )


def learn(
    rows: pd.DataFrame, target: np.ndarray, idf: np.ndarray, knobs: HedonicKnobs, seed: int = 7
) -> tuple[Hedonic, np.ndarray]:
    """Train on one row per listing; returns the model and its out-of-fold predictions for the same rows, one column
    for each kind of information."""
    design = text_design(rows["title"], idf)
    fold = fold_of(rows["listing"], knobs.folds)
    line = np.zeros(len(rows))
    for held in range(knobs.folds):
        inside = fold != held
        part = fit_ridge(design[inside], rows[inside], target[inside], idf, knobs.ridge_alpha)
        line[~inside] = part.predict(design[~inside], rows[~inside])
    ridge = fit_ridge(design, rows, target, idf, knobs.ridge_alpha)
    reader = learn_reader(list(rows["attributes"]))
    categories, brands = Codes.learn(rows["category"]), Codes.learn(rows["brand"])
    table = np.column_stack([line, tabular(rows, reader, categories, brands)])
    trees = Trees(table, target - line, rows["listing"], reader, knobs, seed)
    guessed = np.zeros((len(rows), len(Information)))
    for held in range(knobs.folds):
        inside = fold == held
        if inside.any():
            booster = trees.fit(~inside)
            guessed[inside] = predictions(booster, table[inside], line[inside], tuple(Information), len(reader.names))
    return Hedonic(ridge, reader, categories, brands, trees.fit(np.ones(len(rows), bool))), guessed


def predictions(
    booster: Any, table: np.ndarray, line: np.ndarray, kinds: Sequence[Information], attributes: int
) -> np.ndarray:
    """The trees' answers plus the line's, with each kind of information: shape (rows, kinds).

    Kinds that leave out nothing this table has are answered once.
    """
    out = np.zeros((len(table), len(kinds)))
    known: dict[bytes, np.ndarray] = {}
    missing = np.isnan(table)
    for column, kind in enumerate(kinds):
        less = leave_out(table, kind, attributes)
        key = (np.isnan(less) & ~missing).any(axis=0).tobytes()
        if key not in known:
            known[key] = booster.predict(less, num_threads=threads(len(table))) + line
        out[:, column] = known[key]
    return out

"""The hedonic model: log price of a thing from its words, brand, category, attributes and list price.

Linear guesses from title and attributes (`models.base.views`) are predicted out of fold and stacked under LightGBM
(Wolpert 1992), which adds measures, list price and how all of it plays together. The target is log price at the
reference: condition, region, kind, season and market level already taken out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from features.attributes import AttributeReader, learn_reader
from features.text import WORD_BITS
from models.base.crossed import Crossed, Weights
from models.base.lineage import Lineage
from models.base.list_ratio import ListRatio, learn_ratios, learn_steps
from models.base.near import Near
from models.base.numerics import Numerics
from models.base.text_ridge import TextRidge, text_design
from models.base.trees import (
    Codes,
    Columns,
    Information,
    Trees,
    columns_of,
    fold_of,
    folds_for,
    leave_out,
    tabular,
    threads,
)
from models.base.views import BESIDE, GUESSES, Line, Prepared, Views, fit_views, learn_line, prepare
from models.knobs import HedonicKnobs

_AT_ONCE = 50_000  # rows predicted together, so that a large market needs no more memory than these


@dataclass(frozen=True)
class Hedonic:
    """A trained hedonic model. `predict` gives log price at the reference, from the words and what else is known."""

    views: Views
    line: Line
    listed: ListRatio
    weights: Weights
    reader: AttributeReader
    categories: Codes
    brands: Codes
    boosters: list[Any]

    @property
    def ridge(self) -> TextRidge:
        """The plain ridge on words, whose weights of words others use as well."""
        return self.views.ridge

    @property
    def columns(self) -> Columns:
        """The columns of the trees' table."""
        return columns_of(self.reader, GUESSES, BESIDE)

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """One log price per row, from all the row says."""
        return self.predict_each(rows, [Information.ALL])[:, 0]

    def predict_each(self, rows: pd.DataFrame, kinds: Sequence[Information] = tuple(Information)) -> np.ndarray:
        """Log prices from each kind of information, the rest of the row left out: shape (rows, kinds)."""
        parts = [np.zeros((0, len(kinds)))]
        for first in range(0, len(rows), _AT_ONCE):
            table, lines, _ = self.table(rows.iloc[first : first + _AT_ONCE])
            parts.append(predictions(self.boosters, table, lines, kinds, self.columns))
        return np.concatenate(parts)

    def table(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The trees' table of rows, the lines they start from (rows, len(Information)), and the guesses (rows,
        len(GUESSES))."""
        ready = prepare(rows, self.ridge.idf, self.weights, self.reader)
        guesses, beside = self.views.columns(ready)
        lines = _lines(guesses, self.line, self.listed, self.listed.value(rows))
        return _table(ready, guesses, beside, lines, self.categories, self.brands), lines, guesses

    def knows(self, rows: pd.DataFrame) -> np.ndarray:
        """Share of each title's pieces (by idf weight) that the model has learned a coefficient for, 0–1."""
        design = text_design(rows["title"], self.ridge.idf)
        known = (self.ridge.coefficients != 0).astype(np.float32)
        weight = np.asarray(design.sum(axis=1)).ravel()
        share: np.ndarray = np.divide(design @ known, weight, out=np.zeros(len(rows)), where=weight > 0)
        return share

    def pieces(self, rows: pd.DataFrame) -> tuple[list[tuple[str, str]], np.ndarray]:
        """The additive pieces of `predict`, in logs: (group, name) of each, and a column of values for each.

        With a constant, the same for every row, they sum to the answer: the guesses as far as the line weighs them, the
        list price as far as it moves the line, then the trees' columns by TreeSHAP (Lundberg et al. 2020).
        """
        table, lines, guesses = self.table(rows)
        linear = self.line.parts(guesses, described=True)
        moved = lines[:, Information.ALL] - lines[:, Information.NO_LIST_PRICE]
        trees = np.mean([each.predict(table, pred_contrib=True, num_threads=1) for each in self.boosters], axis=0)
        columns = self.columns.names
        names = [*columns[: len(GUESSES)], ("list price", "beside the line"), *columns]
        return names, np.column_stack([linear, moved, trees[:, :-1]])

    def save(self, folder: Path) -> None:
        views = self.views
        arrays: dict[str, Any] = {"idf": views.ridge.idf, "ridge": views.ridge.coefficients}
        arrays |= {f"weights{place}": each for place, each in enumerate(self.weights)}
        arrays |= {"crossed": views.crossed.coefficients, "described": views.described.coefficients}
        arrays |= {f"lineage {name}": array for name, array in views.lineage.arrays().items()}
        if views.near is not None:
            words = views.near.words
            arrays |= {"near data": words.data, "near columns": words.indices, "near rows": words.indptr}
            arrays |= {"near target": views.near.target}
        np.savez_compressed(folder / "linear.npz", **arrays)
        for place, booster in enumerate(self.boosters):
            (folder / f"trees{place}.txt").write_text(booster.model_to_string(), "utf-8")
        assert views.described.numerics is not None
        rest = {
            "ridge": [views.ridge.mean, views.ridge.categories, views.ridge.products],
            "crossed": [views.crossed.mean, views.crossed.categories],
            "described": [views.described.mean, views.described.categories, views.described.numerics.to_json()],
            "line": asdict(self.line),
            "listed": asdict(self.listed),
            "reader": self.reader.to_json(),
            "categories": self.categories.known,
            "brands": self.brands.known,
            "boosters": len(self.boosters),
        }
        (folder / "hedonic.json").write_text(json.dumps(rest, sort_keys=True), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Hedonic:
        import lightgbm

        rest = json.loads((folder / "hedonic.json").read_text("utf-8"))
        line = rest["line"]
        # Models of before list prices moved the line have none.
        listed = rest.get("listed", {"ratios": {}, "weights": (0.0, 0.0), "furthest": (0.0, 0.0)})
        with np.load(folder / "linear.npz") as arrays:
            views, weights = _views(dict(arrays), rest)
        return cls(
            views,
            Line(line["mean"], tuple(line["words"]), tuple(line["all"])),
            ListRatio(listed["ratios"], tuple(listed["weights"]), tuple(listed["furthest"])),
            weights,
            AttributeReader.from_json(rest["reader"]),
            Codes(tuple(rest["categories"])),
            Codes(tuple(rest["brands"])),
            [
                lightgbm.Booster(model_str=(folder / f"trees{place}.txt").read_text("utf-8"))
                for place in range(rest["boosters"])
            ],
        )


def _views(arrays: dict[str, np.ndarray], rest: dict[str, Any]) -> tuple[Views, Weights]:
    """The views as `Hedonic.save` wrote them."""
    mean, categories, products = rest["ridge"]
    described, around, numerics = rest["described"]
    near = None
    if "near data" in arrays:
        parts = (arrays["near data"], arrays["near columns"], arrays["near rows"])
        near = Near(
            sp.csr_matrix(parts, shape=(len(arrays["near target"]), 2**WORD_BITS)),
            arrays["near target"],
        )
    views = Views(
        TextRidge(arrays["idf"], arrays["ridge"], mean, categories, products),
        Crossed(arrays["crossed"], rest["crossed"][0], rest["crossed"][1], None),
        Lineage.from_arrays({name[8:]: array for name, array in arrays.items() if name.startswith("lineage ")}),
        near,
        Crossed(arrays["described"], described, around, Numerics.from_json(numerics)),
    )
    return views, (arrays["weights0"], arrays["weights1"], arrays["weights2"])


def learn(
    rows: pd.DataFrame, target: np.ndarray, idf: np.ndarray, knobs: HedonicKnobs, seed: int = 7
) -> tuple[Hedonic, np.ndarray]:
    """Train on one row per listing; returns the model and its out-of-fold predictions for the same rows, one column
    for each kind of information."""
    folds = folds_for(len(rows), knobs)
    fold = fold_of(rows["listing"], folds)
    reader = learn_reader(list(rows["attributes"]))
    counted = prepare(rows, idf, None, reader)
    weights = counted.tokens.weights()
    ready = dataclasses.replace(counted, tokens=counted.tokens.weighted(weights))
    del counted  # a few hundred megabytes of a large market
    guesses, beside = np.zeros((len(rows), len(GUESSES))), np.zeros((len(rows), BESIDE))
    by_list = np.full(len(rows), np.nan)
    held = [fold == each for each in range(folds) if (fold == each).any()]
    insides = [np.flatnonzero(~each) for each in held]
    *parts, views = fit_views(ready, target, idf, len(reader.numeric), knobs, [*insides, np.arange(len(rows))])
    for out, inside, part in zip(held, insides, parts, strict=True):
        guesses[out], beside[out] = part.columns(ready[out])
        by_list[out] = learn_ratios(rows.iloc[inside], target[inside]).value(rows[out])
    del parts
    line = learn_line(guesses, target)
    listed = learn_steps(learn_ratios(rows, target), by_list, _two_lines(guesses, line), target)
    lines = _lines(guesses, line, listed, by_list)
    categories, brands = Codes.learn(rows["category"]), Codes.learn(rows["brand"])
    table = _table(ready, guesses, beside, lines, categories, brands)
    columns = columns_of(reader, GUESSES, BESIDE)
    trees = Trees(table, lines, target, rows["listing"], columns, knobs, seed)
    guessed = np.zeros((len(rows), len(Information)))
    for out in held:
        boosters = trees.fit(~out)
        guessed[out] = predictions(boosters, table[out], lines[out], tuple(Information), columns)
    everything = trees.fit(np.ones(len(rows), bool))
    return Hedonic(views, line, listed, weights, reader, categories, brands, everything), guessed


def _two_lines(guesses: np.ndarray, line: Line) -> np.ndarray:
    """The line of the title alone and the one with the attributes: shape (rows, 2)."""
    return np.column_stack([line.of(guesses, described=False), line.of(guesses, described=True)])


def _lines(guesses: np.ndarray, line: Line, listed: ListRatio, by_list: np.ndarray) -> np.ndarray:
    """The line that the trees start from with each kind of information: shape (rows, len(Information))."""
    bare = _two_lines(guesses, line)
    moved = bare + listed.steps(by_list, bare)
    out = np.empty((len(bare), len(Information)))
    out[:, Information.ALL], out[:, Information.NO_LIST_PRICE] = moved[:, 1], bare[:, 1]
    out[:, Information.NO_ATTRIBUTES], out[:, Information.WORDS_ALONE] = moved[:, 0], bare[:, 0]
    return out


def _table(
    ready: Prepared, guesses: np.ndarray, beside: np.ndarray, lines: np.ndarray, categories: Codes, brands: Codes
) -> np.ndarray:
    """The trees' table; the list price is held against the title's line as well."""
    title = lines[:, Information.WORDS_ALONE]
    return tabular(ready.rows, guesses, beside, title, ready.numbers, categories, brands)


def predictions(
    boosters: Sequence[Any], table: np.ndarray, lines: np.ndarray, kinds: Sequence[Information], columns: Columns
) -> np.ndarray:
    """The trees' answers plus the line's, with each kind of information: shape (rows, kinds).

    A row that lacks already what a kind leaves out is answered once for both.
    """
    held = np.zeros(len(table), int)
    for kind in (Information.NO_LIST_PRICE, Information.NO_ATTRIBUTES):
        held += kind * np.isfinite(table[:, columns.lacking(kind)]).any(axis=1)
    every, out = np.arange(len(table)), np.zeros((len(table), len(kinds)))
    known = np.full((len(table), len(Information)), np.nan)
    for column, kind in enumerate(kinds):
        differs = held & kind
        for each in np.unique(differs).tolist():
            asked = np.flatnonzero((differs == each) & np.isnan(known[:, each]))
            if len(asked):
                less = leave_out(table[asked], Information(each), columns)
                known[asked, each] = _mean_answer(boosters, less)
        out[:, column] = known[every, differs] + lines[:, kind]
    return out


def _mean_answer(boosters: Sequence[Any], table: np.ndarray) -> np.ndarray:
    answers = [each.predict(table, num_threads=threads(len(table))) for each in boosters]
    out: np.ndarray = np.mean(answers, axis=0)
    return out

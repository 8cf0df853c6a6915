"""What others would value with on the same rows and folds: ridge on text, ridge under LightGBM, and FLAML."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pandas as pd

from features.attributes import AttributeReader, learn_reader
from models.base.trees import Codes, fold_of
from warehouse.errors import BadInput

_COMPONENTS = 50


def text_of(rows: pd.DataFrame) -> list[str]:
    """Category, title and attributes of each row as one line."""
    return [
        f"{category} {title} " + " ".join(f"{name}={text}" for name, text in attributes.items())
        for category, title, attributes in zip(rows["category"], rows["title"], rows["attributes"], strict=True)
    ]


def _tfidf(pieces: bool) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if pieces:
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)


def ridge(known: list[str], target: np.ndarray, asked: list[str], *, pieces: bool = False) -> np.ndarray:
    """Ridge regression of log price on TF-IDF of words and pairs, or of 3–5 characters."""
    from sklearn.linear_model import Ridge

    vectors = _tfidf(pieces)
    model = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-3).fit(vectors.fit_transform(known), target)
    out: np.ndarray = model.predict(vectors.transform(asked))
    return out


class Columns:
    """Category, brand, list price and attributes as a table of numbers; the last ones are codes."""

    def __init__(self, known: pd.DataFrame) -> None:
        self.reader: AttributeReader = learn_reader(list(known["attributes"]))
        self.categories, self.brands = Codes.learn(known["category"]), Codes.learn(known["brand"])

    def __call__(self, rows: pd.DataFrame) -> np.ndarray:
        return np.column_stack(
            [
                self.categories.of(rows["category"]),
                self.brands.of(rows["brand"]),
                rows["ln_list"].to_numpy(float),
                self.reader.transform(list(rows["attributes"])),
            ]
        )

    @property
    def codes(self) -> list[int]:
        first = 3 + len(self.reader.numeric)
        return [0, 1, *range(first, first + len(self.reader.levels))]


def stacked(known: pd.DataFrame, asked: pd.DataFrame, *, pieces: bool, folds: int = 4) -> np.ndarray:
    """Ridge on text, out of fold, as one column of an untuned LightGBM beside the rows' other columns."""
    import lightgbm

    target = known["ln_price"].to_numpy(float)
    fold, texts, line = fold_of(known["listing"], folds), np.array(text_of(known), object), np.zeros(len(known))
    for held in range(folds):
        inside = fold != held
        line[~inside] = ridge(list(texts[inside]), target[inside], list(texts[~inside]), pieces=pieces)
    columns = Columns(known)
    table = np.column_stack([columns(known), line])
    own = np.column_stack([columns(asked), ridge(list(texts), target, text_of(asked), pieces=pieces)])
    data = lightgbm.Dataset(table, target, categorical_feature=columns.codes)
    booster = lightgbm.train({"verbosity": -1, "seed": 7, "num_threads": 1}, data, num_boost_round=100)
    out: np.ndarray = booster.predict(own)
    return out


def automl(known: pd.DataFrame, asked: pd.DataFrame, minutes: float) -> np.ndarray:
    """FLAML given `minutes`: TF-IDF of the text in fifty components and the same columns; log target, absolute error.

    Raises BadInput where it is not installed.
    """
    from sklearn.decomposition import TruncatedSVD

    vectors, columns = _tfidf(False), Columns(known)
    words = vectors.fit_transform(text_of(known))
    space = TruncatedSVD(min(_COMPONENTS, words.shape[1] - 1), random_state=7).fit(words)
    model = learner()
    table = np.column_stack([columns(known), space.transform(words)])
    model.fit(table, known["ln_price"].to_numpy(float), time_budget=60 * minutes)
    table = np.column_stack([columns(asked), space.transform(vectors.transform(text_of(asked)))])
    return np.asarray(model.predict(table), float)


def learner() -> Any:
    """A FLAML regressor for absolute error on one core, of learners that take a table with gaps.

    Raises BadInput where FLAML is not installed.
    """
    try:
        flaml = importlib.import_module("flaml")
    except ImportError as error:
        raise BadInput("FLAML is not installed; it is for measurements alone: pip install 'flaml[automl]'") from error
    return flaml.AutoML(
        task="regression",
        metric="mae",
        seed=7,
        verbose=0,
        n_jobs=1,
        estimator_list=["lgbm", "xgboost", "xgb_limitdepth", "rf", "extra_tree"],
    )

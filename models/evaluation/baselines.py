"""Plain baselines, given the same rows as the models: what any analyst would try first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.comparables import TitleIndex
from features.market import last_of_each_listing
from features.text import inverse_document_frequency, weighted, word_matrix
from models.base.ridge import active_columns

NAMES = ("category median", "comparables median", "ridge on text")
_NEIGHBOURS = 5


def category_median(known: pd.DataFrame, cases: pd.DataFrame) -> np.ndarray:
    """Log of the median price in the case's category, or of all where the category was never seen."""
    latest = last_of_each_listing(known)
    medians = latest.groupby("category")["ln_price"].median()
    out: np.ndarray = cases["category"].map(medians).fillna(latest["ln_price"].median()).to_numpy(float)
    return out


def comparables_median(index: TitleIndex, known: pd.DataFrame, cases: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Log of the median price of the newest listing of the five most similar titles seen by the case's day."""
    price = known["ln_price"].to_numpy(float)
    out = np.full(len(cases), np.nan)
    idf = inverse_document_frequency(index.words)
    found = index.similar_titles(list(cases["title"]), days, idf, top=_NEIGHBOURS, least=0.0)
    for place, (titles, _) in enumerate(found):
        rows = [index.rows_of(int(title), int(days[place]), 1) for title in titles]
        if rows:
            out[place] = float(np.median(price[np.concatenate(rows)]))
    return np.where(np.isnan(out), category_median(known, cases), out)


def text_ridge(known: pd.DataFrame, cases: pd.DataFrame) -> np.ndarray:
    """Ridge regression of log price on idf-weighted words and word pairs of the title."""
    from sklearn.linear_model import Ridge

    latest = last_of_each_listing(known)
    words = word_matrix(list(latest["title"]))
    idf = inverse_document_frequency(words)
    active = active_columns(words)
    model = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-3).fit(weighted(words, idf)[:, active], latest["ln_price"])
    out: np.ndarray = model.predict(weighted(word_matrix(list(cases["title"])), idf)[:, active])
    return out

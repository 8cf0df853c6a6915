"""Small tables are dealt into more folds than large ones, so that what is out of fold is nearly what all of it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.text import char_matrix, inverse_document_frequency, word_matrix
from models.base import hedonic
from models.knobs import default_knobs


@pytest.mark.parametrize(("few_rows", "folds"), [(301, 8), (300, 4)])
def test_a_small_table_is_dealt_into_more_folds(monkeypatch: pytest.MonkeyPatch, few_rows: int, folds: int) -> None:
    random, count = np.random.default_rng(1), 300
    titles = [f"{brand} drill {size}V" for brand, size in zip(*random.integers(10, 40, (2, count)), strict=True)]
    rows = pd.DataFrame({
        "listing": [f"l{each}" for each in range(count)], "title": titles, "category": "drill", "brand": "",
        "product": titles, "ln_list": np.nan, "attributes": [{}] * count,
    })  # fmt: skip
    taught: list[int] = []

    def fit_views(*asked: Any) -> Any:
        taught.extend(len(inside) for inside in asked[-1])
        return plain(*asked)

    plain = hedonic.fit_views
    monkeypatch.setattr(hedonic, "fit_views", fit_views)
    idf = np.concatenate([inverse_document_frequency(each(titles)) for each in (word_matrix, char_matrix)])
    knobs = default_knobs().hedonic.model_copy(update={"trees": 6, "few_rows": few_rows})
    _, guessed = hedonic.learn(rows, random.normal(4, 1, count), idf, knobs)

    *parts, whole = taught
    assert whole == count
    assert len(parts) == folds
    # Each row is out once.
    assert sum(count - part for part in parts) == count
    assert np.isfinite(guessed).all()

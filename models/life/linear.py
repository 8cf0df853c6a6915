"""The linear baseline that is always trained beside: a ridge over words and one over attributes, without anything else.

Both are there in every vintage, under the trees of the hedonic model. Where the whole machinery of trees, comparables,
kriging and list prices is no better than they are on the same cases, it is not worth its trouble.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.base.views import prepare
from models.training.vintage import Vintage


def linear_value(rows: pd.DataFrame, vintage: Vintage) -> np.ndarray:
    """Log price at the reference by the linear models alone: over attributes where a row has any, else over words."""
    hedonic = vintage.hedonic
    ready = prepare(rows, hedonic.ridge.idf, hedonic.weights, hedonic.reader)
    words = hedonic.ridge.predict(ready.text, rows)
    described = hedonic.views.described.predict(ready.tokens, rows, ready.numbers[:, : hedonic.views.numerics])
    out: np.ndarray = np.where(ready.described, described, words)
    return out

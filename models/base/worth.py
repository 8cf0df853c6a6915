"""The base value: hedonic value and comparables put together, in natural logs of the anchor currency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.base.compose import Compared
from models.training.vintage import Vintage


@dataclass(frozen=True)
class Base:
    """Log base values of many questions, and what they are made of.

    ln base = w_c ln v_c + w_h ln v_h + w_l ln v_l with v_h the `hedonic` value (0 without a vintage), v_c the
    comparables moved to its own attributes (hedonic + ρ, the robust mean above it) and v_l the `listed` value: list
    price with depreciation, NaN where there is none. `weight` is the comparables' share of what the list price leaves.
    """

    hedonic: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    compared: list[Compared]
    listed: np.ndarray
    list_weight: np.ndarray

    @property
    def evidence(self) -> np.ndarray:
        return np.array([each.evidence for each in self.compared])

    @property
    def shares(self) -> np.ndarray:
        """w_c, w_h and w_l of each question: shape (questions, 3), rows summing to 1."""
        rest = 1.0 - self.list_weight
        return np.column_stack([rest * self.weight, rest * (1.0 - self.weight), self.list_weight])


def base_values(
    questions: pd.DataFrame, compared: list[Compared], vintage: Vintage | None, hedonic: np.ndarray | None = None
) -> Base:
    """ln base = (1 − u)(f + w·ρ) + u·l; without a vintage the comparables alone, and nearly so of goods it has never
    seen. f is the hedonic value, ρ what comparables stood above theirs, l the list price's value (`Base`)."""
    mean = np.array([each.mean for each in compared])
    nothing = np.zeros(len(questions))
    if vintage is None:
        return Base(nothing, nothing + 1.0, mean, compared, nothing + np.nan, nothing)
    own = vintage.hedonic.predict(questions) if hedonic is None else hedonic
    evidence = np.array([each.evidence for each in compared])
    weight = vintage.blend.weight(evidence)
    # Of goods it has never seen the model knows nothing: there the comparables decide alone.
    weight = np.where(vintage.knows(questions), weight, 1.0)
    weight = np.where([len(each.row) > 0 for each in compared], weight, 0.0)
    # Enough of the very same thing settles it: there nothing is left to draw to.
    settled = np.array([each.settled for each in compared], bool)
    weight = np.where(settled, 1.0, weight)
    value = own + weight * mean
    listed = vintage.listed.value(questions)
    list_weight = np.where(settled, 0.0, vintage.listed.weight(evidence, listed))
    return Base(own, weight, value + list_weight * np.nan_to_num(listed - value), compared, listed, list_weight)

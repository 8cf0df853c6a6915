"""The base value: hedonic value and comparables put together, in natural logs of the anchor currency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.base.compose import Compared
from models.training.vintage import Vintage


@dataclass(frozen=True)
class Base:
    """Log base values of many questions: `hedonic` (0 without a vintage), weight of the comparables, and the sum."""

    hedonic: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    compared: list[Compared]

    @property
    def evidence(self) -> np.ndarray:
        return np.array([each.evidence for each in self.compared])


def base_values(
    questions: pd.DataFrame, compared: list[Compared], vintage: Vintage | None, hedonic: np.ndarray | None = None
) -> Base:
    """ln base = f + w·ρ; without a vintage the comparables alone, and nearly so of goods it has never seen."""
    mean = np.array([each.mean for each in compared])
    if vintage is None:
        return Base(np.zeros(len(questions)), np.ones(len(questions)), mean, compared)
    own = vintage.hedonic.predict(questions) if hedonic is None else hedonic
    weight = vintage.blend.weight(np.array([each.evidence for each in compared]))
    # Of goods it has never seen the model knows nothing: there the comparables decide alone.
    weight = np.where(vintage.knows(questions), weight, 1.0)
    weight = np.where([len(each.row) > 0 for each in compared], weight, 0.0)
    return Base(own, weight, own + weight * mean, compared)

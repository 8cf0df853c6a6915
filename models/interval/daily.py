"""Calibrations within the life of a vintage: each day takes in the cases of the days before it.

A vintage lasts a month, and errors drift meanwhile. What its values missed is known the next day, and a run of that day
would have calibrated by it. For moments in the past the cases are those that the following vintage replayed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.interval.calibration import Calibration
from models.knobs import IntervalKnobs


def scores_on(scores: pd.DataFrame, after: pd.DataFrame, cutoff: int, day: int, knobs: IntervalKnobs) -> pd.DataFrame:
    """The cases known at the end of a day from a vintage's cut-off on: its own `scores` and, of those that the vintage
    `after` it replayed, the ones up to then. Both have SCORE_COLUMNS and, where judged, `missed`."""
    if day <= cutoff or "missed" not in after:
        return scores
    since = (after["day"] > cutoff) & (after["day"] <= day) & after["missed"].notna()
    if not since.any():
        return scores
    parts = [scores, after[since]] if len(scores) else [after[since]]
    return pd.concat(parts).tail(knobs.kept).reset_index(drop=True)


def judged(scores: pd.DataFrame, cases: pd.DataFrame, cutoff: int, knobs: IntervalKnobs) -> np.ndarray:
    """−1, 0 or 1 for each of a vintage's `cases` after its cut-off: below, inside or above the interval that it would
    have been given, with what was known the day before."""
    missed = np.zeros(len(cases))
    asked = np.maximum(cutoff, cases["day"].to_numpy() - 1)
    known = cases.assign(missed=np.nan)
    for day in np.unique(asked):
        here = asked == day
        missed[here] = Calibration(scores_on(scores, known, cutoff, int(day), knobs), knobs).missed(cases[here])
        known.loc[here, "missed"] = missed[here]
    return missed

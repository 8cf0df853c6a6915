"""Calibrations within the life of a vintage: each week takes in the cases of the weeks before it.

A vintage lasts a month, and errors drift meanwhile. What its values missed is known the next day, so its intervals
are calibrated anew each week. For moments in the past the cases are those that the following vintage replayed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.interval.calibration import Calibration
from models.knobs import IntervalKnobs

WEEK = 7


def weeks_since(cutoff: int, day: int) -> int:
    """How many whole weeks of cases after a cut-off are known on a day."""
    return max(0, day - cutoff) // WEEK


def scores_on(scores: pd.DataFrame, after: pd.DataFrame, cutoff: int, weeks: int, knobs: IntervalKnobs) -> pd.DataFrame:
    """The cases known so many whole weeks after a vintage's cut-off: its own `scores` and, of those that the vintage
    `after` it replayed, the ones up to then. Both have SCORE_COLUMNS and, where judged, `missed`."""
    if weeks == 0 or "missed" not in after:
        return scores
    since = (after["day"] > cutoff) & (after["day"] <= cutoff + WEEK * weeks) & after["missed"].notna()
    if not since.any():
        return scores
    parts = [scores, after[since]] if len(scores) else [after[since]]
    return pd.concat(parts).tail(knobs.kept).reset_index(drop=True)


def judged(scores: pd.DataFrame, cases: pd.DataFrame, cutoff: int, knobs: IntervalKnobs) -> np.ndarray:
    """−1, 0 or 1 for each of a vintage's `cases` after its cut-off: below, inside or above the interval that it would
    have been given, with what was known at the beginning of its week."""
    missed = np.zeros(len(cases))
    week = np.maximum(0, cases["day"].to_numpy() - 1 - cutoff) // WEEK
    known = cases.assign(missed=np.nan)
    for each in np.unique(week):
        here = week == each
        until = scores_on(scores, known, cutoff, int(each), knobs)
        missed[here] = Calibration(until, knobs).missed(cases[here])
        known.loc[here, "missed"] = missed[here]
    return missed

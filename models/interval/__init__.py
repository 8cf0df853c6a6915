"""Prediction intervals by conformal prediction on replayed cases.

A score is r = ln(price) − ln(value given the day before). `bins` says how cases are told apart, `scale` how wide a
score may be expected to be, `drift` how that moves with time; `calibration` puts them together with what is known of
past misses, `daily` puts them together anew each day.
"""

from models.interval.bins import (
    ALL_BIN,
    SCORE_COLUMNS,
    SHAPE_COLUMNS,
    Interval,
    Shape,
    bins,
    evidence_class,
    score_table,
    shape_of,
    tier,
)
from models.interval.calibration import Calibration
from models.interval.daily import judged, scores_on
from models.interval.quantile import quantiles

__all__ = [
    "ALL_BIN",
    "SCORE_COLUMNS",
    "SHAPE_COLUMNS",
    "Calibration",
    "Interval",
    "Shape",
    "bins",
    "evidence_class",
    "judged",
    "quantiles",
    "score_table",
    "scores_on",
    "shape_of",
    "tier",
]

"""Effects of condition in the order of the scale: the better of two grades is never worth less.

Where few listings have a grade its effect is uncertain, and a thing in very good condition came out dearer than the
same like new. What is known of the order beforehand is put in by isotonic regression (Barlow, Bartholomew, Bremner and
Brunk 1972), each grade with the weight of its listings: grades that contradict the order share their mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from features.condition import scale

# A refurbished thing has a guarantee and an unknown past: it may be worth more or less than one like new.
_APART = frozenset({"refurbished"})


def in_order(effects: Mapping[str, float], rows: Mapping[str, int]) -> dict[str, float]:
    """Effects of grades (natural logs), those on the scale never rising from a better grade to a worse one; `rows` are
    the listings behind each. Grades that are not on the scale stay as they are."""
    from sklearn.isotonic import IsotonicRegression

    grades = [grade for grade in scale().grades if grade in effects and grade not in _APART]
    if len(grades) < 2:
        return dict(effects)
    found = [effects[grade] for grade in grades]
    weight = [1.0 + rows.get(grade, 0) for grade in grades]
    fitted = IsotonicRegression(increasing=False).fit_transform(np.arange(len(grades)), found, sample_weight=weight)
    return {**effects, **dict(zip(grades, map(float, fitted), strict=True))}

"""Scarcity: how many offers stand against the usual number there: −ln((offers + κ) / (usual + κ)).

0 is as usual, above 0 fewer. The usual number is the exponentially weighted mean of the weeks before.
"""

from __future__ import annotations

import numpy as np

from features.drivers.demand import steps_by_area
from features.drivers.offers import Counts, usual
from features.drivers.table import Steps

_HALF_LIFE, _DRAWN, _WEEKS = 26.0, 5.0, 8


def scarcity(counts: Counts) -> dict[tuple[str, str, str], Steps]:
    """A step for each area and week that is over. Details: offers, what was usual."""
    usually = usual(counts.offers, _HALF_LIFE)
    before = np.pad(np.cumsum(counts.offers > 0, axis=1), ((0, 0), (1, 0)))[:, :-1]
    with np.errstate(invalid="ignore"):
        value = -np.log((counts.offers + _DRAWN) / (usually + _DRAWN))
    value = np.where((before >= _WEEKS) & (usually >= 1), value, np.nan)
    return steps_by_area("scarcity", counts, value, np.stack([counts.offers, usually], axis=-1))

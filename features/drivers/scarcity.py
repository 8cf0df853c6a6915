"""Scarcity: how few things were newly offered in seven days, against the usual number: −ln of the one over the other.

0 is as usual, above 0 fewer. What stands on offer is no sign of it: where demand clears the shelves, few offers stand
though as many come; and of those that stand most came weeks ago.
"""

from __future__ import annotations

from features.drivers.offers import Counts
from features.drivers.rates import against_usual, steps_by_area
from features.drivers.table import Steps


def scarcity(counts: Counts) -> dict[tuple[str, str, str], Steps]:
    """A step for each area and day. Details: new offers, what was usual."""
    value, detail = against_usual(counts.keys, counts.new)
    return steps_by_area("scarcity", counts, -value, detail)

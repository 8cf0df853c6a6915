"""What the price was before: the median published level of the days before a surge, and when a surge began."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

# (day since 1970, published log level at its end), oldest first.
History = Sequence[tuple[int, float]]


def level_before(history: History, start: int, days: int) -> float | None:
    """The median log level of the `days` days before day `start`; the last one before, where those days have none."""
    near = [level for day, level in history if start - days <= day < start]
    if near:
        return statistics.median(near)
    earlier = [level for day, level in history if day < start]
    return earlier[-1] if earlier else None


def surge_start(history: History, times: float, days: int) -> int | None:
    """The day on which the surge that is still going on began; None where none is.

    A surge begins when a level stands more than `times` above the median of the `days` days before it, and is over once
    the level is back within that. A published level holds no season, so a surge is none of the calendar's.
    """
    began: int | None = None
    ceiling = 0.0
    for place, (day, level) in enumerate(history):
        if began is not None and level <= ceiling:
            began = None
        if began is None and place:
            before = level_before(history[:place], day, days)
            if before is not None and level > before + math.log(times):
                began, ceiling = day, before + math.log(times)
    return began

"""Dampening: how a published level follows the raw one.

Within one period a published level moves at most from `step_down` to `step_up` times where it stood at the end of the
period before, and only with evidence of its own; otherwise it stays. Pure functions on natural logs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from features.level import Raw, nearest, parent


@dataclass(frozen=True, slots=True)
class Step:
    """The bounds of one period's move, as factors (0.8 and 1.2: a fifth down, a fifth up)."""

    down: float
    up: float

    def clip(self, move: float) -> float:
        return min(max(move, math.log(self.down)), math.log(self.up))


def move(before: float, raw: float, step: Step) -> float:
    """The published level at the end of a period: m̂ₖ = m̂ₖ₋₁ + clip(mₖ − m̂ₖ₋₁, ln down, ln up)."""
    return before + step.clip(raw - before)


def publish(before: dict[str, float], raw: dict[str, Raw], step: Step, n_min: int) -> dict[str, float]:
    """Published levels after a period, for all units that have one by then.

    A unit seen before moves if it has evidence of its own (n ≥ n_min) and stays otherwise. A unit's first published
    level is its nearest ancestor's as it stood before the period, moved like any other; with no ancestor, the raw level
    itself once n ≥ n_min.
    """
    after = dict(before)
    for unit, seen in raw.items():
        if seen.evidence < n_min:
            continue
        if unit in before:
            after[unit] = move(before[unit], seen.level, step)
            continue
        above = parent(unit)
        start, found = nearest(before, above) if above is not None else (0.0, None)
        after[unit] = seen.level if found is None else move(start, seen.level, step)
    return after

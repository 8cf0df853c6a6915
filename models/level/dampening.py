"""Dampening: how a published level follows the raw one.

Within one period a published level moves at most from `step_down` to `step_up` times where it stood at the end of the
period before, and only with evidence of its own: enough sellers, or news of a hazard. Without, it stays where it is;
only what a hazard did wears off by its learned curve. Pure functions on natural logs.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
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


def wear_off(before: float, raw: float, hazard_before: float, hazard: float, step: Step) -> float:
    """The published level after a period without evidence, while the effect of a hazard in it went back.

    It moves by as much as the effect lost, towards the raw level and never past it: what was not yet published of a
    surge cannot wear off.
    """
    if abs(hazard) >= abs(hazard_before):
        return before
    lost = step.clip(hazard - hazard_before)
    if lost < 0:
        return max(before + lost, min(raw, before))
    return min(before + lost, max(raw, before))


def publish(
    before: Mapping[str, float],
    raw: Mapping[str, Raw],
    step: Step,
    n_min: int,
    news: Container[str] = frozenset(),
    hazard: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, float]:
    """Published levels after a period, for all units that have one by then.

    A unit seen before moves if it has evidence of its own (n ≥ n_min, or `news` of a hazard) and stays otherwise, but
    for what wears off of a `hazard` (its effect before and now). A unit's first published level is its nearest
    ancestor's as it stood before the period, moved like any other; with no ancestor, the raw level itself once
    n ≥ n_min.
    """
    after = dict(before)
    levels = dict(before)
    for unit, seen in raw.items():
        if seen.evidence < n_min and unit not in news:
            if hazard and unit in before and unit in hazard:
                after[unit] = wear_off(before[unit], seen.level, *hazard[unit], step)
            continue
        if unit in before:
            after[unit] = move(before[unit], seen.level, step)
            continue
        above = parent(unit)
        start, found = nearest(levels, above) if above is not None else (0.0, None)
        if found is not None:
            after[unit] = move(start, seen.level, step)
        elif seen.evidence >= n_min:
            after[unit] = seen.level
    return after

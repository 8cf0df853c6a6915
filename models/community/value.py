"""The community's value of a thing: a weighted robust mean of ln estimates, its interval, and what one person can do.

Weights are capped, so that nobody has more than a stated share. The mean is Huber's M-estimate (1964, Ann. Math.
Statist. 35, 73) with a fixed threshold k in logs: it solves sum_i w_i psi(x_i - mu) = 0 with psi(r) = clip(r, -k, k).
Whatever person j says, their term stays within w_j k, so mu stays between the roots of the others' sum at -w_j k and
+w_j k. That bound is computed and told (`reach`); it does not depend on what was said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.community.independence import dependence, equal_amounts
from models.community.records import of, records
from models.community.shapes import Band, Estimate, Evidence
from models.knobs import CommunityKnobs

Array = NDArray[np.float64]
_ZERO = 1e-12


@dataclass(frozen=True, slots=True)
class Community:
    """`n` people, what they count for (`effective`), the value, and how far one of them could move it.

    `shares` is each valuer's share of the weight; `reach` the largest factor (above 1) by which one person, saying
    anything at all, could have moved the value up or down.
    """

    n: int
    effective: float
    band: Band
    reach: float
    shares: dict[str, float]


def counted(estimates: Sequence[Estimate], thing: str) -> list[Estimate]:
    """One estimate a person of a thing, the last of each, by valuer: the order they came in does not matter."""
    last: dict[str, Estimate] = {}
    for each in sorted(estimates, key=lambda each: (each.at, each.log)):
        if each.thing == thing:
            last[each.valuer] = each
    return [last[valuer] for valuer in sorted(last)]


def community(thing: str, known: Evidence, knobs: CommunityKnobs) -> Community | None:
    """The value of `thing` by what is known; None below the least number of people."""
    given = counted(known.estimates, thing)
    if len(given) < knobs.least:
        return None
    else_known = Evidence(
        [each for each in known.estimates if each.thing != thing],
        [each for each in known.prices if each.thing != thing],
        known.trades,
    )
    by_valuer = records(else_known, given[0].category, knobs)
    of_each = [of(each.valuer, by_valuer, knobs) for each in given]
    logs = np.array([each.log - record.bias for each, record in zip(given, of_each, strict=True)])
    variances = np.array([record.variance for record in of_each])
    tied = dependence(given, else_known, knobs)
    weights = capped(1.0 / variances / tied.sum(axis=1), knobs.most_share)
    middle = huber(logs, weights, knobs.threshold)
    narrow = np.maximum(tied, equal_amounts(given))
    variance, effective = _variance(logs, variances, narrow, knobs)
    return Community(
        n=len(given),
        effective=effective,
        band=Band(middle, math.sqrt(variance + knobs.common**2)),
        reach=math.exp(_reach(logs, weights, middle, knobs.threshold)),
        shares={each.valuer: float(weight) for each, weight in zip(given, weights, strict=True)},
    )


def capped(weights: Array, most: float) -> Array:
    """Weights that sum to one, none above `most` (or above an equal share, where that is more)."""
    limit = max(most, 1.0 / len(weights))
    shares: Array = weights / weights.sum()
    held = np.zeros(len(shares), dtype=bool)
    while (over := (shares > limit + 1e-12) & ~held).any():
        held |= over
        free = weights[~held].sum()
        shares = np.where(held, limit, weights / free * (1 - limit * held.sum()) if free > 0 else 0.0)
    return shares


def huber(logs: Array, weights: Array, threshold: float) -> float:
    """The root of sum_i w_i clip(x_i - mu, -k, k) = 0: the middle, where there is a whole range of them."""
    points, pulls = _pulls(logs, threshold)
    low, high = _roots(points, pulls @ weights, 0.0)
    return (low + high) / 2


def _pulls(logs: Array, threshold: float) -> tuple[Array, Array]:
    """Where the sum has its corners, sorted, and how each person pulls there: it is a straight line in between."""
    points = np.sort(np.concatenate([logs - threshold, logs + threshold]))
    pulls: Array = np.clip(logs[None, :] - points[:, None], -threshold, threshold)
    return points, pulls


def _roots(points: Array, sums: Array, pushed: float) -> tuple[float, float]:
    """The lowest and the highest point at which the falling line through `sums` has the height `pushed`."""
    first = int(np.argmax(sums <= pushed + _ZERO))
    last = len(sums) - 1 - int(np.argmax(sums[::-1] >= pushed - _ZERO))
    low, high = points[first], points[last]
    if first > 0:
        low = points[first - 1] + _part(sums[first - 1], sums[first], pushed) * (points[first] - points[first - 1])
    if last + 1 < len(sums):
        high = points[last] + _part(sums[last], sums[last + 1], pushed) * (points[last + 1] - points[last])
    return float(low), float(high)


def _part(before: float, after: float, pushed: float) -> float:
    return min(max((before - pushed) / (before - after), 0.0), 1.0) if before > after else 0.0


def _reach(logs: Array, weights: Array, middle: float, threshold: float) -> float:
    """How far the one who can do most could move the middle, in logs, whatever they say."""
    points, pulls = _pulls(logs, threshold)
    whole, most = pulls @ weights, 0.0
    for row, weight in enumerate(weights):
        others = whole - weight * pulls[:, row]
        down, _ = _roots(points, others, weight * threshold)
        _, up = _roots(points, others, -weight * threshold)
        most = max(most, up - middle, middle - down)
    return most


def _variance(logs: Array, variances: Array, tied: Array, knobs: CommunityKnobs) -> tuple[float, float]:
    """Variance of the mean, and the effective number of people (Kish 1965, with the pairs' dependence).

    Equal amounts are tied here too, so that copies add nothing. Where people disagree more than their records say, the
    variance grows with it (the Birge ratio: Birge 1932, Phys. Rev. 40, 207); each disagreement is clipped at three
    deviations, so that no single one opens the interval at will.
    """
    counts = 1.0 / tied.sum(axis=1)
    weights = counts / variances
    shares = weights / weights.sum()
    deviations = np.sqrt(variances)
    variance = float((shares * deviations) @ tied @ (shares * deviations))
    effective = 1.0 / float(shares @ tied @ shares)
    middle = huber(logs, shares, knobs.threshold)
    off = np.clip((logs - middle) / deviations, -3.0, 3.0)
    freedom = float(counts.sum()) - 1.0
    birge = float(counts @ off**2) / freedom if freedom > 1e-9 else 1.0
    return variance * max(1.0, birge), effective

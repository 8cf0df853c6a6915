"""How much two people's estimates are one: a dependence between 0 and 1 for each pair of a thing's valuers.

Four signs, the strongest counts. *Copies*: amounts that agree on thing after thing. *Errors that go together*: where
both were wrong the same way, beyond their own bias and beyond what made everybody wrong about that thing. *Trades*
mostly with each other. *Bursts*: nearly equal amounts within minutes. Chance agrees now and then, so the first three
count by the lower end of a 90 % interval (Wilson 1927 for shares, Fisher's z for correlations).

Estimates are weighed by w_i = precision_i / sum_k dependence_ik: of n full copies each counts a nth (as sequences are
weighed by their number of neighbours, Henikoff and Henikoff 1994), so that a clique counts about once.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.community.records import Error, errors
from models.community.shapes import Z90, Estimate, Evidence
from models.knobs import CommunityKnobs

Matrix = NDArray[np.float64]
_LEAST = 3  # things or trades in common, below which a pair says nothing


def dependence(given: Sequence[Estimate], known: Evidence, knobs: CommunityKnobs) -> Matrix:
    """Square matrix over `given` (one thing's estimates, one a person), ones on the diagonal.

    `known` is everything else that is known of these people.
    """
    valuers = [each.valuer for each in given]
    found = np.maximum(_copies(valuers, known, knobs), _together(valuers, errors(known)))
    found = np.maximum(found, _traders(valuers, known))
    found = np.maximum(found, _bursts(given, knobs))
    np.fill_diagonal(found, 1.0)
    return found


def equal_amounts(given: Sequence[Estimate]) -> Matrix:
    """One where two people name the same amount: round numbers meet by chance, but they narrow no interval."""
    logs = np.array([each.log for each in given])
    found: Matrix = (np.abs(logs[:, None] - logs[None, :]) < 1e-9).astype(np.float64)
    return found


def _copies(valuers: Sequence[str], known: Evidence, knobs: CommunityKnobs) -> Matrix:
    said = _table(valuers, [(each.valuer, each.thing, each.log) for each in known.estimates])
    found = np.zeros((len(valuers), len(valuers)))
    for row in range(len(valuers)):
        apart = np.abs(said - said[row])
        common = np.isfinite(apart).sum(axis=1)
        found[row] = _lower_share((apart <= knobs.same).sum(axis=1), common)
    return found


def _together(valuers: Sequence[str], past: Mapping[str, Sequence[Error]]) -> Matrix:
    everybody = defaultdict(list)
    for each in (error for of_one in past.values() for error in of_one):
        everybody[each.thing].append(each.size)
    common = {thing: float(np.median(sizes)) for thing, sizes in everybody.items()}
    cells = [
        (valuer, each.thing, each.size - common[each.thing]) for valuer in valuers for each in past.get(valuer, ())
    ]
    left = _table(valuers, cells)
    seen = np.isfinite(left)
    number = seen.sum(axis=1, keepdims=True)
    left = np.where(seen, left - np.where(seen, left, 0.0).sum(axis=1, keepdims=True) / np.maximum(number, 1), 0.0)
    both = seen.astype(float) @ seen.T
    spread = np.sqrt((left**2 @ seen.T) * (seen @ (left**2).T))
    alike = np.divide(left @ left.T, spread, out=np.zeros_like(spread), where=spread > 1e-12)
    least = np.arctanh(np.clip(alike, -0.999, 0.999)) - Z90 / np.sqrt(np.maximum(both - 3, 1e-9))
    return np.where(both > _LEAST, np.tanh(np.maximum(least, 0.0)), 0.0)


def _traders(valuers: Sequence[str], known: Evidence) -> Matrix:
    pairs = Counter(frozenset(pair) for pair in known.trades if pair[0] != pair[1])
    total: Counter[str] = Counter()
    for pair, number in pairs.items():
        for one in pair:
            total[one] += number
    found = np.zeros((len(valuers), len(valuers)))
    for row, one in enumerate(valuers):
        for column, other in enumerate(valuers):
            number = pairs.get(frozenset((one, other)), 0)
            if number >= _LEAST:
                found[row, column] = _lower_share(np.array([number]), np.array([max(total[one], total[other])]))[0]
    return found


def _bursts(given: Sequence[Estimate], knobs: CommunityKnobs) -> Matrix:
    logs, moments = np.array([each.log for each in given]), np.array([each.at for each in given])
    near = np.abs(logs[:, None] - logs[None, :]) <= knobs.burst_near
    soon = np.abs(moments[:, None] - moments[None, :]) <= knobs.burst_minutes / 1440
    found: Matrix = (near & soon).astype(np.float64)
    return found


def _table(valuers: Sequence[str], cells: Sequence[tuple[str, str, float]]) -> Matrix:
    """Valuers × things, NaN where a person said nothing; of several the last."""
    row = {valuer: number for number, valuer in enumerate(valuers)}
    mine = [cell for cell in cells if cell[0] in row]
    column = {thing: number for number, thing in enumerate(sorted({thing for _, thing, _ in mine}))}
    table = np.full((len(valuers), len(column)), math.nan)
    for valuer, thing, number in mine:
        table[row[valuer], column[thing]] = number
    return table


def _lower_share(hits: NDArray[np.int64], tries: NDArray[np.int64]) -> Matrix:
    """Lower end of the 90 % interval of a share (Wilson); 0 below the least number of tries."""
    n = np.maximum(tries, 1).astype(float)
    share = hits / n
    low = share + Z90**2 / (2 * n) - Z90 * np.sqrt(share * (1 - share) / n + Z90**2 / (4 * n**2))
    return np.where((tries >= _LEAST) & (hits > 0), np.maximum(low / (1 + Z90**2 / n), 0.0), 0.0)

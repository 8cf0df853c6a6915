"""Learning the covariance of kriged comparables, and what new things fall by, from cases of the past."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.base.kriging import LEARNED, Covariance, Kriging, Nearest

# A parameter stays within this factor of its default: nothing absurd comes out of few cases.
_REACH = np.log(6.0)
# Errors far beyond the usual ones count little where parameters are learned: no covariance foresees a price gone wrong.
_LEAST_SCALE = 0.03
_EXCESS, _EXCESS_DAYS = (0.1, 0.2, 0.3, 0.4), (7.0, 14.0, 28.0)
_DOUBLED = 2.0  # log likelihood by which a parameter twice (or half) its start must make the cases likelier
_WORTH = 4.0  # log likelihood by which two more parameters must make the cases likelier


def learn_covariance(near: Nearest, target: np.ndarray, start: Covariance, sweeps: int = 2) -> Covariance:
    """Parameters that bring most kriged values near to `target` (Cauchy loss): a coordinate search from `start`, and
    what new things fall by (`_excess`) last.

    Each parameter stays within a factor of six of `start`, and doubling it must make the cases likelier by `_DOUBLED`
    (log likelihood) to be worth it: less is chance. Few cases therefore leave everything as it was.
    """
    if len(near) == 0:
        return start
    origin = start.logs
    # Where levels did not move nothing is to be learned of what follows them.
    free = [place for place, name in enumerate(LEARNED) if name != "follows" or near.drift.any()]

    kriging = Kriging(near)
    scale = _scale(kriging, target, start)

    def loss(logs: np.ndarray) -> float:
        error = target - kriging.solve(start.with_logs(logs), rounds=2, bound=False).mean
        return float(np.log1p((error / scale) ** 2).sum() + _DOUBLED * (((logs - origin) / np.log(2)) ** 2).sum())

    best, step = origin.copy(), np.full(len(origin), 0.7)
    least = loss(best)
    for _ in range(sweeps):
        for place in free:
            for sign in (1.0, -1.0):
                trial = best.copy()
                trial[place] = np.clip(
                    trial[place] + sign * step[place], origin[place] - _REACH, origin[place] + _REACH
                )
                found = loss(trial)
                if found < least - 1e-3:
                    best, least = trial, found
                    break
            else:
                step[place] /= 2
    return learn_excess(near, target, start.with_logs(best))


def learn_excess(near: Nearest, target: np.ndarray, by: Covariance) -> Covariance:
    """The same with what new things fall by, where that makes the cases likelier by more than chance would.

    log(1 + e²) is minus the log likelihood of a Cauchy error; two parameters are worth it from 4 (Akaike 1974 asks 2).
    """
    if not (near.there & (near.since < max(_EXCESS_DAYS))).any():
        return by
    kriging = Kriging(near)
    scale = _scale(kriging, target, by)

    def unlikely(each: Covariance) -> float:
        return float(np.log1p(((target - kriging.solve(each, rounds=2, bound=False).mean) / scale) ** 2).sum())

    tried = [replace(by, excess=high, excess_days=days) for high in _EXCESS for days in _EXCESS_DAYS]
    told = [unlikely(each) for each in tried]
    place = int(np.argmin(told))
    return tried[place] if told[place] < unlikely(replace(by, excess=0.0)) - _WORTH else replace(by, excess=0.0)


def _scale(kriging: Kriging, target: np.ndarray, by: Covariance) -> float:
    """The median error, a Cauchy's scale: half of its errors are within."""
    return max(float(np.median(np.abs(target - kriging.solve(by, rounds=2, bound=False).mean))), _LEAST_SCALE)

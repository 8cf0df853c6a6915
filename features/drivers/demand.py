"""Demand: how fast offers go and how many people look for such things, against what is usual there.

Three signs, each a log deviation from the area's own past, drawn to 0 where few were counted and divided by its own
spread so far: sold or ended over on offer; days on the market (fewer is more demand); wanted posts over offers. Demand
is their mean, at most 3 either way.
"""

from __future__ import annotations

import numpy as np

from features.drivers.offers import Counts, usual
from features.drivers.table import DETAILS, Steps

_HALF_LIFE, _DRAWN, _WEEKS, _MOST = 26.0, 5.0, 8, 3.0
_FLOOR = 0.15  # no sign is taken to vary less than this (log), so that a quiet past does not make a shout of a whisper


def demand(counts: Counts) -> dict[tuple[str, str, str], Steps]:
    """A step for each area and week that is over.

    Details: gone, offers, days on sale, wanted; then what was usual of each.
    """
    offers, usually = counts.offers, usual(counts.offers, _HALF_LIFE)
    gone, wanted = usual(counts.gone, _HALF_LIFE), usual(counts.wanted, _HALF_LIFE)
    days = _ratio(usual(counts.on_sale, _HALF_LIFE), usual(counts.timed, _HALF_LIFE))
    signs = np.stack(
        [
            _deviation(counts.gone, offers, _ratio(gone, usually)),
            -_deviation(counts.on_sale, counts.timed, days),
            _deviation(counts.wanted, offers, _ratio(wanted, usually)),
        ]
    )
    scaled = np.stack([np.clip(sign / _spread(sign), -_MOST, _MOST) for sign in signs])
    known = np.isfinite(scaled)
    with np.errstate(invalid="ignore"):
        value = np.where(known, scaled, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    own_days = _ratio(counts.on_sale, counts.timed)
    detail = np.stack([counts.gone, offers, own_days, counts.wanted, gone, usually, days, wanted], axis=-1)
    return steps_by_area("demand", counts, value, detail)


def steps_by_area(
    name: str, counts: Counts, value: np.ndarray, detail: np.ndarray
) -> dict[tuple[str, str, str], Steps]:
    """Weekly values as steps; a step holds from the last day of its week on. `detail` is filled up with NaN."""
    room = np.full((*value.shape, DETAILS), np.nan)
    room[..., : detail.shape[-1]] = detail
    out = {}
    for n, (category, region) in enumerate(counts.keys):
        known = np.isfinite(value[n])
        if known.any():
            out[name, category, region] = Steps(counts.last[known], value[n, known], room[n, known])
    return out


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _deviation(above: np.ndarray, below: np.ndarray, usually: np.ndarray) -> np.ndarray:
    """ln of this week's ratio over the usual one, drawn to 0; NaN where nothing is usual or nothing was counted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out: np.ndarray = np.log((above + _DRAWN * usually) / (below + _DRAWN) / usually)
    return np.where((usually > 0) & ((below > 0) | (above > 0)), out, np.nan)


def _spread(sign: np.ndarray) -> np.ndarray:
    """Root mean square of the weeks before, never less than a floor; NaN until enough weeks were seen."""
    known = np.isfinite(sign)
    squares = np.cumsum(np.where(known, sign, 0.0) ** 2, axis=1)
    number = np.cumsum(known, axis=1)
    before = np.pad(squares, ((0, 0), (1, 0)))[:, :-1], np.pad(number, ((0, 0), (1, 0)))[:, :-1]
    spread = np.sqrt(before[0] / np.maximum(before[1], 1))
    return np.where(before[1] >= _WEEKS, np.maximum(spread, _FLOOR), np.nan)

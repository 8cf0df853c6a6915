"""Demand: how many people look for such things and how fast offers go, against what is usual there.

Two signs, for they come at different times: who looks for a thing says so at once, and an offer that goes sooner is
known to have done so when it is gone. What each does to prices is learned apart.

*Wanted*: ln of the wanted posts of seven days over the usual number. *Turnover*: the mean of two log deviations from
the area's own past, each divided by its own spread so far: sold or ended over on offer, and days on the market (fewer
is more). All are drawn to 0 where few were counted, and at most 3 either way.
"""

from __future__ import annotations

import numpy as np

from features.drivers.offers import LEAST_WEEKS, WEEK, Counts, mean_before
from features.drivers.rates import MOST, against_usual, steps_by_area
from features.drivers.table import Steps

_HALF_LIFE, _DRAWN = 26.0, 5.0
_FLOOR = 0.15  # no sign is taken to vary less than this (log), so that a quiet past does not make a shout of a whisper


def demand(counts: Counts) -> dict[tuple[str, str, str], Steps]:
    """Both signs: a step for each area and day.

    Details of "wanted": posts, usual; of "turnover": gone, offers, days on sale, and what was usual of each.
    """
    value, detail = against_usual(counts.keys, counts.wanted)
    return steps_by_area("wanted", counts, value, detail) | _turnover(counts)


def _turnover(counts: Counts) -> dict[tuple[str, str, str], Steps]:
    offers, usually = counts.offers, mean_before(counts.offers, _HALF_LIFE)
    gone = mean_before(counts.gone, _HALF_LIFE)
    days = _ratio(mean_before(counts.on_sale, _HALF_LIFE), mean_before(counts.timed, _HALF_LIFE))
    signs = (
        _deviation(counts.gone, offers, _ratio(gone, usually)),
        -_deviation(counts.on_sale, counts.timed, days),
    )
    scaled = np.stack([np.clip(sign / _spread(sign), -MOST, MOST) for sign in signs])
    known = np.isfinite(scaled)
    with np.errstate(invalid="ignore"):
        value = np.where(known, scaled, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    detail = np.stack([counts.gone, offers, _ratio(counts.on_sale, counts.timed), gone, usually, days], axis=-1)
    return steps_by_area("turnover", counts, value, detail)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _deviation(above: np.ndarray, below: np.ndarray, usually: np.ndarray) -> np.ndarray:
    """ln of this week's ratio over the usual one, drawn to 0; NaN where nothing is usual or nothing was counted."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out: np.ndarray = np.log((above + _DRAWN * usually) / (below + _DRAWN) / usually)
    return np.where((usually > 0) & ((below > 0) | (above > 0)), out, np.nan)


def _spread(sign: np.ndarray) -> np.ndarray:
    """Root mean square of the days up to a week before, never less than a floor; NaN until enough were seen."""
    known = np.isfinite(sign)
    squares = np.cumsum(np.where(known, sign, 0.0) ** 2, axis=1)
    number = np.cumsum(known, axis=1)
    squares, number = (np.pad(each, ((0, 0), (WEEK, 0)))[:, :-WEEK] for each in (squares, number))
    spread = np.sqrt(squares / np.maximum(number, 1))
    return np.where(number >= LEAST_WEEKS * WEEK, np.maximum(spread, _FLOOR), np.nan)

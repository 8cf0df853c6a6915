"""The forecast of one series: a path, its interval, the best time, and how it did against "as now"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.index.season import Season, fit_season
from models.forecast.candidates import NAIVE, SEASONAL_NAIVE, WITH_SEASON, forecasts
from models.forecast.rolling import Errors, origins_of, quantiles, roll, scale_of, winner, with_plain
from models.forecast.series import Series
from models.knobs import ForecastKnobs

_CONTRASTS = 20


@dataclass(frozen=True)
class BestTime:
    """A period in which the value is surely higher (or lower) than in the next one; `gain` in logs, with its interval.

    `step` counts periods ahead, the next being 1.
    """

    step: int
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Outlook:
    """A forecast in logs by period ahead, with what supports it.

    `low` and `high` are NaN where too few errors are known for an interval. `scores` is the mean absolute scaled error
    of every candidate over `origins` earlier forecasts. `highest` and `lowest` are None unless the errors support them.
    """

    model: str
    days: np.ndarray
    path: np.ndarray
    low: np.ndarray
    high: np.ndarray
    origins: int
    scores: dict[str, float]
    season: Season
    highest: BestTime | None
    lowest: BestTime | None


def look_ahead(series: Series, horizon: int, knobs: ForecastKnobs, siblings: Sequence[Series] = ()) -> Outlook:
    """The forecast of the next `horizon` periods from what the series holds; earlier forecasts decide how.

    `siblings` (the parents of a segment) lend their scaled errors where the series alone has too few.
    """
    season = fit_season(series.days, series.values, step=series.step, span=knobs.season_span)
    own = _rolled(series, horizon, knobs)
    pool = [each for each in (own, *(_rolled(one, horizon, knobs) for one in siblings)) if each is not None]
    model, scores = winner(pool, better=knobs.better) if pool else (NAIVE, {})
    paths = forecasts(series, horizon, season)
    # Where no season is believed now, the winner's plain one is what it comes to.
    path = paths.get(model, paths[model.removesuffix(WITH_SEASON)])
    told = model if model in paths else model.removesuffix(WITH_SEASON)
    scale = scale_of(series.values)
    pool = [with_plain(each, [model]) for each in pool]
    width = scale * quantiles(pool, model, knobs.coverage)[0] if pool else np.full(horizon, math.inf)
    low, high = (np.where(np.isfinite(width), path + sign * width, np.nan) for sign in (-1, 1))
    best = [_best(path, pool, model, scale, knobs.coverage, highest) for highest in (True, False)]
    origins = sum(len(each.origins) for each in pool)
    return Outlook(told, series.ahead(horizon), path, low, high, origins, scores, season, *best)


def _rolled(series: Series, horizon: int, knobs: ForecastKnobs) -> Errors | None:
    origins = origins_of(len(series.values), horizon, most=knobs.origins, least=knobs.least)
    return roll(series, horizon, origins) if origins else None


def _best(
    path: np.ndarray, errors: Sequence[Errors], model: str, scale: float, coverage: float, highest: bool
) -> BestTime | None:
    """The best period against the next one, if the errors of such differences support it; None otherwise.

    The period is picked among many, so the band covers all differences at once: the quantile is of the largest
    standardised error of an origin (as in the studentised sup-t band of Montiel Olea and Plagborg-Møller 2019).
    """
    sign = 1.0 if highest else -1.0
    step = int(np.argmax(sign * path))
    apart = [each.by_candidate[model][:, 1:] - each.by_candidate[model][:, :1] for each in errors]
    contrasts = np.vstack(apart) if apart else np.empty((0, len(path) - 1))
    contrasts = contrasts[np.isfinite(contrasts).all(axis=1)]
    rank = math.ceil((len(contrasts) + 1) * coverage)
    if step == 0 or len(contrasts) < _CONTRASTS or rank > len(contrasts):
        return None
    spread = np.maximum(np.sqrt((contrasts**2).mean(axis=0)), 1e-9)
    largest = np.sort(np.abs(contrasts / spread).max(axis=1))[rank - 1]
    gain, width = float(path[step] - path[0]), float(scale * largest * spread[step - 1])
    return BestTime(step + 1, gain, gain - width, gain + width) if abs(gain) > width else None


__all__ = ["NAIVE", "SEASONAL_NAIVE", "BestTime", "Outlook", "look_ahead"]

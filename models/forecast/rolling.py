"""Rolling origins: what each candidate would have said at earlier times, and how far off it was.

From the errors comes everything that is claimed: which candidate is kept, how wide an interval is (split conformal by
horizon; Vovk, Gammerman and Shafer 2005; for forecasts Stankevičiūtė, Alaa and van der Schaar 2021), and whether one
week is better than another. Errors are divided by the series' own scale, the mean move from one period to the next up
to the first origin, so that series can be pooled (MASE: Hyndman and Koehler 2006).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from features.index.season import Season, fit_season
from models.forecast.candidates import NAIVE, SEASONAL_NAIVE, WITH_SEASON, forecasts
from models.forecast.series import Series, filled

# A season is learned anew after so many origins; between them the one before it holds, which was known then.
_RELEARNED = 4
_FLOOR = 1e-4


@dataclass(frozen=True)
class Errors:
    """Scaled errors (true less forecast) of one series: candidate → origins × horizon, NaN where nothing was seen.

    `origins` are the numbers of periods known at each origin; `scale` is what errors were divided by, in logs.
    """

    series: str
    origins: np.ndarray
    scale: float
    by_candidate: dict[str, np.ndarray]


def scale_of(values: np.ndarray) -> float:
    """The mean move from one period to the next, in logs; never below a floor, for a series that stands still."""
    moves = np.abs(np.diff(filled(values)))
    return max(float(moves.mean()), _FLOOR) if len(moves) else _FLOOR


def roll(
    series: Series,
    horizon: int,
    origins: Sequence[int],
    seasons: dict[int, Season] | None = None,
    *,
    seasonal: bool = True,
) -> Errors:
    """The errors of every candidate from each origin (a number of periods known, ascending).

    `seasons` may give the season known at an origin (shrunk to siblings, say); else the series' own is learned. A
    candidate with a season is measured as its plain one at origins where no season was believed.
    """
    scale = scale_of(series.values[: origins[0]])
    said: list[dict[str, np.ndarray]] = []
    season: Season | None = None
    for place, origin in enumerate(origins):
        known = series.until(origin)
        if seasons is not None:
            season = seasons.get(origin)
        elif seasonal and place % _RELEARNED == 0:
            season = fit_season(known.days, known.values, step=series.step)
        said.append(forecasts(known, horizon, season))
    names = sorted(set().union(*said))
    true = np.full((len(origins), horizon), np.nan)
    for place, origin in enumerate(origins):
        after = series.values[origin : origin + horizon]
        true[place, : len(after)] = after
    paths = {name: np.array([each.get(name, each[name.removesuffix(WITH_SEASON)]) for each in said]) for name in names}
    return Errors(series.name, np.array(origins), scale, {name: (true - path) / scale for name, path in paths.items()})


def origins_of(length: int, horizon: int, *, most: int, least: int) -> list[int]:
    """Up to `most` origins with at least `least` periods before and one after, evenly spread, the newest included."""
    last, first = length - 1, max(least, length - most * max(horizon // 2, 1))
    if last < first:
        return []
    return sorted({int(each) for each in np.linspace(first, last, min(most, last - first + 1)).round()})


def mase(errors: Iterable[Errors], candidate: str) -> float:
    """The mean absolute scaled error over origins, horizons and series, each series counting once."""
    each = [float(np.nanmean(np.abs(one.by_candidate[candidate]))) for one in errors if _seen(one, candidate)]
    return float(np.mean(each)) if each else math.nan


def _seen(errors: Errors, candidate: str) -> bool:
    found = errors.by_candidate.get(candidate)
    return found is not None and bool(np.isfinite(found).any())


def winner(errors: Sequence[Errors], *, better: float = 0.02) -> tuple[str, dict[str, float]]:
    """The candidate to keep, and the scaled error of each.

    The naive forecast is kept unless another is better by the share `better`: what wins by less wins by chance, and
    a forecast that says "as now" promises nothing.
    """
    names = sorted(set.union(set(), *(set(each.by_candidate) for each in errors)))
    full = [with_plain(each, names) for each in errors]
    table = {name: mase(full, name) for name in names}
    known = {name: value for name, value in table.items() if math.isfinite(value)}
    if not known:
        return NAIVE, table
    best = min(known, key=lambda name: (known[name], name))
    return (best if known[best] < (1 - better) * known[NAIVE] else NAIVE), table


def with_plain(errors: Errors, names: Iterable[str]) -> Errors:
    """The errors with every candidate named: one with a season that was nowhere believed is its plain one."""
    found = dict(errors.by_candidate)
    for name in names:
        if name not in found and name != SEASONAL_NAIVE:
            found[name] = found[name.removesuffix(WITH_SEASON)]
    return Errors(errors.series, errors.origins, errors.scale, found)


def quantiles(errors: Sequence[Errors], candidate: str, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """The half-width of the interval by horizon, in scales, and the number of errors behind each.

    The ⌈(n + 1)·coverage⌉-th smallest absolute error of the horizon; infinite where there are too few. A longer
    horizon is never given a narrower interval.
    """
    whole = np.vstack([each.by_candidate[candidate] for each in errors])
    width = np.full(whole.shape[1], math.inf)
    count = np.isfinite(whole).sum(axis=0)
    for step, seen in enumerate(count):
        rank = math.ceil((seen + 1) * coverage)
        if rank <= seen:
            ordered = np.sort(np.abs(whole[:, step][np.isfinite(whole[:, step])]))
            width[step] = ordered[rank - 1]
    return np.maximum.accumulate(width), count

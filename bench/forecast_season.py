"""Ways to learn a yearly season, beside each other; a part of `katy bench forecast`.

*Made*: weekly series with a known season, a wandering level, a trend and noise; the figure is the distance of the
learned season from the true one, over a year. *Real*: the last value moved along the learned season forecasts the value
a quarter and half a year ahead; the figure is the mean absolute log error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from features.index.season import WAVES, YEAR, Season, fit_season, shrunk, waves
from models.forecast.series import Series, filled

Curve = Callable[[np.ndarray], np.ndarray]
SEED = 5
AHEAD = (13, 26)


def fourier(series: Series) -> Curve:
    """Two waves beside an effect for each quarter, in one ridge regression: what the effects of the values use."""
    from sklearn.linear_model import Ridge

    use = np.isfinite(series.values)
    days = series.days[use]
    if days.max() - days.min() < 400:
        return lambda day: np.zeros(len(day))
    quarters = np.unique(days // 91, return_inverse=True)[1]
    design = np.hstack([np.eye(quarters.max() + 1)[quarters], 1.5 * waves(days)])
    beta = Ridge(alpha=2.0).fit(design, series.values[use]).coef_[-WAVES:] * 1.5
    return lambda day: waves(day) @ beta


def mstl(series: Series) -> Curve:
    """statsmodels' MSTL with gaps bridged; its last year is the season."""
    from statsmodels.tsa.seasonal import MSTL

    if len(series.values) < 2 * series.year:
        return lambda day: np.zeros(len(day))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.asarray(MSTL(filled(series.values), periods=series.year).fit().seasonal)[-series.year :]
    found = found - found.mean()
    phase = series.days[-series.year :] % YEAR
    order = np.argsort(phase)
    return lambda day: np.interp(day % YEAR, phase[order], found[order], period=YEAR)


def all_ways(some: Sequence[Series]) -> dict[str, list[Curve]]:
    """By way, the season's curve of each series."""
    own = {str(place): fit_season(each.days, each.values, step=each.step) for place, each in enumerate(some)}
    pulled = shrunk(own)[0]
    blank: Curve = lambda day: np.zeros(len(day))  # noqa: E731
    return {
        "none": [blank] * len(some),
        "waves and quarters, ridge": [fourier(each) for each in some],
        "MSTL": [mstl(each) for each in some],
        "structural": [_curve(own[str(place)]) for place in range(len(some))],
        "structural, shrunk to parent": [_curve(pulled[str(place)]) for place in range(len(some))],
    }


def _curve(season: Season) -> Curve:
    return season.at


def made(weeks: int, size: float, count: int = 12) -> list[dict[str, Any]]:
    """Distance from the true season of `count` sibling series of so many weeks."""
    random = np.random.default_rng(SEED)
    shared = size * np.array([0.8, -0.5, 0.2, 0.1])
    days = 18000 + 7 * np.arange(weeks)
    some, true = [], []
    for number in range(count):
        own = shared + size * random.normal(0, 0.15, WAVES)
        level = np.cumsum(random.normal(0.001, 0.008, weeks))
        values = level + waves(days) @ own + random.normal(0, 0.05, weeks)
        values[random.random(weeks) < 0.1] = np.nan
        some.append(Series(str(number), days, values, 7.0))
        true.append(own)
    year = np.arange(20000, 20366)
    rows = []
    for name, curves in all_ways(some).items():
        apart = [curve(year) - waves(year) @ own for curve, own in zip(curves, true, strict=True)]
        rows.append(
            {"weeks": weeks, "true size": size, "season": name, "RMSE": float(np.sqrt(np.mean(np.square(apart))))}
        )
    return rows


def real(some: Sequence[Series], name: str) -> list[dict[str, Any]]:
    """Mean absolute log error of "the last value, moved along the season", from four origins in the last third."""
    errors: dict[str, list[list[float]]] = {}
    for share in (0.66, 0.74, 0.82, 0.9):
        known = [each.until(round(share * len(each.values))) for each in some]
        for way, curves in all_ways(known).items():
            kept = errors.setdefault(way, [[] for _ in AHEAD])
            for whole, part, curve in zip(some, known, curves, strict=True):
                last = len(part.values) - 1
                for place, ahead in enumerate(AHEAD):
                    if last + ahead < len(whole.values):
                        moved = curve(whole.days[[last + ahead]])[0] - curve(whole.days[[last]])[0]
                        error = whole.values[last + ahead] - filled(part.values)[-1] - moved
                        kept[place].append(abs(float(error)))
    rows = []
    for way, kept in errors.items():
        told = {f"{ahead} ahead": float(np.nanmean(kept[place])) for place, ahead in enumerate(AHEAD)}
        rows.append({"series": name, "season": way, **told})
    return rows

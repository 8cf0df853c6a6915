"""The ways to forecast a series: each from the values so far to the next `horizon` values, in logs.

The plain ones are what the others have to beat. Exponential smoothing, the damped trend (Gardner and McKenzie 1985) and
the theta method (Assimakopoulos and Nikolopoulos 2000) are statsmodels'; the median of several forecasts is the
combination that is hard to beat (Makridakis, Spiliotis and Assimakopoulos 2020, the M4 competition). Those with a
season forecast the values with the season taken out and put it back; the season comes from `features.index.season`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from features.index.season import Season
from models.forecast.series import Series, filled

Way = Callable[[np.ndarray, int], np.ndarray]
NAIVE = "naive"
SEASONAL_NAIVE = "seasonal naive"
COMBINED = "median of all"
WITH_SEASON = " + season"


def naive(values: np.ndarray, horizon: int) -> np.ndarray:
    """The last value stays."""
    return np.full(horizon, values[-1])


def drift(values: np.ndarray, horizon: int) -> np.ndarray:
    """The mean move from the first value to the last goes on."""
    slope = (values[-1] - values[0]) / max(len(values) - 1, 1)
    return np.asarray(values[-1] + slope * np.arange(1, horizon + 1))


def smoothed(values: np.ndarray, horizon: int) -> np.ndarray:
    """Simple exponential smoothing."""
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    return np.asarray(SimpleExpSmoothing(values, initialization_method="estimated").fit().forecast(horizon))


def damped(values: np.ndarray, horizon: int) -> np.ndarray:
    """Holt's linear trend, damped."""
    from statsmodels.tsa.holtwinters import Holt

    fitted = Holt(values, damped_trend=True, initialization_method="estimated").fit()
    return np.asarray(fitted.forecast(horizon))


def theta(values: np.ndarray, horizon: int) -> np.ndarray:
    """The theta method: exponential smoothing with half of the linear trend as drift."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    return np.asarray(ThetaModel(values, period=1, deseasonalize=False, use_test=False).fit().forecast(horizon))


PLAIN: dict[str, Way] = {NAIVE: naive, "drift": drift}
FITTED: dict[str, Way] = {"exponential smoothing": smoothed, "damped trend": damped, "theta": theta}
_LEAST = 10


def seasonal_naive(series: Series, horizon: int) -> np.ndarray:
    """The value of a year earlier; where a year has not been seen, the last value."""
    values, year = filled(series.values), series.year
    if len(values) < year:
        return naive(values, horizon)
    return np.array([values[len(values) - year + step % year] for step in range(horizon)])


def forecasts(series: Series, horizon: int, season: Season | None) -> dict[str, np.ndarray]:
    """Every candidate's forecast of the next `horizon` periods.

    Those with a season are there only where one is believed. A model that cannot be fitted stands back for the naive
    forecast: it has no better to say.
    """
    values = filled(series.values)
    out = {SEASONAL_NAIVE: seasonal_naive(series, horizon)} | _all(values, horizon)
    if season is not None and season.believed:
        here, later = season.at(series.days), season.at(series.ahead(horizon))
        out |= {name + WITH_SEASON: each + later for name, each in _all(values - here, horizon).items()}
    return out


def _all(values: np.ndarray, horizon: int) -> dict[str, np.ndarray]:
    out = {name: way(values, horizon) for name, way in PLAIN.items()}
    if len(values) < _LEAST or np.ptp(values) < 1e-12:
        return out | dict.fromkeys((*FITTED, COMBINED), out[NAIVE])
    out |= {name: _safely(way, values, horizon) for name, way in FITTED.items()}
    out[COMBINED] = np.median([out[name] for name in (NAIVE, *FITTED)], axis=0)
    return out


def _safely(way: Way, values: np.ndarray, horizon: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = way(values, horizon)
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return naive(values, horizon)
    return found if np.isfinite(found).all() else naive(values, horizon)

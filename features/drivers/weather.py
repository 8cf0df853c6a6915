"""Weather: how unusual the last seven days were for the place and the time of year.

Standard deviations from the place's own climate, of a window of the year in the years *before*: wetter, snowier, warmer
while it is warm, colder while it is cool; and the first frost of a winter, less what that day usually has of one.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from features.drivers.table import DETAILS, Steps

_WEEK, _WINDOW, _MOST = 7, 15, 3.0
_YEARS = 2  # earlier years a climate needs
_WARM, _COOL = 22.0, 10.0  # °C: heat is felt above a weekly mean of daily maxima, cold below one of daily minima
_FROST_HALVES = 14.0  # days after which a first frost counts half
_YEAR = 366


def weather(observed: pd.DataFrame) -> dict[tuple[str, str, str], Steps]:
    """Steps by element and region, and those of all regions together (their mean).

    `observed` has region, day and temperature_max, temperature_min, precipitation, snowfall (NaN where not measured):
    one row for a region and day. Details: the week's figure (mm, cm, °C) and what is usual.
    """
    out: dict[tuple[str, str, str], Steps] = {}
    for region, rows in observed.groupby("region", sort=True):
        for name, steps in _of_region(rows.sort_values("day")).items():
            out[name, "", str(region)] = steps
    return out | _of_all(out)


def sensitive(name: str) -> frozenset[str]:
    """The categories that an element of the weather may move."""
    return frozenset(_table().get(name, ()))


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(resources.files("features").joinpath("data/weather_goods.toml").read_text("utf-8"))


def _of_region(rows: pd.DataFrame) -> dict[str, Steps]:
    first, last = int(rows["day"].min()), int(rows["day"].max())
    days = np.arange(first, last + 1)
    daily = rows.drop_duplicates("day", keep="last").set_index("day").reindex(days)
    week = {name: _week(daily[name].to_numpy(float)) for name in ("precipitation", "snowfall")}
    warm, cool = (_week(daily[name].to_numpy(float)) for name in ("temperature_max", "temperature_min"))
    out = {}
    for name, element in (("rain", "precipitation"), ("snow", "snowfall")):
        amount = week[element] * _WEEK
        score, mean = _standard(days, np.log1p(amount))
        out[name] = _steps(days, np.maximum(score, 0.0), amount, np.expm1(mean))
    score, mean = _standard(days, warm)
    out["heat"] = _steps(
        days, np.where(warm >= _WARM, np.maximum(score, 0.0), np.where(np.isfinite(score), 0.0, np.nan)), warm, mean
    )
    score, mean = _standard(days, cool)
    out["cold"] = _steps(
        days, np.where(cool <= _COOL, np.maximum(-score, 0.0), np.where(np.isfinite(score), 0.0, np.nan)), cool, mean
    )
    frost = _first_frost(days, daily["temperature_min"].to_numpy(float))
    mean, _ = _climate(days, frost)
    out["frost"] = _steps(days, frost - mean, frost, mean)
    return {name: steps for name, steps in out.items() if len(steps.day)}


def _steps(days: np.ndarray, value: np.ndarray, week: np.ndarray, usual: np.ndarray) -> Steps:
    known = np.isfinite(value)
    detail = np.full((int(known.sum()), DETAILS), np.nan)
    detail[:, 0], detail[:, 1] = week[known], usual[known]
    # Rounded to what can be told apart, so that the table stays small.
    return Steps(days[known].astype(np.int64), np.round(np.clip(value[known], -_MOST, _MOST), 3), np.round(detail, 2))


def _week(values: np.ndarray) -> np.ndarray:
    """The mean of the seven days up to each day, of which at least five must be known."""
    return np.asarray(pd.Series(values).rolling(_WEEK, min_periods=5).mean())


def _standard(days: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = _climate(days, values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((values - mean) / np.maximum(spread, 0.1)), mean


def _climate(days: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation on about the same day of the years before; NaN where these are too few."""
    date = pd.to_datetime(days, unit="D", origin="unix")
    year, place = np.asarray(date.year) - int(date.year.min()), np.asarray(date.day_of_year) - 1
    sums = np.zeros((3, int(year.max()) + 1, _YEAR))
    known = np.isfinite(values)
    for n, part in enumerate((np.ones(len(values)), values, values**2)):
        np.add.at(sums[n], (year[known], place[known]), part[known])
    width = 2 * _WINDOW + 1
    wrapped = np.concatenate([sums[..., -_WINDOW:], sums, sums[..., :_WINDOW]], axis=-1).cumsum(axis=-1)
    wrapped = np.concatenate([np.zeros((*wrapped.shape[:-1], 1)), wrapped], axis=-1)
    around = wrapped[..., width:] - wrapped[..., :-width]
    # Of the window around a day near the turn of the year, the days just past lie in the year before: two years back is
    # always over.
    before = np.concatenate([np.zeros((3, 1, _YEAR)), around.cumsum(axis=1)[:, :-1]], axis=1)
    safe = np.where((place < _WINDOW)[np.newaxis], _at(before, year - 1, place), _at(before, year, place))
    count, total, squares = safe
    enough = count >= _YEARS * width * 0.6
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(enough, total / count, np.nan)
        return mean, np.sqrt(np.maximum(squares / count - mean**2, 0.0))


def _at(table: np.ndarray, year: np.ndarray, place: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.where(year >= 0, table[:, np.maximum(year, 0), place], 0.0)
    return found


def _first_frost(days: np.ndarray, minimum: np.ndarray) -> np.ndarray:
    """1 on the day of a winter's first frost, then halving; a winter begins in July (the north's)."""
    date = pd.to_datetime(days, unit="D", origin="unix")
    winter = np.where(date.month >= 7, date.year, date.year - 1)
    frozen = pd.Series(np.where(minimum < 0, days, np.nan)).groupby(winter).cummin().groupby(winter).ffill().to_numpy()
    age = days - frozen
    out = np.where(np.isfinite(age), 0.5 ** (np.where(np.isfinite(age), age, 0) / _FROST_HALVES), 0.0)
    return np.asarray(np.where(np.isfinite(minimum), out, np.nan))


def _of_all(regions: dict[tuple[str, str, str], Steps]) -> dict[tuple[str, str, str], Steps]:
    out = {}
    for name in sorted({name for name, _, _ in regions}):
        parts = [
            pd.DataFrame(
                {"day": steps.day, "value": steps.value, "week": steps.detail[:, 0], "usual": steps.detail[:, 1]}
            )
            for (one, _, _), steps in regions.items()
            if one == name
        ]
        mean = pd.concat(parts).groupby("day", sort=True).mean().reset_index()
        columns = (mean[column].to_numpy(float) for column in ("value", "week", "usual"))
        out[name, "", ""] = _steps(mean["day"].to_numpy(np.int64), *columns)
    return out

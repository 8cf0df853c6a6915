"""Whether a currency is in trouble, day by day, from its official and its parallel rate.

Three measures, each causal (a day's judgement reads rows of that day and earlier alone) and each with two thresholds,
so that the judgement does not flicker around one of them:

- the *premium*, |ln(parallel / official)|, median of the newest quotes;
- the *volatility* of the official rate, annualised: 1.4826 × median |ln return| / √days × √365.25, the
  median absolute deviation around zero, consistent for normal returns (Rousseeuw and Croux 1993);
- the *crawl*: what the anchor costs more, in logs, than `crawl_span` days before.

A premium of 10 % or more is what Reinhart and Rogoff (2004, "The modern history of exchange rate arrangements") take
for a parallel market that matters. Rates are units of the anchor for one unit of the currency throughout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.anchors.rules import CurrencyRule

DAYS_A_YEAR = 365.25
_CONSISTENT = 1.4826
_EVER = 1_000_000
REASONS = ("premium", "volatility", "crawl", "goods")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days in trouble: `ended` is the first day out of it, None while it lasts.

    `reasons` name the measures that spoke in it with their largest value and their first day, in numbers.
    """

    currency: str
    started: int
    ended: int | None
    reasons: dict[str, tuple[float, int]]


def flip(values: np.ndarray, enter: float, leave: float) -> np.ndarray:
    """A switch with hysteresis: on from `enter` upwards, off from `leave` downwards, as it was in between or at NaN."""
    signal = np.where(values >= enter, 1.0, np.where(values <= leave, 0.0, np.nan))
    return np.asarray(pd.Series(signal).ffill().fillna(0.0).to_numpy() > 0.5)


def without_slips(rates: pd.Series, slip: float) -> pd.Series:
    """Rates by day without single quotes that stand alone: a jump by more than `slip` (in logs) needs a second quote.

    A quote is held against the median of the five before it; one that is set aside may be confirmed by the next one
    near it, so that a devaluation passes on its second day.
    """
    logs = np.log(rates.to_numpy(float))
    keep, waiting = np.ones(len(logs), bool), math.nan
    kept: list[float] = []
    for place, log in enumerate(logs):
        near = not kept or abs(log - float(np.median(kept[-5:]))) <= slip
        confirmed = abs(log - waiting) <= slip / 2
        if near or confirmed:
            if confirmed and not near:
                kept = []
            kept.append(log)
            waiting = math.nan
        else:
            keep[place], waiting = False, log
    return rates[keep]


def measures(official: pd.Series, parallel: pd.Series, rule: CurrencyRule) -> pd.DataFrame:
    """Premium, volatility and crawl of each day with a rate of either kind.

    Both series are indexed by days since 1970, ascending, in units of the anchor. NaN where a measure has too little to
    go by. The premium is signed: positive where the anchor costs more than officially.
    """
    days = np.union1d(official.index.to_numpy(np.int64), parallel.index.to_numpy(np.int64))
    out = pd.DataFrame(index=pd.Index(days, dtype="int64"))
    found = (
        ("premium", _premium(official, parallel, rule), rule.premium_window),
        ("volatility", _volatility(official, rule), rule.volatility_window),
        ("crawl", _crawl(official, rule), rule.volatility_window),
    )
    for name, values, window in found:
        out[name] = _latest(values, days, window)
        # What nobody has measured for so long says nothing any more, and holds no currency in trouble.
        forgotten = np.isnan(_latest(values, days, rule.carry)) & ~np.isnan(_latest(values, days, _EVER))
        out.loc[forgotten, name] = 0.0
    return out


def judge(measured: pd.DataFrame, rule: CurrencyRule) -> pd.DataFrame:
    """Whether each measure says trouble, by day: columns premium, volatility, crawl (and goods where measured)."""
    said = pd.DataFrame(index=measured.index)
    said["premium"] = flip(
        measured["premium"].abs().to_numpy(), math.log1p(rule.premium_enter), math.log1p(rule.premium_leave)
    )
    said["volatility"] = flip(measured["volatility"].to_numpy(float), rule.volatility_enter, rule.volatility_leave)
    said["crawl"] = flip(measured["crawl"].to_numpy(float), math.log1p(rule.crawl_enter), math.log1p(rule.crawl_leave))
    if "goods" in measured:
        said["goods"] = measured["goods_trouble"].to_numpy(bool)
    return said


def periods(currency: str, measured: pd.DataFrame, said: pd.DataFrame) -> list[Period]:
    """The spans of days on which any measure said trouble, with the reasons in numbers."""
    days, trouble = said.index.to_numpy(), said.any(axis=1).to_numpy()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], trouble.astype(int), [0]])))
    out = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        reasons = {}
        for name in said.columns:
            on = np.flatnonzero(said[name].to_numpy()[first:last])
            if len(on):
                values = np.abs(measured[name].to_numpy(float)[first:last])
                reasons[name] = (float(np.nanmax(values)), int(days[first + on[0]]))
        out.append(Period(currency, int(days[first]), int(days[last]) if last < len(days) else None, reasons))
    return out


def say(period: Period) -> str:
    """The reasons of a period in words: "parallel premium up to 48 %"."""
    words = {
        "premium": "parallel premium up to {:.0%}",
        "volatility": "volatility up to {:.0%} a year",
        "crawl": "the anchor up to {:.0%} dearer within a year",
        "goods": "prices of the same goods up to {:.0%} away from the official rate",
    }
    logs = {"premium", "crawl", "goods"}
    return "; ".join(
        words[name].format(math.expm1(value) if name in logs else value) for name, (value, _) in period.reasons.items()
    )


def _premium(official: pd.Series, parallel: pd.Series, rule: CurrencyRule) -> pd.Series:
    """Median of the newest premiums of each day with a parallel quote, where enough are within the window."""
    held = held_against(official, parallel, rule.official_age)
    if held.empty:
        return held
    spoken = _by_time(held).rolling(f"{rule.premium_window}D", min_periods=rule.premium_quotes).median()
    return pd.Series(spoken.to_numpy(), held.index)


def held_against(official: pd.Series, parallel: pd.Series, age: int) -> pd.Series:
    """ln(official / parallel), in units of the anchor, of each parallel quote with an official one of that day or at
    most `age` days before: positive where the anchor costs more than officially."""
    if official.empty or parallel.empty:
        return pd.Series(dtype=float, index=pd.Index([], dtype="int64"))
    place = np.searchsorted(official.index.to_numpy(), parallel.index.to_numpy(), side="right") - 1
    old = parallel.index.to_numpy() - official.index.to_numpy()[np.maximum(place, 0)]
    fits = (place >= 0) & (old <= age)
    logs = np.log(official.to_numpy(float)[np.maximum(place, 0)]) - np.log(parallel.to_numpy(float))
    return pd.Series(logs[fits], parallel.index[fits])


def _volatility(rates: pd.Series, rule: CurrencyRule) -> pd.Series:
    if len(rates) < 2:
        return pd.Series(math.nan, rates.index, dtype=float)
    logs = np.log(rates.to_numpy(float))
    days = rates.index.to_numpy(float)
    returns = pd.Series(np.abs(np.diff(logs)) / np.sqrt(np.diff(days)), rates.index[1:])
    window = _by_time(returns).rolling(f"{rule.volatility_window}D", min_periods=rule.volatility_quotes)
    return pd.Series(window.median().to_numpy() * _CONSISTENT * math.sqrt(DAYS_A_YEAR), returns.index)


def _crawl(rates: pd.Series, rule: CurrencyRule) -> pd.Series:
    """How much dearer, in logs, the anchor is than a span before; both ends are medians of five rates."""
    if len(rates) < 2:
        return pd.Series(math.nan, rates.index, dtype=float)
    smooth = pd.Series(np.log(rates.to_numpy(float)), rates.index).rolling(5, min_periods=1).median()
    days = rates.index.to_numpy()
    place = np.searchsorted(days, days - rule.crawl_span, side="right") - 1
    near = (place >= 0) & (days - rule.crawl_span - days[np.maximum(place, 0)] <= rule.official_age)
    before = smooth.to_numpy()[np.maximum(place, 0)]
    return pd.Series(np.where(near, before - smooth.to_numpy(), math.nan), rates.index)


def _latest(values: pd.Series, days: np.ndarray, age: int) -> np.ndarray:
    """The newest value on or before each day that is at most `age` days old."""
    known = values.dropna()
    if known.empty:
        return np.full(len(days), math.nan)
    place = np.searchsorted(known.index.to_numpy(), days, side="right") - 1
    fits = (place >= 0) & (days - known.index.to_numpy()[np.maximum(place, 0)] <= age)
    return np.where(fits, known.to_numpy()[np.maximum(place, 0)], math.nan)


def _by_time(values: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy(), pd.to_datetime(values.index.to_numpy(), unit="D"))


def by_day(days: Sequence[int], rates: Sequence[float]) -> pd.Series:
    """Rates as a series by day, ascending; several of one day meet in the middle."""
    series = pd.Series(np.asarray(rates, float), pd.Index(np.asarray(days, np.int64)))
    return series.groupby(level=0).median().sort_index()

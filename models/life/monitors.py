"""Does it still hold? Monitors that look at what was just learned: intervals, inputs, and what is left of prices.

Each finding needs an effect that matters and one that chance hardly makes; the tests behind the second are strict
because hundreds are made in every run. Numbers here are no knobs of values: nothing but alarms hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.level import period_start
from features.market import day_date
from models.interval import judged
from models.level.state import Learned
from models.training.vintage import Vintage
from warehouse.alarms import Finding

_CHANCE = 1e-4  # of a false alarm in a single test of healthy, independent data
_LEAST_CASES, _COVERAGE_OFF = 60, 0.07
_RECENT, _BEFORE, _LEAST_LISTINGS = 28, 180, 80
_PSI = 0.25  # above which the population stability index is by custom called a shift
_UNKNOWN_MORE = 0.15
_WEEKS, _WEEK_OFF, _LEAST_WEEK = 3, 0.05, 12


def monitor(learned: Learned) -> list[Finding]:
    """All that the monitors find in what a run has learned."""
    if not learned.vintages:
        return []
    return [*coverage_findings(learned), *input_findings(learned), *residual_findings(learned)]


def coverage_findings(learned: Learned) -> Iterator[Finding]:
    """Categories in which the intervals given before the newest cases hold clearly more or fewer of them than said."""
    newest = learned.vintages[-1]
    earlier = [each for each in learned.vintages[:-1] if each.cutoff < newest.cutoff]
    if not earlier:
        return
    before, said = earlier[-1], learned.knobs.interval.coverage
    cases = newest.scores[newest.scores["day"] > before.cutoff]
    inside = judged(before.scores, cases, before.cutoff, learned.knobs.interval) == 0
    for category, part in [("all", cases), *cases.groupby("category")]:
        held = inside[np.isin(cases.index, part.index)]
        if off(int(held.sum()), len(held), said):
            share = float(held.mean())
            message = (
                f"intervals are too {'narrow' if share < said else 'wide'} for {category}: {100 * share:.0f} % of the "
                f"{len(held)} newest prices lay inside, {100 * said:.0f} % should"
            )
            yield Finding("coverage", str(category), "warning", message, {"n": len(held), "inside": round(share, 4)})


def off(inside: int, cases: int, said: float) -> bool:
    """Whether a share inside is off by more than matters and more than chance makes (exact binomial test)."""
    from scipy.stats import binomtest

    if cases < _LEAST_CASES or abs(inside / cases - said) <= _COVERAGE_OFF:
        return False
    return bool(binomtest(inside, cases, said).pvalue < _CHANCE)


def input_findings(learned: Learned) -> Iterator[Finding]:
    """Categories whose new listings are priced unlike those before, or are of words that the models never met."""
    rows = learned.market.rows.assign(plain=learned.market.rows["ln_price"].to_numpy() - learned.market.level)
    fresh = rows.drop_duplicates("listing", keep="first")
    fresh = fresh[~fresh[["seller", "title"]].duplicated()]
    last = int(rows["day"].iloc[-1])
    recent = fresh[fresh["day"] > last - _RECENT]
    past = fresh[(fresh["day"] <= last - _RECENT) & (fresh["day"] > last - _RECENT - _BEFORE)]
    for category, part in recent.groupby("category"):
        usual = past.loc[past["category"] == category, "plain"].to_numpy(float)
        index = shifted(usual, part["plain"].to_numpy(float))
        if index is not None:
            message = (
                f"{category}: the {len(part)} new listings of four weeks are priced unlike those before (population "
                f"stability index {index:.2f}; {_PSI} is a shift)"
            )
            yield Finding("inputs", str(category), "warning", message, {"psi": round(index, 3), "n": len(part)})
    yield from _unknown_words(learned, recent, past, last - _RECENT)


def shifted(usual: np.ndarray, now: np.ndarray) -> float | None:
    """The population stability index of `now` against `usual` in tenths, where it is a shift; else None.

    Σ (p − q) ln(p / q); under no change it is about χ² of 9 degrees × (1/n + 1/m) (Yurdakul 2018).
    """
    from scipy.stats import chi2

    if min(len(usual), len(now)) < _LEAST_LISTINGS:
        return None
    edges = np.unique(np.quantile(usual, np.linspace(0.1, 0.9, 9)))
    shares = [
        (np.bincount(np.searchsorted(edges, each), minlength=len(edges) + 1) + 0.5)
        / (len(each) + 0.5 * len(edges) + 0.5)
        for each in (usual, now)
    ]
    index = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    limit = float(chi2.ppf(1 - _CHANCE, len(edges))) * (1 / len(usual) + 1 / len(now))
    return index if index > max(_PSI, limit) else None


def _unknown_words(learned: Learned, recent: pd.DataFrame, past: pd.DataFrame, day: int) -> Iterator[Finding]:
    vintage = learned.vintage(day)
    older = learned.vintage(vintage.cutoff - 1) if vintage is not None else None
    if vintage is None or older is None:
        return
    between = past[past["day"] > older.cutoff]
    now, usual = _unknown(recent, vintage), _unknown(between, older)
    if min(len(now), len(usual)) < _LEAST_LISTINGS or now.mean() - usual.mean() <= _UNKNOWN_MORE:
        return
    spread = np.sqrt(usual.mean() * (1 - usual.mean()) / len(usual) + now.mean() * (1 - now.mean()) / len(now))
    if now.mean() - usual.mean() > 4 * spread:
        message = (
            f"{100 * now.mean():.0f} % of the {len(now)} new listings are of words the models had not met, "
            f"{100 * usual.mean():.0f} % before: other goods than it learned from"
        )
        yield Finding("unknown_words", "all", "warning", message, {"share": round(float(now.mean()), 3), "n": len(now)})


def _unknown(rows: pd.DataFrame, vintage: Vintage, most: int = 1000) -> np.ndarray:
    return ~vintage.knows(rows.tail(most)) if len(rows) else np.zeros(0, bool)


def residual_findings(learned: Learned) -> Iterator[Finding]:
    """Categories whose prices have stood off the market level, on one side, in each of the last full weeks."""
    rows = learned.market.rows
    length = learned.knobs.level.period
    first = period_start(int(rows["day"].iloc[-1]) + 1, length) - _WEEKS * length
    low = int(np.searchsorted(rows["day"].to_numpy(), first))
    table = pd.DataFrame(
        {
            "category": rows["category"].to_numpy(object)[low:],
            "week": (rows["day"].to_numpy()[low:] - first) // length,
            "seller": rows["seller"].to_numpy(object)[low:],
            "left": learned.levels.residual[low:] - learned.market.level[low:],
        }
    )
    table = table[np.isfinite(table["left"]) & (table["week"] < _WEEKS)]
    for category, part in [("all", table), *table.groupby("category")]:
        drift = drifted([each["left"].to_numpy(float) for _, each in _voices(part).groupby("week")])
        if drift is not None:
            message = (
                f"{category}: prices have stood {100 * abs(np.expm1(drift)):.0f} % {'above' if drift > 0 else 'below'} "
                f"the market level for {_WEEKS} weeks, since {day_date(first)}"
            )
            yield Finding("residual_drift", str(category), "warning", message, {"log": round(drift, 4), "n": len(part)})


def _voices(part: pd.DataFrame) -> pd.DataFrame:
    """One voice for each seller and week: their median."""
    return part.groupby(["week", "seller"], as_index=False)["left"].median()


def drifted(weeks: list[np.ndarray]) -> float | None:
    """The median of what is left, where each week's lies on the same side by more than matters and than chance makes.

    The standard error of a median is 1.2533 σ/√n for a normal σ, here 1.4826 × the median absolute deviation.
    """
    if len(weeks) < _WEEKS or min(len(each) for each in weeks) < _LEAST_WEEK:
        return None
    middles = np.array([np.median(each) for each in weeks])
    if np.ptp(np.sign(middles)) or np.abs(middles).min() <= _WEEK_OFF:
        return None
    every = np.concatenate(weeks)
    centre = float(np.median(every))
    error = 1.2533 * 1.4826 * float(np.median(np.abs(every - centre))) / np.sqrt(len(every))
    return centre if abs(centre) > 4 * error else None

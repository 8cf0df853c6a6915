"""Trend and season of one series, by a structural time series model; gaps are allowed.

log value = level (random walk) + slope + two yearly waves + noise, by the Kalman filter of statsmodels'
UnobservedComponents (Harvey 1989). The waves' coefficients come with their covariance, in which a level that wanders
and a short history have their part; so a season can be shrunk to its parent's by what is known of it, not by a rule of
thumb (empirical Bayes: Efron and Morris 1975; the variance between siblings by DerSimonian and Laird 1986).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

YEAR = 365.25
ORDERS = (1, 2)
WAVES = 2 * len(ORDERS)


@dataclass(frozen=True)
class Season:
    """The yearly season of a series: coefficients of sin and cos of each order in natural logs, and their covariance.

    `trend` is the slope in logs a year, `days` the time spanned, `periods` the periods seen. `believed` is False
    where the rule of `believe` is not met, and `why` says so in words.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    trend: float
    days: int
    periods: int
    believed: bool
    why: str

    def at(self, day: int | np.ndarray) -> np.ndarray:
        """The season of a day (days since 1970) in logs: 0 on average over a year, and 0 where it is not believed."""
        wave: np.ndarray = waves(day) @ (self.coefficients if self.believed else np.zeros(WAVES))
        return wave


def waves(day: int | np.ndarray) -> np.ndarray:
    """sin and cos of each order on a day: shape (…, 4)."""
    angle = 2 * np.pi * np.asarray(day, float)[..., np.newaxis] / YEAR
    return np.concatenate([part for order in ORDERS for part in (np.sin(order * angle), np.cos(order * angle))], -1)


def believe(days: np.ndarray, *, span: int = 400) -> str:
    """What speaks against looking for a yearly season in values on these days; "" where nothing does.

    A year must have been seen from end to end and over (`span` days), and ten of its twelve months.
    """
    if len(days) < 3 * WAVES:
        return f"only {len(days)} values"
    lasted = int(days.max() - days.min())
    if lasted < span:
        return f"only {lasted} days seen; a season needs {span}"
    months = len(np.unique(days % YEAR // (YEAR / 12)))
    return "" if months >= 10 else f"only {months} of the twelve months seen"


def none_known(days: int, periods: int, why: str) -> Season:
    """No season: with nothing known of it, its covariance is infinite."""
    return Season(np.zeros(WAVES), np.full((WAVES, WAVES), np.inf), 0.0, days, periods, False, why)


def fit_season(
    days: np.ndarray, log_values: np.ndarray, *, step: float, span: int = 400, level: float = 0.99
) -> Season:
    """The season of one series with a value every `step` days, NaN or left out where there was none.

    It is believed where `believe` does not object and the waves differ from none at the given level (Wald test on
    their covariance). Simulated levels without a season pass the test at 0.99 in 0 to 8 of 100 cases: the variances of
    the model are themselves estimated. A series too short is answered at once, without fitting.
    """
    use = np.isfinite(log_values)
    days, values = np.asarray(days)[use], np.asarray(log_values, float)[use]
    lasted = int(days.max() - days.min()) if len(days) else 0
    against = believe(days, span=span)
    if against:
        return none_known(lasted, len(days), against)
    grid = np.round((days - days.min()) / step).astype(int)
    regular = np.full(int(grid.max()) + 1, np.nan)
    regular[grid] = values
    found = _structural(regular, waves(days.min() + step * np.arange(len(regular))))
    if found is None:
        return none_known(lasted, len(days), "the model did not converge")
    coefficients, covariance, slope = found
    season = Season(coefficients, covariance, slope * YEAR / step, lasted, len(days), True, "")
    return _tested(season, level)


def _tested(season: Season, level: float) -> Season:
    from scipy.stats import chi2

    wald = float(season.coefficients @ np.linalg.solve(season.covariance, season.coefficients))
    sure = wald > chi2.ppf(level, WAVES)
    why = (
        "" if sure else f"what moves with the calendar may be chance (Wald {wald:.1f} of {chi2.ppf(level, WAVES):.1f})"
    )
    return replace(season, believed=bool(sure), why=why)


def _structural(regular: np.ndarray, wave: np.ndarray) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Coefficients, covariance and slope a step, with the coefficients among the states; None without convergence."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    scale = max(float(np.nanstd(regular)), 1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UnobservedComponents(regular / scale, level="lldtrend", exog=wave, mle_regression=False)
        try:
            fitted = model.fit(disp=False, maxiter=60)
        except (np.linalg.LinAlgError, ValueError):
            return None
    states, spread = fitted.smoothed_state[:, -1], fitted.smoothed_state_cov[:, :, -1]
    if not np.isfinite(states).all() or not np.isfinite(spread).all():
        return None
    return states[-WAVES:] * scale, spread[-WAVES:, -WAVES:] * scale**2, float(states[1] * scale)


def shrunk(seasons: Mapping[str, Season]) -> tuple[dict[str, Season], Season]:
    """Each sibling's season pulled to the one they share, by how surely each is known; and the shared one, the parent.

    A sibling with no season of its own to speak of gets the parent's. Where fewer than two siblings have one there is
    no parent to learn from, and all stay as they are.
    """
    known = {name: each for name, each in seasons.items() if np.isfinite(each.covariance).all()}
    if len(known) < 2:
        only = next(iter(known.values()), none_known(0, 0, "no sibling has a season"))
        return dict(seasons), only
    own = np.array([each.coefficients for each in known.values()])
    error = np.array([np.diag(each.covariance) for each in known.values()])
    between = _between(own, error)
    weight = 1 / (error + between)
    mean = (weight * own).sum(axis=0) / weight.sum(axis=0)
    parent = _tested(
        Season(
            mean, np.diag(1 / weight.sum(axis=0)), float(np.median([each.trend for each in known.values()])),
            max(each.days for each in known.values()), sum(each.periods for each in known.values()), True, "",
        ),
        0.99,
    )  # fmt: skip
    return {name: _pulled(each, parent, between) for name, each in seasons.items()}, parent


def _between(own: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The variance of the true coefficients between siblings, by moments; never below a small floor."""
    weight = 1 / error
    mean = (weight * own).sum(axis=0) / weight.sum(axis=0)
    excess = (weight * (own - mean) ** 2).sum(axis=0) - (len(own) - 1)
    spread = weight.sum(axis=0) - (weight**2).sum(axis=0) / weight.sum(axis=0)
    out: np.ndarray = np.maximum(excess / spread, 1e-8)
    return out


def _pulled(season: Season, parent: Season, between: np.ndarray) -> Season:
    if not np.isfinite(season.covariance).all():
        return replace(parent, days=season.days, periods=season.periods, trend=season.trend, why=season.why)
    error = np.diag(season.covariance)
    keep = between / (between + error)
    mean = keep * season.coefficients + (1 - keep) * parent.coefficients
    left = keep * error + (1 - keep) ** 2 * np.diag(parent.covariance)
    return replace(season, coefficients=mean, covariance=np.diag(left), believed=season.believed or parent.believed)

"""The comparisons behind the alarms: a share and a price now, against those of a source's earlier good runs.

Chance and the differences between the earlier runs are added up to one standard error. The thresholds are read from
`spiders/data/alarms.toml`, once.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from statistics import median
from typing import Any

# The ratio of a normal distribution's standard deviation to its median absolute deviation.
_MAD = 1.4826
# Of a normal distribution: standard deviations between the tenth and the ninetieth percentile, and the standard error
# of a quantile in units of σ/√n, which is √(p(1 − p))/φ(z_p).
_P10_TO_P90 = 2.563
_ERROR = {"median": 1.253, "p10": 1.709, "p90": 1.709}
# A run counts for at most so many independent rows.
_MOST_ROWS = 100.0
# The logarithms of prices and of rows on a page differ from day to day by so much at least.
DAYS = 0.1
# What prices were most likely mistaken for, by the factor they are off.
_FACTORS = {100.0: "cents were read as whole units", 1000.0: "a separator of thousands was read as a decimal one"}


@functools.cache
def _thresholds() -> dict[str, dict[str, float]]:
    return tomllib.loads((files("spiders") / "data" / "alarms.toml").read_text(encoding="utf-8"))


def threshold(section: str, name: str) -> float:
    """One number of the file, by its section and name."""
    return _thresholds()[section][name]


class Share:
    """A share now (`k` of `n`) against those of earlier runs, (k, n) each, by a likelihood-ratio test.

    Rows of a run are no independent draws: they come from the same shelves. So the days' own differences are taken from
    the earlier runs, and a run never counts for more than `_MOST_ROWS` independent rows. `sigmas` is the root of the
    test's statistic 2 Σ n KL(share ‖ both together), which holds for rare things and few rows too (Chernoff).
    """

    def __init__(self, k: float, n: float, past: Sequence[tuple[float, float]]) -> None:
        told = sorted(((before, total) for before, total in past if total), key=lambda one: one[0] / one[1])
        self.rows, self.runs = n, len(told)
        self.now = min(1.0, k / n) if n else 0.0
        # Of many runs the two farthest off are left out.
        middle = told[1:-1] if self.runs >= 5 else told
        self.usual = sum(before for before, _ in middle) / total if (total := sum(n for _, n in middle)) else 0.0
        self.sigmas = 0.0
        if n and self.runs >= threshold("history", "fewest"):
            days = between([before / rows for before, rows in told])
            self.sigmas = self._sigmas(n, total, days**2)

    def _sigmas(self, n: float, total: float, days: float) -> float:
        """`total` rows of earlier runs; `days` is the variance of the share between runs."""
        usual = (self.usual * total + 0.5) / (total + 1)
        by_chance = usual * (1 - usual)
        extra = max(days, by_chance / _MOST_ROWS)
        new, old = by_chance / (by_chance / n + extra), by_chance / (by_chance / total + extra / self.runs)
        both = (self.now * new + usual * old) / (new + old)
        ratio = 2 * (new * _divergence(self.now, both) + old * _divergence(usual, both))
        return math.copysign(math.sqrt(max(ratio, 0.0)), self.now - usual)

    def rose(self, kind: str) -> bool:
        return self.now - self.usual >= threshold(kind, "rise") and self.sigmas >= threshold(kind, "sigmas")

    def fell(self, kind: str) -> bool:
        part = self.usual * threshold(kind, "part") if kind == "coverage" else 0.0
        enough = max(threshold(kind, "drop"), part)
        return self.usual - self.now >= enough and -self.sigmas >= threshold(kind, "sigmas")

    def before(self) -> str:
        return f"; before it was {self.usual:.0%} (the middle of {self.runs} good runs)" if self.runs else ""

    def figures(self) -> dict[str, Any]:
        figures = {
            "now": round(self.now, 4),
            "usual": round(self.usual, 4),
            "rows": round(self.rows),
            "runs": self.runs,
        }
        needed = {"needs_rows": threshold("history", "rows")}
        return {**figures, "sigmas": round(self.sigmas, 1), **needed}


@dataclass(frozen=True, slots=True)
class Jump:
    """A price now against the same point of earlier runs' prices."""

    now: float
    usual: float
    runs: int
    sigmas: float

    @property
    def factor(self) -> float:
        return max(self.now / self.usual, self.usual / self.now)

    def message(self, point: str, currency: str) -> str:
        name = {"median": "middle price", "p10": "price of the lowest tenth", "p90": "price of the highest tenth"}[
            point
        ]
        way = "higher" if self.now > self.usual else "lower"
        why = next((why for factor, why in _FACTORS.items() if 0.8 < self.factor / factor < 1.25), None)
        guess = f": perhaps {why}" if why else ""
        return (
            f"the {name} in {currency} is {self.now:.6g}, {self.factor:.3g} times {way} than {self.usual:.6g} "
            f"(the middle of {self.runs} good runs){guess}"
        )

    def figures(self, point: str) -> dict[str, Any]:
        figures = {"now": self.now, "usual": self.usual, "factor": round(self.factor, 3), "runs": self.runs}
        needed = {"needs_rows": threshold("price_jump", "prices")}
        return {"point": point, **figures, "sigmas": round(self.sigmas, 1), **needed}


def jump_of(now: float, before: Sequence[float], error: float) -> Jump:
    """The comparison of a price; `error` is the standard error of its logarithm by chance alone."""
    logs = [math.log(price) for price in before]
    usual = median(logs)
    return Jump(now, math.exp(usual), len(before), abs(math.log(now) - usual) / math.hypot(error, between(logs), DAYS))


def quantile_error(point: str, spread: float, n: float) -> float:
    """The standard error of a quantile of ln(price): of `n` prices with ln(p90/p10) = `spread`."""
    return max(spread / _P10_TO_P90, 0.05) * _ERROR[point] / math.sqrt(n)


def _divergence(p: float, q: float) -> float:
    """The Kullback-Leibler divergence of two shares; `q` is neither 0 nor 1."""
    return sum(a * math.log(a / b) for a, b in ((p, q), (1 - p, 1 - q)) if a > 0)


def between(values: Sequence[float]) -> float:
    """The standard deviation among earlier runs, robustly; larger where few runs tell of it."""
    middle = median(values)
    return _MAD * median(abs(value - middle) for value in values) * (1 + 10 / len(values) ** 2)

"""Learning what drivers do to prices: tried one after the other, kept where they help in weeks not learned from.

Hazards and raw materials come first, whose causes lie outside of the market; demand and scarcity may then say what is
left. Each is tried in time order: the cells are cut into six blocks, and from the third on what was learned on the
blocks before is tried on the next.

How much levels wander by themselves is learned together with what drivers do to them: a swell that a driver explains is
no wandering, and held for one it would leave only the changes from week to week to learn from, in which a sign that is
counted from a few posts is mostly noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.drivers.table import WEATHER
from features.drivers.weather import sensitive
from features.hazards import goods_touched
from models.knobs import ShockKnobs
from models.shocks.effects import Curve, Shocks
from models.shocks.panel import Panel
from models.shocks.shrink import Prior, Products, fit, gain, products
from models.shocks.whiten import RATIOS, best_ratio, innovations, log_scales, robust_variance

RISES, HALF_LIVES = (0.0, 3.0, 7.0), (5.0, 10.0, 20.0, 40.0, 80.0)
LAGS = (0, 30, 90)
_BLOCKS = 6
_TRIED = [2, 3, 4, 5]  # blocks on which what was learned on those before is tried
# Rounds of choosing drivers and learning anew how much levels wander beside them.
_ROUNDS = 3
# Signs of demand and supply, with the spread that is expected of their slopes: two are logs of a ratio, turnover has
# standard deviations.
_SIGNS = (("wanted", 0.3), ("turnover", 0.1), ("scarcity", 0.3))


@dataclass(frozen=True)
class _Column:
    """A driver in the regression, with what is expected of it and the categories it may move (None: all)."""

    name: str
    values: np.ndarray
    prior: Prior
    categories: frozenset[str] | None
    lag: int = 0
    rise: float = 0.0
    half_life: float = 0.0


class _Setting:
    """The cells known by a day, as series without their wandering level."""

    def __init__(self, panel: Panel, until: int) -> None:
        weeks = (until + 1 - panel.first) // 7
        self.panel, self.weeks = panel, weeks
        n = panel.dense(np.where(np.isfinite(panel.y), panel.n, 0.0))[:weeks]
        self.areas = np.flatnonzero((n > 0).sum(axis=0) >= 8)
        self.n, self.y = n[:, self.areas], panel.dense(np.nan_to_num(panel.y))[:weeks][:, self.areas]
        self.categories = sorted({panel.areas[area][0] for area in self.areas})
        order = {name: place for place, name in enumerate(self.categories)}
        self.category = np.array([order[panel.areas[area][0]] for area in self.areas], int)

    @property
    def cells(self) -> int:
        return int((self.n > 0).sum())

    def settle(self) -> None:
        """The filter's ratio, the noise, and the blocks of time, of equally many cells each."""
        self.ratio, self.noise = best_ratio(self.y, self.n)
        upto = np.cumsum((self.n > 0).sum(axis=1)) - 1
        self.block = np.minimum(upto * _BLOCKS // max(int(upto[-1]) + 1, 1), _BLOCKS - 1)

    def products(self, columns: list[_Column]) -> Products:
        """Cross products of the columns with the series, by category and block."""
        x = [self._masked(column) for column in columns]
        white = innovations(np.stack([self.y, *x], axis=-1), self.n, self.ratio)
        return self._of(white, self.noise)

    def _of(self, white: np.ndarray, noise: float) -> Products:
        week, area = np.nonzero(np.isfinite(white[..., 0]))
        own = white[week, area]
        sizes = (len(self.categories), _BLOCKS)
        return products(own[:, 1:], own[:, 0], self.category[area], self.block[week], sizes, noise)

    def settle_with(self, columns: list[_Column], used: np.ndarray) -> bool:
        """The ratio and the noise under which the series are likeliest with what the columns `used` explain of them
        (profile likelihood); whether the ratio is another than before."""
        chosen = [column for column, use in zip(columns, used, strict=True) if use]
        priors, every = [column.prior for column in chosen], np.ones(len(chosen), bool)
        series = np.stack([self.y, *(self._masked(column) for column in chosen)], axis=-1)
        scored = []
        for ratio in RATIOS:
            white = innovations(series, self.n, ratio)
            slopes, _ = fit(self._of(white, self.noise), priors, _BLOCKS, every)
            left = white[..., 0] - np.einsum("wak,ak->wa", white[..., 1:], slopes[self.category])
            known = left[np.isfinite(left)]
            noise = robust_variance(known)
            scored.append((len(known) * np.log(noise) + float(log_scales(self.n, ratio).sum()), ratio, noise))
        before = self.ratio
        _, self.ratio, self.noise = min(scored)
        return self.ratio != before

    def _masked(self, column: _Column) -> np.ndarray:
        values = np.nan_to_num(self.panel.dense(column.values)[: self.weeks][:, self.areas])
        if column.categories is not None:
            may = np.array([name in column.categories for name in self.categories], bool)
            return np.where(may[self.category], values, 0.0)
        return np.asarray(values)


def learn_shocks(panel: Panel, until: int, knobs: ShockKnobs, before: Shocks | None = None) -> Shocks:
    """What the drivers do, by the weeks that were over at the end of day `until`. Nothing where too little is known.

    `before` is what was known earlier: a driver that was found once is kept as long as it does not make things worse,
    so that none comes and goes with the chance of a few weeks.
    """
    setting = _Setting(panel, until)
    if not panel.drivers or setting.weeks < knobs.min_weeks or setting.cells < knobs.min_cells:
        return Shocks()
    setting.settle()
    columns = _columns(setting, until)
    if not columns:
        return Shocks()
    priors = [column.prior for column in columns]
    for _ in range(_ROUNDS):
        data = setting.products(columns)
        used = _chosen(data, columns, knobs, before)
        if not used.any() or not setting.settle_with(columns, used):
            break
    data = setting.products(columns)
    slopes, spread = fit(data, priors, _BLOCKS, used)
    sure = np.abs(slopes) >= knobs.sure * spread
    pooled = np.array([column.name == "commodity" for column in columns])
    kept = np.where((sure | pooled) & used, slopes, 0.0)
    kept = _without_harm(data, priors, used, kept, knobs)
    return _collected(setting, columns, kept, until)


def _chosen(data: Products, columns: list[_Column], knobs: ShockKnobs, before: Shocks | None) -> np.ndarray:
    """Which of the columns are kept: each that helps beside those before it."""
    priors = [column.prior for column in columns]
    used = np.zeros(len(columns), bool)
    for place, column in enumerate(columns):
        with_it = used.copy()
        with_it[place] = True
        least = knobs.stay if before is not None and before.has(column.name) else knobs.help
        if _helps(data, priors, used, with_it, column, place, knobs, least):
            used = with_it
    return used


def _helps(
    data: Products,
    priors: list[Prior],
    old: np.ndarray,
    new: np.ndarray,
    column: _Column,
    place: int,
    knobs: ShockKnobs,
    least: float,
) -> bool:
    before = [fit(data, priors, block, old)[0] for block in _TRIED]
    after = [fit(data, priors, block, new)[0] for block in _TRIED]
    total, errors = gain(data, before, after, _TRIED)
    if total > 0 and errors >= least:
        return True
    if not column.half_life:
        return False
    # Of a hazard that struck once nothing can be tried on a later one: it must stand out far above chance.
    slopes, spread = fit(data, priors, _BLOCKS, new)
    return total >= -knobs.help and bool((np.abs(slopes[:, place]) >= knobs.once * spread[:, place]).any())


def _without_harm(
    data: Products, priors: list[Prior], used: np.ndarray, kept: np.ndarray, knobs: ShockKnobs
) -> np.ndarray:
    """Categories in which what was learned of all made things clearly worse are left out."""
    if not used.any():
        return kept
    out = kept.copy()
    learned = [fit(data, priors, block, used)[0] for block in _TRIED]
    for column in np.flatnonzero(used):
        without = []
        for slopes in learned:
            each = slopes.copy()
            each[:, column] = 0.0
            without.append(each)
        for category in np.flatnonzero(kept[:, column]):
            if gain(data, without, learned, _TRIED, only=int(category))[1] <= -knobs.help:
                out[category, column] = 0.0
    return out


def _columns(setting: _Setting, until: int) -> list[_Column]:
    """All drivers there is data of, in the order in which they are tried."""
    panel, out = setting.panel, []
    for kind in panel.drivers.kinds:
        begun = any((each.start <= until).any() for (one, _), each in panel.drivers.hazards.items() if one == kind)
        if begun:
            out.append(_best(setting, [_hazard(panel, kind, rise, half) for rise in RISES for half in HALF_LIVES]))
    raw = [
        _Column("commodity", panel.column("commodity", lag), Prior(1.0, 0.7, pooled=True, least=0.0), None, lag)
        for lag in LAGS
    ]
    out.append(_best(setting, raw))
    out += [_Column(name, panel.column(name), Prior(0.0, 0.05, pooled=False), sensitive(name)) for name in WEATHER]
    out += [_Column(name, panel.column(name), Prior(0.0, size, pooled=True, least=0.0), None) for name, size in _SIGNS]
    return [column for column in out if _varies(setting, column)]


def _hazard(panel: Panel, kind: str, rise: float, half_life: float) -> _Column:
    touched = frozenset(category for _, category in goods_touched(kind, "extreme") if category)
    values = panel.hazard(kind, rise, half_life)
    return _Column(kind, values, Prior(0.0, 0.4, pooled=True), touched, rise=rise, half_life=half_life)


def _best(setting: _Setting, candidates: list[_Column]) -> _Column:
    """The candidate that leaves the smallest squared errors, each category with a slope of its own."""
    data = setting.products(candidates)
    xx, xy = data.upto(_BLOCKS)
    own = np.einsum("ckk->ck", xx)
    spread = np.array([each.prior.spread for each in candidates])
    mean = np.array([each.prior.mean for each in candidates])
    slope = (xy + mean / spread**2) / (own + 1 / spread**2)
    return candidates[int((2 * slope * xy - slope**2 * own).sum(axis=0).argmax())]


def _varies(setting: _Setting, column: _Column) -> bool:
    seen = setting._masked(column)[setting.n > 0]
    return len(seen) > 0 and float(np.ptp(seen)) > 1e-6


def _collected(setting: _Setting, columns: list[_Column], slopes: np.ndarray, until: int) -> Shocks:
    slope: dict[str, dict[str, float]] = {}
    curve: dict[str, Curve] = {}
    lag = 0
    for place, column in enumerate(columns):
        found = {
            name: round(float(value), 6)
            for name, value in zip(setting.categories, slopes[:, place], strict=True)
            if value
        }
        if column.half_life:
            hazards = setting.panel.drivers.hazards
            begun = {
                int(day)
                for (kind, _), each in hazards.items()
                if kind == column.name
                for day in each.start
                if day <= until
            }
            curve[column.name] = Curve(column.rise, column.half_life, found, len(begun))
        else:
            slope[column.name] = found
            lag = column.lag if column.name == "commodity" else lag
    return Shocks(slope, lag, curve, tuple(sorted(column.name for column in columns)))

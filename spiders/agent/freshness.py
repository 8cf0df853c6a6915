"""When to look again: the mathematics of spending few looks where they keep most prices current.

An item changes like a Poisson process of rate λ (changes per day), and a look finds only whether it changed since the
last one. From its looks follows what λ may be; from that, how much a look now would gain; and the best looks are made.

The sources: J. Cho and H. Garcia-Molina, "Estimating frequency of change" (2003, what a look tells about λ) and
"Effective page refresh policies for web crawlers" (2003, freshness and its best allocation). Y. Azar and others,
"Tractable near-optimal policies for crawling" (PNAS 2018, the allocation as a rule for the next look).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import gammaincinv

Array = npt.NDArray[np.float64]

_DAY = 86_400.0
# The rates an item may have, in changes per day: from once in six years to once in half an hour, ten in each decade.
RATES: Array = np.geomspace(0.0005, 48.0, 51)
# As many items of nothing but ignorance stand beside those a source's rates are learned from.
_DOUBT = 1.0
_LEARN_FROM = 10_000
_LEARNING_STEPS = 40
# Few enough that their tables stay in the processor's cache.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one item: `visits` looks, of which `changes` found another price than the look before.

    `observed_days` lie between the first look and the last, `changed_days` of them in the intervals at whose end a
    change was found (where it is not known: their share). The first look finds no change: there was none before.
    """

    key: str
    visits: int = 0
    changes: int = 0
    observed_days: float = 0.0
    last_visit: datetime | None = None
    changed_days: float | None = None

    def looked(self, at: datetime, changed: bool) -> Seen:
        """The same after one more look. A look before the last one is ValueError."""
        if self.last_visit is None:
            return dataclasses.replace(self, visits=1, last_visit=at)
        days = (at - self.last_visit).total_seconds() / _DAY
        if days < 0:
            raise ValueError(f"{self.key} was looked at on {self.last_visit}, which is after {at}")
        return dataclasses.replace(
            self,
            visits=self.visits + 1,
            changes=self.changes + changed,
            observed_days=self.observed_days + days,
            last_visit=at,
            changed_days=self._changed_days() + days * changed,
        )

    def _changed_days(self) -> float:
        if self.changed_days is not None:
            return self.changed_days
        return self.observed_days * self.changes / (self.visits - 1) if self.visits > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Many items' looks as arrays of one length: changes found, and the days of intervals with and without one."""

    changes: Array
    changed_days: Array
    unchanged_days: Array

    @classmethod
    def of(cls, items: Sequence[Seen]) -> Evidence:
        changed = np.array([item._changed_days() for item in items], dtype=np.float64)
        observed = np.array([item.observed_days for item in items], dtype=np.float64)
        changes = np.array([item.changes for item in items], dtype=np.float64)
        return cls(changes, changed, np.maximum(observed - changed, 0.0))

    def part(self, chosen: slice) -> Evidence:
        return Evidence(self.changes[chosen], self.changed_days[chosen], self.unchanged_days[chosen])


def likelihood(evidence: Evidence) -> Array:
    """How likely each item's looks are at each of RATES: items × rates, scaled so that each item's best is 1.

    λ^0 exp(−λU) Π(1 − exp(−λtᵢ)) for U days without a change and the intervals tᵢ with one (Cho and Garcia-Molina 2003,
    section 5, irregular looks). The intervals with a change enter with their mean length, so that an item's state stays
    three numbers however often it is looked at; where they are very unequal (exponential) and longer than the time
    between changes, the rate comes out a fifth too low, among rates at which no look is worth much.
    """
    each = evidence.changed_days / np.maximum(evidence.changes, 1.0)
    # Two looks at one moment can find two prices; the shortest interval is then a second.
    found = -np.expm1(-np.maximum(each, 1 / _DAY)[:, None] * RATES)
    log = evidence.changes[:, None] * np.log(found) - evidence.unchanged_days[:, None] * RATES
    return cast(Array, np.exp(log - log.max(axis=1, keepdims=True)))


def learn_rates(evidence: Evidence) -> Array:
    """How common each of RATES is among a source's items; sums to 1.

    The mixture that makes the items' looks most likely (Kiefer and Wolfowitz 1956), found by expectation maximisation,
    with a few items' worth of ignorance (all rates alike) added. It is what items without a history are taken for,
    and what young ones are drawn to.
    """
    weights = np.full(len(RATES), 1 / len(RATES))
    told = np.flatnonzero(evidence.changed_days + evidence.unchanged_days > 0)
    if not len(told):
        return weights
    told = told[:: math.ceil(len(told) / _LEARN_FROM)]
    likely = likelihood(Evidence(evidence.changes[told], evidence.changed_days[told], evidence.unchanged_days[told]))
    doubt = weights * _DOUBT
    for _ in range(_LEARNING_STEPS):
        weights = weights * ((1 / (likely @ weights)) @ likely) + doubt
        weights /= weights.sum()
    return weights


def change_rates(evidence: Evidence, common: Array) -> Array:
    """Each item's rate in changes per day: what is expected of it after its looks, given what is `common`."""
    return _expected(evidence, common, np.broadcast_to(RATES, (len(evidence.changes), len(RATES))))


def gains(evidence: Evidence, common: Array, ages: Array) -> Array:
    """What a look at each item gains now, `ages` days after its last: the multiplier of the best allocation.

    Looking at the interval I for ever makes an item's freshness F = (1 − exp(−λI))/(λI), and one look per day more
    raises it by dF/d(1/I) = (1 − exp(−λI)(1 + λI))/λ. The best allocation makes that equal for all items; so the next
    look belongs to the item that has grown past the others. It is averaged over what λ may be.
    """
    age = ages[:, None]
    parts = range(0, len(ages), _AT_ONCE)
    found = [
        _expected(evidence.part(slice(at, at + _AT_ONCE)), common, marginal(RATES, age[at : at + _AT_ONCE]))
        for at in parts
    ]
    return np.concatenate(found) if found else np.zeros(0)


def _expected(evidence: Evidence, common: Array, values: Array) -> Array:
    """The mean of `values` (items × rates) over what each item's rate may be."""
    weights = likelihood(evidence)
    weights *= common
    return cast(Array, (weights * values).sum(axis=1) / weights.sum(axis=1))


def marginal(rates: Array, intervals: Array) -> Array:
    """dF/d(1/I) = (1 − exp(−λI)(1 + λI))/λ, in days: what one look per day more is worth. 0 where nothing changes."""
    passed = rates * intervals
    # 1 − exp(−x)(1 + x) without the loss of digits at small x.
    part = -np.expm1(-passed) - passed * np.exp(-passed)
    part = np.where(passed < 1e-4, passed**2 / 2, part)
    return cast(Array, np.divide(part, rates, out=np.zeros_like(part), where=rates > 0))


def expected_freshness(rates: Array, intervals: Array) -> Array:
    """The share of time that an item's last seen price is the current one: (1 − exp(−λI))/(λI); 1 where λI is 0."""
    passed = np.asarray(rates * intervals, dtype=np.float64)
    return cast(Array, np.divide(-np.expm1(-passed), passed, out=np.ones_like(passed), where=passed > 0))


def allocate(rates: Array, budget: float, *, shortest: float, longest: float) -> Array:
    """The intervals (days) that make the items' mean freshness the highest, at `budget` looks per day in all.

    No interval is below `shortest` or above `longest` days. Where the budget does not reach for every item once per
    `longest`, all get the same interval, longer than that; where it is more than enough, all get `shortest`.

    Lagrange: marginal(λ, I) = μ for all items between the limits, and μ is found so that the budget is spent. As
    1 − exp(−x)(1 + x) is the gamma distribution of shape 2, I = Γ₂⁻¹(μλ)/λ; where μλ ≥ 1 an item changes too fast to be
    worth a look, and gets the fewest.
    """
    if not 0 < shortest <= longest:
        raise ValueError(
            f"the shortest interval, {shortest} days, must be above 0 and not above the longest, {longest}"
        )
    if budget <= 0:
        raise ValueError(f"a budget of {budget} looks per day allows none")
    count = len(rates)
    if budget <= count / longest:
        return np.full(count, count / budget)
    if budget >= count / shortest:
        return np.full(count, shortest)

    def intervals(price: float) -> Array:
        held = np.clip(price * rates, 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            best = np.where(rates > 0, gammaincinv(2.0, held) / rates, np.inf)
        return cast(Array, np.clip(best, shortest, longest))

    def left(price: float) -> float:
        return budget - float((1 / intervals(price)).sum())

    # Where nothing is charged, all that changes is looked at as often as may be: that may be less than the budget.
    if left(0.0) >= 0:
        return intervals(0.0)
    # A price at which nothing is worth more than it must have, whatever the rounding.
    highest = 1.000001 / float(rates[rates > 0].min())
    if left(highest) <= 0:
        return intervals(highest)
    price = brentq(left, 0.0, highest, xtol=1e-15, rtol=1e-12)
    # Rounding must not spend more than there is.
    while left(price) < 0:
        price *= 1 + 1e-13
    return intervals(price)


def due(items: Sequence[Seen], now: datetime, budget: int, *, shortest: timedelta, longest: timedelta) -> list[str]:
    """The keys of at most `budget` items to look at now, those first that need it most.

    Items never seen, and items not seen for `longest`, come first, in the order of their waiting; then those where a
    look gains most. None is looked at again before `shortest`, whatever is left of the budget.
    """
    if not items or budget <= 0:
        return []
    ages = np.array(
        [(now - i.last_visit).total_seconds() / _DAY if i.last_visit and i.visits else np.inf for i in items]
    )
    evidence = Evidence.of(items)
    order = most_due(
        ages, evidence, learn_rates(evidence), budget, shortest / timedelta(days=1), longest / timedelta(days=1)
    )
    return [items[number].key for number in order]


def most_due(
    ages: Array, evidence: Evidence, common: Array, budget: int, shortest: float, longest: float
) -> npt.NDArray[np.intp]:
    """`due` on arrays: the items' numbers; `ages` are the days since they were seen, ∞ for never."""
    waiting = np.flatnonzero((ages >= longest) | np.isinf(ages))
    waiting = waiting[np.argsort(-ages[waiting], kind="stable")][:budget]
    open_ = np.flatnonzero((ages >= shortest) & (ages < longest))
    left = budget - len(waiting)
    if left <= 0 or not len(open_):
        return waiting
    chosen = Evidence(evidence.changes[open_], evidence.changed_days[open_], evidence.unchanged_days[open_])
    gain = gains(chosen, common, ages[open_])
    best = open_[np.lexsort((-ages[open_], -gain))][:left]
    return np.concatenate([waiting, best])

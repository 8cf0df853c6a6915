"""When the owner of a thing is told something: pure functions on a value, and on what happened in two periods.

Worth: the whole interval is above what the owner believes, by a factor and an amount. What was told is remembered, and
it is told again only when the value has risen well over the highest that was told: a value that wanders about the
threshold says nothing twice.

Demand: what happened in the newest period is held against the period before it *and* against the market as a whole, so
that an agent that reads more than it did is no demand. Where nothing but the market changed, an event of a source falls
into the newest period with the probability p_s that the source's own market says. The number of events in the newest
period is then a sum of independent trials with unequal p; a binomial with their mean has a variance at least as large
(Hoeffding 1956, Ann. Math. Statist. 27, 713), so its upper tail is taken. For one source with equal periods this is the
conditional test of two Poisson rates (Przyborowski and Wilenski 1940, Biometrika 31, 313). Real events come in clumps:
counts are divided by how many times their variance is that of a Poisson count (quasi-Poisson; McCullagh and Nelder
1989, Generalized Linear Models, section 6.2).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("thing_rules.toml")


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of `thing_rules.toml`."""

    above: Decimal
    least_amount: Decimal
    again: Decimal
    doubtful: Decimal
    days: int
    least_events: int
    rise: float
    dispersion: float
    chance: float
    values: int


@cache
def rules() -> Rules:
    """The rules as they are published."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    worth, demand = table["worth"], table["demand"]
    return Rules(
        above=Decimal(worth["above"]),
        least_amount=Decimal(worth["least"]),
        again=Decimal(worth["again"]),
        doubtful=Decimal(worth["doubtful"]),
        days=int(demand["days"]),
        least_events=int(demand["least"]),
        rise=float(demand["rise"]),
        dispersion=float(demand["dispersion"]),
        chance=float(demand["chance"]),
        values=int(table["history"]["values"]),
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """A value and the low end of its interval, for one piece; `rate` is what one unit of the anchor is in this money.

    Without a value (unknown) both are None. `confidence` is the valuation's, A to D.
    """

    fmv: Decimal | None
    low: Decimal | None
    rate: Decimal = Decimal(1)
    confidence: str = "A"


def worth_notably_more(belief: Decimal | None, now: Worth, told: Decimal | None, by: Rules) -> bool:
    """Whether the owner is told of this value. `told` is the highest value that was told of the same question."""
    if belief is None or now.fmv is None or now.low is None:
        return False
    above = by.doubtful if now.confidence == "D" else by.above
    notable = now.low > belief * above and now.low - belief >= by.least_amount * now.rate
    return notable and (told is None or now.fmv >= told * by.again)


@dataclass(frozen=True, slots=True)
class Stratum:
    """What happened to a thing's kind in one source: `now` and `before` are events in the two periods.

    `market_now` and `market_before` say in which proportion the source's market as a whole would have brought them.
    """

    now: int
    before: int
    market_now: float
    market_before: float

    @property
    def share(self) -> float:
        """The probability that an event fell into the newest period, had only the market changed."""
        both = self.market_now + self.market_before
        return self.market_now / both if both > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Rise:
    """More than the market explains: events in the newest period, before, what was expected, and the chance of it."""

    now: int
    before: int
    expected: float
    chance: float


def rises(strata: Iterable[Stratum], by: Rules, exposure: tuple[float, float] = (1.0, 1.0)) -> Rise | None:
    """Whether events came clearly more often in the newest period than the market leads one to expect.

    `exposure` is what they came from, now and before (equal periods; days that offers stood): their own rate must have
    risen too, or a market that falls around a thing would make it rise.
    """
    seen = [each for each in strata if each.now + each.before > 0]
    now, before = sum(each.now for each in seen), sum(each.before for each in seen)
    both = now + before
    if now < by.least_events:
        return None
    expected = sum((each.now + each.before) * each.share for each in seen)
    # Ratios written without a division: of the rates, and of the two periods over that of the market.
    if now * exposure[1] < by.rise * before * exposure[0]:
        return None
    if now * (both - expected) < by.rise * before * expected:
        return None
    chance = upper_tail(now / by.dispersion, both / by.dispersion, expected / both)
    return Rise(now, before, expected, chance) if chance <= by.chance else None


def upper_tail(least: float, trials: float, probability: float) -> float:
    """The probability of at least `least` successes in so many trials: the binomial tail, carried on between integers.

    It is the regularised incomplete beta function I_p(k, n - k + 1) (NIST Digital Library of Mathematical Functions,
    8.17.5).
    """
    if least <= 0:
        return 1.0
    if least > trials:
        return 0.0
    from scipy.special import betainc

    return float(betainc(least, trials - least + 1, min(max(probability, 0.0), 1.0)))


def is_new_period(told: date | None, today: date, by: Rules) -> bool:
    """Whether the newest period has nothing in common with the one that was told."""
    return told is None or today >= told + timedelta(days=by.days)

"""Reputation: what may be expected of a member's next trade, from how its trades ended.

Beta reputation (A. Jøsang, R. Ismail, "The Beta Reputation System", 15th Bled Electronic Commerce Conference, 2002):
good and bad ends are counted with weights, forgotten with time, and added to a prior. The figure is the mean of the
resulting beta distribution, so that few trades are shrunk towards the prior as in a beta-binomial model; the interval
is its credible interval with equal tails. An outcome of age t weighs w · 2^(−t/half-life). Of the outcomes with one
partner the heaviest counts whole and each next one `again` times the one before, good and bad apart: two who trade
with each other for ever have no more than 1/(1 − again) outcomes. So a good end never lowers the figure, a bad one
never raises it, and with time it goes back to the prior.

Everything here is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.policy.verification import Reputation as Rule
from ledger.trust.outcomes import Outcome, moment

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Evidence:
    """The weight of good and bad ends, and with how many partners trades were completed."""

    good: float
    bad: float
    partners: int


@dataclass(frozen=True, slots=True)
class Reputation:
    """The figure and its interval, from 0 to 1, and the weight of what it rests on besides the prior. It does not say
    with whom, when or over what."""

    score: float
    low: float
    high: float
    evidence: float
    partners: int


def weigh(outcomes: Iterable[Outcome], now: str, rule: Rule) -> Evidence:
    """What outcomes weigh at the moment `now`, as the books write it."""
    asked = moment(now)
    sides: dict[bool, defaultdict[str, list[float]]] = {True: defaultdict(list), False: defaultdict(list)}
    for each in outcomes:
        days = max(0.0, (asked - moment(each.at)).total_seconds() / _DAY)
        weight = float(rule.weights[each.kind]) * 2.0 ** (-days / rule.half_life_days)
        good = each.kind == "completed"
        sides[good][each.partner].append(weight * (float(rule.lone) if good and not each.independent else 1.0))
    again = float(rule.again)
    good_sum, bad_sum = (sum(_diminished(each, again) for each in sides[side].values()) for side in (True, False))
    return Evidence(good_sum, bad_sum, len(sides[True]))


def reputation(evidence: Evidence, rule: Rule) -> Reputation:
    """The figure that evidence and the policy's prior give."""
    from scipy.special import betaincinv

    prior, weight = float(rule.prior), float(rule.prior_weight)
    alpha, beta = prior * weight + evidence.good, (1 - prior) * weight + evidence.bad
    tail = (1 - float(rule.interval)) / 2
    return Reputation(
        score=alpha / (alpha + beta),
        low=float(betaincinv(alpha, beta, tail)),
        high=float(betaincinv(alpha, beta, 1 - tail)),
        evidence=evidence.good + evidence.bad,
        partners=evidence.partners,
    )


def of(outcomes: Iterable[Outcome], now: str, rule: Rule) -> Reputation:
    """The reputation that outcomes give at the moment `now`."""
    return reputation(weigh(outcomes, now, rule), rule)


def _diminished(weights: list[float], again: float) -> float:
    """The heaviest whole, each next one `again` times the one before."""
    return sum(weight * again**place for place, weight in enumerate(sorted(weights, reverse=True)))

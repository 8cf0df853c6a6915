"""A valuer's record: how far past estimates were from the prices that followed, and to which side.

Errors are e = ln estimate - ln price = bias + noise. Both are shrunk in two steps (empirical Bayes for a normal mean
and variance; Gelman et al. 2013, Bayesian Data Analysis, 3.3): a person to the newcomer, a person in a category to the
person. The weight of an estimate is 1 / variance, as in weighing raters by precision (Dawid and Skene 1979, Appl.
Statist. 28, 20, for classes; here for amounts).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.community.shapes import Estimate, Evidence
from models.knobs import CommunityKnobs


@dataclass(frozen=True, slots=True)
class Record:
    """Bias (taken off ln estimate), error variance in logs, and the number of settled cases behind them."""

    bias: float
    variance: float
    cases: int

    @property
    def weight(self) -> float:
        return 1.0 / self.variance


@dataclass(frozen=True, slots=True)
class Error:
    """One settled estimate."""

    thing: str
    category: str
    size: float


def errors(known: Evidence) -> dict[str, list[Error]]:
    """Each valuer's errors, by thing. Only estimates given before the price count, and never in one's own trade."""
    prices = {each.thing: each for each in known.prices}
    last: dict[tuple[str, str], Estimate] = {}
    for each in known.estimates:
        price = prices.get(each.thing)
        if price is None or each.at >= price.at or each.valuer in price.parties:
            continue
        before = last.get((each.valuer, each.thing))
        if before is None or (each.at, each.log) > (before.at, before.log):
            last[each.valuer, each.thing] = each
    found: defaultdict[str, list[Error]] = defaultdict(list)
    for (valuer, thing), each in sorted(last.items()):
        found[valuer].append(Error(thing, each.category, each.log - prices[thing].log))
    return dict(found)


def record(past: Sequence[Error], category: str, knobs: CommunityKnobs) -> Record:
    """The record of one person for things of `category`; without past cases it is the newcomer's."""
    clipped = [(each.category, max(-knobs.furthest, min(knobs.furthest, each.size))) for each in past]
    own = [size for kind, size in clipped if kind == category]
    bias, variance = _shrunk([size for _, size in clipped], 0.0, knobs.newcomer**2, knobs)
    bias, variance = _shrunk(own, bias, variance, knobs)
    taken = max(-knobs.most_bias, min(knobs.most_bias, bias))
    # What is not taken off is an error that will come again.
    return Record(taken, variance + (bias - taken) ** 2, len(clipped))


def records(known: Evidence, category: str, knobs: CommunityKnobs) -> dict[str, Record]:
    """The records of all who have any."""
    return {valuer: record(past, category, knobs) for valuer, past in errors(known).items()}


def newcomer(knobs: CommunityKnobs) -> Record:
    """The record of somebody without one."""
    return Record(0.0, knobs.newcomer**2, 0)


def of(valuer: str, all_of: Mapping[str, Record], knobs: CommunityKnobs) -> Record:
    return all_of.get(valuer) or newcomer(knobs)


def _shrunk(sizes: Sequence[float], mean: float, variance: float, knobs: CommunityKnobs) -> tuple[float, float]:
    bias = (sum(sizes) + knobs.pull * mean) / (len(sizes) + knobs.pull)
    squares = sum((size - bias) ** 2 for size in sizes)
    return bias, (knobs.pull * variance + squares) / (knobs.pull + len(sizes))

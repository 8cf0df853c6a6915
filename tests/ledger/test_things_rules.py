"""When the owner of a thing is told: never without good reason, never twice for the same, and seldom by chance."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.owned.thing_rules import Stratum, Worth, is_new_period, rises, rules, upper_tail, worth_notably_more

RULES = rules()
amounts = st.decimals(min_value="0.01", max_value="99999", places=2)


def worth(low: object, fmv: object = None, rate: str = "1") -> Worth:
    value = Decimal(str(fmv if fmv is not None else low))
    return Worth(value, Decimal(str(low)), Decimal(rate))


def test_the_whole_interval_must_be_well_above_what_the_owner_believes() -> None:
    belief = Decimal(100)
    assert worth_notably_more(belief, worth(121, 150), None, RULES)
    assert not worth_notably_more(belief, worth(120, 150), None, RULES), "120 is not above 100 × 1.2"
    assert not worth_notably_more(belief, worth(90, 500), None, RULES), "the low end counts, not the value"
    assert not worth_notably_more(None, worth(500), None, RULES), "who believes nothing is not surprised"
    assert not worth_notably_more(belief, Worth(None, None), None, RULES), "unknown is no news"
    sure, guess = (Worth(Decimal(200), Decimal(190), Decimal(1), confidence) for confidence in "CD")
    assert worth_notably_more(belief, sure, None, RULES)
    assert not worth_notably_more(belief, guess, None, RULES), "a guess must be further above"


def test_small_change_is_no_news_in_any_money() -> None:
    assert not worth_notably_more(Decimal(2), worth("6.99"), None, RULES)
    assert worth_notably_more(Decimal(2), worth(7), None, RULES)
    # 5 in the currency values are formed in are 750 where one of it is 150.
    assert not worth_notably_more(Decimal(200), worth(949, rate="150"), None, RULES)
    assert worth_notably_more(Decimal(200), worth(950, rate="150"), None, RULES)


@given(belief=amounts, values=st.lists(st.tuples(amounts, amounts), max_size=30))
def test_what_is_told_rises_by_a_tenth_each_time_and_is_always_well_above(
    belief: Decimal, values: list[tuple[Decimal, Decimal]]
) -> None:
    told: list[Decimal] = []
    for one, other in values:
        now = Worth(max(one, other), min(one, other))
        if worth_notably_more(belief, now, told[-1] if told else None, RULES):
            assert now.low is not None
            assert now.fmv is not None
            assert now.low > belief * RULES.above
            told.append(now.fmv)
    assert all(later >= earlier * RULES.again for earlier, later in pairwise(told))


def test_a_value_that_wanders_about_the_threshold_is_told_once() -> None:
    told: Decimal | None = None
    said = 0
    for day in range(100):
        now = worth(119 + 4 * (day % 2), 140 + day % 2)
        if worth_notably_more(Decimal(100), now, told, RULES):
            said, told = said + 1, now.fmv
    assert said == 1


def test_more_than_the_market_explains_is_a_rise() -> None:
    found = rises([Stratum(60, 10, 1000, 1000)], RULES)
    assert found is not None
    assert (found.now, found.before, found.expected) == (60, 10, 35.0)
    assert found.chance < RULES.chance


@pytest.mark.parametrize(
    ("strata", "why"),
    [
        ([], "nothing happened"),
        ([Stratum(7, 0, 1000, 1000)], "too few to say anything"),
        ([Stratum(60, 10, 6000, 1000)], "the whole market did so: the source is read more than it was"),
        ([Stratum(60, 0, 500, 0)], "a source that is new says nothing of before"),
        ([Stratum(1300, 1000, 10_000, 10_000)], "certain, but small"),
        ([Stratum(14, 9, 1000, 1000)], "chance brings that"),
        ([Stratum(10, 60, 1000, 1000)], "a fall"),
        ([Stratum(215, 257, 3451, 6197)], "a fall in a market that falls faster"),
        ([Stratum(60, 0, 700, 0), Stratum(5, 5, 300, 300)], "all of the rise is in a source that is new"),
    ],
)
def test_what_is_no_rise(strata: list[Stratum], why: str) -> None:
    assert rises(strata, RULES) is None, why


@given(least=st.integers(0, 60), more=st.integers(0, 60), probability=st.floats(0.01, 0.99, allow_nan=False))
def test_the_tail_is_the_sum_of_the_binomial(least: int, more: int, probability: float) -> None:
    trials = least + more
    exact = sum(
        math.comb(trials, k) * probability**k * (1 - probability) ** (trials - k) for k in range(least, trials + 1)
    )
    assert upper_tail(least, trials, probability) == pytest.approx(min(exact, 1.0), rel=1e-6, abs=1e-300)


def test_the_tail_of_the_impossible_and_the_certain() -> None:
    assert upper_tail(5, 4, 0.5) == 0
    assert upper_tail(1, 4, 0.0) == 0
    assert upper_tail(0, 4, 0.0) == 1
    assert upper_tail(4, 4, 1.0) == 1
    assert upper_tail(60_000, 100_000, 0.5) < 1e-300


def test_offers_end_more_often_only_where_as_many_stand() -> None:
    strata = [Stratum(60, 10, 1000, 1000)]
    assert rises(strata, RULES, exposure=(400, 400)) is not None
    assert rises(strata, RULES, exposure=(2000, 400)) is None, "five times as many stood"


@given(now=st.integers(0, 200), before=st.integers(0, 200), more=st.integers(1, 50))
def test_more_of_it_now_is_never_less_of_a_rise(now: int, before: int, more: int) -> None:
    if rises([Stratum(now, before, 100, 100)], RULES) is not None:
        assert rises([Stratum(now + more, before, 100, 100)], RULES) is not None


def test_demand_is_told_again_for_a_period_with_nothing_in_common() -> None:
    told = date(2026, 3, 1)
    assert is_new_period(None, told, RULES)
    assert not is_new_period(told, told + timedelta(days=RULES.days - 1), RULES)
    assert is_new_period(told, told + timedelta(days=RULES.days), RULES)


@cache
def _is_rise(now: int, before: int) -> bool:
    return rises([Stratum(now, before, 1.0, 1.0)], RULES) is not None


def told_within_a_year(rate: float, *, things: int, clumped: float = 1.0, grows: float = 1.0) -> float:
    """The share of things that are told of at least once, looked at on every day of a year.

    `rate` events in 28 days; `clumped` is their variance over that of independent ones, week by week; after half the
    year they come `grows` times as often.
    """
    random, days = np.random.default_rng(7), 365 + 2 * RULES.days
    daily = np.full((things, days), rate / 28)
    if clumped > 1:
        shape = rate / 4 / (clumped - 1)
        weeks = random.gamma(shape, 1 / shape, size=(things, days // 7 + 1))
        daily *= np.repeat(weeks, 7, axis=1)[:, :days]
    daily[:, days // 2 :] *= grows
    sums = np.concatenate([np.zeros((things, 1), int), np.cumsum(random.poisson(daily), axis=1)], axis=1)
    now = sums[:, 2 * RULES.days :] - sums[:, RULES.days : -RULES.days]
    before = sums[:, RULES.days : -RULES.days] - sums[:, : -2 * RULES.days]
    return float(np.mean([any(map(_is_rise, *pair)) for pair in zip(now.tolist(), before.tolist(), strict=True)]))


@pytest.mark.parametrize("rate", [1, 6, 12, 30, 100])
def test_noise_does_not_shout(rate: float) -> None:
    assert told_within_a_year(rate, things=400) <= 0.01
    assert told_within_a_year(rate, things=400, clumped=1.5) <= 0.05


def test_a_real_rise_is_heard() -> None:
    assert told_within_a_year(30, things=100, grows=3) >= 0.9
    assert told_within_a_year(100, things=100, grows=2) >= 0.9

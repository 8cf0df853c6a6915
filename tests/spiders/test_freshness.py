"""When to look again: budgets and limits are kept, and looks go where they keep most prices current."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from spiders.agent.freshness import (
    RATES,
    Evidence,
    Seen,
    allocate,
    change_rates,
    due,
    expected_freshness,
    gains,
    learn_rates,
    marginal,
)

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
RATE = st.one_of(st.just(0.0), st.floats(1e-4, 20.0))
MANY = st.lists(RATE, min_size=1, max_size=60).map(np.array)
BUDGET = st.floats(0.01, 5.0)
LIMITS = (0.25, 60.0)


def seen(key: str, *, looks: int, every: float, changes: int, ago: float = 0.0) -> Seen:
    """An item looked at every so many days, at the last of which it had changed so often."""
    return Seen(key, looks, changes, every * (looks - 1), NOW - ago * DAY, every * changes)


# --- allocation -----------------------------------------------------------------------------------------------------


def equal(rates: np.ndarray, budget: float) -> float:
    return max(LIMITS[0], len(rates) / budget)


@settings(max_examples=200, deadline=None)
@given(MANY, BUDGET)
def test_the_budget_is_never_passed_and_the_limits_are_kept_where_it_reaches(rates: np.ndarray, share: float) -> None:
    budget = share * len(rates)
    intervals = allocate(rates, budget, shortest=LIMITS[0], longest=LIMITS[1])
    assert (1 / intervals).sum() <= budget * (1 + 1e-12)
    assert (intervals >= LIMITS[0]).all()
    if budget > len(rates) / LIMITS[1]:
        assert (intervals <= LIMITS[1]).all()
    else:
        assert np.ptp(intervals) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.just(0.0), st.floats(1e-4, 5.0)), min_size=1).map(np.array), st.floats(0.2, 5.0))
def test_an_allocation_is_never_worse_than_equal_intervals(rates: np.ndarray, share: float) -> None:
    budget = share * len(rates)
    ours = expected_freshness(rates, allocate(rates, budget, shortest=LIMITS[0], longest=LIMITS[1])).mean()
    assert ours >= expected_freshness(rates, np.full(len(rates), equal(rates, budget))).mean() - 1e-6


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(1e-3, 20.0), min_size=2, max_size=60).map(np.array), st.floats(0.05, 3.0))
def test_one_look_more_is_worth_the_same_for_every_item_between_the_limits(rates: np.ndarray, share: float) -> None:
    """The conditions of Karush, Kuhn and Tucker."""
    intervals = allocate(rates, share * len(rates), shortest=LIMITS[0], longest=LIMITS[1])
    worth = marginal(rates, intervals)
    inside = (intervals > LIMITS[0] * 1.000001) & (intervals < LIMITS[1] * 0.999999)
    if inside.any():
        price = worth[inside].mean()
        assert np.allclose(worth[inside], price, rtol=1e-5, atol=1e-7)
        assert (worth[intervals >= LIMITS[1] * 0.999999] <= price * 1.00001 + 1e-7).all()
        assert (worth[intervals <= LIMITS[0] * 1.000001] >= price * 0.99999 - 1e-7).all()


def test_the_published_example_gives_nothing_to_what_changes_too_fast() -> None:
    """Cho and Garcia-Molina 2003 (table 2): five pages changing 1 … 5 times a day, five looks a day in all."""
    intervals = allocate(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 5.0, shortest=1e-3, longest=1e6)
    assert np.allclose(1 / intervals, [1.15, 1.36, 1.35, 1.14, 0.00], atol=0.006)


def test_two_hundred_thousand_items_are_allocated_in_seconds() -> None:
    rates = np.random.default_rng(1).lognormal(-3, 2, 200_000)
    intervals = allocate(rates, 20_000, shortest=LIMITS[0], longest=LIMITS[1])
    assert abs((1 / intervals).sum() - 20_000) < 1


@pytest.mark.parametrize(("budget", "shortest", "longest"), [(0.0, 1.0, 2.0), (1.0, 0.0, 2.0), (1.0, 3.0, 2.0)])
def test_a_budget_or_limits_that_make_no_sense_are_refused(budget: float, shortest: float, longest: float) -> None:
    with pytest.raises(ValueError, match=r"days|budget"):
        allocate(np.ones(3), budget, shortest=shortest, longest=longest)


# --- the formulas ---------------------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 10.0), st.floats(1e-2, 60.0))
def test_freshness_is_the_mean_probability_of_no_change_since_the_look(rate: float, interval: float) -> None:
    mean = quad(lambda age: math.exp(-rate * age), 0, interval)[0] / interval
    assert float(expected_freshness(np.array([rate]), np.array([interval]))[0]) == pytest.approx(mean, rel=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-3, 10.0), st.floats(0.05, 50.0))
def test_the_worth_of_a_look_is_the_slope_of_freshness(rate: float, interval: float) -> None:
    looks = np.array([1 / interval * 0.9999, 1 / interval * 1.0001])
    fresh = expected_freshness(np.full(2, rate), 1 / looks)
    slope = float((fresh[1] - fresh[0]) / (looks[1] - looks[0]))
    assert float(marginal(np.array([rate]), np.array([interval]))[0]) == pytest.approx(slope, rel=1e-3, abs=1e-8)


# --- what looks tell ------------------------------------------------------------------------------------------------


def test_many_looks_tell_the_rate_as_the_bias_reduced_estimator_does() -> None:
    """Cho and Garcia-Molina 2003: −ln((n − X + 0.5)/(n + 0.5)) per interval, for looks at equal intervals."""
    items = [seen(str(changes), looks=201, every=2.0, changes=changes) for changes in (5, 20, 80, 160)]
    evidence = Evidence.of(items)
    rates = change_rates(evidence, np.full(len(RATES), 1 / len(RATES)))
    for item, rate in zip(items, rates, strict=True):
        assert rate == pytest.approx(-math.log((200 - item.changes + 0.5) / 200.5) / 2, rel=0.06)


def test_irregular_looks_tell_the_true_rates() -> None:
    random = np.random.default_rng(5)
    true = np.array([0.02, 0.1, 0.5, 2.0])
    told = []
    for number in range(400):
        item, at = Seen(str(number)).looked(NOW, False), NOW
        for days in random.uniform(0.2, 2.0, 80):
            at += float(days) * DAY
            item = item.looked(at, bool(random.random() < -math.expm1(-true[number % 4] * days)))
        told.append(item)
    rates = change_rates(Evidence.of(told), np.full(len(RATES), 1 / len(RATES)))
    for number, rate in enumerate(true):
        assert rates[number::4].mean() == pytest.approx(rate, rel=0.15)


def test_a_young_item_is_taken_for_what_its_source_s_items_are() -> None:
    calm = [seen(str(n), looks=40, every=1.0, changes=0) for n in range(200)]
    restless = [seen(str(n), looks=40, every=1.0, changes=30) for n in range(200)]
    for items, expected in ((calm, (0.0, 0.05)), (restless, (0.8, 2.0))):
        common = learn_rates(Evidence.of(items))
        (young,) = change_rates(Evidence.of([Seen("young", 1, 0, 0.0, NOW)]), common)
        (once,) = change_rates(Evidence.of([seen("once", looks=2, every=1.0, changes=1)]), common)
        assert expected[0] < young < expected[1]
        assert once > young


def test_looks_are_counted_one_by_one() -> None:
    item = Seen("a").looked(NOW, False).looked(NOW + 2 * DAY, True).looked(NOW + 5 * DAY, False)
    assert item == Seen("a", 3, 1, 5.0, NOW + 5 * DAY, 2.0)
    with pytest.raises(ValueError, match="which is after"):
        item.looked(NOW, False)


def test_what_an_older_state_does_not_know_is_taken_as_its_share() -> None:
    known = Evidence.of([seen("a", looks=5, every=3.0, changes=2)])
    guessed = Evidence.of([Seen("a", 5, 2, 12.0, NOW)])
    assert (guessed.changed_days, guessed.unchanged_days) == (known.changed_days, known.unchanged_days)


def test_a_price_that_changed_within_a_second_is_no_trouble() -> None:
    items = [Seen("a").looked(NOW, False).looked(NOW, True), Seen("b", 3, 0, 0.0, NOW)]
    evidence = Evidence.of(items)
    assert np.isfinite(gains(evidence, learn_rates(evidence), np.array([1.0, 1.0]))).all()


# --- what is due ----------------------------------------------------------------------------------------------------


def next_looks(items: list[Seen], budget: int) -> list[str]:
    return due(items, NOW, budget, shortest=DAY / 4, longest=30 * DAY)


def test_what_was_never_seen_and_what_waits_longest_come_first() -> None:
    items = [
        seen("busy", looks=20, every=2.0, changes=9, ago=5.0),
        seen("forgotten", looks=20, every=2.0, changes=0, ago=31.0),
        seen("long forgotten", looks=20, every=2.0, changes=0, ago=45.0),
        Seen("new"),
    ]
    assert next_looks(items, 10) == ["new", "long forgotten", "forgotten", "busy"]
    assert next_looks(items, 2) == ["new", "long forgotten"]


def test_a_look_goes_to_what_may_have_changed_and_will_stay_so_for_a_while() -> None:
    items = [
        seen("static", looks=60, every=1.0, changes=0, ago=3.0),
        seen("weekly", looks=60, every=1.0, changes=8, ago=3.0),
        seen("frantic", looks=60, every=0.25, changes=59, ago=3.0),
    ]
    assert next_looks(items, 1) == ["weekly"]


def test_politeness_stands_above_an_unspent_budget() -> None:
    items = [
        seen("just seen", looks=9, every=1.0, changes=8, ago=0.1),
        seen("seen", looks=9, every=1.0, changes=8, ago=0.3),
    ]
    assert next_looks(items, 100) == ["seen"]
    assert next_looks(items, 0) == next_looks([], 5) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 3), st.floats(0, 80)), max_size=40),
    st.integers(0, 50),
)
def test_the_budget_and_both_limits_hold_for_any_items(drawn: list[tuple[int, int, float, float]], budget: int) -> None:
    items = [
        seen(str(n), looks=looks, every=every, changes=min(changes, looks - 1), ago=ago) if looks else Seen(str(n))
        for n, (looks, changes, every, ago) in enumerate(drawn)
    ]
    chosen = next_looks(items, budget)
    assert len(chosen) == len(set(chosen)) <= budget
    ages = {item.key: (NOW - item.last_visit) / DAY if item.last_visit else math.inf for item in items}
    assert all(ages[key] >= 0.25 for key in chosen)
    overdue = {key for key, age in ages.items() if age >= 30}
    assert overdue <= set(chosen) or set(chosen) <= overdue
    polite = [key for key, age in ages.items() if age >= 0.25]
    assert len(chosen) == min(budget, len(polite))


def test_two_hundred_thousand_items_are_chosen_from_in_seconds() -> None:
    random = np.random.default_rng(2)
    items = [
        seen(str(n), looks=20, every=1.0, changes=int(changes), ago=float(ago))
        for n, (changes, ago) in enumerate(
            zip(random.integers(0, 6, 200_000), random.exponential(4, 200_000), strict=True)
        )
    ]
    assert len(next_looks(items, 20_000)) == 20_000


def test_rates_learned_from_scratch_keep_more_prices_current_than_equal_intervals() -> None:
    from bench.freshness import synthetic

    (line,) = synthetic(300, 30.0, 2, (0.3,))
    assert line["katy"]["mean"] > line["equal"]["mean"] + 0.01  # type: ignore[index]
    assert line["equal"]["mean"] == pytest.approx(line["equal_by_formula"]["mean"], abs=0.02)  # type: ignore[index]


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_real_price_changes_are_caught_no_worse_than_by_equal_intervals() -> None:
    from bench.freshness import real

    path = Path(os.environ["KATY_TEST_DATA"]) / "listings/ebay_tech_deals_2026-03_2026-04.csv.gz"
    for line in real(path, (0.05, 0.5)):
        assert float(str(line["katy"])) > float(str(line["equal"]))

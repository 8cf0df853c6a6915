"""Reputation as mathematics: bounded, monotone, forgotten with time, and nothing two can make between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.books.store import instant_text
from ledger.policy import dated
from ledger.policy.verification import OUTCOMES, Reputation
from ledger.trust import reputation
from ledger.trust.outcomes import Outcome

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
found = dated.read().dated[0].sections.reputation
assert found is not None
RULE: Reputation = found
PRIOR = float(RULE.prior)


def ago(days: float) -> str:
    return instant_text(NOW - timedelta(days=days))


outcomes = st.builds(
    lambda kind, days, partner, independent: Outcome(kind, ago(days), f"acc_{partner}", independent),
    st.sampled_from(OUTCOMES),
    st.floats(0, 3000),
    st.integers(0, 4),
    st.booleans(),
)
many = st.lists(outcomes, max_size=25)


def of(known: list[Outcome], days_later: float = 0) -> reputation.Reputation:
    return reputation.of(known, ago(-days_later), RULE)


def completed(partner: str = "acc_0", days: float = 0) -> Outcome:
    return Outcome("completed", ago(days), partner)


def test_whoever_has_no_past_has_the_prior_and_a_wide_interval() -> None:
    new = of([])
    assert (new.score, new.evidence, new.partners) == (0.75, 0, 0)
    assert new.low < 0.4
    assert new.high > 0.97


def test_the_figure_is_that_of_the_beta_distribution() -> None:
    """Prior Beta(3, 1), two good ends with different partners: Beta(5, 1), whose quantile function is p^(1/5)."""
    known = of([completed("acc_1"), completed("acc_2")])
    assert known.score == pytest.approx(5 / 6)
    assert known.low == pytest.approx(0.05**0.2)
    assert known.high == pytest.approx(0.95**0.2)


def test_after_a_half_life_an_outcome_counts_half() -> None:
    assert reputation.weigh([completed(days=RULE.half_life_days)], ago(0), RULE).good == pytest.approx(0.5)


def test_two_who_trade_for_ever_count_as_two() -> None:
    washed = of([completed() for _ in range(1000)])
    honest = of([completed(f"acc_{number}") for number in range(10)])
    assert washed.evidence <= 1 / (1 - float(RULE.again))
    assert (washed.score, washed.low) < (honest.score, honest.low)


def test_a_partner_who_trades_with_nobody_else_counts_less() -> None:
    lone = reputation.weigh([Outcome("completed", ago(0), "acc_1", independent=False)], ago(0), RULE)
    assert lone.good == float(RULE.lone)


@given(many)
def test_it_is_bounded_and_inside_its_interval(known: list[Outcome]) -> None:
    figure = of(known)
    assert 0 < figure.low <= figure.high < 1 or figure.high == pytest.approx(1)
    assert 0 < figure.score < 1


@given(many, outcomes)
def test_a_good_end_never_lowers_it_and_a_bad_one_never_raises_it(known: list[Outcome], one_more: Outcome) -> None:
    before, after = of(known), of([*known, one_more])
    if one_more.kind == "completed":
        assert after.score >= before.score - 1e-12
        assert after.low >= before.low - 1e-9
    else:
        assert after.score <= before.score + 1e-12
        assert after.low <= before.low + 1e-9


@given(many, st.floats(0, 4000), st.floats(0, 4000))
def test_with_time_it_goes_back_to_the_prior(known: list[Outcome], some: float, more: float) -> None:
    near, far = of(known, some), of(known, some + more)
    assert abs(far.score - PRIOR) <= abs(near.score - PRIOR) + 1e-12
    assert far.evidence <= near.evidence + 1e-12


@given(many, st.randoms())
def test_the_order_of_what_happened_does_not_matter(known: list[Outcome], chance: object) -> None:
    mixed = sorted(known, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert of(mixed).score == pytest.approx(of(known).score)


@given(many)
def test_whom_one_traded_with_does_not_show(known: list[Outcome]) -> None:
    """Other names, the same figure: it holds nothing of with whom."""
    renamed = [Outcome(each.kind, each.at, f"other {each.partner}", each.independent) for each in known]
    assert of(renamed) == of(known)


@given(st.fractions(Fraction(1, 100), Fraction(99, 100)), many)
def test_any_prior_shrinks_towards_itself(prior: Fraction, known: list[Outcome]) -> None:
    weights = reputation.weigh(known, ago(0), RULE)
    assume(weights.good + weights.bad > 0.01)
    rule = Reputation(365, RULE.again, RULE.lone, prior, Fraction(4), RULE.interval, RULE.weights)
    share = weights.good / (weights.good + weights.bad)
    low, high = sorted((share, float(prior)))
    assert low - 1e-9 <= reputation.reputation(weights, rule).score <= high + 1e-9

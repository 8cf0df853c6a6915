"""The community's value: whatever order, whoever lies, however often one thing is repeated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.community import measure
from models.community.independence import dependence
from models.community.records import records
from models.community.shapes import Band, Estimate, Evidence, Price
from models.community.value import capped, community
from models.knobs import default_knobs

KNOBS = default_knobs().community
LOGS = st.lists(st.floats(0.5, 12.0), min_size=3, max_size=12)


def said(logs: list[float], thing: str = "chest", *, apart: float = 1.0, names: str = "valuer") -> list[Estimate]:
    """One estimate a person, so many days apart."""
    return [Estimate(f"{names} {n}", thing, "other", log, n * apart) for n, log in enumerate(logs)]


def value(estimates: list[Estimate], prices: list[Price] = []) -> Band:  # noqa: B006
    found = community("chest", Evidence(estimates, prices), KNOBS)
    assert found is not None
    return found.band


@given(LOGS, st.randoms(use_true_random=False))
def test_the_order_estimates_come_in_does_not_matter(logs: list[float], random: object) -> None:
    estimates = said(logs)
    shuffled = list(estimates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert value(shuffled) == value(estimates)


@given(LOGS, st.floats(-10, 30), st.integers(0, 11))
def test_one_person_moves_the_value_no_further_than_is_told(logs: list[float], lie: float, who: int) -> None:
    before = community("chest", Evidence(said(logs)), KNOBS)
    liar = [lie if place == who % len(logs) else log for place, log in enumerate(logs)]
    assert before is not None
    assert abs(value(said(liar)).log - before.band.log) <= math.log(before.reach) + 1e-6


@given(LOGS, st.integers(1, 9))
def test_copies_of_an_estimate_do_not_narrow_the_interval(logs: list[float], copies: int) -> None:
    alone, repeated = value(said(logs)), value(said([*logs, *[logs[0]] * copies]))
    assert repeated.sd >= alone.sd - 1e-9


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_nobody_has_more_than_the_stated_share(weights: list[float]) -> None:
    shares = capped(np.array(weights), KNOBS.most_share)
    assert shares.sum() == pytest.approx(1)
    assert shares.max() <= max(KNOBS.most_share, 1 / len(weights)) + 1e-9
    assert (np.diff(shares[np.argsort(weights)]) >= -1e-9).all()


def past(errors: dict[str, list[float]]) -> tuple[list[Estimate], list[Price]]:
    """Things that brought e^5, each valued by all, one after the other, with these errors."""
    number = max(map(len, errors.values()))
    prices = [Price(f"past {n}", 5.0, -100.0 + n) for n in range(number)]
    estimates = [
        Estimate(valuer, f"past {n}", "other", 5.0 + error, -100.0 + n - 0.5 + place / 20)
        for place, (valuer, its) in enumerate(errors.items())
        for n, error in enumerate(its)
    ]
    return estimates, prices


@given(st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=10), st.floats(1.2, 4.0))
def test_a_better_record_weighs_more(errors: list[float], worse: float) -> None:
    good = [error - sum(errors) / len(errors) + 0.01 * (-1) ** n for n, error in enumerate(errors)]
    estimates, prices = past({"good": good, "bad": [error * worse for error in good]})
    found = records(Evidence(estimates, prices), "other", KNOBS)
    assert found["good"].weight > found["bad"].weight
    assert found["good"].weight > 1 / KNOBS.newcomer**2


def test_a_steady_bias_is_taken_off_as_far_as_it_is_known() -> None:
    estimates, prices = past({"high": [0.4] * 12})
    record = records(Evidence(estimates, prices), "other", KNOBS)["high"]
    assert 0.3 < record.bias < 0.4
    assert records(Evidence(estimates[:1], prices), "other", KNOBS)["high"].bias < 0.2, "one case is no record"


def test_a_price_says_nothing_of_what_was_said_after_it_or_by_its_parties() -> None:
    late = Estimate("late", "chest", "other", 9.0, 2.0)
    party = Estimate("party", "chest", "other", 5.0, 0.0)
    price = Price("chest", 5.0, 1.0, frozenset({"party"}))
    assert records(Evidence([late, party], [price]), "other", KNOBS) == {}


def test_people_who_always_agree_or_err_alike_or_come_at_once_count_about_once() -> None:
    random = np.random.default_rng(3)
    mood = list(random.normal(0, 0.4, 20))
    errors = {f"free {n}": list(random.normal(0, 0.4, 20)) for n in range(6)}
    errors |= {f"ring {n}": [each + random.normal(0, 0.03) for each in mood] for n in range(4)}
    estimates, prices = past(errors)
    given_now = [Estimate(valuer, "chest", "other", 5.0 + n, n * 1.0) for n, valuer in enumerate(errors)]
    tied = dependence(given_now, Evidence(estimates, prices), KNOBS)
    assert tied[6:, 6:].min() > 0.8
    assert tied[:6, :].sum() < 6 + 3, "chance ties nobody much"

    burst = [Estimate(f"fresh {n}", "chest", "other", 6.0 + n / 1000, n / 86400) for n in range(5)]
    assert dependence(burst, Evidence(), KNOBS).min() == 1.0
    traders = Evidence(trades=[("fresh 0", "fresh 1")] * 12 + [("fresh 2", str(n)) for n in range(12)])
    apart = [Estimate(each.valuer, "chest", "other", n * 1.0, n * 1.0) for n, each in enumerate(burst)]
    tied = dependence(apart, traders, KNOBS)
    assert tied[0, 1] > 0.7
    assert tied[2, 0] == 0.0


def test_two_people_are_no_community() -> None:
    assert community("chest", Evidence(said([5.0, 5.1])), KNOBS) is None


def test_a_clique_of_eight_hardly_moves_what_thirty_say() -> None:
    """Median absolute errors in logs over four towns; `katy bench community` has two hundred."""
    for kind, most in (("no clique", 0.08), ("fresh, in a burst", 0.08), ("pushed before", 0.08)):
        found = measure(kind, 4)
        assert found["community |error|"] < most, kind
        assert found["community |error|"] < found["median |error|"] < found["mean |error|"] + 0.02, kind
        assert found["held"] >= 0.7
        assert found["largest share"] <= KNOBS.most_share + 1e-9

"""Doubt about which thing a picture shows: candidates exclude each other, and doubt only ever widens an interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.photos.advice import Seen, next_picture
from models.photos.doubt import Priced, exclusive, widened

SHARES = st.floats(0.0, 1.0)
PRICES = st.floats(0.5, 50_000.0)


@given(st.lists(SHARES, max_size=8))
def test_candidates_and_none_of_them_share_one_whole(alone: list[float]) -> None:
    each, none = exclusive(alone)
    assert math.isclose(sum(each) + none, 1.0, rel_tol=1e-9)
    assert all(0.0 <= p <= 1.0 for p in each)
    assert 0.0 < none <= 1.0


@given(st.floats(0.01, 0.99))
def test_a_lone_candidate_keeps_its_own_probability(alone: float) -> None:
    each, none = exclusive([alone])
    assert each[0] == pytest.approx(alone)
    assert none == pytest.approx(1.0 - alone)


def test_two_equally_good_candidates_halve_their_probability() -> None:
    each, none = exclusive([0.99, 0.99])
    assert each[0] == each[1] < 0.5
    assert none < 0.01


@given(PRICES, st.floats(1.01, 4.0), st.floats(0.0, 0.9))
def test_doubt_never_narrows_the_interval(value: float, spread: float, none: float) -> None:
    own = Priced(1.0 - none, value, value / spread, value * spread)
    low, high = widened([own], none)
    assert low <= own.low * (1 + 1e-9)
    assert high >= own.high * (1 - 1e-9)


@given(PRICES, st.floats(1.01, 4.0), st.floats(0.06, 0.4), st.floats(0.05, 0.4))
def test_more_doubt_is_a_wider_interval(value: float, spread: float, less: float, more: float) -> None:
    def width(none: float) -> float:
        low, high = widened([Priced(1.0 - none, value, value / spread, value * spread)], none)
        return math.log(high / low)

    assert width(less + more) >= width(less) - 1e-9


def test_a_sure_candidate_keeps_its_interval() -> None:
    low, high = widened([Priced(1.0, 100.0, 80.0, 130.0)], 0.0)
    assert low == pytest.approx(80.0, rel=1e-6)
    assert high == pytest.approx(130.0, rel=1e-6)


def test_another_likely_candidate_is_inside_the_interval() -> None:
    low, high = widened([Priced(0.6, 100.0, 90.0, 110.0), Priced(0.35, 400.0, 380.0, 420.0)], 0.05)
    assert low <= 90.0
    assert high >= 380.0


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_value_that_is_not_positive_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        widened([Priced(1.0, value, 1.0, 2.0)], 0.0)
    with pytest.raises(ValueError, match="positive"):
        widened([], 1.0)


SHARP = Seen(False, False, False, False, 0, 500.0, 0.6, 0)


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (SHARP, "barcode on the box"),
        (Seen(False, False, True, False, 4, 500.0, 0.6, 1), "label on the back"),
        (Seen(False, False, False, True, 2, 500.0, 0.6, 1), "maker's name"),
        (Seen(True, False, False, False, 0, 500.0, 0.6, 0), "nothing here carries"),
        (Seen(False, False, False, False, 0, 2.0, 0.6, 0), "blurred"),
        (Seen(False, False, True, True, 4, 500.0, 0.6, 1), "size and edition"),
        (Seen(False, False, True, False, 1, 500.0, 0.05, 0), "more light"),
        (Seen(True, True, True, True, 9, 500.0, 0.6, 2), "one thing at a time"),
        (Seen(False, False, False, False, 7, 500.0, 0.6, 0), "type plate"),
    ],
)
def test_advice_names_the_picture_that_would_tell_most(seen: Seen, says: str) -> None:
    assert says in next_picture(seen)

"""One voice, however often and however cleverly it speaks, moves what the others say by no more than its bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.base.influence import MOST, bounded
from models.base.kriging import Covariance, Nearest, krige

BY = Covariance(noise=0.08, level=0.14)


def sales(prices: list[float], ages: list[float], sellers: list[int]) -> Nearest:
    """Sales of one title in one size, and a question of it; a seller's many share one voice."""
    n = len(prices)
    many = np.bincount(sellers)[sellers]
    return Nearest(
        there=np.ones((1, n), bool),
        age=np.array([ages]),
        title=np.zeros((1, n), int),
        asked_title=np.zeros(1, int),
        far=np.zeros((1, n)),
        place=np.zeros((1, n, 1)),
        words=np.array([False]),
        asking=np.zeros((1, n), bool),
        grade=np.zeros((1, n), bool),
        share=1.0 / many[np.newaxis],
        above=np.array([prices]),
        drift=np.zeros((1, n)),
        since=np.full((1, n), np.inf),
        asked_since=np.full(1, np.inf),
        voice=np.array([sellers]),
    )


honest = st.lists(st.floats(-0.1, 0.1), min_size=4, max_size=12)


@settings(max_examples=200)
@given(honest, st.floats(-1.2, 1.2), st.integers(1, 6))
def test_whatever_one_seller_asks_the_value_leaves_what_others_say_by_no_more_than_the_bound(
    prices: list[float], lie: float, times: int
) -> None:
    ages = list(np.linspace(10, 90, len(prices)))
    liar = sales([*prices, *[lie] * times], [*ages, *[0.0] * times], [*range(len(prices)), *[len(prices)] * times])

    value = krige(liar, BY).mean[0]

    # Where the others are apart a liar can tip the scale between them; 0 is what the wider comparables say.
    assert min(0.0, *prices) - MOST - 1e-3 <= value <= max(0.0, *prices) + MOST + 1e-3


def test_without_the_bound_the_newest_seller_alone_would_move_it() -> None:
    ages = [30.0, 40.0, 60.0, 80.0, 0.0]
    liar = sales([0.0, 0.02, -0.02, 0.0, np.log(1.5)], ages, [0, 1, 2, 3, 4])

    assert krige(liar, BY, bound=False).mean[0] > 0.06
    assert abs(krige(liar, BY).mean[0]) < 0.03


def test_two_who_say_the_same_are_believed() -> None:
    ages = [30.0, 40.0, 60.0, 80.0, 0.0, 1.0, 2.0]
    risen = sales([0.0, 0.02, -0.02, 0.0, 0.2, 0.21, 0.19], ages, list(range(7)))

    assert krige(risen, BY).mean[0] > 0.08


def test_many_copies_of_a_lie_are_no_less_strange_than_one() -> None:
    prices, ages = [0.0, 0.02, -0.02, 0.0, 0.01], [10.0, 20.0, 30.0, 40.0, 50.0]
    once = sales([*prices, 0.35], [*ages, 0.0], [0, 1, 2, 3, 4, 5])
    often = sales([*prices, *[0.35] * 5], [*ages, *[0.0] * 5], [0, 1, 2, 3, 4, *[5] * 5])

    one, five = (krige(each, BY, bound=False).mean[0] for each in (once, often))

    assert five < 1.6 * one


def test_who_is_alone_is_believed_and_what_is_told_adds_up() -> None:
    alone = sales([0.3, 0.3], [1.0, 2.0], [0, 0])
    assert krige(alone, BY).mean[0] == pytest.approx(krige(alone, BY, bound=False).mean[0])

    mixed = sales([0.0, 0.0, 0.5], [20.0, 30.0, 0.0], [0, 1, 2])
    solved = krige(mixed, BY)
    assert solved.mean[0] == pytest.approx(float((solved.coefficient * solved.above).sum()))


@settings(max_examples=60)
@given(st.integers(2, 7), st.floats(-2, 2), st.integers(0, 10**6))
def test_who_draws_the_value_outward_is_taken_off_but_never_to_draw_it_farther_out(
    count: int, away: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    root = random.normal(size=(count, count))
    matrix = root @ root.T + np.eye(count)
    to, prices = random.normal(size=count), random.normal(size=count)
    voice = np.array([0, 0, *range(1, count - 1)])
    inverse = np.linalg.inv(matrix)
    asked = (inverse @ to)[None], (inverse @ prices)[None], voice[None], np.ones((1, count), bool)

    kept = bounded(inverse[None], *asked, np.array([away]))[0]

    value, does = to @ inverse @ prices, []
    for each in np.unique(voice):
        left = voice != each
        does.append(value - to[left] @ np.linalg.solve(matrix[np.ix_(left, left)], prices[left]))
    own = np.array(does) if len(does) > 1 else np.zeros(1)
    too_much = np.where(own * away > 0, own - np.clip(own, -MOST, MOST), 0.0).sum()
    taken = np.sign(away) * min(abs(too_much), 2 * abs(away))
    assert kept @ prices == pytest.approx(value - taken, abs=1e-7)


@pytest.mark.parametrize("times", [1, 5])
def test_the_last_honest_price_is_not_held_back_for_contradicting_a_lie(times: int) -> None:
    # One recent sale of the very same title, seven others of other words, and a seller at one and a half.
    prices, ages = [-0.02, 0.03, -0.05, 0.0, 0.04, -0.03, 0.02, 0.01], [5.0, *np.linspace(20, 110, 7)]
    lies = sales([*prices, *[0.4] * times], [*ages, *[0.0] * times], [*range(8), *[8] * times])
    title = np.array([[0, *range(1, 8), *[0] * times]])
    lies, honest_only = replace(lies, title=title), replace(sales(prices, ages, list(range(8))), title=title[:, :8])

    moved = krige(lies, BY).mean[0] - krige(honest_only, BY).mean[0]

    assert abs(moved) < 2 * MOST


def test_padding_is_no_voice() -> None:
    plain = sales([0.0, 0.0, 0.4], [20.0, 30.0, 0.0], [0, 1, 2])
    n = 5
    padded = sales([0.0, 0.0, 0.4, 9.0, 9.0], [20.0, 30.0, 0.0, 0.0, 0.0], [0, 1, 2, 3, 3])
    padded = replace(padded, there=np.arange(n)[np.newaxis] < 3)

    assert krige(padded, BY).mean[0] == pytest.approx(krige(plain, BY).mean[0])

"""The learned kernel: bounded, deterministic, and told apart what matters from what does not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models.base.kernel import AGE, ASKING, FEATURES, LOG_AGE, START, UNLIKENESS, Kernel, learn_theta, starting
from models.base.kriging import Covariance
from models.base.local import Telling, choose, learn_telling
from models.base.pairs import nearest_of

features = st.lists(st.floats(0, 5), min_size=len(FEATURES), max_size=len(FEATURES))


@given(features, st.integers(0, len(FEATURES) - 1))
def test_whatever_sets_a_comparable_apart_never_makes_it_count_more(x: list[float], which: int) -> None:
    further = [value + (place == which) for place, value in enumerate(x)]
    weight = Kernel().weights(np.array([x, further]), np.array(["a", "a"], object))

    assert 0 < weight[1] <= weight[0] <= 1


def test_what_is_not_learned_yet_is_as_the_knobs_say() -> None:
    x = np.zeros((3, len(FEATURES)))
    x[0, AGE], x[1, UNLIKENESS], x[2, ASKING] = 60 / 30, np.log(2.0), 1.0
    weight = starting(4.0, 60.0, 2.0).weights(x, np.array(["a"] * 3, object))

    assert np.allclose(weight, [0.5, 0.5**4, 0.5])


def cases(stale: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """θ learned from 120 cases with eight comparables each, where old ones mislead (`stale`) or are as good as new."""
    random = np.random.default_rng(7)
    question = np.repeat(np.arange(120), 8)
    x = np.zeros((len(question), len(FEATURES)))
    x[:, LOG_AGE] = np.tile(np.log1p([0, 0, 1, 2, 30, 60, 90, 200]), 120)
    truth = random.normal(0, 0.2, 120)
    above = truth[question] + random.normal(0, 0.05, len(question)) + stale * 0.2 * x[:, LOG_AGE]
    learned = [learn_theta(question, x, np.ones(len(question)), above, truth) for _ in range(2)]
    return learned[0], learned[1]


def test_ageing_is_learned_where_it_matters_and_the_same_each_time() -> None:
    (theta, again), (calm, _) = cases(True), cases(False)

    assert theta == again
    assert theta[LOG_AGE] > calm[LOG_AGE] + 0.2
    assert min(theta) >= 0
    # What no case told anything about stays as it was.
    assert abs(theta[ASKING] - START[ASKING]) < 1e-4


def test_too_few_cases_teach_nothing() -> None:
    x = np.ones((40, len(FEATURES)))

    assert learn_theta(np.arange(40), x, np.ones(40), np.zeros(40), np.ones(40)) == START


def test_a_kernel_is_read_back_as_it_was_written() -> None:
    kernel = Kernel({"": START, "shoes": START}, {"": Covariance(noise=0.02)}, (Telling("size", False, 2.5),))

    assert Kernel.from_json(kernel.to_json()) == kernel


def test_the_attribute_that_parts_the_prices_of_a_product_is_found() -> None:
    random = np.random.default_rng(2)
    size, colour = random.choice([8.0, 9.0, 10.0, 12.0], 300), random.choice(["red", "blue"], 300)
    rows = pd.DataFrame(
        {
            "product": "shoe", "title": "Shoe", "day": 100,
            "attributes": [
                {"size": str(s), "colour": c, "serial": str(n)}
                for n, (s, c) in enumerate(zip(size, colour, strict=True))
            ],
        }
    )  # fmt: skip
    found = learn_telling(rows, 0.05 * size + random.normal(0, 0.02, 300))

    assert [(each.name, each.words) for each in found] == [("size", False)]
    assert found[0].of([{"size": "9.5"}, {}, {"size": "12"}])[2] == 12 / found[0].scale


def test_a_sale_of_the_same_size_a_month_ago_is_chosen_before_one_of_another_yesterday() -> None:
    listing, far, age = np.array([0, 1, 1, 2]), np.array([0.0, 3.0, 3.0, 0.0]), np.array([30.0, 2.0, 1.0, 0.0])

    assert choose(listing, far, age, 2).tolist() == [0, 3]
    assert choose(listing, far, age, 3).tolist() == [0, 2, 3]  # each listing once, its newest


def test_no_newer_wording_takes_the_place_of_the_questions_own() -> None:
    # Three sales of the same words, a month old; four of another wording, sold yesterday; one listing had both.
    listing, age = np.array([0, 1, 2, 2, 4, 5, 6]), np.array([32.0, 31.0, 30.0, 1.0, 1.0, 1.0, 0.0])
    worded_so, place = np.arange(7) < 3, np.zeros((7, 0))

    def nearest(most: int) -> list[int]:
        return nearest_of(np.zeros(0), listing, place, age, (), most, worded_so).tolist()

    assert nearest(2) == [2, 1]
    assert sorted(nearest(3)) == [0, 1, 2]
    # What room there is others have, the newest first, but no listing twice.
    assert nearest(5) == [6, 5, 2, 1, 0]
    assert sorted(nearest(9)) == [0, 1, 2, 4, 5, 6]

"""Kriging of the nearest: the newest and the likest tell most, no price far from all the others tells anything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.base.covariance import learn_covariance, learn_excess
from models.base.kriging import LEARNED, Covariance, Kriging, Nearest, distance, krige

BY = Covariance()


def near(above: list[float], age: list[float], far: list[float], padding: int = 0) -> Nearest:
    """One question, its comparables of one title, set apart by a number; it lies at 0."""
    n = len(above)
    pad = [0.0] * padding
    place = np.array([[*far, *pad]])[..., np.newaxis]
    return Nearest(
        there=np.array([[True] * n + [False] * padding]),
        age=np.array([[*age, *pad]]),
        title=np.zeros((1, n + padding), int),
        asked_title=np.zeros(1, int),
        far=np.abs(place[..., 0]),
        place=place,
        words=np.array([False]),
        asking=np.zeros((1, n + padding), bool),
        grade=np.zeros((1, n + padding), bool),
        share=np.ones((1, n + padding)),
        above=np.array([[*above, *pad]]),
        drift=np.zeros((1, n + padding)),
        since=np.full((1, n + padding), np.inf),
        asked_since=np.full(1, np.inf),
        voice=np.arange(n + padding)[np.newaxis],
    )


def new_things(cases: int, falls: float, seed: int = 3) -> tuple[Nearest, np.ndarray]:
    """Things first seen 12 days ago that start `falls` above where they will, by e every fortnight; ten sales each."""
    random = np.random.default_rng(seed)
    age = np.tile(np.arange(10.0), (cases, 1))
    since = 11 - age
    path = falls * np.exp(-since / 14) + random.normal(0, 0.03, age.shape)
    alike = near(list(age[0]), list(age[0]), [0.0] * 10)
    told = {
        name: np.repeat(getattr(alike, name), cases, axis=0)
        for name in ("there", "title", "asked_title", "far", "place", "asking", "grade", "share", "drift", "voice")
    }
    many = replace(alike, **told, age=age, above=path, since=since, asked_since=np.full(cases, 12.0))
    return many, falls * np.exp(-12 / 14) + random.normal(0, 0.03, cases)


def test_what_new_things_fall_by_is_learned_where_they_do() -> None:
    falling, target = new_things(200, falls=0.4)
    steady, level = new_things(200, falls=0.0)

    learned = learn_excess(falling, target, BY)

    assert learned.excess > 0
    assert learn_excess(steady, level, BY).excess == 0
    off = [np.median(krige(falling, each).mean - target) for each in (BY, learned)]
    assert off[0] > 0.01
    assert abs(off[1]) < off[0] / 2


logs = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=12)


@given(logs)
def test_the_mean_is_the_sum_of_the_comparables_times_their_coefficients(above: list[float]) -> None:
    asked = near(above, [float(n) for n in range(len(above))], [n % 3 / 2 for n in range(len(above))])
    solved = krige(asked, BY)

    assert solved.mean[0] == pytest.approx(float((solved.coefficient * asked.above).sum()))
    assert solved.evidence[0] >= 0


@given(logs, st.integers(1, 5))
def test_empty_places_change_nothing(above: list[float], padding: int) -> None:
    age, far = [1.0] * len(above), [0.0] * len(above)

    assert krige(near(above, age, far, padding), BY).mean[0] == pytest.approx(krige(near(above, age, far), BY).mean[0])


def test_sales_that_agree_are_believed_and_more_of_them_are_more_evidence() -> None:
    few, many = (krige(near([0.2] * n, [1.0] * n, [0.0] * n), BY) for n in (2, 20))

    assert 0.15 < few.mean[0] < many.mean[0] <= 0.2
    assert 0.5 < few.evidence[0] < many.evidence[0]


def test_yesterdays_sale_of_this_size_counts_more_than_a_far_or_an_old_one() -> None:
    solved = krige(near([0.1, 0.1, 0.1], [1.0, 200.0, 1.0], [0.0, 0.0, 4.0]), BY)

    assert solved.coefficient[0, 0] == solved.coefficient[0].max()


def test_what_other_sizes_did_since_moves_an_old_sale_of_this_size() -> None:
    # A month ago this size brought 0.1 more than the other one, which has risen by 0.2 since.
    above, age, far = [0.1] * 4 + [0.0] * 4 + [0.2] * 4, [30.0] * 8 + [0.0] * 4, [0.0] * 4 + [2.0] * 8

    assert krige(near(above, age, far), BY).mean[0] > 0.2


def test_one_absurd_price_among_many_moves_nothing() -> None:
    honest = np.random.default_rng(3).normal(0, BY.noise, 15).tolist()
    age, far = [1.0] * 16, [0.0] * 16
    plain = krige(near(honest, age[1:], far[1:]), BY).mean[0]
    moved = [krige(near([*honest, lie], age, far), BY).mean[0] - plain for lie in (np.log(3.0), 5.0)]

    assert max(np.abs(moved)) < 0.005


def test_who_is_hardly_trusted_hardly_counts() -> None:
    asked = near([0.2, 0.0], [1.0, 1.0], [0.0, 0.0])
    doubted = replace(asked, share=np.array([[0.05, 1.0]]))

    assert krige(doubted, BY).mean[0] < krige(asked, BY).mean[0]


def test_questions_may_each_have_a_covariance_and_do_not_touch_each_other() -> None:
    one = near([0.2, 0.1], [1.0, 9.0], [0.0, 1.0])
    two = replace(one, **{name: np.repeat(getattr(one, name), 2, axis=0) for name in vars(one) if name != "words"})
    calm = replace(BY, noise=0.2)
    solved = krige(two, [BY, calm])

    assert solved.mean[0] == krige(one, BY).mean[0]
    assert solved.mean[1] == krige(one, calm).mean[0]


def test_unknown_values_lie_one_apart_from_known_ones_and_together() -> None:
    nan = float("nan")

    assert distance([1.0, nan, nan], [3.5, 1.0, nan], False).tolist() == [2.5, 1.0, 0.0]
    assert distance([1.0, 1.0], [3.5, 1.0], True).tolist() == [1.0, 0.0]


def test_the_noise_is_learned_from_cases_and_nothing_from_none() -> None:
    random = np.random.default_rng(1)
    parts = [near(random.normal(0, 0.3, 6).tolist(), [float(n) for n in range(6)], [0.0] * 6) for _ in range(60)]
    asked = replace(
        parts[0],
        **{name: np.concatenate([getattr(each, name) for each in parts]) for name in vars(parts[0]) if name != "words"},
    )

    assert learn_covariance(asked, np.zeros(60), BY, sweeps=1).noise > BY.noise
    assert learn_covariance(asked.part(slice(0, 0)), np.zeros(0), BY) == BY


@given(logs, st.floats(-0.3, 0.3))
def test_what_the_area_did_in_the_last_days_does_not_move_a_thing_that_has_sales_of_its_own(
    above: list[float], level: float
) -> None:
    # Prices less the level of their own day, `level` higher then than now, against prices less the level of today.
    age, far = [0.0] * len(above), [0.0] * len(above)
    moved = near([each - level for each in above], age, far)

    solved = krige(replace(moved, drift=np.where(moved.there, level, 0.0)), BY)

    assert solved.mean[0] == pytest.approx(krige(near(above, age, far), BY).mean[0])
    assert solved.above[0] == pytest.approx(above)


def test_sales_of_long_ago_follow_their_area() -> None:
    old = near([0.1], [3000.0], [0.0])

    solved = krige(replace(old, drift=np.full((1, 1), 0.4)), BY)

    assert solved.above[0, 0] == pytest.approx(0.1, abs=0.01)


def test_whether_a_thing_follows_its_area_is_learned() -> None:
    draw = np.random.default_rng(0)
    asked = near([0.0] * 4, [30.0] * 4, [0.0] * 4)
    drift = np.repeat(draw.normal(0, 0.2, (60, 1)), 4, axis=1)
    many = replace(asked.part(np.zeros(60, int)), drift=drift)

    # Prices less their area's level: of what stood still, and of what went all the way with its area.
    still, along = (learn_covariance(replace(many, above=above), np.zeros(60), BY) for above in (-drift, 0 * drift))

    assert along.follows < BY.follows < still.follows


@given(st.lists(st.tuples(st.sampled_from(LEARNED), st.sampled_from([0.5, 1.0, 2.0])), max_size=6))
@settings(deadline=None)
def test_what_is_kept_between_covariances_changes_nothing(changes: list[tuple[str, float]]) -> None:
    many, _ = new_things(7, falls=0.2)
    many = replace(many, place=many.place + np.arange(10)[:, np.newaxis] % 3, far=np.tile(np.arange(10) % 3, (7, 1)))
    kriging, by = Kriging(many), BY
    for name, times in changes:
        by = replace(by, **{name: getattr(BY, name) * times})
        kept, fresh = kriging.solve(by), krige(many, by)
        assert (kept.mean == fresh.mean).all()
        assert (kept.coefficient == fresh.coefficient).all()

"""The prior: made-up pairs that teach sameness, the same ones every time."""

from __future__ import annotations

from collections import Counter

from features.matching.conflict import conflict, facts_of, thing_of
from features.matching.prior import make_product, prior_labels, write


def test_the_same_seed_makes_the_same_pairs_and_another_seed_others() -> None:
    assert prior_labels(40, seed=5) == prior_labels(40, seed=5)
    assert prior_labels(40, seed=5) != prior_labels(40, seed=6)
    assert prior_labels(60, seed=5)[:40] == prior_labels(40, seed=5)


def test_about_a_third_of_the_pairs_are_the_same() -> None:
    labels = prior_labels(2000)
    assert 0.3 < sum(label.same for label in labels) / len(labels) < 0.4
    assert {label.day for label in labels} == {0}


def test_words_alone_do_not_tell_the_pairs_apart() -> None:
    """Each kind has pairs that share most words, or the model would learn to count them."""

    def shared(same: bool) -> float:
        pairs = [label for label in prior_labels(2000) if label.same is same]
        many = 0
        for label in pairs:
            one, other = set(label.left.title.lower().split()), set(label.right.title.lower().split())
            many += len(one & other) >= 0.5 * min(len(one), len(other))
        return many / len(pairs)

    assert shared(True) > 0.5
    assert shared(False) > 0.2


def test_what_contradicts_is_hardly_ever_taught_as_the_same() -> None:
    found = Counter(
        label.same
        for label in prior_labels(1500)
        if conflict(facts_of(thing_of(label.left)), facts_of(thing_of(label.right)))
    )
    assert found[False] > 100
    assert found[True] < 0.1 * found[False]


def test_two_sellers_word_one_product_differently() -> None:
    import random

    dice = random.Random(3)
    for _ in range(50):
        product = make_product(dice)
        assert len({write(dice, product, "x").title for _ in range(6)}) >= 4

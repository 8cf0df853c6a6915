"""The list price among the looks at a thing: heard as far as it told prices before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.base.list_ratio import learn_ratios, learn_steps


def listed(n: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Phones that bring half of their list price and drills that bring three quarters, all but for 5 %."""
    random = np.random.default_rng(1)
    category = np.where(np.arange(n) % 2, "phone", "drill").astype(object)
    ln_list = random.normal(5, 1, n)
    target = ln_list + np.where(category == "phone", np.log(0.5), np.log(0.75)) + random.normal(0, 0.05, n)
    return pd.DataFrame({"category": category, "ln_list": ln_list}), target


def test_a_price_is_its_categorys_share_of_the_list_price() -> None:
    rows, target = listed(400)
    asked = pd.DataFrame({"category": ["phone", "drill", "chair"], "ln_list": [np.log(100.0), np.log(100.0), np.nan]})

    value = learn_ratios(rows, target).value(asked)

    assert np.exp(value[:2]) == pytest.approx([50, 75], rel=0.04)
    assert np.isnan(value[2])


def test_a_list_price_moves_a_line_as_far_as_it_has_told_prices_better() -> None:
    rows, target = listed(400)
    random = np.random.default_rng(2)
    lines = target[:, np.newaxis] + random.normal(0, [0.4, 0.01], (400, 2))

    ratio = learn_steps(learn_ratios(rows, target), learn_ratios(rows, target).value(rows), lines, target)

    assert ratio.weights[0] > 0.9
    assert ratio.weights[1] < 0.2
    wrong = ratio.steps(np.array([20.0, np.nan]), np.array([[5.0, 5.0], [5.0, 5.0]]))
    assert 0 < wrong[0, 0] < 2  # a slip of a pen in a list price is not followed
    assert (wrong[1] == 0).all()


def test_from_a_few_list_prices_nothing_is_learned() -> None:
    rows, target = listed(20)
    ratio = learn_ratios(rows, target)
    assert np.isnan(ratio.value(rows)).all()
    assert (ratio.steps(ratio.value(rows), np.zeros((20, 2))) == 0).all()

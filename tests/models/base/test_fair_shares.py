"""Putting comparables together: no seller has more than a quarter, and who is far from all others counts for none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.base.compose import Compared, weigh
from models.base.kernel import FEATURES, Kernel
from models.base.pairs import Pairs
from models.knobs import default_knobs


def together(above: list[float], share: list[float], seller: list[int]) -> Compared:
    count = len(above)
    pairs = Pairs(
        np.array(["drill"], dtype=object), np.zeros(count, int), np.arange(count), np.ones(count),
        np.zeros((count, len(FEATURES))), np.array(share), np.array(above), None,
    )  # fmt: skip
    market: Any = SimpleNamespace(trust=None, index=SimpleNamespace(seller=np.array(seller)))
    return weigh(pairs, market, Kernel(), default_knobs().comparables)[0]


HONEST, EVEN, SELLERS = [-0.1, 0.0, 0.08, 0.02], [0.05, 0.1, 0.06, 0.05], [0, 1, 2, 3]


def test_a_far_seller_changes_nothing_however_heavy() -> None:
    honest = together(HONEST, EVEN, SELLERS)
    attacked = together([*HONEST, 1.1, 1.12], [*EVEN, 5.0, 5.0], [*SELLERS, 9, 9])

    assert attacked.mean == pytest.approx(honest.mean, abs=1e-12)
    assert attacked.evidence == pytest.approx(honest.evidence)
    assert sorted(attacked.row.tolist()) == sorted(honest.row.tolist())


def test_no_seller_has_more_than_a_quarter_where_there_are_four() -> None:
    found = together([*HONEST, 0.3], [*EVEN, 5.0], [*SELLERS, 9])

    assert found.weight[found.row == 4].sum() <= 0.25 * found.weight.sum() * (1 + 1e-9)
    assert found.mean == pytest.approx(float((found.weight * found.above).sum() / found.weight.sum()))


def test_where_there_are_few_sellers_each_may_have_an_equal_share() -> None:
    found = together([0.0, 0.2], [0.1, 5.0], [0, 1])

    assert found.mean == pytest.approx(0.1)

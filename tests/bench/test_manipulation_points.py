"""The breakdown points are read off the cells: the smallest share that breaks a value on any seed."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from bench.manipulation import Cell, breakdown
from bench.manipulation_everywhere import ROUNDS, TITLES, summed_up
from bench.manipulation_market import ATTACKED
from bench.manipulation_show import goal_cells, worst_of
from features.taxonomy import categorise


def cell(seed: int, kind: str, share: float, moved: float, fmv: float = 0.0, after: str = "at once") -> Cell:
    return Cell(seed, kind, share, 3.0, 20, round(20 * share / (1 - share)), after, fmv, moved, 0.0)


CELLS = [
    cell(1, "fresh accounts", 0.3, 0.05), cell(2, "fresh accounts", 0.3, -0.2), cell(1, "fresh accounts", 0.5, 0.7),
    cell(1, "one seller", 0.2, -0.02, 0.01), cell(2, "one seller", 0.2, 0.01, -0.04),
    cell(1, "one seller", 0.2, 0.9, after="learned"),
]  # fmt: skip


def test_the_breakdown_point_is_the_smallest_share_that_breaks_on_any_seed() -> None:
    assert breakdown(CELLS, 0.10)["fresh accounts"]["20"] == (0.3, 9)
    assert breakdown(CELLS, 0.50)["fresh accounts"]["20"] == (0.5, 20)
    assert breakdown(CELLS, 0.10)["one seller"]["20"] is None


def test_the_goal_is_about_both_values_at_once() -> None:
    assert goal_cells(pd.DataFrame([asdict(each) for each in CELLS])) == {"market_value": 0.02, "fmv": 0.04}
    assert worst_of(pd.Series([0.02, -0.03, 0.01])) == -0.03


def test_every_product_is_attacked_once_and_no_two_of_a_category_together() -> None:
    assert len(TITLES) == len(set(TITLES)) == 35
    for titles in ROUNDS:
        assert len({categorise(None, title) for title in titles}) == len(titles) == len(ATTACKED)


def test_moves_of_all_products_are_summed_up_by_their_size() -> None:
    moves = pd.DataFrame(
        {"factor": [1.5, 1.5, 1.5, 3.0], "market_value": [0.01, -0.2, 0.03, 0.0], "fmv": [0.0, 0.1, -0.3, -0.02]}
    )

    told = summed_up(moves)

    assert (told["1.5"]["products"], told["1.5"]["market_value, worst"], told["1.5"]["fmv, worst"]) == (3, 0.2, 0.3)
    assert (told["1.5"]["market_value, median"], told["3"]["fmv, worst"]) == (0.03, 0.02)

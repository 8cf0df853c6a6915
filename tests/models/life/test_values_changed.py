"""What changed between two snapshots, and why: the logs of base and factors add up to the move."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.life.changed import by_category, causes, compare_values, standard_questions
from warehouse.valuation import ValuationRequest


def answer(base: float, trend: float | None) -> Any:
    factors = [] if trend is None else [SimpleNamespace(name="trend", value=f"{trend:.6f}")]
    return SimpleNamespace(fmv=f"{base * (trend or 1):.2f}", base=f"{base:.6f}", factors=factors)


def valuer(*answers: Any) -> Any:
    return SimpleNamespace(value_many=lambda asked: list(answers))


def ask(*categories: str) -> list[ValuationRequest]:
    return [ValuationRequest(text=f"{name} one", attributes={"category": name}) for name in categories]


def test_the_move_is_taken_apart_and_the_largest_comes_first() -> None:
    unknown = SimpleNamespace(fmv=None)
    old = valuer(answer(100, 1.0), answer(200, None), unknown)
    new = valuer(answer(101, 1.05), answer(150, 1.1), answer(3, 1.0))
    rows = compare_values(old, new, ask("drill", "laptop", "kayak"))
    assert [row["text"] for row in rows] == ["laptop one", "drill one"]
    assert rows[0]["mainly"] == "base"
    assert rows[1]["mainly"] == "trend"
    for row in rows:
        assert sum(row["why"].values()) == pytest.approx(np.log1p(row["change"]), abs=1e-4)
    table = by_category(rows)
    assert [row["category"] for row in table] == ["all", "laptop", "drill"]
    assert table[0]["over_a_tenth"] == 1


def test_equal_snapshots_have_moved_nothing(published: Any) -> None:
    rows = published.valuer.learned.market.rows
    asked = standard_questions(rows, rows, 3)
    assert len(asked) == 3
    moves = compare_values(published.valuer, published.valuer, asked)
    assert [row["change"] for row in moves] == [0.0, 0.0, 0.0]
    assert [row["mainly"] for row in moves] == ["", "", ""]


def test_the_causes_are_named() -> None:
    old = {
        "data_hash": "a",
        "observations": 3,
        "data_cutoff": "2026-01-31T00",
        "code_version": "1",
        "knobs": {"level": {"trim": 0.25}},
    }
    new = old | {"code_version": "2", "knobs": {"level": {"trim": 0.3}}}
    assert causes(old, old) == []
    assert causes(old, new) == ["code: 1 → 2", "knobs: level.trim 0.25 → 0.3"]
    assert causes(old, old | {"data_hash": "b", "observations": 4})[0].startswith("data: 3 → 4 observations")

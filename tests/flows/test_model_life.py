"""A run keeps to the old knobs where new ones do worse, says why, and gives no figure for made prices."""

from __future__ import annotations

from typing import Any

import pytest

from flows import life
from models.evaluation.quality import replayed_table
from models.life.runs import keep_runs
from models.life.too_good import FORMULA, Suspicion
from models.life.trial import Trial


def asked(published: Any, trees: int, **selling: float) -> Any:
    knobs = published.town.knobs
    more = {"hedonic": knobs.hedonic.model_copy(update={"trees": trees})}
    return knobs.model_copy(update=more | {"selling": knobs.selling.model_copy(update=selling)})


def held(published: Any, knobs: Any) -> tuple[life.Chosen, list[str]]:
    said: list[str] = []
    rows = published.valuer.learned.market.rows
    return life.knobs_that_hold(published.town.home, rows, knobs, None, say=said.append), said


@pytest.mark.parametrize("worse", [True, False])
def test_knobs_that_do_worse_are_refused_with_the_reason(
    published: Any, monkeypatch: pytest.MonkeyPatch, worse: bool
) -> None:
    told = Trial([], not worse, worse, "the figures", 80, "2026-03-01")
    monkeypatch.setattr(life, "try_knobs", lambda *rows, **more: told)
    chosen, said = held(published, asked(published, 31, chance=0.6))
    assert chosen.knobs.hedonic.trees == (30 if worse else 31)
    assert chosen.knobs.selling.chance == 0.6, "what teaches nothing holds at once"
    assert bool(chosen.refused) is worse
    assert said[-1] == f"the {'old knobs are kept' if worse else 'new knobs are taken'}; {chosen.why}"
    assert chosen.why == "hedonic.trees 30 → 31: the figures"


def test_equal_knobs_are_not_tried(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "try_knobs", lambda *rows, **more: pytest.fail("tried"))
    assert held(published, asked(published, 30, chance=0.7))[0].why == ""


def test_no_figure_is_given_of_made_prices(published: Any) -> None:
    learned = published.valuer.learned
    made = Suspicion("bazaar", "drill", FORMULA, ("new price",), 100, 0.001)
    table = {row["category"]: row for row in replayed_table(learned, [made])}
    assert table["drill"]["MdAPE"] is None
    assert table["drill"]["n"] > 0
    assert table["laptop"]["MdAPE"] is not None
    assert table["all"]["n"] == sum(row["n"] for name, row in table.items() if name not in ("all", "drill"))


def test_the_linear_baseline_is_replayed_on_the_same_cases(published: Any) -> None:
    scores = published.valuer.learned.vintages[-1].scores
    whole = replayed_table(published.valuer.learned)[0]
    assert whole["linear_n"] == scores["linear"].notna().sum() > 50
    assert 0 < whole["linear_MdAPE"] < 0.2


def test_a_run_is_kept_once(tmp_path: Any) -> None:
    manifest = {"id": "20260101T000000Z-00000000", "note": "why", "files": {"a": "b"}}
    assert keep_runs(tmp_path, [manifest]) == [manifest["id"]]
    assert keep_runs(tmp_path, [manifest | {"note": "other"}]) == []

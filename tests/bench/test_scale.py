"""The scale benchmark's market is the same every time, and its recorder sees the fits that are made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from bench import scale
from bench.scale import slope
from bench.scale_fits import Recorder, bare
from bench.scale_market import market, questions
from warehouse.valuation import ValuationRequest


def test_the_market_is_the_same_every_time_and_sorted_by_day() -> None:
    one, other = market(300), market(300)
    assert one.drop(columns="attributes").equals(other.drop(columns="attributes"))
    assert list(one["attributes"]) == list(other["attributes"])
    assert one["day"].is_monotonic_increasing
    assert one["listing"].is_unique
    for each in questions(one, 20):
        assert ValuationRequest.model_validate(each).text


def test_every_fit_is_written_down_and_made_again(tmp_path: Path) -> None:
    import lightgbm

    drawn = np.random.default_rng(1)
    table = drawn.normal(size=(200, 3)).astype(np.float32)
    plain = lightgbm.train
    with Recorder(tmp_path) as recorder:
        data = lightgbm.Dataset(table, table.sum(axis=1), params={"verbosity": -1, "num_threads": 1})
        for seed in (1, 2):
            lightgbm.train({"verbosity": -1, "num_threads": 1, "seed": seed}, data, num_boost_round=3)
    assert lightgbm.train is plain
    assert recorder.fits == 2
    again = bare(tmp_path)
    assert (again["fits"], again["most_rows"], again["columns"]) == (2, 200, 3)


def test_the_slope_of_what_grows_in_proportion_is_one() -> None:
    assert abs(slope([10, 100, 1000], [2.0, 20.0, 200.0]) - 1.0) < 1e-12


def test_figures_become_a_table_and_a_file_and_the_largest_market_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(listings: int, count: int, max_rows: int | None) -> dict[str, Any]:
        figures: dict[str, Any] = {"listings": listings, "times": 1.2, "times_processor": listings / 100}
        for _, each, name, _ in scale.LINES:
            figures.setdefault(each, {})[name] = float(listings)
        figures["learn"]["peak_gb"] = 3.0 if listings < 1000 else 9.0
        return figures

    monkeypatch.setattr(scale, "measure", measure)
    monkeypatch.setattr(scale, "console", Console(width=150))
    target = tmp_path / "figures.json"

    assert scale.main(["--listings", "100", "10", "--json", str(target)]) == 0
    assert [each["listings"] for each in json.loads(target.read_text("utf-8"))] == [10, 100]
    assert "within the limits" in capsys.readouterr().out
    assert scale.main(["--listings", "10", "1000"]) == 1
    assert "NOT within" in capsys.readouterr().out

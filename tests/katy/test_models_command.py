"""`katy models` on a published snapshot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from katy.cli import app
from katy.knobs_file import knobs_here, read_set, write_knobs
from katy.settings import Settings
from models.life.runs import read_runs
from models.life.trial import Trial
from warehouse.errors import BadInput


def katy(published: Any, *words: str, status: int = 0) -> str:
    root = str(published.town.home.root)
    told = CliRunner().invoke(app, ["--home", root, "models", *words], catch_exceptions=False)
    assert told.exit_code == status, told.output
    return told.stdout


def test_a_run_is_kept_with_data_code_knobs_and_figures(published: Any) -> None:
    (run,) = json.loads(katy(published, "list", "--json"))
    assert run["run"] == published.snapshot.id
    assert run["linear"] is not None
    kept = json.loads(katy(published, "show", run["run"][:8], "--json"))
    assert kept["data_hash"].startswith(run["data"])
    assert kept["knobs"]["hedonic"]["trees"] == 30
    assert "hedonic.trees 260 → 30" in katy(published, "show", run["run"])
    with pytest.raises(BadInput, match="katy models list"):
        katy(published, "show", "1999")


def test_a_run_outlives_its_snapshot(published: Any, tmp_path: Path) -> None:
    shutil.copytree(published.town.home.runs, tmp_path / "runs")
    told = CliRunner().invoke(app, ["--home", str(tmp_path), "models", "list", "--json"])
    assert [run["run"] for run in json.loads(told.stdout)] == [published.snapshot.id]
    assert "Model card" in CliRunner().invoke(app, ["--home", str(tmp_path), "models", "card", "2026"]).stdout


def test_the_card_says_what_is_in_it_and_what_is_wrong(published: Any, tmp_path: Path) -> None:
    text = katy(published, "card")
    assert text.startswith(f"# Model card of snapshot {published.snapshot.id}")
    for part in ("| bazaar |", "linear_MdAPE", "## Where not to trust it", "## What is not in it, and known faults"):
        assert part in text
    katy(published, "card", "--to", str(tmp_path / "card.md"))
    assert (tmp_path / "card.md").read_text("utf-8").rstrip() == text.rstrip()


def test_the_checks_are_told(published: Any) -> None:
    rows = json.loads(katy(published, "check", "--no-noise", "--json"))
    assert rows == [{"check": "files", "about": "all", "says": "as published"}]


def test_two_snapshots_are_needed_to_tell_what_changed(published: Any) -> None:
    with pytest.raises(BadInput, match="no snapshot before"):
        katy(published, "changed")
    same = json.loads(katy(published, "changed", published.snapshot.id, "--questions", "2", "--json"))
    assert same["causes"] == []
    assert [row["change"] for row in same["moves"]] == [0.0, 0.0]


@pytest.mark.parametrize("better", [True, False])
def test_knobs_are_written_only_where_they_are_better(
    published: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, better: bool
) -> None:
    monkeypatch.setenv("KATY_KNOBS", str(tmp_path / "mine.toml"))
    (tmp_path / "mine.toml").write_text("[level]\ntrim = 0.2\n", "utf-8")
    tried = []

    def verdict(rows: Any, current: Any, candidate: Any, **more: Any) -> Trial:
        tried.append(candidate)
        return Trial([{"segment": "all", "n": 1}], better, not better, "because", 1, "2026-01-01")

    monkeypatch.setattr("models.life.trial.try_knobs", verdict)
    told = json.loads(katy(published, "try", "--set", "hedonic.trees=300", "--promote", "--json"))
    assert told["better"] is better
    assert (tried[0].hedonic.trees, tried[0].level.trim) == (300, 0.2)
    knobs = knobs_here(Settings())
    assert knobs is not None
    assert (knobs.hedonic.trees == 300) is better
    assert knobs.level.trim == 0.2


def test_knobs_of_the_data_folder_are_read_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert knobs_here(settings) is None
    write_knobs(settings, read_set(["hedonic.trees=300", "vintages.every=month"]))
    knobs = knobs_here(settings)
    assert knobs is not None
    assert knobs.hedonic.trees == 300
    (tmp_path / "knobs.toml").write_text("[hedonic]\ntree = 3\n", "utf-8")
    with pytest.raises(BadInput, match=r'knobs.toml: there is no knob "hedonic.tree"; near it: hedonic.trees'):
        knobs_here(settings)
    (tmp_path / "knobs.toml").write_text("[hedonic\n", "utf-8")
    with pytest.raises(BadInput, match="is not TOML"):
        knobs_here(settings)
    with pytest.raises(BadInput, match=r"GROUP\.KNOB=VALUE"):
        read_set(["trees=3"])


def test_kept_runs_have_no_list_of_files(published: Any) -> None:
    assert all("files" not in run for run in read_runs(published.town.home.runs))

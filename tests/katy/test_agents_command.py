"""`katy agents` and `katy alarms` on landing files alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from katy.cli import app
from spiders.agent.quality import Finding
from warehouse import alarms
from warehouse.errors import BadInput, KatyError
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import RunReport

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
GOOD = {
    "verdict": "complete", "why": "96 rows landed from 4 pages", "asked": 5, "unchanged": 1, "pages": 4,
    "bytes": 81_920, "statuses": {"200": 4, "304": 1},
    "price_paths": {"jsonld": 72, "selector": 24}, "signs": {"ambiguous": 2},
    "coverage": {"brand": 0.91, "condition": 0.5, "title": 1.0}, "quarantined": {"ambiguous_price": 2, "no_price": 1},
    "base": "https://shop.example/", "reader": "schema_org",
}  # fmt: skip


def visited(home: Home, source: str, ago: timedelta, *findings: Finding, landed: int = 96, **detail: Any) -> RunReport:
    run = new_run(NOW - ago)
    report = RunReport(
        source=source, run=run, row=0, of_record="listing", found_at="https://shop.example/", started_at=NOW - ago,
        ended_at=NOW - ago + timedelta(minutes=2), rows_read=landed + 3, rows_landed=landed, rows_quarantined=3,
        detail_json=json.dumps(GOOD | detail),
    )  # fmt: skip
    raised = alarms.alarm_records(findings, report, alarms.standing(home, source))
    land(home, [report, *raised], source=source, run=run, now=NOW - ago)
    return report


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = Home(tmp_path)
    visited(folder, "shop.example", timedelta(hours=30))
    said = Finding(
        "coverage", "brand", "warning", "brand is there in 30% of 96 rows", {"base": GOOD["base"], "now": 0.3}
    )
    visited(folder, "shop.example", timedelta(hours=6), said, coverage={"brand": 0.3})
    wall = Finding("blocked", "site", "error", "blocked: status 403 \x1b[2J", {"base": "https://wall.example/"})
    visited(folder, "wall.example", timedelta(days=20), wall, landed=0, verdict="blocked", why="status 403 [bold]")
    return folder


def katy(home: Home, *words: str) -> str:
    result = CliRunner().invoke(app, ["--home", str(home.root), "--now", NOW.strftime("%Y-%m-%dT%H:%M:%S"), *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_table_has_a_line_for_each_source_with_what_went_wrong(home: Home) -> None:
    shop, wall = (line for line in katy(home, "agents").splitlines() if "example" in line)
    for told in ("complete", "jsonld 75%, selector 25%", "brand 30%", "coverage brand", "2026-03-10 06:00"):
        assert told in shop
    for told in ("blocked, stale", "blocked site"):
        assert told in wall


def test_the_json_has_all_figures(home: Home) -> None:
    shop, wall = json.loads(katy(home, "agents", "--json"))
    assert (shop["source"], shop["stale"], shop["last_run"]["statuses"]) == ("shop.example", None, {"200": 4, "304": 1})
    assert shop["last_run"]["refused"] == 3
    assert [one["kind"] for one in shop["alarms"]] == ["coverage"]
    assert wall["last_good"] is None
    assert "was never read well" in wall["stale"]


def test_one_source_is_shown_with_its_runs_and_alarms(home: Home) -> None:
    said = katy(home, "agents", "shop.example")
    for told in (
        "read by schema_org",
        "4 × 200, 1 × 304",
        "2 ambiguous_price",
        "Its last runs",
        "brand is there in 30%",
    ):
        assert told in said
    assert len(json.loads(katy(home, "agents", "shop.example", "--json"))["runs"]) == 2


def test_what_a_site_says_neither_moves_the_cursor_nor_colours_the_text(home: Home) -> None:
    said = katy(home, "agents", "wall.example") + katy(home, "alarms")
    assert "\x1b" not in said
    assert "[bold]" in said


def test_a_source_nobody_visited_is_named(home: Home) -> None:
    with pytest.raises(KatyError, match='"nowhere"'):
        katy(home, "agents", "nowhere")


def test_alarms_are_listed_and_dismissed(home: Home) -> None:
    blocked, coverage = sorted(json.loads(katy(home, "alarms", "--json")), key=lambda one: str(one["kind"]))
    assert (blocked["source"], coverage["figures"]) == ("wall.example", {"now": 0.3})
    assert coverage["id"] in katy(home, "alarms")
    assert "dismissed: shop.example" in katy(home, "alarms", "dismiss", coverage["id"][:12], "--why", "no brands now")
    assert [one["id"] for one in json.loads(katy(home, "alarms", "--json"))] == [blocked["id"]]
    with pytest.raises(BadInput, match="no open alarm"):
        katy(home, "alarms", "dismiss", coverage["id"])


def test_a_new_folder_says_what_to_do(tmp_path: Path) -> None:
    empty = Home(tmp_path / "empty")
    assert "katy collect" in katy(empty, "agents")
    assert katy(empty, "alarms").strip() == "no alarm is open"
    assert json.loads(katy(empty, "agents", "--json")) == json.loads(katy(empty, "alarms", "--json")) == []


def test_the_cadence_a_run_was_made_for_decides_when_it_is_stale(home: Home) -> None:
    visited(home, "slow.example", timedelta(days=20), cadence_hours=24 * 30)
    (slow,) = (one for one in json.loads(katy(home, "agents", "--json")) if one["source"] == "slow.example")
    assert (slow["stale"], slow["cadence_hours"]) == (None, 720.0)

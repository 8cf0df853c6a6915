"""Alarms: one id as long as they go on, over when the source is read well again, silent when a person says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from warehouse import alarms, build, database, load, lock
from warehouse.alarms import Finding
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Alarm, RunReport

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
BASE = "https://shop.example/"


class Agent:
    """A source that is visited once a day."""

    def __init__(self, home: Home, source: str = "shop.example") -> None:
        self.home, self.source, self.now = home, source, START

    def visit(self, *findings: Finding, landed: int = 100, verdict: str = "complete", **detail: Any) -> list[Alarm]:
        self.now += timedelta(days=1)
        run = new_run(self.now)
        known = alarms.standing(self.home, self.source)
        report = RunReport(
            source=self.source, run=run, row=0, of_record="listing", found_at=BASE, started_at=self.now,
            ended_at=self.now + timedelta(minutes=5), rows_read=landed, rows_landed=landed, rows_quarantined=0,
            detail_json=json.dumps({"verdict": verdict, "base": BASE, **detail}),
        )  # fmt: skip
        raised = alarms.alarm_records(findings, report, known)
        land(self.home, [report, *raised], source=self.source, run=run, now=self.now)
        return raised

    def open(self) -> list[str]:
        """The kinds of open alarms: the landing files and the warehouse must say the same."""
        found = sorted(
            (one.alarm.id, one.alarm.kind, len(one.runs)) for one in alarms.open_alarms(self.home, self.source)
        )
        with lock.writer(self.home, print):
            connection = database.open_writer(self.home)
            try:
                load.load(connection, self.home, self.now)
                for name in ("agent", "alarm"):
                    assert name in build.OPS
                    connection.execute(database.script("ops", name))
                told = connection.execute("SELECT id, kind, runs FROM ops.alarm WHERE source = ?", [self.source])
                assert sorted(told.fetchall()) == found
            finally:
                connection.close()
        return [kind for _, kind, _ in found]

    def clock(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    return Agent(Home(tmp_path))


def finding(kind: str = "coverage", about: str = "brand", **detail: Any) -> Finding:
    return Finding(kind, about, "warning", f"{about} has fallen", {"base": BASE, "needs_rows": 20, **detail})


def test_an_alarm_that_goes_on_keeps_its_id_and_counts_its_runs(agent: Agent) -> None:
    (first,) = agent.visit(finding())
    (second,) = agent.visit(finding())
    assert first.id == second.id
    (one,) = alarms.open_alarms(agent.home)
    assert (one.runs, one.since, one.alarm) == ((first.run, second.run), first.raised_at, second)
    assert agent.open() == ["coverage"]


def test_it_is_over_when_the_source_is_read_well_again_and_then_it_is_another(agent: Agent) -> None:
    (first,) = agent.visit(finding())
    agent.visit()
    assert agent.open() == []
    (third,) = agent.visit(finding())
    assert third.id != first.id
    assert agent.open() == ["coverage"]


@pytest.mark.parametrize(
    ("later", "why"),
    [
        ({"verdict": "blocked", "landed": 0}, "a run that got nothing"),
        ({"landed": 5}, "a run of few rows"),
        ({"base": "https://shop.example/jewels"}, "another part of the site"),
        ({"verdict": "interrupted"}, "an interrupted run"),
    ],
)
def test_a_run_that_cannot_tell_ends_nothing(agent: Agent, later: dict[str, Any], why: str) -> None:
    agent.visit(finding())
    agent.visit(**later)
    assert agent.open() == ["coverage"], why


def test_getting_in_again_ends_a_block_whatever_was_read(agent: Agent) -> None:
    agent.visit(finding("blocked", "site"), verdict="blocked", landed=0)
    agent.visit(verdict="unreachable", landed=0)
    assert agent.open() == []


def test_only_a_good_run_ends_staleness(agent: Agent) -> None:
    raised = alarms.raise_alarms(agent.home, agent.source, [finding("stale", "rows")], agent.clock)
    assert alarms.raise_alarms(agent.home, agent.source, [finding("stale", "rows")], agent.clock) == []
    agent.visit(verdict="failed", landed=0)
    assert [one.alarm for one in alarms.open_alarms(agent.home)] == raised
    assert agent.open() == ["stale"]
    agent.visit(landed=0, unchanged=1)
    assert agent.open() == []


def test_a_dismissed_alarm_stays_silent_while_it_goes_on(agent: Agent) -> None:
    (first,) = agent.visit(finding(), finding(about="gtin"))[:1]
    assert alarms.dismiss(agent.home, first.id[:10], why="they sell\nno brands now", clock=agent.clock).alarm == first
    raised = agent.visit(finding(), finding(about="gtin"))
    known = alarms.standing(agent.home, agent.source)
    assert [one.alarm.about for one in known if one.open] == ["gtin"]
    assert raised[0].id == first.id
    assert agent.open() == ["coverage"]
    agent.visit()
    assert agent.visit(finding())[0].id != first.id


def test_runs_under_an_open_alarm_are_no_measure_and_dismissed_ones_are(agent: Agent) -> None:
    (blocked,) = agent.visit(finding("blocked", "site"), verdict="blocked", landed=0)
    (first,) = agent.visit(finding())
    (second,) = agent.visit(finding())
    assert alarms.troubled(alarms.standing(agent.home, agent.source)) == {first.run, second.run}
    assert blocked.run not in alarms.troubled(alarms.standing(agent.home, agent.source))
    alarms.dismiss(agent.home, first.id, clock=agent.clock)
    assert alarms.troubled(alarms.standing(agent.home, agent.source)) == set()


def test_only_new_alarms_are_news(agent: Agent) -> None:
    agent.visit(finding())
    known = alarms.standing(agent.home, agent.source)
    raised = agent.visit(finding(), finding(about="gtin"))
    assert [one.about for one in alarms.news(raised, known)] == ["gtin"]


def test_an_id_that_fits_none_or_several_is_named(agent: Agent) -> None:
    agent.visit(*(finding(about=str(number)) for number in range(40)))
    ids = [one.alarm.id for one in alarms.open_alarms(agent.home)]
    # Of 40 ids two begin with the same of 16 digits.
    shared = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    for wrong, said in (("zz", "begins the id of no open alarm"), ("", "begins the id of no"), (shared, "open alarms")):
        with pytest.raises(BadInput, match=said):
            alarms.dismiss(agent.home, wrong, clock=agent.clock)


def test_alarms_of_one_source_are_not_ended_by_another(agent: Agent) -> None:
    agent.visit(finding())
    Agent(agent.home, "other.example").visit()
    assert agent.open() == ["coverage"]
    assert Agent(agent.home, "other.example").open() == []


def test_a_folder_that_nothing_has_landed_in_has_no_alarms(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    assert alarms.open_alarms(home) == alarms.history(home, "shop") == alarms.sources(home) == []


def test_reports_of_imported_files_are_no_visits(agent: Agent) -> None:
    run = new_run(START)
    report = RunReport(
        source=agent.source, run=run, row=0, of_record="listing", found_at="a.csv", started_at=START, ended_at=START,
        rows_read=1, rows_landed=1, rows_quarantined=0,
    )  # fmt: skip
    land(agent.home, [report], source=agent.source, run=run, now=START)
    assert alarms.history(agent.home, agent.source) == []


def test_the_log_has_one_line_for_each_alarm_whatever_a_site_says(agent: Agent) -> None:
    said = Finding("failed", "site", "error", "a title\n2026-01-01 error forged \x1b[2J line", {"base": BASE})
    alarms.log(agent.home, agent.visit(said, finding(), verdict="failed"))
    lines = alarms.log_path(agent.home).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("2026-03-02T04:05:00Z error shop.example failed site: a title 2026-01-01 error forged")
    assert all(line.isprintable() for line in lines)


def test_the_log_is_turned_over_before_it_fills_the_disk(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "_LOG_BYTES", 2_000)
    raised = agent.visit(*(finding(about=str(number)) for number in range(30)))
    for _ in range(10):
        alarms.log(agent.home, raised)
    kept = list(alarms.log_path(agent.home).parent.iterdir())
    assert len(kept) == 6
    assert all(file.stat().st_size <= 2_000 for file in kept)


def test_the_warehouse_shows_each_agent_s_newest_run(agent: Agent) -> None:
    agent.visit(reader="schema_org", asked=12, pages=10, signs={"ambiguous": 2}, coverage={"brand": 0.5})
    agent.visit(verdict="blocked", landed=0, reader="schema_org", asked=1, why="status 403")
    agent.open()
    with lock.writer(agent.home, print):
        connection = database.open_writer(agent.home)
        rows = connection.execute(
            "SELECT source, verdict, why, asked, visits, good_visits, last_good < last_look, ambiguous FROM ops.agent"
        ).fetchall()
        uncommented = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE schema_name = 'ops' AND table_name IN ('agent', 'alarm') AND comment IS NULL"
        ).fetchall()
        connection.close()
    assert rows == [("shop.example", "blocked", "status 403", 1, 2, 1, True, 0)]
    assert uncommented == []


def test_a_broken_file_is_passed_over_and_the_others_are_read(agent: Agent) -> None:
    agent.visit()
    (broken,) = (agent.home.landing / "run_report").glob("*/*/*.parquet")
    broken.write_bytes(b"no parquet")
    (raised,) = agent.visit(finding())
    assert [one.run for one in alarms.history(agent.home, agent.source)] == [raised.run]
    assert [one.alarm for one in alarms.open_alarms(agent.home)] == [raised]

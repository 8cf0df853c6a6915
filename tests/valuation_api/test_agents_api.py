"""What the API tells everybody of the sources: good without a snapshot, and nothing of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from valuation_api import agents
from warehouse import alarms
from warehouse.alarms import Finding
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import RunReport

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)


def land_visit(home: Home, at: datetime, *findings: Finding, **detail: Any) -> None:
    run = new_run(at)
    said = {"verdict": "complete", "why": "12 rows landed", "base": "file:///home/somebody/saved.html", "pages": 1}
    report = RunReport(
        source="shop.example", run=run, row=0, of_record="listing", found_at=said["base"], started_at=at,
        ended_at=at + timedelta(minutes=1), rows_read=12, rows_landed=12, rows_quarantined=0,
        detail_json=json.dumps(said | detail),
    )  # fmt: skip
    raised = alarms.alarm_records(findings, report, alarms.standing(home, "shop.example"))
    land(home, [report, *raised], source="shop.example", run=run, now=at)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = Home(tmp_path)
    message = "1 pages were not got: file:///home/somebody/saved.html is empty"
    said = Finding("drift", "page", "warning", message, {"base": "file:///home/somebody/saved.html", "now": 0.5})
    land_visit(folder, NOW - timedelta(hours=2), said, why=message, coverage={"brand": 0.5}, statuses={"200": 1})
    return folder


def client_of(home: Home) -> TestClient:
    app = FastAPI()
    app.include_router(agents.router(home, lambda: NOW))
    return TestClient(app)


def test_each_source_is_told_with_its_figures_and_alarms(home: Home) -> None:
    (shop,) = client_of(home).get("/v1/agents").json()["items"]
    assert (shop["source"], shop["stale"], shop["last_run"]["coverage"]) == ("shop.example", None, {"brand": 0.5})
    assert shop["last_run"]["landed"] == 12
    assert [(one["kind"], one["runs"]) for one in shop["alarms"]] == [("drift", 1)]


def test_places_on_this_machine_are_not_told(home: Home) -> None:
    client = client_of(home)
    for path in ("/v1/agents", "/v1/alarms"):
        text = client.get(path).text
        assert "somebody" not in text
        assert "a saved file is empty" in text


def test_an_alarm_that_is_dismissed_is_not_told_any_more(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "KEPT_SECONDS", 0.0)
    client = client_of(home)
    (one,) = client.get("/v1/alarms").json()["items"]
    assert one["figures"] == {"now": 0.5}
    alarms.dismiss(home, one["id"], clock=lambda: NOW)
    assert client.get("/v1/alarms").json() == {"items": []}


def test_many_who_ask_at_once_cost_one_look_at_the_files(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    found: Callable[[Home], Any] = agents.open_alarms
    monkeypatch.setattr(agents, "open_alarms", lambda home: looks.append(home) or found(home))
    client = client_of(home)
    assert {client.get("/v1/alarms").status_code for _ in range(20)} == {200}
    assert len(looks) == 1


def test_the_whole_application_offers_both(client: TestClient) -> None:
    assert client.get("/v1/alarms").json() == {"items": []}
    assert client.get("/v1/agents").status_code == 200
    assert {"/v1/agents", "/v1/alarms"} <= set(client.get("/openapi.json").json()["paths"])

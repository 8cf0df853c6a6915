"""`katy service`, `katy jobs` and `katy value-bundle` on a published market."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from katy.cli import app


@pytest.fixture
def katy(published: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KATY_HOME", str(published.town.home.root))
    monkeypatch.setenv("KATY_NOW", "2026-04-01T00:00:00Z")
    return lambda *said: CliRunner().invoke(app, list(said))


def test_work_without_wages_is_unknown_and_says_the_way_out(katy: Callable[..., Result]) -> None:
    said = katy("service", "3 hours of tutoring", "--experience", "8", "--certified", "--score", "7/10")

    assert said.exit_code == 0
    assert "katy collect bls_oews" in said.stdout


def test_a_bundle_is_its_parts(katy: Callable[..., Result]) -> None:
    parts = ["Makita DHP453 cordless drill 18V", "Trek Marlin 5 mountain bike"]
    told = json.loads(katy("value-bundle", *parts, "--json").stdout)

    assert float(told["value"]) == pytest.approx(sum(float(part["fmv"]) for part in told["parts"]))
    assert katy("value-bundle", " + ").exit_code == 1


def test_jobs_are_listed(katy: Callable[..., Result]) -> None:
    rows = json.loads(katy("jobs", "faucet", "--json").stdout)

    assert [row["occupation"] for row in rows] == ["47-2152"]

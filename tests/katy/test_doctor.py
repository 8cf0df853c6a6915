"""The doctor: each thing Katy needs, looked at, with a way out."""

from __future__ import annotations

import json
import os
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from katy import browser, checks
from katy.cli import app
from katy.settings import Settings

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_new_folder_on_a_complete_machine_is_well(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--home", str(tmp_path / "new"), "doctor", "--json"], catch_exceptions=False)
    answer = json.loads(result.stdout)
    states = {check["name"]: check["state"] for check in answer["checks"]}
    assert states["python"] == states["packages"] == states["lightgbm"] == states["home"] == states["ledger"] == "ok"
    assert answer["ok"] is True
    assert result.exit_code == 0
    assert not (tmp_path / "new").exists()


def test_every_bad_finding_says_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = Settings(
        home=tmp_path / "file", browser=tmp_path / "no-browser", ledger_url="postgresql+psycopg://127.0.0.1:1/none"
    )
    found = {check.name: check for check in checks.every(settings, NOW)}
    assert found["home"].state == "fail"
    assert found["browser"].state == "warn"
    assert found["ledger"].state == "fail"
    assert all(check.way_out for check in found.values() if check.state != "ok")


def test_a_password_of_the_ledger_is_not_shown() -> None:
    settings = Settings(ledger_url="postgresql+psycopg://katy:secret@127.0.0.1:1/none")
    assert "secret" not in str(checks.ledger(settings))


def test_a_missing_package_fails_and_another_version_warns(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text("typer==0.0.1 \\\n    --hash=sha256:00\n")
    assert checks.packages(lock).state == "warn"
    lock.write_text("no-such-package-katy==1.0\n")
    assert checks.packages(lock).state == "fail"
    lock.write_text('no-such-package-katy==1.0 ; python_version < "3"\n')
    assert checks.packages(lock).state == "ok"


def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert checks.port(Settings(port=taken.getsockname()[1])).state == "warn"
    assert checks.port(Settings(port=0)).state == "ok"


def test_a_check_that_breaks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(_settings: Settings) -> checks.Check:
        raise RuntimeError("oh")

    monkeypatch.setattr(checks, "disk", broken)
    found = {check.name: check.state for check in checks.every(Settings(home=tmp_path), NOW)}
    assert found["disk"] == "fail"
    assert found["prefect"] == "ok"


def test_a_shell_that_only_says_what_to_install_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path / "chromium", 'echo "install the snap" >&2; exit 1')
    real = _program(tmp_path / "google-chrome", "echo Chrome 1.2")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin:/usr/bin")
    monkeypatch.setattr(browser, "NAMES", ("chromium", "google-chrome"))
    assert browser.find() == browser.Browser(real, "Chrome 1.2")


def test_a_named_browser_is_used_or_none(tmp_path: Path) -> None:
    named = _program(tmp_path / "mine", "echo Mine 9")
    assert browser.find(named) == browser.Browser(named, "Mine 9")
    assert browser.find(tmp_path / "other") is None


def test_a_browser_that_never_answers_is_given_up(tmp_path: Path) -> None:
    assert browser.starts(_program(tmp_path / "slow", "exec sleep 30"), limit=0.3) is None

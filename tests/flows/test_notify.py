"""Telling people: a real notifier over HTTP on loopback, one that fails, and the log that is always there."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from loopback import serving

from flows.notify import LOG, Sent, send
from ledger.books import accounts
from ledger.books.store import Ledger, open_ledger
from ledger.watching import outbox
from ledger.watching.outbox import Draft
from warehouse import landing
from warehouse.home import Home
from warehouse.records import Alarm

START = datetime(2026, 11, 14, 12, tzinfo=UTC)


@dataclass
class Receiver:
    """Somebody's webhook: what it was sent, and how it answers."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def titles(self) -> list[str]:
        return [each["title"] for each in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    there = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if there.status == 200:
                there.got.append(body)
            self.send_response(there.status)
            self.end_headers()

    with serving(Handler) as base:
        there.url = f"json://ada:secret@{base.removeprefix('http://')}/hook"
        yield there


class Desk:
    """A data folder with books, a clock, and what was said."""

    def __init__(self, root: Path) -> None:
        self.home, self.now, self.said = Home(root), START, list[str]()
        self.ledger: Ledger = open_ledger(f"sqlite:///{root}/ledger.sqlite", clock=lambda: self.now)
        self.ada = accounts.create(self.ledger, "Ada")[0].id

    def put(self, cause: str, evidence: str = "monday") -> str:
        made = outbox.put(
            self.ledger,
            Draft(
                account=self.ada, kind="watch", cause=cause, evidence=evidence, subject=f"{cause} down 10 %",
                body=f"{cause}\nThe figures of {evidence} <b>not bold</b>.", data={},
            ),
        )  # fmt: skip
        assert made is not None
        return made.id

    def alarm(self, source: str, kind: str = "stale", **said: Any) -> Alarm:
        run = landing.new_run(self.now)
        known: dict[str, Any] = {
            "id": f"{source}-{kind}",
            "about": "",
            "severity": "warning",
            "message": "no news\nat all",
        }
        made = Alarm(**{**known, **said}, source=source, kind=kind, raised_at=self.now, run=run, row=1)
        landing.land(self.home, [made], source=source, run=run, now=self.now)
        return made

    def send(self, *urls: str) -> Sent:
        self.said.clear()
        return send(self.home, self.ledger, urls, clock=lambda: self.now, say=self.said.append)

    @property
    def log(self) -> list[str]:
        return (self.home.root / "logs" / LOG).read_text(encoding="utf-8").splitlines()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


def test_without_a_notifier_notices_reach_the_log_once(desk: Desk) -> None:
    notice = desk.put("drill")
    desk.send()
    desk.send()

    (line,) = desk.log
    assert line.startswith("2026-11-14T12:00:00Z notice drill down 10 % | drill / The figures of monday")
    assert f"For Ada, until dismissed: katy notices dismiss {notice}" in line
    assert stat.S_IMODE((desk.home.root / "logs" / LOG).stat().st_mode) == 0o600


def test_a_notifier_is_told_each_notice_and_each_repetition_once(desk: Desk, receiver: Receiver) -> None:
    desk.put("drill")
    desk.put("bike")
    sent = desk.send(receiver.url)
    desk.send(receiver.url)
    assert sorted(receiver.titles) == ["bike down 10 %", "drill down 10 %"]
    assert list(sent.told.values()) == [2, 2]

    desk.put("drill", "tuesday")
    desk.send(receiver.url)
    assert receiver.titles[2:] == ["drill down 10 %"]
    assert "tuesday" in receiver.got[2]["message"]
    assert "<b>not bold</b>" in receiver.got[2]["message"], "text stays text"


def test_a_dismissed_notice_is_not_told(desk: Desk, receiver: Receiver) -> None:
    notice = desk.put("drill")
    outbox.dismiss(desk.ledger, key="k", by=desk.ada, notice_id=notice)
    desk.send(receiver.url)
    assert receiver.got == []


@pytest.mark.parametrize("answer", [500, 404])
def test_a_notifier_that_fails_loses_nothing_and_costs_the_others_nothing(
    desk: Desk, receiver: Receiver, answer: int
) -> None:
    desk.put("drill")
    desk.put("bike")
    receiver.status = answer
    sent = desk.send(receiver.url)
    assert len(desk.log) == 2
    ((name, why),) = sent.failed.items()
    assert name == "notifier 1 (json://…)"
    assert why
    assert "is tried again" in desk.said[0]
    assert not any("secret" in line for line in (*desk.said, why))

    receiver.status = 200
    assert desk.send(receiver.url).failed == {}
    assert sorted(receiver.titles) == ["bike down 10 %", "drill down 10 %"]
    assert len(desk.log) == 2, "the log had them already"


def test_one_dead_notifier_does_not_stop_the_one_after_it(desk: Desk, receiver: Receiver) -> None:
    desk.put("drill")
    sent = desk.send("json://127.0.0.1:9/nobody", "nonsense://x", "not a url", receiver.url)
    assert receiver.titles == ["drill down 10 %"]
    assert len(sent.failed) == 3
    assert "none that Apprise knows" in sent.failed["notifier 2 (nonsense://…)"]


def test_alarms_are_told_together_and_again_each_day_they_stay_open(desk: Desk, receiver: Receiver) -> None:
    desk.alarm("reverb")
    desk.alarm("ecb", "blocked", severity="error")
    desk.send(receiver.url)
    desk.now += timedelta(hours=23)
    desk.send(receiver.url)
    assert receiver.titles == ["2 alarms about sources"]
    first, second, *_ = receiver.got[0]["message"].splitlines()
    assert first.startswith("- error, ecb, blocked: no news at all")
    assert second.startswith("- warning, reverb, stale")
    assert receiver.got[0]["type"] == "warning"
    assert [line.split()[1] for line in desk.log] == ["alarm"]

    desk.now += timedelta(hours=1)
    desk.alarm("ecb", "blocked", severity="error")
    desk.send(receiver.url)
    assert len(receiver.got) == 2, "the same alarm, raised again by a later run, once a day"


def test_a_new_alarm_is_told_at_once_beside_an_old_one(desk: Desk, receiver: Receiver) -> None:
    desk.alarm("reverb")
    desk.send(receiver.url)
    desk.alarm("reverb", "blocked")
    desk.send(receiver.url)
    assert receiver.titles == ["reverb: stale", "reverb: blocked"]


def test_alarms_wait_for_a_notifier_that_fails(desk: Desk, receiver: Receiver) -> None:
    desk.alarm("reverb")
    receiver.status = 500
    desk.send(receiver.url)
    receiver.status = 200
    desk.send(receiver.url)
    assert receiver.titles == ["reverb: stale"]


def test_killed_after_telling_and_before_remembering_it_is_told_again(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("drill")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_told", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.send(receiver.url)
    desk.send(receiver.url)
    assert receiver.titles == ["drill down 10 %"]
    assert len(desk.log) == 2, "at least once"


def test_a_second_delivery_leaves_the_work_to_the_first(desk: Desk, receiver: Receiver) -> None:
    desk.put("drill")
    (desk.home.root / "logs").mkdir()
    with FileLock(desk.home.root / "logs" / ".notify.lock"):
        desk.send(receiver.url)
    assert receiver.got == []
    assert "another process" in desk.said[0]


def test_a_hundred_notices_are_all_told(desk: Desk) -> None:
    for number in range(101):
        desk.put(f"thing {number}")
    assert list(desk.send().told.values()) == [101]
    assert len(desk.log) == 101

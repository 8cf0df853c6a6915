"""`katy trade schedule …`: deliveries that repeat, in plain words from the proposal to the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from katy.cli import app
from katy.commands.trade_schedule_words import When, split

Katy = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three accounts, to be copied."""
    made = tmp_path_factory.mktemp("home")
    for name in ("Ada", "Bob", "Eve"):
        assert CliRunner().invoke(app, ["--home", str(made), "account", "add", name]).exit_code == 0
    return made


@pytest.fixture
def katy(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Katy:
    shutil.copytree(home, tmp_path / "katy")
    monkeypatch.setenv("KATY_HOME", str(tmp_path / "katy"))
    monkeypatch.setenv("KATY_NOW", "2026-11-14T12:00:00Z")
    return lambda *said: CliRunner().invoke(app, list(said))


def made(katy: Katy, *said: str) -> Any:
    ran = katy("trade", "schedule", *said, "--json")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return json.loads(ran.stdout)


PROPOSED = (
    "propose", "Bob", "--as", "Ada", "--give", "time: 30, every week, 2 times, from 2026-11-16",
    "--get", "k: 20.00, on 2026-11-20",
)  # fmt: skip


def test_work_every_week_for_k_from_the_proposal_to_the_trade(katy: Katy) -> None:
    proposed = made(katy, *PROPOSED)
    name = proposed["id"]
    assert [(leg["every_days"], leg["times"]) for leg in proposed["legs"]] == [(7, 2), (None, 1)]
    shown = katy("trade", "schedule", "show", name, "--as", "Bob").stdout
    assert "Ada gives 30 minutes: 10.00 K each time, every 7 days, 2 times from 2026-11-16 on" in shown
    assert "It waits for Bob to accept it" in shown

    made(katy, "accept", name, "--as", "Bob")
    listed = katy("trade", "schedule", "list", "--as", "Bob").stdout
    assert "running" in listed
    assert "2026-11-16" in listed
    made(katy, "receive", name, "--as", "Bob", "--leg", "1")
    done = made(katy, "receive", name, "--as", "Bob", "--leg", "1")
    assert [due["occurrence"] for due in done["dues"] if due["position"] == 1 and due["received_at"]] == [1, 2]
    assert done["state"] == "done"
    shown = katy("trade", "schedule", "show", name, "--as", "Ada").stdout
    assert "Settled as trade_" in shown
    assert katy("trade", "schedule", "receive", name, "--as", "Bob", "--leg", "1").exit_code == 1


def test_a_proposal_ends_at_once_and_a_running_schedule_when_both_ask(katy: Katy) -> None:
    first = made(katy, *PROPOSED)["id"]
    assert made(katy, "end", first, "--as", "Bob")["state"] == "cancelled"
    second = made(katy, *PROPOSED)["id"]
    made(katy, "accept", second, "--as", "Bob")
    assert made(katy, "end", second, "--as", "Ada")["state"] == "running"
    assert "Ada has asked to end it" in katy("trade", "schedule", "show", second, "--as", "Bob").stdout
    assert made(katy, "end", second, "--as", "Bob")["state"] == "cancelled"


def test_a_default_is_called_after_the_days_of_grace(katy: Katy) -> None:
    name = made(katy, *PROPOSED, "--grace", "3")["id"]
    made(katy, "accept", name, "--as", "Bob")
    early = katy("trade", "schedule", "default", name, "--as", "Bob")
    assert (early.exit_code, "nothing that the other party delivers is overdue" in str(early.exception)) == (1, True)
    late = katy("--now", "2026-11-20T12:00:00Z", "trade", "schedule", "default", name, "--as", "Bob")
    assert late.exit_code == 0
    assert "in default through Ada" in late.stdout


def test_the_same_key_proposes_once(katy: Katy) -> None:
    assert made(katy, *PROPOSED, "--key", "k")["id"] == made(katy, *PROPOSED, "--key", "k")["id"]
    assert len(made(katy, "list", "--as", "Ada")["schedules"]) == 1


def test_schedules_are_private(katy: Katy) -> None:
    name = made(katy, *PROPOSED)["id"]
    hidden = katy("trade", "schedule", "show", name, "--as", "Eve")
    assert (hidden.exit_code, "among yours" in str(hidden.exception)) == (1, True)
    assert "no schedule yet" in katy("trade", "schedule", "list", "--as", "Eve").stderr


@pytest.mark.parametrize(
    ("leg", "told"),
    [
        ("time: 30, every month, 2 times", "days or weeks"),
        ("time: 30, every 7 days", "does not say how often"),
        ("time: 30, 3 times", "how many days lie between"),
        ("time: 30, every 7 days, 2 times, from soon", '"soon" is not a day such as'),
        ("time: 30, on 2026-11-16, from 2026-11-17", "says twice on which day"),
        ("time: soon, every 7 days, 2 times", "whole minutes"),
        ("time: 30, every 400 days, 2 times", "days between two deliveries are 1 to 366"),
        ("time: 30, every 7 days, 2 times, from 2026-11-01", "begins today or later"),
        (", every 7 days, 2 times", "names nothing"),
        ("time: 30, on 2026-11-20", "that is a trade, not a schedule"),
    ],
)
def test_what_cannot_be_meant_is_told(katy: Katy, leg: str, told: str) -> None:
    ran = katy("trade", "schedule", "propose", "Bob", "--as", "Ada", "--give", leg, "--get", "k: 20.00, on 2026-11-20")

    assert ran.exit_code == 1
    assert told in str(ran.exception)


@given(
    words=st.sampled_from(
        ["7 x loaf", "service: cut, wash and dry", "k: 0.50", "goods: jam = 4.00 because it is fresh, as always"]
    ),
    every=st.integers(1, 366),
    times=st.integers(2, 366),
    day=st.dates(date(2026, 1, 1), date(2036, 1, 1)),
    order=st.permutations(range(3)),
)
def test_a_rhythm_is_read_whatever_its_order_and_the_words_stay(
    words: str, every: int, times: int, day: date, order: list[int]
) -> None:
    parts = [f"every {every} days", f"{times} times", f"from {day}"]
    text = ", ".join([words, *(parts[number] for number in order)])
    assert split(text) == (words, When(day, every, times))


def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_PORT", "front")
    ran = CliRunner().invoke(app, ["serve"])
    assert (ran.exit_code, str(ran.exception).startswith("KATY_PORT: ")) == (1, True)

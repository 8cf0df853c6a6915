"""`katy ledger policy …`: shown before it is done, done once, and told to the treasurer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from katy.cli import app
from warehouse.errors import KatyError

DAY = "2026-12-22T12:00:00"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    for name in ("Ada", "Bob"):
        katy("account", "add", name, "--tier", "verified", now="2026-11-01T12:00:00")


def katy(*arguments: str, now: str = DAY) -> str:
    done = CliRunner().invoke(app, ["--now", now, *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def policy(*arguments: str, now: str = DAY) -> str:
    return katy("ledger", "policy", *arguments, now=now)


def told(*arguments: str) -> Any:
    return json.loads(policy(*arguments, "--json"))


def test_what_a_run_would_do_is_shown_and_then_done_once() -> None:
    plan = told("preview", "jubilee")
    assert [(share["name"], share["amount"], share["house"]) for share in plan["shares"]] == [
        (name, 25_00, "jubilee") for name in sorted(("Ada", "Bob"), key=lambda name: account(name))
    ]
    assert (plan["refusal"], plan["houses"][0]["after"]) == (None, -50_00)
    assert "jubilee: 0.00 K now, -50.00 K after" in policy("preview", "jubilee")
    assert told("show")["accounts"][0] == {
        "name": "pool", "kind": "pool", "unit": "K", "posted": 0, "promised": 0, "floor": 0,
    }  # fmt: skip

    assert "25.00 K" in policy("run", "jubilee")
    assert "it is done once" in policy("run", "jubilee")
    assert told("run", "jubilee")["again"] is True
    assert "it is done once" in policy("preview", "jubilee")
    assert "the books are whole" in katy("ledger", "verify")


def account(name: str) -> str:
    found: str = next(each["id"] for each in json.loads(katy("account", "list", "--json")) if each["name"] == name)
    return found


def test_every_rule_can_be_looked_at_together() -> None:
    shown = policy("preview", now="2026-11-20T12:00:00")

    assert "grants 2026-11-20" in shown
    assert "jubilee: there is no jubilee now: the last was on 2026-09-23, the next is on 2026-12-21" in shown
    assert "relief: there is no open crisis" in shown
    assert {plan["rule"] for plan in told("preview")["plans"]} >= {"demurrage", "jubilee", "essentials"}


def test_the_treasurer_records_needs_and_work_and_a_member_spends() -> None:
    policy("record", "Ada", "need", "single parent", "--note", "told in person")
    policy("run", "essentials")
    assert "62.50 K of the credit are left" in policy("spend", "Ada", "Bob", "12.50", "food", "--note", "bread")
    assert "60 min on 2026-12-20" in policy("work", "Bob", "60", "--note", "swept the park", "--on", "2026-12-20")
    with pytest.raises(KatyError, match="not for"):
        policy("spend", "Ada", "Bob", "12.50", "wine")


def test_a_crisis_is_declared_shown_and_ended() -> None:
    policy("declare", "natural_disaster", "--until", "2026-12-31", "--note", "the river rose")
    (crisis,) = told("crises")
    assert (crisis["kind"], crisis["open"]) == ("natural_disaster", True)
    assert told("show")["crises"] == ["natural_disaster"]
    assert "demurrage: none" in policy("show")
    assert len(told("run", "relief")["moved"]) == 2
    assert "holds no longer" in policy("end", crisis["id"])
    assert "over" in policy("crises")


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(KatyError, match="there is no rule"):
        policy("run", "alms")

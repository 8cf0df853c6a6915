"""`katy trust …`: a community that grows by invitation, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))


def katy(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=True)


def out(*arguments: str) -> str:
    done = katy(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_a_community_grows_by_invitation() -> None:
    for name in ("Ada", "Bob"):
        out("account", "add", name, "--tier", "verified")
    code = out("trust", "invite", "Ada").strip()
    key = out("trust", "accept", code, "Cy").strip()
    assert key.startswith("katy_")
    assert "level new, tier basic; 1 vouches" in out("trust", "level", "Cy")
    out("trust", "vouch", "Bob", "Cy", "--note", "a neighbour")
    assert json.loads(out("trust", "level", "Cy", "--json"))["tier"] == "verified"
    out("trust", "vouch", "Bob", "Cy", "--withdraw")
    out("trust", "document", "Cy", "passport")
    assert "level documented, tier verified" in out("trust", "level", "Cy")

    out("trust", "consent", "Cy", "Bob", "entries")
    out("trust", "consent", "Cy", "Bob", "entries", "--withdraw")
    assert "75 % (37 to 98)" in out("trust", "reputation", "Cy")
    assert json.loads(out("trust", "export", "Cy"))["account"][0]["name"] == "Cy"
    out("trust", "expel", "Bob", "--yes")
    assert "kept    entry" in out("trust", "close", "Cy", "--yes")

    actions = {each["action"] for each in json.loads(out("ledger", "audit", "--json"))}
    assert {
        "member.expelled",
        "account.closed",
        "member.looked",
        "consent.withdrawn",
        "document.checked",
        "vouch.given",
    } <= actions
    recorded = out("ledger", "audit", "--json", "--action", "vouch.given", "--actor", "operator")
    assert [set(json.loads(each["details"])) for each in json.loads(recorded)] == [{"vouch", "voucher"}]
    assert "whole" in out("ledger", "verify")
    assert "operator" in out("trust", "audit", "--action", "tier.changed", "--actor", "operator")


def test_what_is_refused_is_told() -> None:
    out("account", "add", "Ada")
    refused = katy("trust", "invite", "Ada")
    assert refused.exit_code == 1
    assert "tier of verified" in str(refused.exception)
    assert katy("trust", "document", "Ada").exit_code == 1
    assert katy("trust", "vouch", "Ada", "Ada", "--withdraw").exit_code == 1

"""`katy ledger insurance`: where it stands, and what the treasurer pays out; by the community's own policy file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from katy.cli import app
from ledger.policy import dated
from warehouse.errors import BadInput, KatyError

NOW = "2026-11-14T12:00:00"
OFFERED = ["--give", "time: 60", "--get", "k: 20.00"]


def katy(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["--now", NOW, *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def told(*arguments: str) -> Any:
    return json.loads(katy(*arguments, "--json"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    monkeypatch.delenv("KATY_POLICY", raising=False)
    return tmp_path


@pytest.fixture
def insured(home: Path) -> Path:
    """The community has a policy of its own in its home: the built-in one with its insurance switched on."""
    text = dated.DEFAULT.read_text(encoding="utf-8")
    start = text.index("# [policy.insurance]")
    end = text.index("\n\n", start)
    path = home / "policy.toml"
    path.write_text(text[:start] + re.sub(r"(?m)^# ?", "", text[start:end]) + text[end:], encoding="utf-8")
    return path


def traded(*, dispute: bool) -> str:
    """An hour of Ada's for 20 K of Bob's, done; the trade's id. Of such labour 1 % is paid."""
    made: str = told("trade", "propose", "Bob", *OFFERED, "--as", "Ada")["id"]
    katy("trade", "accept", made, "--as", "Bob")
    if not dispute:
        for name in ("Ada", "Bob"):
            katy("trade", "confirm", made, "--as", name)
        return made
    katy("trade", "dispute", made, "it sparks", "--as", "Bob")
    katy("trade", "suggest", made, "50", "--as", "Ada")
    katy("trade", "agree", made, "50", "--as", "Bob")
    return made


def test_without_the_section_nothing_is_asked_and_nothing_is_there() -> None:
    assert "the policy asks for no contributions" in katy("ledger", "insurance")
    assert told("ledger", "insurance")["policy"] is False


def test_services_pay_and_the_treasurer_pays_out_after_a_dispute(insured: Path) -> None:
    for name in ("Ada", "Bob"):
        katy("account", "add", name, "--tier", "verified")
    quiet, made = traded(dispute=False), traded(dispute=True)
    shown = katy("ledger", "insurance")
    assert "high: 5 % of electrician, plumber" in shown
    assert "0.30 K there, 0.00 K to come; 0.30 K from 2 trades" in shown
    assert "Community insurance: 0.20 K, paid by Ada" in katy("trade", "show", quiet, "--as", "Ada")
    assert "insurance: no run, 5 % where the risk is high" in katy("ledger", "policy", "preview")

    with pytest.raises(KatyError, match="was not disputed"):
        katy("ledger", "insurance", "pay", quiet, "Bob", "0.10", "--reason", "a lamp")
    with pytest.raises(KatyError, match=r"holds 0\.30 K"):
        katy("ledger", "insurance", "pay", made, "Bob", "0.31", "--reason", "a lamp")
    pay = ("ledger", "insurance", "pay", made, "Bob", "0.25", "--reason", "a lamp burnt", "--key", "once")
    assert f"the insurance paid 0.25 K to Bob for {made}" in katy(*pay)
    katy(*pay)
    stands = told("ledger", "insurance")
    assert (stands["posted"], [each["amount"] for each in stands["payouts"]]) == (5, [25])
    assert "a lamp burnt" in katy("ledger", "insurance")
    assert "the books are whole" in katy("ledger", "verify")


def test_a_community_names_its_policy_file(home: Path, insured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("ledger", "insurance")["policy"] is True
    other = home / "town.toml"
    other.write_text(dated.DEFAULT.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("KATY_POLICY", str(other))
    assert told("ledger", "insurance")["policy"] is False
    monkeypatch.setenv("KATY_POLICY", str(home / "none.toml"))
    with pytest.raises(BadInput, match=r"none\.toml cannot be read as a policy file"):
        katy("ledger", "insurance")

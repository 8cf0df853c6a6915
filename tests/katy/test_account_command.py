"""`katy account …`: the key is shown once, alone on standard output, and works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from katy.clock import system_clock
from ledger.books import accounts
from ledger.books.errors import LedgerError, Unknown
from ledger.books.store import open_ledger
from warehouse.errors import BadInput


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    return f"sqlite:///{tmp_path}/ledger/ledger.sqlite"


def katy(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["account", *arguments], catch_exceptions=True)


def holder(url: str, key: str) -> str | None:
    ledger = open_ledger(url, clock=system_clock)
    found = accounts.authenticate(ledger, key)
    ledger.close()
    return found[0].name if found else None


def test_add_shows_a_key_that_works(url: str) -> None:
    added = katy("add", "Ada")

    assert added.exit_code == 0
    key = added.stdout.strip()
    assert holder(url, key) == "Ada"
    assert key not in katy("list").output
    assert key.encode() not in Path(url.removeprefix("sqlite:///")).read_bytes()


def test_add_as_json_for_a_program(url: str) -> None:
    told = json.loads(katy("add", "Mill", "--tier", "business", "--kind", "business", "--json").stdout)

    assert holder(url, told["key"]) == told["name"] == "Mill"
    listed = json.loads(katy("list", "--json").stdout)
    assert [(one["id"], one["tier"], one["balance"]) for one in listed] == [(told["id"], "business", "0.00")]


def test_a_lost_key_is_replaced(url: str) -> None:
    old = katy("add", "Ada").stdout.strip()
    new = katy("new-key", "ada").stdout.strip()

    assert holder(url, new) == "Ada"
    assert holder(url, old) is None


def test_list_shows_balances_and_limits(url: str) -> None:
    assert katy("list").stdout == ""
    katy("add", "Ada [bold]")
    shown = katy("list").stdout

    assert "Ada [bold]" in shown
    assert "-100.00" in shown
    assert "1000.00" in shown


def test_what_cannot_be_is_refused_with_the_way_out(url: str) -> None:
    katy("add", "Ada")
    for arguments, kind in (
        (("add", "ADA"), LedgerError),
        (("add", "Bob", "--tier", "gold"), BadInput),
        (("new-key", "Nobody"), Unknown),
    ):
        refused = katy(*arguments)
        assert refused.exit_code == 1
        assert isinstance(refused.exception, kind)

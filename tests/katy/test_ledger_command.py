"""`katy ledger …` and the operator's part of `katy account …`: the counter of the community's books."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from ledger.books import audit_log
from ledger.books.days import Proof
from ledger.books.errors import LedgerError, LimitReached, NotAllowed, Tampered, Unknown, WrongState
from ledger.books.store import open_ledger
from warehouse.errors import BadInput

FRIDAY, SATURDAY = "2026-11-20T12:00:00", "2026-11-21T12:00:00"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the books are kept: a new home, with Ada, Bob and their business in it."""
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    for words in (("Ada",), ("Bob",), ("Mill", "--kind", "business", "--tier", "business")):
        well("account", "add", *words)
    return tmp_path / "ledger" / "ledger.sqlite"


def katy(*words: str, now: str = FRIDAY) -> Result:
    return CliRunner().invoke(app, ["--now", now, *words], catch_exceptions=True)


def well(*words: str, now: str = FRIDAY) -> str:
    result = katy(*words, now=now)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.stdout


def balance(name: str) -> str:
    return next(one["balance"] for one in json.loads(well("account", "list", "--json")) if one["name"] == name)


def change(file: Path, *statements: str) -> None:
    """Somebody who can write to the database does."""
    with sqlite3.connect(file) as connection:
        for trigger in ("entry_refuses_update", "transfer_refuses_update"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_payment_at_the_counter_is_done_once_for_each_key() -> None:
    first, again = (well("ledger", "pay", "Ada", "Bob", "6.50", "--memo", "bread", "--key", "b1") for _ in "12")

    assert first == again
    assert first.startswith("transfer_")
    assert (balance("Ada"), balance("Bob")) == ("-6.50", "6.50")
    time = json.loads(well("ledger", "pay", "Ada", "Bob", "90", "--unit", "min", "--json"))
    assert [(line["amount"], line["unit"]) for line in time["lines"]] == [(-90, "min"), (90, "min")]


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (("Ada", "Bob", "100.01"), LimitReached, "floor of -100.00 K"),
        (("Ada", "Nobody", "1"), Unknown, 'no account "Nobody"'),
        (("Ada", "Bob", "1.005"), BadInput, "at most two places"),
        (("Ada", "Bob", "1.5", "--unit", "min"), BadInput, "whole minutes"),
        (("Ada", "Bob", "1", "--unit", "EUR"), BadInput, "min for time credit"),
        (("Ada", "Ada", "1"), BadInput, "cannot pay itself"),
        (("Mill", "Bob", "600"), NotAllowed, "katy account signer"),
    ],
)
def test_what_cannot_be_paid_is_refused_in_words(words: tuple[str, ...], kind: type[LedgerError], told: str) -> None:
    refused = katy("ledger", "pay", *words)

    assert refused.exit_code == 1
    assert isinstance(refused.exception, kind)
    assert told in str(refused.exception)


def test_a_payment_is_taken_back_once() -> None:
    paid = well("ledger", "pay", "Ada", "Bob", "6.50").strip()
    back = well("ledger", "reverse", paid, "--memo", "typed twice").strip()

    assert (balance("Ada"), balance("Bob")) == ("0.00", "0.00")
    assert isinstance(katy("ledger", "reverse", paid).exception, WrongState)
    assert isinstance(katy("ledger", "reverse", back).exception, WrongState)
    assert isinstance(katy("ledger", "reverse", "transfer_0").exception, Unknown)


def test_a_day_that_is_over_gets_a_root_and_its_entries_proofs() -> None:
    well("ledger", "pay", "Ada", "Bob", "6.50")
    assert "katy ledger close-days" in str(katy("ledger", "prove", "2").exception)
    assert well("ledger", "close-days") == ""  # the day goes on

    closed = well("ledger", "close-days", now=SATURDAY).split()
    assert closed[0] == "2026-11-20"
    assert closed[1] in well("ledger", "roots", now=SATURDAY)
    proof = Proof.model_validate_json(well("ledger", "prove", "2", "--json", now=SATURDAY))
    assert proof.holds()
    assert proof.day.root == closed[1]
    assert closed[1] in well("ledger", "prove", "2", now=SATURDAY)


def test_sound_books_verify() -> None:
    well("ledger", "pay", "Ada", "Bob", "6.50")

    assert "2 entries" in well("ledger", "verify")
    assert json.loads(well("ledger", "verify", "--json"))["sound"]


def test_a_changed_entry_is_named_and_the_status_is_1(file: Path) -> None:
    for _ in range(3):
        well("ledger", "pay", "Ada", "Bob", "1.00")
    change(file, "UPDATE entry SET amount = 900 WHERE seq = 4", "UPDATE balance SET posted = 5 WHERE posted = 300")

    broken = katy("ledger", "verify")
    assert (broken.exit_code, type(broken.exception)) == (1, Tampered)
    assert "First, entry 4: was changed" in str(broken.exception)
    as_json = katy("ledger", "verify", "--json")
    told = json.loads(as_json.stdout)
    assert (as_json.exit_code, told["sound"], told["faults"][0]["where"]) == (1, False, "entry 4")


def test_a_large_payment_waits_for_the_signers() -> None:
    for member in ("Ada", "Bob"):
        well("account", "signer", "add", "Mill", member)
    assert [one["name"] for one in json.loads(well("account", "signer", "list", "Mill", "--json"))] == ["Ada", "Bob"]
    held = well("ledger", "pay", "Mill", "Bob", "600").strip()

    assert held.startswith("hold_")
    assert balance("Mill") == "0.00"
    well("ledger", "expire", now="2026-12-01T00:00:00")
    assert json.loads(well("account", "list", "--json"))[2]["pending_out"] == "0.00"
    well("account", "signer", "remove", "Mill", "Bob")
    assert isinstance(katy("account", "signer", "remove", "Mill", "Bob").exception, Unknown)
    assert isinstance(katy("account", "signer", "add", "Ada", "Bob").exception, BadInput)


def test_the_treasurer_sets_a_tier_by_hand_and_the_log_keeps_it(file: Path) -> None:
    well("account", "tier", "Ada", "verified")
    well("ledger", "pay", "Ada", "Bob", "150.00")

    assert isinstance(katy("account", "tier", "Ada", "gold").exception, BadInput)
    assert isinstance(katy("account", "tier", "Ada").exception, BadInput)
    well("account", "tier", "Ada", "--by-level")
    assert isinstance(katy("ledger", "pay", "Ada", "Bob", "1.00").exception, LimitReached)
    ledger = open_ledger(f"sqlite:///{file}", clock=lambda: None)  # type: ignore[arg-type,return-value]
    assert any("tier" in each.action for each in audit_log.listing(ledger))
    ledger.close()


def test_a_key_has_the_scopes_it_was_made_with(file: Path) -> None:
    from ledger.books import accounts

    made = json.loads(well("account", "new-key", "Ada", "--scope", "treasurer", "--scope", "member", "--json"))
    ledger = open_ledger(f"sqlite:///{file}", clock=lambda: None)  # type: ignore[arg-type,return-value]
    known = accounts.authenticate(ledger, made["key"])
    ledger.close()

    assert known is not None
    assert known[1] == {"member", "treasurer"}
    assert isinstance(katy("account", "new-key", "Ada", "--scope", "king").exception, BadInput)

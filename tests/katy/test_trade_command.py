"""`katy trade …`: the operator makes a trade for two people, from the words to the receipt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app

Katy = Callable[..., Result]


@pytest.fixture
def katy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Katy:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    monkeypatch.setenv("KATY_NOW", "2026-11-14T12:00:00Z")
    run: Katy = lambda *said: CliRunner().invoke(app, list(said))  # noqa: E731
    for name in ("Ada", "Bob", "Eve"):
        assert run("account", "add", name).exit_code == 0
    return run


def made(katy: Katy, *said: str) -> Any:
    ran = katy("trade", *said, "--json")
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def test_an_hour_for_time_credits_and_k_from_the_offer_to_the_receipt(katy: Katy, tmp_path: Path) -> None:
    first = made(
        katy, "propose", "Bob", "--as", "Ada", "--give", "time: 60", "--get", "minutes: 30", "--get", "k: 9.00",
        "--miles", "0.5", "--deliver-by", "2026-11-20",
    )  # fmt: skip
    trade = first["id"]
    second = made(
        katy, "counter", trade, "--as", "bob", "--give", "minutes: 30", "--give", "k: 10.00", "--get", "time: 60"
    )
    assert [leg["fair"] for leg in second["legs"]] == [10_00, 10_00, 20_00]
    assert "It is Ada's turn" in katy("trade", "show", trade, "--as", "Ada").stdout
    made(katy, "accept", trade, "--as", "Ada", "--terms", second["terms_sha256"])
    made(katy, "deliver", trade, "--as", "Ada", "--note", "helped in the garden")
    made(katy, "confirm", trade, "--as", "Bob")
    done = made(katy, "confirm", trade, "--as", "Ada")
    assert done["state"] == "done"

    shown = katy("trade", "show", trade, "--as", "Bob").stdout
    assert "Community fee: 0.20 K, paid by Bob" in shown
    assert "helped in the garden" in shown
    paper = tmp_path / "paper.pdf"
    assert katy("trade", "receipt", trade, "--as", "Bob", "--out", str(paper)).exit_code == 0
    assert paper.read_bytes().startswith(b"%PDF-")
    assert made(katy, "list", "--as", "Ada")["trades"][0]["other"]["name"] == "Bob"
    assert trade in katy("trade", "list", "--as", "Ada").stdout


def test_a_dispute_is_decided_by_the_operators_treasurer(katy: Katy) -> None:
    trade = made(katy, "propose", "Bob", "--as", "Ada", "--give", "time: 60", "--get", "k: 20.00")["id"]
    made(katy, "accept", trade, "--as", "Bob")
    made(katy, "dispute", trade, "it was half an hour", "--as", "Bob")
    assert katy("trade", "confirm", trade, "--as", "Bob").exit_code == 1
    made(katy, "suggest", trade, "60", "--as", "Ada")
    assert katy("trade", "agree", trade, "50", "--as", "Bob").exit_code == 1

    # Eve is no party; what a treasurer gets back is the trade as it ended.
    ended = made(katy, "decide", trade, "50", "--as", "Eve", "--note", "half an hour was agreed")
    assert (ended["state"], ended["share_percent"]) == ("done", 50)


@pytest.mark.parametrize(
    ("leg", "told"),
    [
        ("time: soon", "whole minutes"),
        ("cash: much", "holds no amount"),
        ("service: ", "names nothing"),
        ("k: 1.005", "two places"),
    ],
)
def test_a_leg_that_cannot_be_read_is_told(katy: Katy, leg: str, told: str) -> None:
    ran = katy("trade", "propose", "Bob", "--as", "Ada", "--give", leg, "--get", "k: 1.00")

    assert ran.exit_code == 1
    assert told in str(ran.exception)


def test_words_are_valued_by_the_published_market(
    published: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KATY_HOME", str(published.town.home.root))
    monkeypatch.setenv("KATY_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.sqlite")
    monkeypatch.setenv("KATY_NOW", "2026-04-01T00:00:00Z")
    run: Katy = lambda *said: CliRunner().invoke(app, list(said))  # noqa: E731
    for name in ("Ada", "Bob"):
        assert run("account", "add", name).exit_code == 0
    told = made(
        run, "propose", "Bob", "--as", "Ada",
        "--give", "2 x Makita DHP453 cordless drill 18V", "--get", "k: 60.00", "--reason", "for a friend",
    )  # fmt: skip

    assert (told["legs"][0]["quantity"], told["legs"][0]["fmv_kind"]) == ("2", "valuation")
    assert told["legs"][0]["fair"] > 0

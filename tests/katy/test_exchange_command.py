"""`katy exchange`, `katy trade-ratio`, `katy swap-for`, `katy money` and `katy value --in` on a published market."""

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
    """Runs a command on the published bazaar."""
    monkeypatch.setenv("KATY_HOME", str(published.town.home.root))
    monkeypatch.setenv("KATY_NOW", "2026-04-01T00:00:00Z")
    return lambda *said: CliRunner().invoke(app, list(said))


def test_a_ratio_in_words_and_as_json(katy: Callable[..., Result]) -> None:
    said = katy(
        "trade-ratio", "4 x Makita DHP453 cordless drill 18V", "Trek Marlin 5 mountain bike", "--in", "K"
    ).stdout
    told = json.loads(katy("trade-ratio", "makita drill", "trek bike", "--json").stdout)

    assert "is even" in said
    assert "1 K = 1.000000 USD" in said
    assert told["offers"][0]["words"]
    assert float(told["ratio"]["low"]) < float(told["ratio"]["high"])


def test_swaps_and_measures(katy: Callable[..., Result]) -> None:
    swaps = katy("swap-for", "Lenovo ThinkPad T480S laptop", "--region", "US-MO").stdout
    amounts = katy("exchange", "50", "USD", "--in", "EUR", "--in", "credits", "--in", "gold").stdout
    value = json.loads(katy("value", "trek bike", "--in", "k", "--json").stdout)

    assert swaps.splitlines()[1].split("\t")[0] == "worth"
    assert "40.00 EUR; 1 EUR = 1.250000 USD" in amounts
    assert "2.50 credit" in amounts
    assert "gold: unknown: no price of gold is known" in amounts
    assert value["exchange"]["in"]["k"]["amount"] == value["valuation"]["fmv"]


def test_money_says_which_rates_count(katy: Callable[..., Result]) -> None:
    told = json.loads(katy("money", "--json").stdout)

    assert told["anchor"] == "USD"
    assert told["trouble"] == []
    assert katy("money").exit_code == 0

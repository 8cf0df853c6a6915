"""`katy comparables`: what to compare a thing with, at a terminal and for a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from katy.cli import app
from warehouse.errors import BadInput, NothingPublished


@pytest.fixture
def comparables(published: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command on the published bazaar."""
    monkeypatch.setenv("KATY_HOME", str(published.town.home.root))
    return lambda *said: CliRunner().invoke(app, ["comparables", *said])


def test_words_get_two_tables_with_reasons(comparables: Callable[..., Result]) -> None:
    shown = comparables("makita", "dhp453", "drill", "--limit", "3").stdout

    lines = [line.split("\t") for line in shown.splitlines()]
    assert [line[0] for line in lines].count("alike") == 2
    assert all("Makita" in line[2] and "same model code dhp453" in line[3] for line in lines if line[0][0] in "01")
    assert "sold" in shown
    assert shown.splitlines()[-1].startswith("snapshot ")


def test_only_sold_as_json_as_of_a_day(comparables: Callable[..., Result], bazaar: Any) -> None:
    day = bazaar.day(40).isoformat()

    answer = json.loads(comparables("drill", "--sold", "--as-of", day, "--json").stdout)

    assert answer["asking"] == []
    assert answer["sold"]
    assert answer["value_date"] == day
    assert all(each["observed_at"][:10] <= day for each in answer["sold"])


def test_a_product_can_be_named_instead(comparables: Callable[..., Result]) -> None:
    product = json.loads(comparables("makita dhp453 cordless drill 18v", "--json").stdout)["understood"]["product"]

    found = json.loads(comparables("--product", product, "--json").stdout)

    assert found["understood"]["product"] == product
    assert found["asking"]


def test_nothing_comparable_is_an_answer(comparables: Callable[..., Result]) -> None:
    result = comparables("grand piano walnut")

    assert result.exit_code == 0
    assert "no comparables: nothing like it was seen by then" in result.stdout
    assert "nothing like it was sold by then" in comparables("grand piano walnut", "--sold").stdout


@pytest.mark.parametrize(
    "said",
    [
        [],
        ["drill", "--product", "x"],
        ["drill", "--sold", "--asking"],
        ["--product", "x", "--condition", "new"],
        ["--product", "x", "--set", "brand=Makita"],
        ["--product", "x", "--listing", "bazaar/1"],
    ],
)
def test_wrong_usage_says_what_to_say(comparables: Callable[..., Result], said: list[str]) -> None:
    assert comparables(*said).exit_code == 2


def test_a_listing_nobody_knows_is_refused(comparables: Callable[..., Result]) -> None:
    result = comparables("drill", "--listing", "bazaar/nobody")

    assert isinstance(result.exception, BadInput)
    assert 'no listing "bazaar/nobody"' in str(result.exception)


def test_nothing_published_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))

    assert isinstance(CliRunner().invoke(app, ["comparables", "drill"]).exception, NothingPublished)

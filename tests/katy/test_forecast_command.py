"""`katy forecast`, `katy sell` and `katy index`: at a terminal and for a program, and honest where nothing is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from katy.cli import app
from katy.commands.forecast import read_within
from warehouse.errors import BadInput


@pytest.fixture
def katy(published: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command on the published bazaar."""
    monkeypatch.setenv("KATY_HOME", str(published.town.home.root))
    return lambda *said: CliRunner().invoke(app, list(said), catch_exceptions=True)


def test_three_months_are_too_short_for_a_forecast_and_it_says_so(katy: Callable[..., Result]) -> None:
    answer = json.loads(katy("forecast", "drill", "--json").stdout)

    assert (answer["reason"], answer["prices"]) == ("too_short", None)
    assert "no forecast: too few periods" in katy("forecast", "drill").stdout
    assert json.loads(katy("forecast", "piano", "--region", "US-MO", "--json").stdout)["asked"] == "piano, US-MO"


def test_a_series_that_is_not_there_is_named(katy: Callable[..., Result]) -> None:
    error = katy("forecast", "--series", "eggs").exception

    assert isinstance(error, BadInput)
    assert 'no price series has the id "eggs"' in str(error)
    assert str(katy("forecast", "dril").exception) == '"dril" is no category; near it: drill, grill'
    assert katy("forecast").exit_code == katy("forecast", "drill", "--series", "eggs").exit_code == 2


def test_without_offers_seen_to_end_there_is_no_price(katy: Callable[..., Result]) -> None:
    answer = json.loads(katy("sell", "Makita DHP453 cordless drill 18V", "--within", "2w", "--json").stdout)

    assert (answer["reason"], answer["price"], answer["within_days"]) == ("no_data", None, 14)
    assert answer["fmv"] is not None


def test_the_index_of_matched_products_stands_beside_the_published_level(
    katy: Callable[..., Result], bazaar: Any
) -> None:
    day = bazaar.day(60)
    whole = json.loads(katy("index", "drill", "--json").stdout)["weeks"]
    then = json.loads(katy("index", "drill", "--as-of", day.isoformat(), "--json").stdout)["weeks"]

    assert whole[0]["index"] == 1.0
    assert all(0.8 < row["index"] < 1.25 for row in whole)
    assert any(row["published_level"] for row in whole)
    assert [row["index"] for row in then] == [row["index"] for row in whole[: len(then)]]
    assert date.fromisoformat(then[-1]["week"]) + timedelta(days=7) <= day + timedelta(days=1)
    assert isinstance(katy("index", "drill", "--method", "best").exception, BadInput)


@pytest.mark.parametrize(("text", "days"), [("14d", 14), ("3 weeks", 21), ("30", 30), ("1D", 1)])
def test_a_time_is_read(text: str, days: int) -> None:
    assert read_within(text) == days


@pytest.mark.parametrize("text", ["", "soon", "0d", "400d", "-3"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a time"):
        read_within(text)

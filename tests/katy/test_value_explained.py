"""`katy value --explain`: the value, what its base is made of, and what would change it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from typer.testing import CliRunner, Result

from katy.cli import app

DRILL = "Makita DHP453 cordless drill 18V"


def katy(published: Any, *words: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(published.town.home.root), *words], catch_exceptions=False)


def test_an_explanation_as_json_has_the_value_and_its_sum(published: Any) -> None:
    told = katy(published, "value", DRILL, "--condition", "fair", "--explain", "--json")
    plain = katy(published, "value", DRILL, "--condition", "fair", "--json")

    explained = json.loads(told.stdout)
    inside = explained["contributions"]
    assert set(explained) == {"valuation", "contributions", "what_if", "trade_cap", "waterfall"}
    assert explained["valuation"] == json.loads(plain.stdout)
    assert Decimal(inside["start"]) + sum(Decimal(part["amount"]) for part in inside["parts"]) == Decimal(
        inside["base"]
    )


def test_a_person_reads_where_the_base_comes_from_and_what_would_change_it(published: Any) -> None:
    told = katy(published, "value", DRILL, "--condition", "fair", "--explain").stdout

    assert "usual price: drill" in told
    assert "Words of the title" in told
    assert "condition\tlike new\t$" in told


def test_a_batch_is_not_explained(published: Any, tmp_path: Any) -> None:
    told = katy(published, "value", "--batch", "things.csv", "--out", str(tmp_path / "out.csv"), "--explain")

    assert told.exit_code == 2

"""`katy estimate …`: one's own first, then what others think."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from katy.cli import app

CHEST = "free:carved-chest"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KATY_HOME", str(tmp_path))
    for name in ("Ada", "Bob", "Cleo"):
        well("account", "add", name)


def well(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=True)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def test_from_the_first_estimate_to_the_community_s_value() -> None:
    said = well("estimate", "give", CHEST, "400", "--title", "Carved oak chest", "--account", "Ada")
    assert "400 USD for free:carved-chest; it counts" in said
    assert "give an estimate first" in well("estimate", "show", CHEST, "--account", "Bob")
    well("estimate", "give", CHEST, "380", "--account", "Bob")
    well("estimate", "give", CHEST, "420", "--account", "Cleo")
    shown = well("estimate", "show", CHEST, "--account", "Bob")
    assert "community: 399.67 USD (" in shown
    assert "3 people, who count for" in shown
    assert "combined, since the model knows no value" in shown
    assert "does not count: others' estimates" in well("estimate", "give", CHEST, "500", "--account", "Bob")
    told = json.loads(well("estimate", "show", CHEST, "--account", "Ada", "--json"))
    assert (told["community"]["n"], told["community"]["value"], told["model"]) == (3, "399.67", None)
    assert "Carved oak chest" in well("estimate", "list")

    thing = well("things", "add", "Brass lamp", "--account", "Ada").split()[0]
    assert "up to be estimated, in USD" in well("estimate", "put-up", thing)
    well("things", "change", thing, "--set", "wants_low=20", "--set", "wants_high=40")
    assert "owner: wants 20 to 40 USD" in well("estimate", "give", thing, "1", "--account", "Ada") + well(
        "estimate", "show", thing, "--account", "Ada"
    )
    well("estimate", "close", thing, "--account", "Ada")
    assert [each["about"] for each in json.loads(well("estimate", "list", "--json"))] == [CHEST]

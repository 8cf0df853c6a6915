"""`sources.toml`: what an operator says of sources, and sources of his own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from katy.cli import app
from warehouse.errors import KatyError


def katy(home: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *words], env=environment)


def say(home: Path, text: str) -> None:
    (home / "sources.toml").write_text(text)


def plan(home: Path, **environment: str) -> dict[str, Any]:
    told = katy(home, "schedule", "--json", **environment)
    assert told.exit_code == 0, told.output
    said: dict[str, Any] = json.loads(told.stdout)
    return {"planned": {one["name"]: one["hours"] for one in said["planned"]}, "not_read": said["not_read"]}


def test_a_source_of_ones_own_is_read_with_a_known_reader(tmp_path: Path) -> None:
    say(
        tmp_path, '[corner_shop]\nreader = "shopify"\nbase = "https://shop.example.org/"\ncurrency = "EUR"\nhours = 6\n'
    )
    assert plan(tmp_path)["planned"]["corner_shop"] == 6
    row = json.loads(katy(tmp_path, "sources", "corner_shop", "--json").stdout)
    assert (row["reader"], row["currency"], row["state"]) == ("shopify", "EUR", "ready")


def test_what_cannot_be_read_by_itself_is_not_planned_and_says_why(tmp_path: Path) -> None:
    others = plan(tmp_path)["not_read"]
    assert "none is named in sources.toml" in others["schema_org"]
    assert others["ebay_browse"] == "needs KATY_KEY_EBAY_CLIENT_ID, KATY_KEY_EBAY_CLIENT_SECRET"
    assert others["fred"].startswith("off: ")
    assert "targets" in others["open_meteo"]


def test_a_key_a_target_or_a_word_of_the_operator_makes_a_source_ready(tmp_path: Path) -> None:
    say(tmp_path, '[fred]\non = true\n[open_meteo]\ntargets = ["38.6,-90.2"]\n[nws]\noff = true\n')
    keys = {"KATY_KEY_EBAY_CLIENT_ID": "a", "KATY_KEY_EBAY_CLIENT_SECRET": "b"}
    planned = plan(tmp_path, **keys)
    assert {"fred", "open_meteo", "ebay_browse"} <= set(planned["planned"])
    assert planned["not_read"]["nws"] == "switched off in sources.toml"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[nws", "cannot be read"),
        ("[shop]\nbase = 'https://x.example'\n", r"\[shop\] is read like no source"),
        ("[nws]\ndelya = 3\n", "delya: .*What can be said: .*delay"),
        ("[nws]\ndelay = 'soon'\n", "delay: "),
        ("nws = 3\n", r"\[nws\] it: "),
    ],
)
def test_a_file_that_says_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    say(tmp_path, text)
    said = katy(tmp_path, "sources")
    assert isinstance(said.exception, KatyError)
    with pytest.raises(KatyError, match=told):
        raise said.exception
    assert "sources.toml" in str(said.exception)


def test_a_source_without_its_key_is_skipped_and_the_others_are_read(tmp_path: Path, short_euro_history: None) -> None:
    say(tmp_path, '[ecb]\nbase = "bundled"\n')
    told = katy(tmp_path, "collect", "pricecharting", "ecb")
    assert isinstance(told.exception, KatyError)
    assert "KATY_KEY_PRICECHARTING_TOKEN" in str(told.exception)
    assert "ecb: complete" in told.stdout

"""`katy search` on a market that the pipeline published with its index."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from katy.commands import search
from katy.context import fix
from warehouse import snapshot
from warehouse.errors import BadInput
from warehouse.home import Home


def katy(home: Home, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: fix(home=home.root))
    search.register(app)
    return CliRunner().invoke(app, ["search", *words])


@pytest.fixture(scope="module")
def home(published: Any) -> Home:
    folder: Home = published.town.home
    return folder


def test_a_misspelt_product_is_found_for_a_program(home: Home) -> None:
    answer = json.loads(katy(home, "macita", "dril", "--json").stdout)

    assert answer["snapshot"] == snapshot.current(home).id
    first = answer["items"][0]["product"]
    assert first["title"] == "Makita DHP453 cordless drill 18V"
    assert first["currency"] == "USD"
    assert answer["facets"] == {}


def test_a_person_gets_lines_and_a_count(home: Home) -> None:
    result = katy(home, "drill", "--facets")

    header, *rows = result.stdout.splitlines()
    assert header.split("\t")[0] == "title"
    assert {row.split("\t")[0] for row in rows[:2]} == {
        "DeWalt DCD771 cordless drill 20V",
        "Makita DHP453 cordless drill 18V",
    }
    assert "category\tproducts" in rows
    assert "2 products found" in result.stderr


def test_filters_and_pages_narrow_what_is_shown(home: Home) -> None:
    def titles(*options: str) -> list[str]:
        answer = json.loads(katy(home, "laptop", *options, "--json").stdout)
        return [item["product"]["title"] for item in answer["items"]]

    assert len(titles()) == 2
    assert titles("--min-price", "350") == ["Lenovo ThinkPad T480S laptop 16GB 512GB"]
    assert titles("--category", "drill") == []
    assert titles("--limit", "1") + titles("--limit", "1", "--offset", "1") == titles()


def test_nothing_found_is_said_and_is_no_error(home: Home) -> None:
    result = katy(home, "grand", "piano")

    assert result.exit_code == 0
    assert "nothing found" in result.stdout


@pytest.mark.parametrize(
    "options",
    [["--kind", "stolen"], ["--limit", "0"], ["--min-price", "-1"], ["--min-price", "9", "--max-price", "8"], []],
)
def test_wrong_usage_is_refused(home: Home, options: list[str]) -> None:
    words = ["drill"] if options else []

    assert katy(home, *words, *options).exit_code == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["???"], 'no word and no number in "???"'),
        (["", "🎉"], "no word and no number"),
    ],
)
def test_what_can_find_nothing_is_refused_by_name(home: Home, said: list[str], told: str) -> None:
    refused = katy(home, *said).exception

    assert isinstance(refused, BadInput)
    assert told in str(refused)


def test_a_page_after_the_last_is_no_empty_answer(home: Home) -> None:
    result = katy(home, "laptop", "--offset", "50")

    assert "nothing after the first 50" in result.stdout
    assert "2 products found" in result.stderr


def test_the_index_is_part_of_the_snapshot_and_vouched_for(home: Home) -> None:
    current = snapshot.current(home)

    assert "search/about.json" in current.manifest["files"]
    assert any(name.startswith("search/products/") for name in current.manifest["files"])
    snapshot.verify(current)

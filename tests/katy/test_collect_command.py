"""`katy collect` and `katy sources` as a person uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import page, serving
from typer.testing import CliRunner, Result

from katy.cli import app
from warehouse.errors import KatyError

PAGE = """<h1>Drill</h1><script type="application/ld+json">{"@type": "Product", "name": "Drill",
"offers": {"price": "20.50", "priceCurrency": "USD"}}</script>"""


@pytest.fixture
def shop() -> Iterator[str]:
    with serving(page("/p/drill", "text/html", PAGE.encode())) as base:
        yield base


def katy(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), "--now", "2026-11-20T12:00:00", *words])


def test_a_page_is_collected_and_loaded_and_told(tmp_path: Path, shop: str) -> None:
    words = ("collect", "schema_org", "--base", f"{shop}/p/drill", "--as", "shop", "--delay", "0")
    told = katy(tmp_path, *words)
    assert told.exit_code == 0, told.output
    assert "shop: complete: 1 rows landed from 1 page" in told.stdout
    assert "shop: 1 loaded, 0 already known" in told.stdout
    again = katy(tmp_path, *words, "--json")
    report = json.loads(again.stdout)[0]
    assert (report["verdict"], report["landed"], report["loaded"], report["known"]) == ("complete", 1, 0, 1)


def test_a_visit_that_brings_nothing_ends_with_an_error(tmp_path: Path, shop: str) -> None:
    told = katy(tmp_path, "collect", "schema_org", "--base", f"{shop}/p/gone", "--as", "shop", "--delay", "0")
    assert isinstance(told.exception, KatyError)
    assert "unreachable" in str(told.exception)
    assert "status 404" in str(told.exception)


def test_one_base_cannot_belong_to_two_sources(tmp_path: Path) -> None:
    assert katy(tmp_path, "collect", "ecb", "schema_org", "--base", "bundled").exit_code == 2


def test_sources_are_listed(tmp_path: Path) -> None:
    told = katy(tmp_path, "sources", "--json")
    assert {"schema_org", "craigslist", "javascript_market", "ecb"} <= {one["name"] for one in json.loads(told.stdout)}
    assert "schema_org" in katy(tmp_path, "sources").stdout

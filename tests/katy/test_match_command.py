"""`katy match` on a published snapshot: what was joined, why, and a person's word about it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from features.matching.decisions import decisions_among
from katy.commands import match
from katy.context import fix
from warehouse import build, database, load, lock, snapshot
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landed import read_landed
from warehouse.landing import land, new_run
from warehouse.records import Judgement, Listing, ProductLink

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LINKS = (
    ("drill-dcd771-20v", "drill-dcd771-20v", 1, "founded", None, "nothing known then was the same"),
    ("dcd771-[b]drill", "drill-dcd771-20v", 2, "matched", 0.71, "same model code dcd771, both 20 v"),
    ("case", "case", 2, "founded", None, "nothing known then was the same"),
    ("old-case", "old-case", 2, "founded", None, "nothing known then was the same"),
    ("old-case", "case", 4, "merged", 0.93, "same words: leather case"),
    ("gtin-1", "drill-dcd771-20v", 5, "exact", 1.0, "same maker's number dcd771"),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home, run = Home(tmp_path_factory.mktemp("published")), new_run(NOW)
    links = [
        ProductLink(
            source="matching", product_key=key, product=product, day=date(2026, 3, day), how=how, probability=chance,
            why=why, decided_at=NOW, run=run, row=row,
        )
        for row, (key, product, day, how, chance, why) in enumerate(LINKS)
    ]  # fmt: skip
    listing = Listing(
        source="shop", id="1", kind="asking", title="DeWalt DCD771", price=Decimal(80), currency="USD", run=run, row=1,
        observed_at=NOW, found_at="shop.csv", price_path="column price", brand="DeWalt",
    )  # fmt: skip
    land(home, links, source="matching", run=run, now=NOW)
    land(home, [listing], source="shop", run=run, now=NOW)
    with lock.writer(home, print):
        connection = database.open_writer(home)
        load.load(connection, home, NOW)
        build.build_core(connection, "USD")
        row = "('shop', '1', 'drill-dcd771-20v', 'drill')"
        connection.execute(f"INSERT INTO core.identity (source, id, product, category) VALUES {row}")
        build.build_mart(connection)
        snapshot.publish(home, connection, contents=None, manifest={}, now=NOW, code_version="test")
        connection.close()
    return home


@pytest.fixture
def home(published: Home, tmp_path: Path) -> Home:
    shutil.copytree(published.root, tmp_path / "home")
    return Home(tmp_path / "home")


def katy(home: Home, *words: str) -> str:
    app = typer.Typer()

    @app.callback()
    def _settings() -> None:
        fix(now=NOW, home=home.root)

    match.register(app)
    result = CliRunner().invoke(app, ["match", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def keys(told: str) -> list[str]:
    return [row["key"] for row in json.loads(told)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ["dcd771-[b]drill", "old-case", "gtin-1"]),
        (("--limit", "1"), ["dcd771-[b]drill"]),
        (("--how", "exact"), ["gtin-1"]),
        (("--product", "case"), ["old-case"]),
        (("--product", "case", "--how", "exact"), []),
    ],
)
def test_the_most_doubtful_matches_come_first(home: Home, words: Sequence[str], expected: list[str]) -> None:
    assert keys(katy(home, "list", "--json", *words)) == expected


def test_the_table_tells_the_key_and_why_with_its_brackets(home: Home) -> None:
    lines = katy(home, "list").splitlines()
    assert any("dcd771-[b]drill" in line and "same model code dcd771" in line and "0.71" in line for line in lines)
    assert "nothing has been joined that fits" in katy(home, "list", "--how", "split")


def test_a_key_shows_the_product_it_is_in(home: Home) -> None:
    told = katy(home, "show", "gtin-1")
    assert told.startswith("drill-dcd771-20v: DeWalt DCD771, DeWalt (drill, 1 listings)")
    assert "dcd771-[b]drill" in told
    assert "case" not in told


def test_history_tells_what_a_merged_product_was_before(home: Home) -> None:
    rows = json.loads(katy(home, "history", "old-case", "--json"))
    assert [(row["key"], row["product"], row["how"], row["until"]) for row in rows] == [
        ("case", "case", "founded", None),
        ("old-case", "old-case", "founded", "2026-03-04"),
        ("old-case", "case", "merged", None),
    ]


@pytest.mark.parametrize(
    ("words", "decided"),
    [
        (("confirm", "gtin-1", "case"), ("gtin-1", "case", True)),
        (("reject", "dcd771-[b]drill", "drill-dcd771-20v"), ("dcd771-[b]drill", "drill-dcd771-20v", False)),
        (("split", "old-case"), ("old-case", "case", False)),
    ],
)
def test_a_decision_lands_with_its_reason(home: Home, words: Sequence[str], decided: tuple[str, str, bool]) -> None:
    katy(home, *words, "--why", "seen with my own eyes")
    (decision,) = decisions_among(read_landed(home, Judgement, since=NOW - timedelta(days=1)))
    assert (decision.key, decision.product, decision.same) == decided
    assert "own eyes" in decision.why


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("confirm", "nothing", "case"), "no listings of the key"),
        (("reject", "case", "nothing"), "no listings of the key"),
        (("show", "nothing"), "no listings of the key"),
        (("split", "case"), "a product of its own"),
        (("list", "--how", "magic"), "is none of"),
    ],
)
def test_what_is_not_there_is_refused_with_the_way_out(home: Home, words: Sequence[str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        katy(home, *words)
    assert list(read_landed(home, Judgement, since=NOW - timedelta(days=1))) == []

"""`katy import page`: saved pages through the front door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from katy.commands import import_page

PRODUCT = (
    "<!-- saved from url=(0024)https://shop.example/p/1 --><h1>Drill</h1>"
    '<script type="application/ld+json">{"@type": "Product", "name": "Drill", "offers": {"price": "20.50",'
    ' "priceCurrency": "USD"}}</script>'
)
LOGIN = '<title>Log in</title><form><input name="user"><input type="password"><button>Log in</button></form>'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("KATY_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KATY_NOW", "2026-11-20T12:00:00Z")
    group = typer.Typer()
    group.callback()(lambda: None)
    import_page.register(group)
    return group


def run(app: typer.Typer, *words: str | Path) -> Result:
    return CliRunner().invoke(app, ["page", *map(str, words)])


@pytest.fixture
def drill(tmp_path: Path) -> Path:
    path = tmp_path / "drill.html"
    path.write_text(PRODUCT)
    return path


def test_a_saved_page_is_imported_and_known_the_second_time(app: typer.Typer, drill: Path) -> None:
    first, second = run(app, drill), run(app, drill)
    assert "1 offers = 1 loaded + 0 already known + 0 quarantined" in first.stdout
    assert "drill.html [shop.example]: 1 of 1 offers can be believed; prices from jsonld offers.price 1" in first.stdout
    assert "1 offers = 0 loaded + 1 already known + 0 quarantined" in second.stdout
    assert (first.exit_code, second.exit_code) == (0, 0)


def test_the_account_is_given_as_json_too(app: typer.Typer, drill: Path) -> None:
    said = json.loads(run(app, drill, "--json", "--source", "mine", "--observed-at", "2026-11-01").stdout)
    assert (said["offers"], said["loaded"]) == (1, 1)
    assert said["files"][0]["source"] == "mine"
    assert said["files"][0]["observed_at"] == "2026-11-01T00:00:00+00:00"


def test_a_dry_run_shows_the_rows_and_lands_nothing(app: typer.Typer, drill: Path, tmp_path: Path) -> None:
    told = run(app, drill, "--dry-run")
    assert "1 offers: 1 would land, 0 be quarantined" in told.stdout
    assert '"title": "Drill"' in told.stdout
    assert not (tmp_path / "data").exists()


def test_a_saved_login_is_told_as_what_it_is(app: typer.Typer, tmp_path: Path) -> None:
    wall = tmp_path / "wall.html"
    wall.write_text(LOGIN)
    told = run(app, wall)
    assert told.exit_code == 1
    assert "shows a login instead of a page" in told.stdout

"""The demo's way through the house, on a real town: real files, real sites on loopback, real agents."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from demo.town import Town, simulate
from katy import browser, demo_home, demo_run
from katy.demo_home import Notes
from katy.settings import Settings
from warehouse import landing
from warehouse.home import Home

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
END = date(2026, 11, 20)


@pytest.fixture(scope="module")
def town() -> Town:
    return simulate(3, 1, end=END)


@pytest.fixture
def out() -> Console:
    return Console(file=io.StringIO(), soft_wrap=True, width=300)


def text(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


@pytest.mark.slow
def test_importing_the_history_again_finds_every_row_known(town: Town, tmp_path: Path, out: Console) -> None:
    home = Home(tmp_path)
    demo_run.import_history(town, home, clock=lambda: NOW, console=out, say=lambda _: None)
    first = text(out)
    assert first.count("rows read") == 5
    assert first.count(" 0 already known") == 5
    demo_run.import_history(town, home, clock=lambda: NOW, console=out, say=lambda _: None)
    again = text(out).removeprefix(first)
    assert again.count(" = 0 loaded") == 5


@pytest.mark.slow
def test_without_a_browser_the_demo_goes_on_with_two_sites_and_says_so(
    town: Town, tmp_path: Path, out: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "find", lambda _named=None: None)
    home, notes, said = Home(tmp_path), Notes(3, 1, END), []
    settings = Settings(home=tmp_path, now=NOW)
    with demo_run.open_sites(town, home, notes) as sites:
        demo_run.read_sites(town, sites, home, notes, settings, console=out, say=said.append)
    assert "two sites" in said[0]
    assert "playwright install" in said[0]
    assert notes.has_read("shop", END)
    assert notes.has_read("classifieds", END)
    assert not notes.has_read("market", END)
    assert {path.parent.parent.name for path in landing.landed(home, "listing")} == {"second_turn", "river_ads"}
    assert demo_home.choose(settings, seed=3, days=1, below=tmp_path, say=print)[1] == notes
    with demo_run.open_sites(town, home, notes) as sites:
        demo_run.read_sites(town, sites, home, notes, settings, console=out, say=said.append)
    assert "read before" not in text(out).splitlines()[0]
    assert text(out).splitlines()[-1].strip() == "all 1 days were read before"


def test_the_sites_keep_their_addresses_so_that_links_stay_good(town: Town, tmp_path: Path) -> None:
    home, notes = Home(tmp_path), Notes(3, 1, END)
    with demo_run.open_sites(town, home, notes) as sites:
        first = sites.running.starts
        with demo_run.open_sites(town, home, notes) as beside:
            assert not set(beside.running.starts.values()) & set(first.values())
        notes.ports = {name: urlsplit(url).port or 0 for name, url in first.items()}
    with demo_run.open_sites(town, home, notes) as sites:
        assert sites.running.starts == first

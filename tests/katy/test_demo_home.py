"""The demo keeps to a folder of its own and remembers its town."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from katy import demo_home
from katy.settings import Settings
from warehouse.errors import KatyError

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def choose(tmp_path: Path, home: Path | None = None, *, seed: int | None = None, days: int | None = None, now=NOW):
    settings = Settings(now=now) if home is None else Settings(now=now, home=home)
    said: list[str] = []
    folder, notes = demo_home.choose(settings, seed=seed, days=days, below=tmp_path, say=said.append)
    return folder, notes, said


@pytest.fixture(autouse=True)
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KATY_HOME", raising=False)


def test_without_a_named_home_the_demo_stays_below_the_current_folder(tmp_path: Path) -> None:
    folder, notes, _ = choose(tmp_path)
    assert folder.root == tmp_path / ".katy" / "demo"
    assert (notes.seed, notes.days, notes.end) == (7, 7, date(2026, 11, 20))


def test_an_empty_named_home_is_used(tmp_path: Path) -> None:
    folder, _, said = choose(tmp_path, tmp_path / "mine")
    assert folder.root == tmp_path / "mine"
    assert said == []


def test_the_demo_never_mixes_into_real_data(tmp_path: Path) -> None:
    (tmp_path / "mine" / "landing").mkdir(parents=True)
    folder, _, said = choose(tmp_path, tmp_path / "mine")
    assert folder.root == tmp_path / "mine" / "demo"
    assert "other data" in said[0]


def test_two_towns_never_mix(tmp_path: Path) -> None:
    folder, notes, _ = choose(tmp_path, seed=7, days=7)
    demo_home.keep(folder, notes)
    for asked in ({"seed": 8}, {"days": 3}):
        other, notes, said = choose(tmp_path, **asked)
        assert other.root != folder.root
        assert {"seed": notes.seed, "days": notes.days}.items() >= asked.items()
        assert said
        demo_home.keep(other, notes)
        assert choose(tmp_path, **asked)[0].root == other.root


def test_a_later_demo_goes_on_with_the_same_town(tmp_path: Path) -> None:
    folder, notes, _ = choose(tmp_path, seed=5, days=3)
    notes.note_read("shop", notes.end)
    demo_home.keep(folder, notes)
    later = datetime(2027, 3, 1, tzinfo=UTC)
    again, same, _ = choose(tmp_path, now=later)
    assert again.root == folder.root
    assert same == notes
    assert same.has_read("shop", date(2026, 11, 20))
    assert not same.has_read("market", date(2026, 11, 20))


def test_unreadable_notes_say_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{")
    with pytest.raises(KatyError, match="remove the folder"):
        choose(tmp_path, tmp_path)

"""What an agent remembers: nothing is asked twice in a visit, and a crash neither loses nor doubles."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders.agent.journal import Journal, Met, key_of
from spiders.reader import Ask

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    one = Journal(tmp_path / "shop.sqlite")
    one.begin("run", "told", NOW)
    return one


def asks(count: int) -> list[Ask]:
    return [Ask(f"https://shop.example/p/{n}") for n in range(count)]


def met(ask: Ask, content: str, at: float) -> Met:
    return Met(key_of(ask), '"e"', None, "sha", {"found": [{"row": {"price": content}}], "asks": []}, content, at)


def test_the_same_question_is_asked_once_and_the_worthiest_first(journal: Journal) -> None:
    journal.add([*asks(3), *asks(2), Ask("https://shop.example/p/9", worth=5)])
    assert [ask.url[-1] for _, ask in journal.next(10)] == ["9", "0", "1", "2"]
    journal.add(asks(3))
    assert journal.next(10) == []


def test_an_address_asked_for_another_reason_is_another_question(journal: Journal) -> None:
    one = Ask("https://shop.example/")
    assert journal.add([one, Ask("https://shop.example/", again="as a list")]) == 2
    assert journal.add([one]) == 0


@pytest.mark.parametrize(("landed", "left"), [(True, 1), (False, 3)])
def test_after_a_crash_what_landed_is_done_and_the_rest_waits_again(tmp_path: Path, landed: bool, left: int) -> None:
    journal = Journal(tmp_path / "shop.sqlite")
    journal.begin("run", "told", NOW)
    journal.add(asks(4))
    taken = journal.next(4)
    journal.landing(1, ["a.parquet"], [taken[0][0]])
    journal.landed(1, [], {"pages": 1}, "v")
    journal.landing(2, ["b.parquet", "c.parquet"], [key for key, _ in taken[1:3]])
    # No farewell: the process is gone here, and another opens the file.
    again = Journal(tmp_path / "shop.sqlite")
    assert again.unfinished() == ("run", "told", NOW, {"pages": 1})
    assert again.recover(lambda name: landed or name == "b.parquet") == 2
    assert again.left() == left


def test_changes_are_counted_by_what_a_page_sells_not_by_its_bytes(journal: Journal) -> None:
    page = asks(1)[0]
    day = 86_400.0
    for visit, content in enumerate(["10", "10", "12", "12", "11"]):
        journal.landing(visit + 1, [], [])
        journal.landed(visit + 1, [met(page, content, visit * 2 * day)], {}, "v")
    assert journal.pages() == [(key_of(page), 5, 2, 8.0, 4.0, 8 * day)]


def test_what_another_version_read_from_a_page_is_not_taken_for_what_it_says(journal: Journal) -> None:
    page = asks(1)[0]
    journal.landed(1, [met(page, "10", 0.0)], {}, "old readers")
    assert journal.known(key_of(page), "new readers") is None
    known = journal.known(key_of(page), "old readers")
    assert known is not None
    assert known.result == {"found": [{"row": {"price": "10"}}], "asks": []}


def test_pages_nobody_met_for_long_are_forgotten(journal: Journal) -> None:
    journal.landed(1, [met(asks(1)[0], "10", 100.0)], {}, "v")
    assert journal.forget(100.0) == 0
    assert journal.forget(101.0) == 1
    assert journal.pages() == []

"""Categories guessed month by month: by what was known at the month's start, the same again from what was kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.guessing import CategoryGuesses, Guesser
from features.taxonomy import OTHER, read_category

MAKES = ("Makita", "DeWalt", "Bosch", "Ryobi", "Metabo")


def listings(days: int) -> dict[str, list[Any]]:
    """Drills and bicycles whose words say so, from day 0 on, and a nameless thing on day 40."""
    rows = []
    for number in range(days * 8):
        make, day = MAKES[number % 5], number // 8
        title = (
            f"{make} DX{number} cordless drill 18V keyless chuck" if number % 2 else f"Trek {number} mountain bike disc"
        )
        rows.append((day, f"{number}", title))
    rows.append((40, "odd", "Makita DX901 cordless 18V keyless chuck"))
    return {
        "source": ["s"] * len(rows),
        "id": [identity for _, identity, _ in rows],
        "title": [title for *_, title in rows],
        "category": [None] * len(rows),
        "day": [day for day, *_ in rows],
    }


def guessed(days: int, folder: Path | None = None) -> tuple[str, str, float | None, Guesser]:
    first = listings(days)
    read = [read_category(None, title) for title in first["title"]]
    categories, how = [each.category for each in read], [each.how for each in read]
    assert categories[-1] == OTHER
    guesser = Guesser(folder)
    confidence = guesser(first, categories, how)
    return categories[-1], how[-1], confidence[-1], guesser


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str, float | None, Guesser]]:
    """What a month of listings teaches, and where it is kept; day 40 lies in the second month, from day 31 on."""
    folder = tmp_path_factory.mktemp("guesses") / "kept"
    return folder, guessed(31, folder)


def test_a_title_without_a_noun_gets_the_category_of_titles_like_it(january: Any) -> None:
    category, how, confidence, _ = january[1]
    assert (category, how) == ("drill", "guessed")
    assert confidence is not None
    assert confidence >= 0.6


def test_what_is_seen_later_in_the_month_teaches_nothing(january: Any) -> None:
    _, _, before, early = january[1]
    _, _, after, late = guessed(39)
    assert before == after
    assert early.guesses.models[0][1].key == late.guesses.models[0][1].key


def test_too_few_titles_teach_nothing() -> None:
    category, how, confidence, guesser = guessed(5)
    assert (category, how, confidence) == (OTHER, "nothing", None)
    assert guesser.guesses.models == []


def test_a_model_is_learned_once_and_answers_the_same_from_disk(january: Any, tmp_path: Path) -> None:
    folder, first = january
    (there,) = folder.iterdir()
    written = (there / "categories.json").stat().st_mtime_ns
    again = guessed(31, folder)
    assert again[:3] == first[:3]
    assert (there / "categories.json").stat().st_mtime_ns == written
    first[3].guesses.save(tmp_path / "snapshot")
    opened = CategoryGuesses.load(tmp_path / "snapshot")
    assert opened.category(None, "Makita DX901 cordless 18V keyless chuck", 40)[0] == "drill"
    assert opened.category(None, "Makita DX901 cordless 18V keyless chuck", 10)[0] == OTHER, "nothing was known then"

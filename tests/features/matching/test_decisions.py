"""What people decide lands like any record; the last word of a day counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.matching.decisions import decide, decisions_among, standing
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landed import read_landed
from warehouse.records import Judgement

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = (NOON.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days


class Person:
    """Somebody who decides, an hour later each time."""

    def __init__(self, folder: Path) -> None:
        self.home, self.hours = Home(folder), 0

    def says(self, key: str, product: str, same: bool, *, after: timedelta = timedelta(hours=1), why: str = "") -> None:
        self.hours += int(after / timedelta(hours=1))
        moment = NOON + timedelta(hours=self.hours)
        decide(self.home, key, product, same=same, why=why, clock=lambda: moment)

    @property
    def words(self) -> list[tuple[str, str, bool, int]]:
        landed = read_landed(self.home, Judgement, since=datetime(2026, 1, 1, tzinfo=UTC))
        return [(each.key, each.product, each.same, each.day - DAY) for each in decisions_among(landed)]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_a_decision_lands_with_its_day_and_reason(person: Person) -> None:
    person.says("b", "a", True, why="same barcode\non the box")
    (judgement,) = read_landed(person.home, Judgement, since=NOON - timedelta(days=9))
    assert (judgement.about, judgement.verdict, judgement.source) == ("b|a", "same", "matching")
    (decision,) = decisions_among([judgement])
    assert (decision.day, decision.why) == (DAY, "a person says they are the same: same barcode on the box")


def test_the_last_word_of_a_day_on_a_pair_counts_whichever_way_round(person: Person) -> None:
    person.says("b", "a", True)
    person.says("a", "b", False)
    assert person.words == [("a", "b", False, 0)]


def test_the_last_product_a_key_was_put_into_on_a_day_counts(person: Person) -> None:
    person.says("c", "a", True)
    person.says("c", "b", True)
    person.says("c", "d", False)
    assert person.words == [("c", "b", True, 0), ("c", "d", False, 0)]


def test_words_of_two_days_both_count_and_the_later_stands(person: Person) -> None:
    person.says("b", "a", True)
    person.says("b", "a", False, after=timedelta(days=2))
    assert person.words == [("b", "a", True, 0), ("b", "a", False, 2)]
    landed = read_landed(person.home, Judgement, since=NOON - timedelta(days=9))
    assert [each.same for each in standing(decisions_among(landed))] == [False]


@pytest.mark.parametrize(("key", "product"), [("a", "a"), ("", "a"), ("a", "b|c"), ("a", " ")])
def test_what_names_no_pair_is_refused_and_lands_nothing(person: Person, key: str, product: str) -> None:
    with pytest.raises(BadInput, match=r"founded|no key"):
        person.says(key, product, True)
    assert person.words == []


def test_other_judgements_are_none_of_matching() -> None:
    other = Judgement(
        id="1", source="shop", about="x", verdict="dismiss", detail_json="{}", judged_at=NOON, run="r", row=1
    )
    assert decisions_among([other]) == []

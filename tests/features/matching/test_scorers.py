"""Scorers through time: each month's knows what was known at its start, and is learned once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from features.market import day_number
from features.matching import scorers as module
from features.matching.labels import Label
from features.matching.prior import prior_labels
from features.matching.scorers import ENOUGH, Scorers

PRIOR = prior_labels(40, seed=2)
MARCH, APRIL = day_number(date(2026, 3, 1)), day_number(date(2026, 4, 1))


def labels(count: int, day: int, seed: int = 1) -> list[Label]:
    return [replace(label, day=day) for label in prior_labels(count, seed=seed)]


def test_the_prior_alone_speaks_until_enough_is_known() -> None:
    few = Scorers(labels(ENOUGH - 1, MARCH), [], prior=PRIOR)
    assert few.scorer_on(APRIL + 90).key == few.scorer_on(0).key
    enough = Scorers(labels(ENOUGH, MARCH), [], prior=PRIOR)
    assert enough.scorer_on(APRIL - 1).key == few.scorer_on(0).key
    assert enough.scorer_on(APRIL).key != few.scorer_on(0).key
    assert enough.latest.key == enough.scorer_on(APRIL).key


def test_a_scorer_is_replaced_when_labels_have_doubled_and_not_for_a_few_more() -> None:
    first = labels(ENOUGH, MARCH)
    more = Scorers([*first, *labels(ENOUGH - 1, APRIL, seed=3)], [], prior=PRIOR)
    assert more.latest.key == more.scorer_on(APRIL).key
    doubled = Scorers([*first, *labels(ENOUGH, APRIL, seed=3)], [], prior=PRIOR)
    assert doubled.latest.key != doubled.scorer_on(APRIL + 29).key
    assert doubled.scorer_on(APRIL).key == more.scorer_on(APRIL).key


def test_what_a_person_decided_is_learned_from_the_next_month_on() -> None:
    decided = [replace(PRIOR[0], day=MARCH + 10, weight=10.0)]
    scorers = Scorers([], decided, prior=PRIOR)
    assert scorers.scorer_on(APRIL - 1).key == Scorers([], [], prior=PRIOR).latest.key
    assert scorers.scorer_on(APRIL).labels[-1] == decided[0]


def test_later_labels_change_no_earlier_scorer() -> None:
    early = labels(ENOUGH, MARCH)
    alone, together = Scorers(early, [], prior=PRIOR), Scorers([*early, *labels(900, APRIL + 60, 5)], [], prior=PRIOR)
    for day in (0, MARCH, APRIL, APRIL + 59):
        assert alone.scorer_on(day).key == together.scorer_on(day).key


def test_another_version_of_the_code_learns_anew() -> None:
    assert Scorers([], [], prior=PRIOR, code_version="2").latest.key != Scorers([], [], prior=PRIOR).latest.key


def test_a_scorer_is_learned_when_it_is_asked_and_read_from_disk_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FITTED", {})
    first = Scorers([], [], prior=PRIOR, folder=tmp_path / "matchers").latest
    assert not (tmp_path / "matchers").exists()
    assert first.score([], []).tolist() == []
    assert not (tmp_path / "matchers").exists()
    asked = prior_labels(6, seed=9)
    left, right = [label.left for label in asked], [label.right for label in asked]
    told = first.score(left, right)
    assert [path.name for path in (tmp_path / "matchers").iterdir()] == [first.key]
    monkeypatch.setattr(module, "_FITTED", {})
    monkeypatch.setattr(module, "fit", None)
    again = Scorers([], [], prior=PRIOR, folder=tmp_path / "matchers").latest
    assert again.score(left, right).tolist() == told.tolist()


def test_a_damaged_scorer_is_learned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FITTED", {})
    scorer = Scorers([], [], prior=PRIOR, folder=tmp_path).latest
    (tmp_path / scorer.key).mkdir()
    (tmp_path / scorer.key / "pair_model.json").write_text("{")
    assert len(scorer.score([PRIOR[0].left], [PRIOR[0].right])) == 1
    assert (tmp_path / scorer.key / "pair_model.npz").is_file()

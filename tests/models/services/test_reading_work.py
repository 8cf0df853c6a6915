"""Words → job, hours, people, how often; and what is goods stays goods."""

from __future__ import annotations

import pytest

from features.taxonomy import tree
from models.services.asked import SERVICES, read_work, work_of
from models.services.jobs import catalogue, read_catalogue
from warehouse.errors import BadInput


@pytest.mark.parametrize(
    ("text", "job", "typical", "stated"),
    [
        ("3 hours of tutoring", "tutoring", 3, True),
        ("tutoring maths", "tutoring", 1, True),
        ("half an hour of tutoring", "tutoring", 0.5, True),
        ("plumber", "plumbing", 1.5, False),
        ("plumber per hour", "plumbing", 1, True),
        ("haircut", "haircut", 0.5, False),
        ("3 haircuts", "haircut", 1.5, False),
        ("bike repair", "bike_repair", 1, False),
        ("moving help 2 men with van", "moving", 7, False),
        ("two men 4 hours moving", "moving", 8, True),
        ("90 minute massage", "massage", 1.5, True),
        ("Personal training, 5 sessions", "personal_training", 5, False),
        ("interior painting, two rooms", "painting", 14, False),
        ("half day of yard work", "gardening", 4, True),
        ("2 hours of help", "labor", 2, True),
        ("an hour of labour", "labor", 1, True),
        ("Math tutoring $25/hr", "tutoring", 1, True),
        ("2 hours of plumbing", "plumbing", 2, True),
        ("hour of plumbing", "plumbing", 1, True),
    ],
)
def test_work_is_read_from_words(text: str, job: str, typical: float, stated: bool) -> None:
    work = read_work(text)

    assert work is not None
    assert (work.job.name, work.stated) == (job, stated)
    assert work.hours[1] == pytest.approx(typical)
    assert work.hours[0] <= work.hours[1] <= work.hours[2]
    assert not stated or work.hours[0] == work.hours[2]


@pytest.mark.parametrize(
    "text",
    ["haircut scissors", "massage chair", "piano lesson book", "guitar repair kit", "plumber wrench", "work boots",
     "Makita drill", "sourdough bread", "24 hour fitness shirt", "iPhone 8 unlock service", "hand tool, works", "",
     "battery, 20 hours of work time", "bike with 2 hours of help"],
)  # fmt: skip
def test_goods_are_no_work(text: str) -> None:
    assert read_work(text) is None


def test_attributes_say_hours_and_unit() -> None:
    by_hour, three = work_of("plumber", {"unit": "hour"}), work_of("plumber", {"hours": "3"})

    assert by_hour is not None
    assert three is not None
    assert (by_hour.hours[1], three.hours[1]) == (1, 3)


def test_the_catalogue_knows_the_common_jobs_of_every_kind_of_service() -> None:
    known, groups = catalogue(), tree()

    assert len(known.jobs) >= 100
    leaves = [name for name in groups.leaves() if groups.under(name, SERVICES)]
    named = [name for name in leaves if any(known.find(text) for text in groups[name].examples)]
    assert len(named) >= 0.85 * len(leaves), sorted(set(leaves) - set(named))


@pytest.mark.parametrize(
    "wrong",
    [{"occupation": "plumber"}, {"hours": [2, 1, 3]}, {"hours": [0, 1, 2]}, {"source": "somebody"}],
)
def test_a_catalogue_that_does_not_hold_together_is_refused(wrong: dict[str, object]) -> None:
    good = {"occupation": "47-2152", "hours": [1, 1, 2], "words": ["plumber"]}
    said = {"sources": {"estimate": "x"}, "read": {}}

    assert read_catalogue(said | {"jobs": {"one": good}}).jobs["one"].hours == (1, 1, 2)
    with pytest.raises(BadInput, match="one"):
        read_catalogue(said | {"jobs": {"one": good | wrong}})
    with pytest.raises(BadInput, match="means both"):
        read_catalogue(said | {"jobs": {"one": good, "two": good}})

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.community.seasons import day, last_and_next, moment
from ledger.policy.sections_giving import DATES


@pytest.mark.parametrize(
    ("year", "name", "published"),
    [
        # The Astronomical Applications Department of the U.S. Naval Observatory, Earth's Seasons, in UTC.
        (2024, "march equinox", "2024-03-20 03:06"),
        (2024, "june solstice", "2024-06-20 20:51"),
        (2024, "september equinox", "2024-09-22 12:44"),
        (2024, "december solstice", "2024-12-21 09:20"),
        (2025, "march equinox", "2025-03-20 09:01"),
        (2025, "december solstice", "2025-12-21 15:03"),
        (2026, "september equinox", "2026-09-23 00:05"),
        (2026, "december solstice", "2026-12-21 20:50"),
    ],
)
def test_the_seasons_turn_when_the_almanac_says(year: int, name: str, published: str) -> None:
    told = datetime.strptime(published, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)

    assert abs(moment(name, year) - told) <= timedelta(minutes=2)


def test_the_worked_example_of_the_book() -> None:
    # Meeus, example 27.b: the June solstice of 1962 at 21:24:42 TD; the code takes 69 seconds off to UTC.
    told = datetime(1962, 6, 21, 21, 24, 42, tzinfo=UTC) - timedelta(seconds=69)

    assert abs(moment("june solstice", 1962) - told) <= timedelta(minutes=1)


def test_a_day_may_be_written_as_month_and_day() -> None:
    assert day("12-25", 2026) == date(2026, 12, 25)
    assert last_and_next(["12-25"], date(2026, 12, 24)) == (date(2025, 12, 25), date(2026, 12, 25))


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_today_is_between_the_last_turn_and_the_next(today: date) -> None:
    last, following = last_and_next(DATES, today)

    assert last <= today < following
    assert timedelta(days=87) <= following - last <= timedelta(days=95)

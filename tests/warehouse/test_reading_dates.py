"""Moments are read in UTC, and the order of numeric dates is that of their column."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.dates import date_order, read_day, read_instant

# Hypothesis wants bounds without a zone; it adds the zone itself.
FIRST, LAST = datetime(1900, 1, 2), datetime(2199, 12, 30)  # noqa: DTZ001
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.timezones())
DAYS = st.dates(date(1970, 1, 1), date(2060, 12, 31))


@given(MOMENTS)
def test_an_iso_moment_is_read_back_in_utc(moment: datetime) -> None:
    # ISO 8601 offsets have minutes; before standard time some zones had seconds.
    offset = moment.utcoffset()
    if offset is not None and offset.seconds % 60 == 0:
        assert read_instant(moment.isoformat()) == moment.astimezone(UTC)


@given(DAYS, st.sampled_from(["%m/%d/%Y", "%B %d, %Y", "%b %d %Y", "%d %b %Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%y"]))
def test_a_written_day_is_read_back(day: date, form: str) -> None:
    assert read_day(day.strftime(form)) == day


@given(st.lists(DAYS, min_size=40, max_size=60))
def test_a_column_of_day_first_dates_is_read_day_first(days: list[date]) -> None:
    days = [*days, date(2020, 5, 13)]
    texts = [day.strftime("%d/%m/%Y") for day in days]
    order = date_order(texts)
    assert order == "dmy"
    assert [read_day(text, order) for text in texts] == days


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    moment = read_instant(text)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-10 12:12:58", datetime(2026, 3, 10, 12, 12, 58, tzinfo=UTC)),
        ("2026-03-10T12:12:58.123+02:00", datetime(2026, 3, 10, 10, 12, 58, 123000, tzinfo=UTC)),
        ("Mar-10-26 12:12:58 PDT", datetime(2026, 3, 10, 19, 12, 58, tzinfo=UTC)),
        ("Tue, 10 Mar 2026 12:12:58 GMT", datetime(2026, 3, 10, 12, 12, 58, tzinfo=UTC)),
        ("March 10, 2026 3:05 PM", datetime(2026, 3, 10, 15, 5, tzinfo=UTC)),
        ("03/04/2026", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3.4.2026", datetime(2026, 4, 3, tzinfo=UTC)),
        ("13/04/2026", datetime(2026, 4, 13, tzinfo=UTC)),
        ("43831", datetime(2020, 1, 1, tzinfo=UTC)),
        ("43831.5", datetime(2020, 1, 1, 12, tzinfo=UTC)),
        ("1520000000", datetime(2018, 3, 2, 14, 13, 20, tzinfo=UTC)),
        ("1520000000000", datetime(2018, 3, 2, 14, 13, 20, tzinfo=UTC)),
        ("1960M01", datetime(1960, 1, 1, tzinfo=UTC)),
        ("1. Mai 2020", datetime(2020, 5, 1, tzinfo=UTC)),
    ],
)
def test_moments_sources_write(text: str, moment: datetime) -> None:
    assert read_instant(text) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "31/02/2020", "2020-13-01", "0001-01-01", "12:00", "99", "2 days ago"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read_instant(text) is None


def test_one_unclear_date_leaves_the_order_open() -> None:
    assert date_order(["03/04/2020"]) is None
    assert date_order(["03/04/2020", "04/14/2020"]) == "mdy"

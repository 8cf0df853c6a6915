"""Moments as sources write them: ISO 8601, "03/10/2026 12:12 PM", "10.3.2026", "Mar-10-26 12:12:58 PDT", epochs.

03/04/2026 does not say which number is the month. A column does: `date_order` finds a value over twelve. Where none is,
slashes and dashes are read month first and dots day first. A moment without a zone is UTC.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

Order = Literal["mdy", "dmy"]

_EARLIEST, _LATEST = 1900, 2200
# Spreadsheets count days from here (their 1900 was a leap year, so serials below 60 are off by one and not taken).
_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_TIME = (
    r"(?:[T,\s]+(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>Z|[A-Z]{2,4}|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d{2})?)?"
    r"(?:\s*\([A-Za-z ]{2,40}\))?)?"
)
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[./-])(?P<second_>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_TIME}", re.I
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<mark>[./-])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}", re.I
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY_NAMED = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:of\s+)?(?P<name>[^\W\d_]{{3,10}})\.?,?[\s-]+(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.I,
)
_NAME_DAY = re.compile(
    rf"{_WEEKDAY}(?P<name>[^\W\d_]{{3,10}})\.?[\s-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.I,
)
_NAME_YEAR = re.compile(r"(?P<name>[^\W\d_]{3,10})\.?,?[\s-]+(?P<year>\d{4})", re.I)
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})(?:[-/]|M)(?P<month>\d{1,2})")
_COMPACT = re.compile(r"\d{8}T\d{4}(?:\d{2})?Z?")
_ORDERED = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}(?!\d)")
# Month names: English and German, by what tells them apart.
_MONTHS = {
    **{"jan": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8},
    **{"sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12},
}
_ZONES = {
    **{
        "Z": 0.0,
        "UTC": 0.0,
        "GMT": 0.0,
        "WET": 0.0,
        "BST": 1.0,
        "CET": 1.0,
        "CEST": 2.0,
        "EET": 2.0,
        "EEST": 3.0,
        "IST": 5.5,
    },
    **{
        "EST": -5.0,
        "EDT": -4.0,
        "CST": -6.0,
        "CDT": -5.0,
        "MST": -7.0,
        "MDT": -6.0,
        "PST": -8.0,
        "PDT": -7.0,
        "JST": 9.0,
    },
}


def date_order(texts: Iterable[str]) -> Order | None:
    """Whether a column's numeric dates begin with the day or the month, where its values show it."""
    day_first = month_first = 0
    for text in texts:
        found = _ORDERED.match(text)
        if found:
            first, second = int(found[1]), int(found[2])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    if day_first == month_first:
        return None
    return "dmy" if day_first > month_first else "mdy"


@functools.lru_cache(maxsize=1 << 14)
def read_instant(text: str, order: Order | None = None) -> datetime | None:
    """The moment a text names, in UTC; None where it names none between 1900 and 2200.

    A day without a time is its midnight in UTC, a month or year without a day its first. `order` says how numeric dates
    of the column are ordered; None: month first with slashes and dashes, day first with dots.
    """
    text = " ".join(text.split())
    try:
        moment = _digits(text) if text.replace(".", "", 1).isdecimal() else _iso(text) or _written(text, order)
        moment = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and _EARLIEST <= moment.year <= _LATEST else None


def read_day(text: str, order: Order | None = None) -> date | None:
    """The day a text names; None where it names none."""
    moment = read_instant(text, order)
    return None if moment is None else moment.date()


def _iso(text: str) -> datetime | None:
    # Only the extended form and "20140623T000000": Python also takes forms that no source means ("2018030112").
    if (len(text) < 10 or text[4] != "-") and not _COMPACT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _digits(text: str) -> datetime | None:
    """A year, a month (201803), a day (20180301), a second, an epoch in seconds or milliseconds, a sheet's serial."""
    whole = text.partition(".")[0]
    shape = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(whole))
    if len(whole) == 5 and 10_000 <= int(whole) < 100_000:
        return _SERIAL_ZERO + timedelta(seconds=round(float(text) * 86_400))
    if len(whole) in (10, 13):
        return datetime.fromtimestamp(float(text) / (1 if len(whole) == 10 else 1000), UTC)
    return datetime.strptime(whole, shape).replace(tzinfo=UTC) if shape else None


def _written(text: str, order: Order | None) -> datetime | None:
    found = _NUMERIC.fullmatch(text)
    if found:
        first, second = int(found["first"]), int(found["second_"])
        day_first = (order or ("dmy" if found["mark"] == "." else "mdy")) == "dmy"
        # A value over twelve is the day, whatever the rest of the column says.
        day_first = (day_first and second <= 12) or first > 12
        month, day = (second, first) if day_first else (first, second)
        return _moment(found, month, day)
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _moment(found, int(found["month"]), int(found["day"]))
    found = _DAY_NAMED.fullmatch(text) or _NAME_DAY.fullmatch(text)
    if found:
        return _moment(found, _month(found["name"]), int(found["day"]))
    found = _NAME_YEAR.fullmatch(text)
    if found:
        return datetime(int(found["year"]), _month(found["name"]), 1, tzinfo=UTC)
    found = _YEAR_MONTH.fullmatch(text)
    return datetime(int(found["year"]), int(found["month"]), 1, tzinfo=UTC) if found else None


def _month(name: str) -> int:
    month = _MONTHS.get(name[:3].casefold())
    if month is None:
        raise ValueError(f"{name} is no month")
    return month


def _moment(found: re.Match[str], month: int, day: int) -> datetime:
    year = int(found["year"])
    if len(found["year"]) == 2:
        # POSIX: 69–99 are of the last century.
        year += 1900 if year >= 69 else 2000
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    half = (found["half"] or "").casefold()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} {half}m")
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = int((found["part"] or "0").ljust(6, "0")[:6])
    return datetime(year, month, day, hour, minute, second, fraction, tzinfo=_zone(found["zone"]))


def _zone(text: str | None) -> timezone:
    if text is None:
        return UTC
    name = text.upper()
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", name)
    if offset is None:
        raise ValueError(f"{text} is no time zone known here")
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))

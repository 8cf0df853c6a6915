"""Days by which something is due, moved past weekends and holidays of the District of Columbia (I.R.C. §7503)."""

from __future__ import annotations

from datetime import date, timedelta


def working(day: date) -> date:
    """The day itself, or the next one that is neither a weekend nor a holiday."""
    while day.weekday() >= 5 or _holiday(day):
        day += timedelta(days=1)
    return day


def quarterly(year: int) -> tuple[date, date, date, date]:
    """The four days until which estimated tax of a year is paid (I.R.C. §6654(c)(2))."""
    first, second, third = (working(date(year, month, 15)) for month in (4, 6, 9))
    return first, second, third, working(date(year + 1, 1, 15))


def statements(year: int) -> date:
    """Until when payees have their copies of Form 1099-B for a year (I.R.C. §6045(b): February 15)."""
    return working(date(year + 1, 2, 15))


def on_paper(year: int) -> date:
    """Until when the forms of a year are filed on paper."""
    return working(date(year + 1, 2, 28))


def electronically(year: int) -> date:
    """Until when the forms of a year are filed electronically."""
    return working(date(year + 1, 3, 31))


def _holiday(day: date) -> bool:
    """The holidays that these dates can meet: two third Mondays, and the District's Emancipation Day."""
    if day.month in {1, 2}:
        return day.weekday() == 0 and 15 <= day.day <= 21
    emancipation = date(day.year, 4, 16)
    return day == emancipation + timedelta(days={5: -1, 6: 1}.get(emancipation.weekday(), 0))

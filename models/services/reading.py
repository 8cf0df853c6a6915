"""Reading what rules for other kinds of value ask for: amounts, dates, months, how many of what unit of time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from features.title import plain
from warehouse.reading.price import read_price

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = re.compile(r"(?<!\w)(" + "|".join(f"{each[:3]}(?:{each[3:]})?" for each in _MONTHS) + r")\.?(?!\w)")
_ISO = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_WORDY = re.compile(_MONTH.pattern + r"\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(20\d\d))?(?!\d)")
_MONEY = re.compile(
    r"(?:us)?[$€£]\s?\d[\d,]*(?:\.\d{1,2})?|\d[\d,]*(?:\.\d{1,2})?\s?(?:usd|eur|gbp|dollars?|euros?)(?!\w)", re.I
)
_TERM = re.compile(
    r"(?<![\w.])(?:(per|a|an|each|/)\s*|(\d{1,3}|one|two|three|four|five|six|seven|ten|twelve)[\s-]*)"
    r"(hour|day|night|weekend|week|month|year)s?(?!\w)"
)
_SHORT = re.compile(r"/\s*(hr|h|day|night|wk|week|mo|month|yr|year)(?!\w)")
_BY = re.compile(r"(?<!\w)(hourly|daily|nightly|weekly|monthly|yearly)(?!\w)")
_UNITS = {"hr": "hour", "h": "hour", "wk": "week", "mo": "month", "yr": "year", "daily": "day", "nightly": "night",
          "hourly": "hour", "weekly": "week", "monthly": "month", "yearly": "year"}  # fmt: skip
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12}


def amount(text: str, hint: str) -> tuple[Decimal, str] | None:
    """The one amount of money a text states, with its currency (`hint` where a sign could mean several)."""
    found = _MONEY.findall(text)
    if len(set(found)) != 1:
        return None
    read = read_price(found[0].replace("dollars", "USD").replace("dollar", "USD"), currency_hint=hint)
    return (read.amount, read.currency or hint) if read is not None and read.amount > 0 else None


def stated_amount(attributes: Mapping[str, str], names: tuple[str, ...], hint: str) -> tuple[Decimal, str] | None:
    """The first amount that one of these attributes states."""
    for name in names:
        read = read_price(attributes[name], currency_hint=hint) if attributes.get(name) else None
        if read is not None and read.amount > 0:
            return read.amount, read.currency or hint
    return None


def day_in(text: str, today: date) -> date | None:
    """A day that a text names: 2026-07-04, or "July 4" (the next one, where no year is said)."""
    iso = _ISO.search(text)
    wordy = _WORDY.search(plain(text))
    try:
        if iso:
            return date(*(int(each) for each in iso.groups()))
        if wordy:
            month, year = month_number(wordy[1]), wordy[3]
            found = date(int(year) if year else today.year, month, int(wordy[2]))
            return found if year or found >= today else found.replace(year=found.year + 1)
    except ValueError:
        return None
    return None


def month_in(text: str, today: date) -> date | None:
    """The middle of the next month that a text names ("in August"); this month is still to come."""
    found = _MONTH.search(plain(text))
    if not found:
        return None
    month = month_number(found[1])
    return date(today.year + (month < today.month), month, 15)


def month_number(word: str) -> int:
    return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(word[:3]))


def term(text: str) -> tuple[float, str] | None:
    """How long: (3, "day") of "for 3 days", (1, "month") of "per month" or "monthly"."""
    said = plain(text)
    found = _TERM.search(said)
    if found:
        number = found[2]
        count = float(_NUMBERS[number]) if number in _NUMBERS else float(number) if number else 1.0
        return (count, found[3]) if count > 0 else None
    short = _SHORT.search(said) or _BY.search(said) or re.search(r"(?<!\w)(weekend)(?!\w)", said)
    return (1.0, _UNITS.get(short[1], short[1])) if short else None

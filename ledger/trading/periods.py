"""When the legs of a schedule fall due, and into which periods that falls. Pure arithmetic on days.

A leg falls due `times` times: on its first day, and every `every_days` after it. Where legs repeat, the period is the
longest of their rhythms, counted from the earliest first day; whatever falls due in a period is settled together. Where
none repeats ("now for harvest"), or one side would give nothing in some period, everything is one period.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MOST_TIMES = 366
LONGEST = timedelta(days=10 * 366)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When one leg falls due, and who gives it."""

    giver: str
    first_day: date
    every_days: int | None
    times: int

    def days(self) -> Iterator[date]:
        """The days, in their order."""
        for number in range(self.times):
            yield self.first_day + timedelta(days=number * (self.every_days or 0))


@dataclass(frozen=True, slots=True)
class Due:
    """One time that a leg falls due; `position` is the leg's, occurrences and periods count from 1."""

    position: int
    occurrence: int
    period: int
    day: date


def period_days(rhythms: Sequence[Rhythm]) -> int | None:
    """The length of a period; None where everything is one."""
    longest = max((each.every_days for each in rhythms if each.every_days is not None), default=None)
    if longest is None:
        return None
    start = min(each.first_day for each in rhythms)
    givers = {each.giver for each in rhythms}
    there = {(_number(day, start, longest), each.giver) for each in rhythms for day in each.days()}
    return longest if len(there) == len(givers) * len({period for period, _ in there}) else None


def dues(rhythms: Sequence[Rhythm]) -> list[Due]:
    """Every time that the legs, given in their order, fall due; by day."""
    start, length = min(each.first_day for each in rhythms), period_days(rhythms)
    out = [
        Due(position, occurrence, _number(day, start, length), day)
        for position, rhythm in enumerate(rhythms, start=1)
        for occurrence, day in enumerate(rhythm.days(), start=1)
    ]
    return sorted(out, key=lambda each: (each.day, each.position))


def _number(day: date, start: date, length: int | None) -> int:
    return 1 if length is None else (day - start).days // length + 1

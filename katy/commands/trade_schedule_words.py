"""Deliveries that repeat, as they are written at the command line, and a schedule as it is told there.

2 x loaf of rye bread, every 7 days, 8 times, from 2026-12-01
service: haircut, every 4 weeks, 2 times
k: 20.00, on 2027-09-15

Before the first comma of the rhythm stands a leg as in any trade (`katy.trade_words`). A leg without a day begins on
the schedule's own first day, and one without a rhythm is given once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from katy import trade_words
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.books.store import Ledger
    from ledger.trading.schedule_view import DueView, Schedule, ScheduledLeg
    from ledger.trading.schedules import ScheduledDraft

MOST_TOLD = 6
_CLAUSE = re.compile(
    r",\s*(?:every\s+(?:(?P<number>\d{1,4})\s+)?(?P<span>[a-z]+)|(?P<times>\d{1,4})\s+times|(?P<once>once)"
    r"|(?:from|on)\s+(?P<day>\S+))\s*$",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}


@dataclass(frozen=True, slots=True)
class When:
    """The rhythm of a leg as it was written; None: not said."""

    day: date | None = None
    every_days: int | None = None
    times: int | None = None


def split(text: str) -> tuple[str, When]:
    """A leg's words and its rhythm. Raises `BadInput`, naming the text and what is wrong with it."""
    rest, said = text, dict[str, int | date]()
    while found := _CLAUSE.search(rest):
        name, value = _clause(text, found)
        if name in said:
            raise BadInput(f'"{text}" says twice {_MEANT[name]}; say it once')
        said[name] = value
        rest = rest[: found.start()]
    when = When(**said)  # type: ignore[arg-type]
    if when.every_days is not None and when.times is None:
        raise BadInput(f'"{text}" does not say how often: add a number of times, such as ", 8 times"')
    if (when.times or 1) > 1 and when.every_days is None:
        raise BadInput(f'"{text}" does not say how many days lie between: add ", every 7 days"')
    return rest.strip(), when


_MEANT = {"every_days": "how many days lie between", "times": "how often", "day": "on which day"}


def _clause(text: str, found: re.Match[str]) -> tuple[str, int | date]:
    if found["span"]:
        days = _DAYS.get(found["span"].lower())
        if days is None:
            raise BadInput(
                f'"{text}": a rhythm is in days or weeks ("every 7 days", "every 4 weeks"), '
                f"not in {found['span']}: those are not all of one length"
            )
        return "every_days", int(found["number"] or 1) * days
    if found["once"]:
        return "times", 1
    if found["times"]:
        return "times", int(found["times"])
    try:
        return "day", date.fromisoformat(found["day"])
    except ValueError as error:
        raise BadInput(f'"{text}": "{found["day"]}" is not a day such as 2026-12-01') from error


def drafts(
    ledger: Ledger, gives: list[str], gets: list[str], *, first: date, region: str | None
) -> list[ScheduledDraft]:
    """The legs of a schedule: what its proposer gives, and what they get. Raises `BadInput`."""
    from ledger.trading.schedules import ScheduledDraft

    written = [split(text) for text in (*gives, *gets)]
    words = [rest for rest, _ in written]
    legs = trade_words.legs(ledger, words[: len(gives)], words[len(gives) :], giver="proposer", region=region)
    return [
        ScheduledDraft(
            leg=leg,
            first_day=when.day or first,
            # One time has no rhythm, however it was written.
            every_days=when.every_days if (when.times or 1) > 1 else None,
            times=when.times or 1,
        )
        for leg, (_, when) in zip(legs, written, strict=True)
    ]


def told(schedule: Schedule) -> list[str]:
    """A schedule in lines to read."""
    from ledger.books.units import k_text

    names = {"proposer": schedule.proposer.name, "counterparty": schedule.counterparty.name}
    lines = [f"Schedule: {schedule.id} ({schedule.state})"]
    for leg in schedule.legs:
        lines.append(
            f"  {leg.each.position}. {names[leg.each.giver]} gives {leg_words(leg)}: "
            f"{k_text(leg.each.agreed)} K each time, {rhythm(leg)}"
        )
    if schedule.reason:
        lines.append(f"  Reason: {schedule.reason}")
    lines += _dues(schedule, names)
    lines.append(f"  Days of grace before a default may be called: {schedule.grace_days}")
    by_id = {party.id: party.name for party in (schedule.proposer, schedule.counterparty)}
    lines.append(f"  Terms: {schedule.terms_sha256}")
    if schedule.state == "proposed":
        lines.append(f"  It waits for {schedule.counterparty.name} to accept it")
    if schedule.cancel_asked_by is not None and schedule.state == "running":
        lines.append(f"  {by_id[schedule.cancel_asked_by]} has asked to end it; it ends when the other does, too")
    if schedule.at_fault is not None:
        lines.append(f"  It ended in default through {by_id[schedule.at_fault]}")
    if schedule.shortfall:
        lines.append(f"  Left open, because a limit stood in the way: {k_text(schedule.shortfall)} K")
    return lines


def leg_words(leg: ScheduledLeg) -> str:
    """What is given each time."""
    return leg.each.description if leg.each.quantity == "1" else f"{leg.each.quantity} × {leg.each.description}"


def rhythm(leg: ScheduledLeg) -> str:
    """When it is given."""
    if leg.every_days is None:
        return f"once, on {leg.first_day}"
    days = "every day" if leg.every_days == 1 else f"every {leg.every_days} days"
    return f"{days}, {leg.times} times from {leg.first_day} on"


def open_dues(schedule: Schedule) -> list[DueView]:
    """What is to be received still, the earliest first; K and minutes move by themselves."""
    moving = {leg.each.position for leg in schedule.legs if leg.each.kind in {"k", "minutes"}}
    return [
        due for due in schedule.dues if due.received_at is None and due.trade is None and due.position not in moving
    ]


def _dues(schedule: Schedule, names: dict[str, str]) -> list[str]:
    legs = {leg.each.position: leg for leg in schedule.legs}
    waiting = open_dues(schedule) if schedule.state == "running" else []
    lines = []
    for due in waiting[:MOST_TOLD]:
        leg = legs[due.position]
        receiver = names["counterparty" if leg.each.giver == "proposer" else "proposer"]
        lines.append(f"  {due.day}  leg {due.position}, time {due.occurrence}: {leg_words(leg)} for {receiver}")
    if len(waiting) > MOST_TOLD:
        lines.append(f"  … and {len(waiting) - MOST_TOLD} more until {waiting[-1].day}; --json has all of them")
    made = sorted({due.trade for due in schedule.dues if due.trade is not None})
    return [*lines, *(f"  Settled as {trade}" for trade in made)]

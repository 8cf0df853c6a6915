"""What waits for somebody: every trade, signature and schedule in which they are the next to act, in a line each. Pure.

"Waiting for you" is a list of these; a trade in which nothing is to be done by its reader waits for others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.to_sign import Signatures, ToSign
from ledger.to_sign_schedules import ScheduleToSign
from ledger.trading.schedule_view import DueView, Schedule, ScheduledLeg
from ledger.trading.trade_view import LegView, Trade
from valuation_api.pages import trading_view

# What is to be delivered within so many days is a thing to do already.
AHEAD = timedelta(days=7)
MOVING = ("k", "minutes")


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: where, with whom, what, and by which day."""

    to: str
    who: str
    what: str
    about: str = ""
    day: str | None = None


def of_trades(trades: Iterable[Trade], me: str) -> list[Task]:
    """What there is to do in trades, a line for each in which there is something."""
    return [task for task in (of_trade(trade, me) for trade in trades) if task is not None]


def of_trade(trade: Trade, me: str) -> Task | None:
    """What its reader has to do in a trade; None where it waits for the other, or has ended."""
    what = {"proposed": _answer, "accepted": _finish, "disputed": _settle}.get(trade.state)
    told = what(trade, me) if what is not None else None
    if told is None:
        return None
    mine, theirs = trading_view.sides(trade, me)
    about = f"You give {_words(mine.legs)} for {_words(theirs.legs)}"
    day = trade.deliver_by if trade.state == "accepted" else None
    return Task(f"/my/trades/{trade.id}", trading_view.other(trade, me), told, about, day)


def _answer(trade: Trade, me: str) -> str | None:
    if trade.turn != me:
        return None
    if len(trade.offers) > 1:
        return "has made another offer: accept it, answer with one of yours, or decline"
    return "proposes a trade: accept it, answer with another offer, or decline"


def _finish(trade: Trade, me: str) -> str | None:
    them = trading_view.other(trade, me)
    if trade.cancel_asked_by and me not in trade.cancel_asked_by:
        return "wants to call it off: do so, too, or go on with it"
    if me in trade.confirmed_by:
        return None
    delivered = {each.by for each in trade.steps if each.step == "delivered"}
    given = me in delivered or bool(trade.confirmed_by)
    came = bool(delivered - {me})
    if came and given:
        return "has delivered: confirm as soon as you have it"
    if came:
        return "has delivered: deliver what you give, and confirm what you have got"
    if given:
        return f"confirm as soon as you have what {them} gives"
    return "deliver what you give, and confirm what you get"


def _settle(trade: Trade, me: str) -> str | None:
    split = next((each for each in reversed(trade.steps) if each.step == "split"), None)
    if split is None:
        return "is in dispute with you: suggest how it ends"
    if split.by == me:
        return None
    return f"suggests {split.percent} % of what was to move: agree to it, or suggest something else"


def of_signatures(waiting: Iterable[ToSign]) -> list[Task]:
    """Trades that wait for their reader's signature."""
    out = []
    for each in waiting:
        business, trade = each.signatures.business, each.trade
        mine, theirs = trading_view.sides(trade, business.id)
        about = f"{business.name} gives {_words(mine.legs)} for {_words(theirs.legs)}"
        what = f"trades with {trading_view.other(trade, business.id)}: {_sign(each.signatures)}"
        out.append(Task(f"/my/sign/{trade.id}", business.name, what, about))
    return out


def of_signed_schedules(waiting: Iterable[ScheduleToSign]) -> list[Task]:
    """Schedules that wait for their reader's signature."""
    out = []
    for each in waiting:
        business, schedule = each.signatures.business, each.schedule
        what = f"has a schedule with {schedule_other(schedule, business.id)}: {_sign(each.signatures)}"
        out.append(Task(f"/my/sign/{schedule.id}", business.name, what, _by_rhythm(schedule)))
    return out


def _sign(found: Signatures) -> str:
    return f"sign it, {found.signed} of {found.needed} have"


def of_schedules(schedules: Iterable[Schedule], me: str, today: date) -> list[Task]:
    """What there is to do in schedules: to answer one, to deliver what is due soon, to confirm what was due."""
    return [task for each in schedules for task in _of_schedule(each, me, today)]


def _of_schedule(schedule: Schedule, me: str, today: date) -> list[Task]:
    to, them = f"/my/schedules/{schedule.id}", schedule_other(schedule, me)
    if schedule.state == "proposed":
        if schedule.proposer.id == me:
            return []
        return [Task(to, them, "proposes a schedule: accept it, or decline", _by_rhythm(schedule))]
    found = []
    if schedule.cancel_asked_by is not None and schedule.cancel_asked_by != me:
        found.append(Task(to, them, "wants to end your schedule: end it, too, or go on with it"))
    for leg, due in first_open(schedule):
        gives = giver(schedule, leg) == me
        if gives and due.day <= (today + AHEAD).isoformat():
            found.append(Task(to, them, f"deliver {leg_words(leg)}", _time_of(leg, due), due.day))
        elif not gives and due.day <= today.isoformat():
            found.append(Task(to, them, f"confirm {leg_words(leg)}, if you have got it", _time_of(leg, due), due.day))
    return found


def first_open(schedule: Schedule) -> list[tuple[ScheduledLeg, DueView]]:
    """Of each leg that is handed over the earliest time that was not received, the earliest leg first. K and minutes
    move by themselves."""
    legs = {leg.each.position: leg for leg in schedule.legs if leg.each.kind not in MOVING}
    found: dict[int, DueView] = {}
    for due in schedule.dues:
        if due.position in legs and due.received_at is None and due.trade is None:
            found.setdefault(due.position, due)
    return sorted(((legs[position], due) for position, due in found.items()), key=lambda pair: pair[1].day)


def overdue(schedule: Schedule, me: str, today: date) -> bool:
    """Whether the other party is so late that a default may be called, and the reader is not."""
    last = (today - timedelta(days=schedule.grace_days)).isoformat()
    late = {giver(schedule, leg) for leg, due in first_open(schedule) if due.day < last}
    return schedule.state == "running" and bool(late) and me not in late


def giver(schedule: Schedule, leg: ScheduledLeg) -> str:
    """Who gives a leg."""
    return (schedule.proposer if leg.each.giver == "proposer" else schedule.counterparty).id


def schedule_other(schedule: Schedule, me: str) -> str:
    """The other party's name."""
    return (schedule.counterparty if schedule.proposer.id == me else schedule.proposer).name


def rhythm(leg: ScheduledLeg) -> str:
    """When a leg is given, such as "every 7 days, 8 times from 2026-12-01 on"."""
    if leg.every_days is None:
        return f"once, on {leg.first_day}"
    days = "every day" if leg.every_days == 1 else f"every {leg.every_days} days"
    return f"{days}, {leg.times} times from {leg.first_day} on"


def leg_words(leg: ScheduledLeg) -> str:
    """What is given each time, in a few words."""
    return _words([leg.each])


def _by_rhythm(schedule: Schedule) -> str:
    return "; ".join(f"{leg_words(leg)}, {rhythm(leg)}" for leg in schedule.legs)


def _time_of(leg: ScheduledLeg, due: DueView) -> str:
    return "" if leg.times == 1 else f"{due.occurrence} of {leg.times}"


def _words(legs: Iterable[LegView]) -> str:
    return ", ".join(leg.description if leg.quantity == "1" else f"{leg.quantity} × {leg.description}" for leg in legs)

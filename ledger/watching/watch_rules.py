"""When a price watch speaks: pure functions on a series of (day, price).

The price now is never held against the observation before it, which creeping changes slip under, but against the
extreme of the whole window: the highest price for a fall, the lowest for a rise. The price that held when the window
opened counts too, however long before it was seen, so a rare sighting hides nothing. A dismissed notice is the new
reference: what came before it does not count any more. As long as a notice is open, the price it began from stays with
it, so that it is repeated with every new day on which the change still holds, also when the window has moved on.

Prices are decimals in one currency, and a percentage is checked by multiplication: what a notice shows is what was
compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

RuleKind = Literal["below", "above", "change"]
Direction = Literal["down", "up", "either"]
Cause = Literal["below", "above", "down", "up"]
WINDOWS = (7, 30, 90)


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The price of one day."""

    day: date
    price: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """What a watch waits for, within the `window` (days) that ends with the newest price.

    `below` and `above` an `amount`; a `change` of `percent` in a `direction`. A price older than the window says
    nothing about today.
    """

    kind: RuleKind
    window: int
    amount: Decimal | None = None
    percent: Decimal | None = None
    direction: Direction = "either"

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What can make it speak; each cause has a notice of its own."""
        if self.kind != "change":
            return (self.kind,)
        return ("down", "up") if self.direction == "either" else (self.direction,)


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that was not dismissed yet: the price it began from and the newest one it told."""

    cause: Cause
    since: Point | None
    told: Point


@dataclass(frozen=True, slots=True)
class Memory:
    """What a watch remembers: the price its last dismissed notice told, and the notices that are open."""

    reference: Point | None = None
    open: tuple[OpenNotice, ...] = ()

    def of(self, cause: Cause) -> OpenNotice | None:
        return next((each for each in self.open if each.cause == cause), None)

    def after(self, decision: Decision) -> Memory:
        """The memory once the decision has been told."""
        others = tuple(each for each in self.open if each.cause != decision.cause)
        return replace(self, open=(*others, OpenNotice(decision.cause, decision.since, decision.now)))

    def dismissed(self, cause: Cause) -> Memory:
        """The memory once the open notice of that cause is dismissed. The reference never goes back in time."""
        notice = self.of(cause)
        if notice is None:
            return self
        newest = max((self.reference, notice.told), key=lambda point: point.day if point else date.min)
        return Memory(newest, tuple(each for each in self.open if each.cause != cause))


@dataclass(frozen=True, slots=True)
class Decision:
    """That a watch speaks: why, at which price, compared with which, and whether it has said so before."""

    cause: Cause
    now: Point
    since: Point | None
    again: bool

    @property
    def percent(self) -> Decimal | None:
        """The change since the price it is compared with, in per cent; below zero is a fall."""
        if self.since is None or self.since.price <= 0:
            return None
        return (self.now.price / self.since.price - 1) * 100


def decide(rule: Rule, series: Sequence[Point], memory: Memory, today: date) -> tuple[Decision, ...]:
    """What the watch says of `series` (one point a day, in order of days) as of `today`: nothing, or one for a cause.

    The same series never makes it speak twice: each notice needs evidence newer than what was told last.
    """
    known = [point for point in series if point.day <= today]
    if not known or known[-1].day <= today - timedelta(days=rule.window):
        return ()
    judged = (_judge(rule, cause, known, memory) for cause in rule.causes)
    return tuple(decision for decision in judged if decision is not None)


def _judge(rule: Rule, cause: Cause, known: Sequence[Point], memory: Memory) -> Decision | None:
    now, notice = known[-1], memory.of(cause)
    since = None
    if cause in ("down", "up"):
        since = _extreme(cause, _compared(rule, known, memory, notice))
        if since is None or not _moved(rule, cause, since, now):
            return None
    elif not _beyond(rule, now) or not (notice or _armed(rule, known, memory.reference)):
        return None
    if notice is None:
        return None if now == memory.reference else Decision(cause, now, since, again=False)
    return Decision(cause, now, since, again=True) if _is_news(rule, cause, notice.told, now) else None


def _compared(rule: Rule, known: Sequence[Point], memory: Memory, notice: OpenNotice | None) -> list[Point]:
    """The prices that the newest one is held against."""
    now, reference = known[-1], memory.reference
    opens = now.day - timedelta(days=rule.window)
    earlier = [point for point in known[:-1] if reference is None or point.day > reference.day]
    if reference is not None and reference.day <= now.day:
        earlier = [reference, *earlier]
    compared = [point for point in earlier if point.day > opens]
    held = [point for point in earlier if point.day <= opens]
    if held:
        compared.append(held[-1])
    if notice is not None and notice.since is not None:
        compared.append(notice.since)
    return compared


def _extreme(cause: Cause, compared: Iterable[Point]) -> Point | None:
    """The highest price for a fall, the lowest for a rise; the last day on which it was so."""
    sign = 1 if cause == "down" else -1
    paid = (point for point in compared if point.price > 0)
    return max(paid, key=lambda point: (sign * point.price, point.day), default=None)


def _moved(rule: Rule, cause: Cause, since: Point, now: Point) -> bool:
    assert rule.percent is not None
    if cause == "down":
        return now.price * 100 <= since.price * (100 - rule.percent)
    return now.price * 100 >= since.price * (100 + rule.percent)


def _beyond(rule: Rule, point: Point) -> bool:
    assert rule.amount is not None
    return point.price < rule.amount if rule.kind == "below" else point.price > rule.amount


def _armed(rule: Rule, known: Sequence[Point], reference: Point | None) -> bool:
    """Once dismissed, an amount is armed again when the price has been back on its other side."""
    return reference is None or any(point.day > reference.day and not _beyond(rule, point) for point in known)


def _is_news(rule: Rule, cause: Cause, told: Point, now: Point) -> bool:
    """A later day is news; later on the same day only a price that has moved as far again."""
    if now.day != told.day:
        return now.day > told.day
    return cause in ("down", "up") and told.price > 0 and now != told and _moved(rule, cause, told, now)

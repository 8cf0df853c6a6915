"""A plain model of the books: what every account must stand at, and what the ledger must answer, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ledger.books.errors import LimitReached
from ledger.policy.dated import Limits

K, MINUTES = "K", "min"
Refusal = type[Exception]
Row = tuple[int, int, int, int]  # posted, pending out, pending in, out today


@dataclass
class Standing:
    """One account in one unit."""

    limits: Limits
    posted: int = 0
    out: int = 0
    coming: int = 0
    day: str = ""
    spent: int = 0

    def spendable(self) -> int:
        return 10**9 if self.limits.floor is None else self.posted - self.out - self.limits.floor

    def room(self) -> int:
        return 10**9 if self.limits.ceiling is None else self.limits.ceiling - self.posted - self.coming

    def left(self, today: str) -> int:
        return 10**9 if self.limits.daily is None else self.limits.daily - self.spent_on(today)

    def spent_on(self, today: str) -> int:
        return self.spent if self.day == today else 0

    def spend(self, amount: int, today: str) -> None:
        """Count what goes out on that day (below zero: what comes back); every change of a balance opens its day."""
        self.spent, self.day = max(self.spent_on(today) + amount, 0), today


@dataclass
class Holder:
    """One account."""

    name: str
    id: str
    kind: str
    tier: str
    units: dict[str, Standing]

    def __getitem__(self, unit: str) -> Standing:
        return self.units[unit]


@dataclass(frozen=True)
class Change:
    """What one account gains or loses in one unit."""

    who: Holder
    unit: str
    amount: int


@dataclass
class Promise:
    """A hold: of a promise, or of a payment that waits for signatures."""

    id: str
    kind: str
    payer: Holder
    payee: Holder
    unit: str
    amount: int
    day: str
    ends: datetime
    state: str = "open"
    signed: set[str] = field(default_factory=set)

    @property
    def changes(self) -> tuple[Change, Change]:
        return moved(self.payer, self.payee, self.unit, self.amount)


@dataclass
class Payment:
    """A payment that was posted."""

    id: str
    payer: Holder
    payee: Holder
    unit: str
    amount: int
    reversed: bool = False


def moved(payer: Holder, payee: Holder, unit: str, amount: int) -> tuple[Change, Change]:
    """An amount that goes from one to another."""
    return Change(payer, unit, -amount), Change(payee, unit, amount)


def net(changes: Iterable[Change]) -> list[Change]:
    """The changes, one for each account and unit."""
    sums: dict[tuple[str, str], tuple[Holder, int]] = {}
    for change in changes:
        before = sums.get((change.who.id, change.unit), (change.who, 0))[1]
        sums[change.who.id, change.unit] = change.who, before + change.amount
    return [Change(who, unit, amount) for (_, unit), (who, amount) in sums.items()]


def refused(changes: Iterable[Change], today: str, *, daily: bool = True) -> Refusal | None:
    """`LimitReached` where the changes would take somebody past a limit."""
    for change in net(changes):
        standing = change.who[change.unit]
        if change.amount > 0 and change.amount > standing.room():
            return LimitReached
        if change.amount < 0 and -change.amount > standing.spendable():
            return LimitReached
        if change.amount < 0 and daily and -change.amount > standing.left(today):
            return LimitReached
    return None


def post(changes: Iterable[Change], today: str, *, daily: bool = True) -> None:
    """The changes move."""
    for change in net(changes):
        standing = change.who[change.unit]
        standing.posted += change.amount
        standing.spend(max(-change.amount, 0) if daily else 0, today)


def hold(changes: Iterable[Change], today: str, *, daily: bool = True) -> None:
    """The changes are promised."""
    for change in net(changes):
        standing, out = change.who[change.unit], max(-change.amount, 0)
        standing.out += out
        standing.coming += max(change.amount, 0)
        standing.spend(out if daily else 0, today)


def release(changes: Iterable[Change], today: str, *, made: str, posted: bool, daily: bool = True) -> None:
    """The changes are promised no longer; what was promised today and is off again was not spent today."""
    for change in net(changes):
        standing, out = change.who[change.unit], max(-change.amount, 0)
        standing.out -= out
        standing.coming -= max(change.amount, 0)
        standing.spend(-out if daily and made == today and not posted else 0, today)
    if posted:
        post(changes, today, daily=False)


def rows(holders: Iterable[Holder], today: str) -> dict[tuple[str, str], Row]:
    """What the balances must say."""
    return {
        (holder.id, unit): (each.posted, each.out, each.coming, each.spent_on(today))
        for holder in holders
        for unit, each in holder.units.items()
    }

"""Where accounts stand, how far they may go, and the one way to move them.

Rows of balances are locked in the order of account and unit, checked against the limits of the day's policy with
everything pending counted, and written back as they then stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update

from ledger.books.errors import LimitReached, Unknown
from ledger.books.lines import Place
from ledger.books.prepared import Prepared
from ledger.books.store import UnitOfWork
from ledger.books.units import amount_text
from ledger.policy.dated import Limits, Policy
from ledger.tables import account, balance

# Databases limit the number of values in one question.
_AT_ONCE = 5_000
_FEW = 8
_HOLDER = ("id", "name", "kind", "tier", "created_at")
_STANDS = ("posted", "pending_out", "pending_in", "day", "out_today")


@dataclass(frozen=True, slots=True)
class Account:
    """A holder of a balance: a member, a business, or an account of the house. `tier` sets its limits."""

    id: str
    name: str
    kind: str
    tier: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands in one unit, in rails or minutes, and how far it may go.

    `pending_out` and `pending_in` are promised and not moved yet. They count against the limits, and what is
    promised to an account cannot be spent before it has come. `out_today` went out or was promised on `day`.
    """

    account: Account
    unit: str
    posted: int
    pending_out: int
    pending_in: int
    limits: Limits
    day: str | None = None
    out_today: int = 0

    @property
    def spendable(self) -> int | None:
        """What may still go out, the day's limit left aside; negative where a stricter policy came after the debt;
        None where there is no floor."""
        return None if self.limits.floor is None else self.posted - self.pending_out - self.limits.floor

    @property
    def room(self) -> int | None:
        """What may still come in; None where there is no ceiling."""
        return None if self.limits.ceiling is None else self.limits.ceiling - self.posted - self.pending_in

    def spent_on(self, today: str) -> int:
        """What went out, or was promised, today."""
        return self.out_today if self.day == today else 0

    def left_on(self, today: str) -> int | None:
        """What may still go out today by the day's limit; None where there is none."""
        return None if self.limits.daily is None else self.limits.daily - self.spent_on(today)

    def after(self, move: Move, today: str) -> Standing:
        """Where the account stands once `move` was made."""
        return Standing(
            self.account,
            self.unit,
            self.posted + move.posted,
            self.pending_out + move.pending_out,
            self.pending_in + move.pending_in,
            self.limits,
            today,
            max(self.spent_on(today) + move.out, 0),
        )


@dataclass(frozen=True, slots=True)
class Move:
    """What a step changes at one account in one unit. `net` is what its limits are held against; `out` is what it adds
    to the day's spending."""

    net: int = 0
    posted: int = 0
    pending_out: int = 0
    pending_in: int = 0
    out: int = 0

    @classmethod
    def direct(cls, change: int, *, daily: bool) -> Move:
        """`change` moves now."""
        return cls(net=change, posted=change, out=max(-change, 0) if daily else 0)

    @classmethod
    def promised(cls, change: int, *, daily: bool) -> Move:
        """`change` is held."""
        out, coming = max(-change, 0), max(change, 0)
        return cls(net=change, pending_out=out, pending_in=coming, out=out if daily else 0)

    @classmethod
    def released(cls, change: int, *, daily: bool) -> Move:
        """`change` is held no longer."""
        out, coming = max(-change, 0), max(change, 0)
        return cls(pending_out=-out, pending_in=-coming, out=-out if daily else 0)


def locked(unit: UnitOfWork, places: Iterable[Place]) -> dict[Place, Standing]:
    """Where some accounts stand, and nobody else may move them until this unit of work ends. Raises `Unknown`.

    The rows are always taken in the same order: two writers cannot wait for each other in a circle.
    """
    wanted = set(places)
    found = locked_if_there(unit, {each for each, _ in wanted}, {each for _, each in wanted})
    for missing, _ in sorted(wanted - found.keys()):
        raise Unknown(f'there is no account "{missing}" in these books')
    return {place: found[place] for place in wanted}


def locked_if_there(unit: UnitOfWork, account_ids: Iterable[str], units: Iterable[str]) -> dict[Place, Standing]:
    """The same for each of the accounts in each of the units; those that are not there are left out."""
    accounts, of = sorted(account_ids), sorted(units)
    found: dict[Place, Standing] = {}
    for low in range(0, len(accounts), _AT_ONCE):
        part = accounts[low : low + _AT_ONCE]
        if len(part) <= _FEW:
            values = {f"account_{number}": each for number, each in enumerate(part)}
            values |= {f"unit_{number}": each for number, each in enumerate(of)}
            rows = _few(len(part), len(of)).rows(unit.connection, values)
        else:
            rows = [tuple(row) for row in unit.connection.execute(_lock(part, of))]
        found |= {(each.account.id, each.unit): each for each in (_standing(row, unit.policy) for row in rows)}
    return found


def _lock(accounts: Sequence[Any], units: Sequence[Any]) -> Select[Any]:
    return (
        select(*(account.c[name] for name in _HOLDER), balance.c.unit, *(balance.c[name] for name in _STANDS))
        .join(balance, balance.c.account == account.c.id)
        .where(balance.c.account.in_(accounts), balance.c.unit.in_(units))
        .order_by(balance.c.account, balance.c.unit)
        .with_for_update(of=balance)
    )


@lru_cache
def _few(accounts: int, units: int) -> Prepared:
    """The same for a fixed small number of accounts, compiled once."""
    return Prepared(
        _lock(
            [bindparam(f"account_{number}") for number in range(accounts)],
            [bindparam(f"unit_{number}") for number in range(units)],
        )
    )


def check(found: Mapping[Place, Standing], moves: Mapping[Place, Move], *, today: str, asked_by: str) -> None:
    """Raise `LimitReached` where a move would take an account past a limit. Pending amounts count.

    A move towards the inside is always allowed: whoever stands outside a stricter new limit can come back. The figures
    are told to the account's own holder only.
    """
    for place in sorted(moves):
        check_one(found[place], moves[place], today=today, asked_by=asked_by)


def check_one(standing: Standing, move: Move, *, today: str, asked_by: str) -> None:
    """The same for one account."""
    change, own = move.net, standing.account.id == asked_by
    name, of = standing.account.name, standing.unit
    spendable, room, left = standing.spendable, standing.room, standing.left_on(today)
    if change < 0 and spendable is not None and -change > spendable:
        told = (
            f"{name} has {amount_text(max(spendable, 0), of)} left to spend above the floor of "
            f"{amount_text(standing.limits.floor or 0, of)}"
            if own
            else f"{name} does not have that much left to spend"
        )
        raise LimitReached(f"{amount_text(-change, of)} cannot be paid: {told}, pending trades counted")
    if change > 0 and room is not None and change > room:
        told = (
            f"{name} has room for {amount_text(max(room, 0), of)} below the ceiling of "
            f"{amount_text(standing.limits.ceiling or 0, of)}"
            if own
            else f"{name} does not have room for that much"
        )
        raise LimitReached(f"{amount_text(change, of)} cannot be received: {told}, pending trades counted")
    if move.out > 0 and left is not None and move.out > left:
        told = (
            f"{name} may spend {amount_text(max(left, 0), of)} more today, "
            f"of {amount_text(standing.limits.daily or 0, of)}"
            if own
            else f"{name} has reached what may go out in a day"
        )
        raise LimitReached(
            f"{amount_text(move.out, of)} cannot be paid today: {told}; a new day begins at midnight UTC"
        )


def move(unit: UnitOfWork, found: Mapping[Place, Standing], moves: Mapping[Place, Move]) -> dict[Place, Standing]:
    """Write locked balances as they stand after their moves; where they then stand."""
    after = {place: found[place].after(moves[place], unit.today) for place in sorted(moves)}
    write(unit, after)
    return after


_WRITE = Prepared(
    update(balance)
    .where(balance.c.account == bindparam("of_account"), balance.c.unit == bindparam("of_unit"))
    .values({name: bindparam(f"now_{name}") for name in _STANDS})
)


def write(unit: UnitOfWork, after: Mapping[Place, Standing]) -> None:
    """Write balances that were locked in this unit of work."""
    for each in after.values():
        _WRITE.run(unit.connection, _values(each))


def write_many(unit: UnitOfWork, after: Mapping[Place, Standing]) -> None:
    """The same for many at once."""
    if after:
        _WRITE.run_many(unit.connection, [_values(each) for each in after.values()])


def _values(each: Standing) -> dict[str, Any]:
    return {
        "of_account": each.account.id,
        "of_unit": each.unit,
        "now_posted": each.posted,
        "now_pending_out": each.pending_out,
        "now_pending_in": each.pending_in,
        "now_day": each.day,
        "now_out_today": each.out_today,
    }


def warnings(after: Iterable[Standing], holder: str, policy: Policy) -> tuple[str, ...]:
    """What `holder` is told of limits that have come near, in the order of the units: soft limits before the hard ones
    (mutual credit networks ask for them)."""
    return tuple(
        told for each in sorted(after, key=lambda each: each.unit) if each.account.id == holder
        for told in _near(each, policy.warn_at_percent)
    )  # fmt: skip


def _near(standing: Standing, percent: int) -> Iterable[str]:
    limits, of = standing.limits, standing.unit
    low, high = standing.posted - standing.pending_out, standing.posted + standing.pending_in
    if limits.floor is not None and limits.floor < 0 and low * 100 <= limits.floor * percent:
        yield (
            f"your balance of {amount_text(low, of)}, promises counted, is near its floor of "
            f"{amount_text(limits.floor, of)}"
        )
    if limits.ceiling is not None and high * 100 >= limits.ceiling * percent:
        yield (
            f"your balance of {amount_text(high, of)}, promises counted, is near its ceiling of "
            f"{amount_text(limits.ceiling, of)}: spend some of it soon"
        )
    if limits.daily is not None and standing.out_today * 100 >= limits.daily * percent:
        yield (
            f"you have spent {amount_text(standing.out_today, of)} of the {amount_text(limits.daily, of)} "
            "that may go out in a day"
        )


def of_row(row: Row[Any], policy: Policy) -> Standing:
    """A joined row of account and balance as a standing under a policy."""
    told = row._mapping
    return _standing(
        (*(told[name] for name in (*_HOLDER, "unit")), *(told[c] for c in _STANDS)),
        policy,
    )


def _standing(row: Sequence[Any], policy: Policy) -> Standing:
    id, name, kind, tier, created_at, unit, posted, pending_out, pending_in, day, out_today = row
    limits = policy.limits(tier, unit)
    holder = Account(id, name, kind, tier, created_at)
    return Standing(holder, unit, posted, pending_out, pending_in, limits, day, out_today)

"""What a rule is asked with: the books, the day, the period, and the policy that holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, or_, select

from ledger.books.errors import WrongState
from ledger.books.lines import Place
from ledger.books.standings import Standing, of_row
from ledger.books.units import K
from ledger.community.plan import Share
from ledger.policy import crises
from ledger.policy.dated import Policies, Policy
from ledger.tables import account, balance, member_level


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a rule. `policy` has the open crises in it; `dated` is the same without them."""

    connection: Connection
    policies: Policies
    dated: Policy
    policy: Policy
    crises: tuple[str, ...]
    now: str

    @classmethod
    def at(cls, connection: Connection, policies: Policies, now: str) -> Asked:
        """The question as it is asked at the moment `now`, as the books write it."""
        day = date.fromisoformat(now[:10])
        dated, kinds = policies.on(day), crises.open_kinds(connection, day)
        return cls(connection, policies, dated, crises.effective(dated, kinds), kinds, now)

    @property
    def today(self) -> date:
        return date.fromisoformat(self.now[:10])

    def before(self, days: int) -> str:
        """The moment so many days ago, as the books write it."""
        moment = datetime.strptime(self.now, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        return (moment - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def standings(self, kinds: tuple[str, ...], unit: str = K) -> dict[Place, Standing]:
        """Where the accounts of some kinds stand, in the order of their ids."""
        rows = self.connection.execute(
            select(account, balance)
            .join(balance, balance.c.account == account.c.id)
            .where(account.c.kind.in_(kinds), balance.c.unit == unit)
            .order_by(account.c.id)
        )
        return {(row.id, unit): of_row(row, self.policy) for row in rows}

    def there(self, kinds: tuple[str, ...]) -> list[Standing]:
        """Where those stand who are members still: neither gone nor expelled. Nothing is given to the others."""
        gone = select(member_level.c.account).where(
            or_(member_level.c.closed_at.is_not(None), member_level.c.expelled_at.is_not(None))
        )
        left = set(self.connection.execute(gone).scalars())
        return [each for each in self.standings(kinds).values() if each.account.id not in left]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the community.

    `period` is the one to run now, and raises `WrongState` where there is none; `check` raises `BadInput` or
    `WrongState` for a period that is not to be run now; `shares` are what it gives and takes, before limits.
    """

    name: str
    says: str
    period: Callable[[Asked], str]
    check: Callable[[Asked, str], None]
    shares: Callable[[Asked, str], list[Share]]


def missing(at: Asked, rule: str) -> WrongState:
    """The refusal of a rule that the policy does not have, or that a crisis suspends."""
    if getattr(at.dated.sections, rule) is not None:
        return WrongState(f"{rule} is suspended while a crisis is open: {', '.join(at.crises)}")
    return WrongState(f"the policy from {at.dated.holds_from} has no {rule}; add [policy.{rule}] to policy.toml")


def month_of(day: date) -> str:
    """A month as a period: "2026-11"."""
    return f"{day:%Y-%m}"


def month_before(day: date) -> str:
    """The month before that of `day`."""
    return month_of(day.replace(day=1) - timedelta(days=1))

"""Runs of the policy that were made, and what they gave and took: page by page, for the treasurer and for each member.

Pages go by keys that never change, so that a page holds what it would have held however much was added meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, tuple_

from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from ledger.tables import account, policy_run, policy_share
from warehouse.errors import BadInput

RunKey = tuple[str, str]
"""A run's rule and period."""


@dataclass(frozen=True, slots=True)
class Total:
    """What a run has moved so far of one account of the house in one unit: `given` out of it, `taken` into it."""

    house: str
    unit: str
    given: int
    taken: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run: who made it, by which policy, how many shares its plan has, and what was moved so far. `done_at` is None
    while some of it is left."""

    rule: str
    period: str
    made_by: str
    policy_from: str
    plan_sha256: str
    opened_at: str
    done_at: str | None
    shares: int
    totals: tuple[Total, ...]

    @property
    def key(self) -> RunKey:
        return self.rule, self.period


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One share of a run, in rails or minutes: above zero the account gets it, below it pays. `moved` is None until it
    is settled, and other than `planned` where the account stood otherwise by then."""

    rule: str
    period: str
    number: int
    account: str
    name: str
    part: str
    house: str
    unit: str
    planned: int
    moved: int | None
    why: str
    transfer: str | None
    settled_at: str | None


def runs(ledger: Ledger, *, after: RunKey | None = None, limit: int = 50) -> list[RunLine]:
    """The runs, the newest first. Raises `BadInput` where there is no run `after`."""
    query = select(policy_run).order_by(policy_run.c.opened_at.desc(), policy_run.c.rule, policy_run.c.period)
    with ledger.reading() as connection:
        if after is not None:
            query = query.where(_behind(connection, after))
        rows = connection.execute(query.limit(limit)).all()
        return _lines(connection, rows)


def run(ledger: Ledger, rule: str, period: str) -> RunLine:
    """One run. Raises `Unknown`."""
    with ledger.reading() as connection:
        query = select(policy_run).where(policy_run.c.rule == rule, policy_run.c.period == period)
        found = _lines(connection, connection.execute(query).all())
    if not found:
        raise Unknown(f"there was no run of {rule} for {period}")
    return found[0]


def shares_of_run(ledger: Ledger, rule: str, period: str, *, after: int = 0, limit: int = 50) -> list[ShareLine]:
    """The shares of a run behind a number, in the order of its plan."""
    query = _shares().where(policy_share.c.rule == rule, policy_share.c.period == period)
    query = query.where(policy_share.c.number > after).order_by(policy_share.c.number)
    return _read(ledger, query.limit(limit))


def shares_of_account(
    ledger: Ledger, account_id: str, *, after: tuple[RunKey, int] | None = None, limit: int = 50
) -> list[ShareLine]:
    """What runs gave an account and took from it, the newest run first, behind the share `after` (run and number).

    Raises `BadInput` where there is no such run.
    """
    mine = (policy_run.c.rule == policy_share.c.rule) & (policy_run.c.period == policy_share.c.period)
    query = _shares().join(policy_run, mine).where(policy_share.c.account == account_id)
    if after is not None:
        (rule, period), number = after
        same = and_(policy_run.c.rule == rule, policy_run.c.period == period, policy_share.c.number > number)
        with ledger.reading() as connection:
            query = query.where(or_(_behind(connection, (rule, period)), same))
    order = (policy_run.c.opened_at.desc(), policy_run.c.rule, policy_run.c.period, policy_share.c.number)
    return _read(ledger, query.order_by(*order).limit(limit))


def names(ledger: Ledger, account_ids: Iterable[str]) -> dict[str, str]:
    """The names of a page of accounts."""
    with ledger.reading() as connection:
        query = select(account.c.id, account.c.name).where(account.c.id.in_(sorted(account_ids)))
        return dict(connection.execute(query).tuples().all())


def _behind(connection: Connection, after: RunKey) -> ColumnElement[bool]:
    """Whether a run comes behind another one in the list."""
    rule, period = after
    opened_at = connection.execute(
        select(policy_run.c.opened_at).where(policy_run.c.rule == rule, policy_run.c.period == period)
    ).scalar_one_or_none()
    if opened_at is None:
        raise BadInput(f"there was no run of {rule} for {period}")
    later = or_(policy_run.c.rule > rule, and_(policy_run.c.rule == rule, policy_run.c.period > period))
    return or_(policy_run.c.opened_at < opened_at, and_(policy_run.c.opened_at == opened_at, later))


def _lines(connection: Connection, rows: Sequence[Row[Any]]) -> list[RunLine]:
    counts: dict[RunKey, int] = {}
    totals: dict[RunKey, list[Total]] = {}
    moved = func.coalesce(policy_share.c.moved, 0)
    query = (
        select(
            policy_share.c.rule,
            policy_share.c.period,
            policy_share.c.house,
            policy_share.c.unit,
            func.count().label("shares"),
            func.sum(case((moved > 0, moved), else_=0)).label("given"),
            func.sum(case((moved < 0, -moved), else_=0)).label("taken"),
        )
        .where(tuple_(policy_share.c.rule, policy_share.c.period).in_([(row.rule, row.period) for row in rows]))
        .group_by(policy_share.c.rule, policy_share.c.period, policy_share.c.house, policy_share.c.unit)
        .order_by(policy_share.c.house, policy_share.c.unit)
    )
    for row in connection.execute(query) if rows else ():
        key = (row.rule, row.period)
        counts[key] = counts.get(key, 0) + int(row.shares)
        totals.setdefault(key, []).append(Total(row.house, row.unit, int(row.given), int(row.taken)))
    return [
        RunLine(
            **row._mapping,
            shares=counts.get((row.rule, row.period), 0),
            totals=tuple(totals.get((row.rule, row.period), ())),
        )
        for row in rows
    ]


def _shares() -> Select[Any]:
    named = account.c.name.label("name")
    columns = [policy_share.c[name] for name in ShareLine.__dataclass_fields__ if name != "name"]
    return select(*columns, named).join(account, account.c.id == policy_share.c.account)


def _read(ledger: Ledger, query: Select[Any]) -> list[ShareLine]:
    with ledger.reading() as connection:
        return [ShareLine(**row._mapping) for row in connection.execute(query)]

"""Credit for community work: recorded by the treasurer with a note, given as far as the community's trade carries it.

In any window of the policy's days the credit given is at most its share of the value of the trades finished in that
window. Work is credited in the order it was recorded in; what does not fit waits for a later run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import exists, func, or_, select

from ledger.books import accounts, audit_log
from ledger.books.errors import WrongState
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.transfers import checked_memo
from ledger.books.units import LARGEST_MINUTES, MINUTES
from ledger.community.asked import Asked, Rule, missing
from ledger.community.keyed import insert_once
from ledger.community.plan import Share
from ledger.community.volume import traded
from ledger.tables import community_work, policy_share
from warehouse.errors import BadInput

NAME = "work"


@dataclass(frozen=True, slots=True)
class Done:
    """Work that waits for its credit: whose, and what it is worth in rails at the community's hour."""

    id: str
    account: str
    minutes: int
    worth: int
    note: str


def record(ledger: Ledger, *, key: str, by: str, account_id: str, minutes: int, done_on: date, note: str) -> str:
    """Record community work; its id. The same key records it once.

    Raises `BadInput` without a note or for minutes that cannot be, `Unknown`, `KeyReused`.
    """
    text = checked_memo(note)
    if not text:
        raise BadInput("community work is recorded with a note: what was done, and where")
    if not 0 < minutes <= LARGEST_MINUTES:
        raise BadInput(f"minutes are above zero and at most {LARGEST_MINUTES}")

    def work(unit: UnitOfWork) -> str:
        who = accounts.one(unit.connection, account_id)
        if who.kind not in accounts.KINDS:
            raise BadInput(f"{who.name} is an account of the community; work is done by members")
        if done_on > date.fromisoformat(unit.today):
            raise BadInput(f"{done_on} is still to come; work is recorded when it is done")
        said = {"account": account_id, "minutes": minutes, "done_on": done_on.isoformat(), "note": text}
        also = {"recorded_by": by, "recorded_at": unit.now}
        made, new = insert_once(unit, community_work, key=key, by=by, said=said, also=also)
        if new:
            audit_log.record(unit, actor=by, action="work.recorded", subject=account_id, work=made, minutes=minutes)
        return made

    return ledger.transact(work)


def room(volume: int, percent: Fraction, given: int) -> int:
    """The rails of credit that may still be given where so much was traded and given; rounded down."""
    return max(0, int(percent * volume) - given)


def carried(waiting: Sequence[Done], left: int) -> list[Done]:
    """The work that `left` rails of credit carry, in its order; nobody is passed over for something smaller."""
    found = []
    for each in waiting:
        left -= each.worth
        if left < 0:
            break
        found.append(each)
    return found


def _period(at: Asked) -> str:
    return at.today.isoformat()


def _check(at: Asked, period: str) -> None:
    if period != at.today.isoformat():
        raise WrongState(f"work is credited by the day it is credited on: {at.today}, not {period}")


def _shares(at: Asked, period: str) -> list[Share]:
    rule = at.policy.sections.work
    if rule is None:
        raise missing(at, NAME)
    since = at.before(rule.days)
    left = room(traded(at.connection, after=since), rule.percent, _given(at, since))
    return [
        Share(
            account=each.account,
            amount=each.minutes if rule.unit == MINUTES else each.worth,
            house=rule.source,
            why=each.note,
            part=each.id,
            unit=rule.unit,
            whole=True,
        )
        for each in carried(_waiting(at), left)
    ]


def _waiting(at: Asked) -> list[Done]:
    credited = exists().where(
        policy_share.c.rule == NAME,
        policy_share.c.part == community_work.c.id,
        or_(policy_share.c.settled_at.is_(None), policy_share.c.moved != 0),
    )
    # What waits for a member who has left would keep its place, and the room of those behind it, for ever.
    there = {each.account.id for each in at.there(accounts.KINDS)}
    rows = at.connection.execute(
        select(community_work).where(~credited).order_by(community_work.c.recorded_at, community_work.c.id)
    )
    return [
        Done(row.id, row.account, row.minutes, at.policy.hours_in_rails(row.minutes), f"{row.done_on}: {row.note}")
        for row in rows
        if row.account in there
    ]


def _given(at: Asked, since: str) -> int:
    """The credit given since a moment, or coming by a run that is not done, in rails at today's hour."""
    amount = func.sum(func.coalesce(policy_share.c.moved, policy_share.c.planned)).label("amount")
    rows = at.connection.execute(
        select(policy_share.c.unit, amount)
        .where(policy_share.c.rule == NAME)
        .where(or_(policy_share.c.settled_at.is_(None), policy_share.c.settled_at > since))
        .group_by(policy_share.c.unit)
    )
    return sum(at.policy.hours_in_rails(int(row.amount)) if row.unit == MINUTES else int(row.amount) for row in rows)


RULE = Rule(NAME, "credit for community work, as far as trade carries it", _period, _check, _shares)

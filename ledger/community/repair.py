"""The repair bonus: a share of the value of a repair to both sides of the trade it was done in.

A repair is a leg of a service or of time whose description has one of the policy's words. Only trades that both have
confirmed count, each once, in the month in which they were done.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from ledger.books import accounts
from ledger.books.errors import WrongState
from ledger.books.units import k_text, rounded
from ledger.community.asked import Asked, Rule, month_before, month_of
from ledger.community.plan import Share
from ledger.policy.sections_giving import Repair
from ledger.tables import leg, trade
from warehouse.errors import BadInput

NAME = "repair"
_WORD = re.compile(r"[^\W\d_]+")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair in a finished trade: its leg, the trade's two sides, and the agreed value in rails."""

    trade: str
    position: int
    sides: tuple[str, str]
    description: str
    value: int


def is_repair(rule: Repair, kind: str, description: str) -> bool:
    """Whether a leg is a repair by the policy's kinds and words; a word counts as a whole, in any case."""
    return kind in rule.kinds and not set(_WORD.findall(description.casefold())).isdisjoint(rule.words)


def bonuses(rule: Repair, repairs: Iterable[Repaired]) -> list[Share]:
    """What both sides of each repair get: the share, at most `most`, and at most `most_a_month` for an account."""
    left: defaultdict[str, int] = defaultdict(lambda: rule.most_a_month)
    shares = []
    for each in repairs:
        for account in each.sides:
            amount = min(rounded(rule.percent * each.value), rule.most, left[account])
            left[account] -= amount
            if amount:
                why = f"{each.description} ({k_text(each.value)} K)"
                shares.append(Share(account, amount, rule.source, why, part=f"{each.trade}:{each.position}"))
    return shares


def _period(at: Asked) -> str:
    return month_before(at.today)


def _check(at: Asked, period: str) -> None:
    if not _MONTH.fullmatch(period):
        raise BadInput(f'"{period}" is not a month such as {month_before(at.today)}')
    if period >= month_of(at.today):
        raise WrongState(f"the month {period} is not over: its repairs are counted when it is")


def _shares(at: Asked, period: str) -> list[Share]:
    first = date.fromisoformat(f"{period}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    # What a month gave is counted by the policy that held on its last day, whatever came after.
    rule = at.policies.on(following - timedelta(days=1)).sections.repair
    if rule is None:
        raise WrongState(f"the policy of {period} has no repair bonus; add [policy.repair] to policy.toml")
    rows = at.connection.execute(
        select(trade.c.id, trade.c.proposer, trade.c.counterparty, leg.c.position, leg.c.kind, leg.c.description)
        .add_columns(func.coalesce(leg.c.declared, leg.c.fair).label("value"))
        .join(leg, (leg.c.trade == trade.c.id) & (leg.c.offer == trade.c.offer))
        .where(trade.c.state == "done", trade.c.share_percent.is_(None), leg.c.kind.in_(rule.kinds))
        .where(trade.c.done_at >= first.isoformat(), trade.c.done_at < following.isoformat())
        .order_by(trade.c.done_at, trade.c.id, leg.c.position)
    )
    repairs = [
        Repaired(row.id, row.position, (row.proposer, row.counterparty), row.description, row.value or 0)
        for row in rows
        if is_repair(rule, row.kind, row.description)
    ]
    there = {each.account.id for each in at.there(accounts.KINDS)}
    return [each for each in bonuses(rule, repairs) if each.account in there]


RULE = Rule(NAME, "a bonus for both sides of every repair of a month", _period, _check, _shares)

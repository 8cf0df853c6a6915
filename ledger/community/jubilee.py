"""The jubilee at the turn of the seasons: a part of the debts is forgiven, a part of great holdings is taken, and all
get the same gift. What is forgiven and given is the debt of an issuance account; what is taken goes into the pool."""

from __future__ import annotations

from datetime import timedelta

from ledger.books.errors import WrongState
from ledger.books.standings import Standing
from ledger.books.units import k_text, rounded
from ledger.community.asked import Asked, Rule, missing
from ledger.community.plan import Share
from ledger.community.seasons import last_and_next
from ledger.policy.sections_giving import Jubilee

NAME = "jubilee"


def forgiven(rule: Jubilee, balance: int) -> int:
    """What is forgiven of the debt of an account with this balance, in rails."""
    return min(rounded(rule.forgive * max(0, -balance)), rule.forgive_most)


def taken(rule: Jubilee, balance: int) -> int:
    """What is taken of a balance, in rails."""
    return rounded(rule.take * max(0, balance - rule.above))


def shares(rule: Jubilee, standing: Standing) -> list[Share]:
    """What an account gets and pays. What it has promised to others is not its holding any more."""
    who, free = standing.account.id, standing.posted - standing.pending_out
    debt, excess = max(0, -standing.posted), max(0, free - rule.above)
    parts = (
        ("forgive", forgiven(rule, standing.posted), rule.source, f"of a debt of {k_text(debt)} K"),
        ("take", -taken(rule, free), rule.into, f"of {k_text(excess)} K above {k_text(rule.above)} K"),
        ("gift", rule.gift, rule.source, "to all"),
    )
    return [Share(who, amount, house, why, part=part) for part, amount, house, why in parts if amount]


def _rule(at: Asked) -> Jubilee:
    rule = at.policy.sections.jubilee
    if rule is None:
        raise missing(at, NAME)
    return rule


def _period(at: Asked) -> str:
    rule = _rule(at)
    if not rule.dates:
        raise WrongState("the policy's jubilee has no dates")
    last, following = last_and_next(rule.dates, at.today)
    if at.today > last + timedelta(days=rule.within_days):
        raise WrongState(f"there is no jubilee now: the last was on {last}, the next is on {following}")
    return last.isoformat()


def _check(at: Asked, period: str) -> None:
    now = _period(at)
    if period != now:
        raise WrongState(f"the jubilee now is that of {now}, not of {period}")


def _shares(at: Asked, period: str) -> list[Share]:
    rule = _rule(at)
    return [share for each in at.there(rule.kinds) for share in shares(rule, each)]


RULE = Rule(NAME, "at the turn of the seasons: forgive, take, and give to all", _period, _check, _shares)

"""Demurrage: a share each month of what has lain still, into the pool.

What comes into an account is a lot with a date, and what goes out spends the oldest lots first; what comes into an
account in debt fills the debt first. An account pays on what is left of its lots of `from_day` days or older, less the
exemption of its tier, once: rate × max(0, aged − exemption). What is promised to others counts as spent.

Spending the oldest first needs no list of lots: of a balance, the part that is not aged is what came in lately, as far
as it is there. So aged = max(0, balance − what came in within `from_day` days). A payment that was taken back, and K
that came back out of escrow, is as if it had not been.
"""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy import case, func, select

from ledger.books.errors import WrongState
from ledger.books.standings import Standing
from ledger.books.units import K, k_text, rounded
from ledger.community.asked import Asked, Rule, missing, month_before, month_of
from ledger.community.plan import Share
from ledger.tables import entry, transfer

NAME = "demurrage"
# What such a transfer brings to a member is its own, back from a trade that was called off.
_ESCROW = "escrow"


def aged(balance: int, recent: int) -> int:
    """The rails of `balance` that are aged where `recent` came in since the start of the age."""
    return max(0, balance - recent)


def charge(percent: Fraction, held: int, exempt: int | None) -> int:
    """What is taken of `held` aged rails, half-even; `exempt` rails are left alone, None: all."""
    return 0 if exempt is None else rounded(percent * max(0, held - exempt))


def share(standing: Standing, recent: int, *, percent: Fraction, exempt: int | None, into: str) -> Share | None:
    """What an account pays, or None."""
    held = aged(standing.posted - standing.pending_out, recent)
    taken = charge(percent, held, exempt)
    if not taken:
        return None
    why = f"{float(percent * 100):g} % of {k_text(held)} K aged less {k_text(exempt or 0)} K exempt"
    return Share(standing.account.id, -taken, into, why)


def _period(at: Asked) -> str:
    return month_of(at.today)


def _check(at: Asked, period: str) -> None:
    if period not in (month_of(at.today), month_before(at.today)):
        raise WrongState(
            f"the demurrage of a month is taken in it or in the one after, on what is held then: "
            f"{month_of(at.today)} or {month_before(at.today)}, not {period}"
        )


def _shares(at: Asked, period: str) -> list[Share]:
    rule = at.policy.sections.demurrage
    if rule is None:
        raise missing(at, NAME)
    # Balances first: what comes in between the two questions then counts as fresh.
    standings = at.standings(rule.kinds)
    recent = _recent(at, rule.from_day)
    found = [
        share(
            each,
            recent.get(each.account.id, 0),
            percent=rule.percent,
            exempt=at.policy.tier(each.account.tier).exempt,
            into=rule.into,
        )
        for each in standings.values()
    ]
    return [each for each in found if each is not None]


def _recent(at: Asked, days: int) -> dict[str, int]:
    """What came into each account within so many days, in rails."""
    taken_back = select(transfer.c.reverses).where(transfer.c.reverses.is_not(None))
    each = (
        select(entry.c.account, func.sum(entry.c.amount).label("amount"))
        .join(transfer, transfer.c.id == entry.c.transfer)
        .where(transfer.c.created_at > at.before(days), entry.c.unit == K)
        .where(transfer.c.reverses.is_(None), transfer.c.id.not_in(taken_back), transfer.c.kind != _ESCROW)
        .group_by(entry.c.account, entry.c.transfer)
        .subquery()
    )
    came = func.sum(case((each.c.amount > 0, each.c.amount), else_=0)).label("came")
    rows = at.connection.execute(select(each.c.account, came).group_by(each.c.account))
    return {row.account: int(row.came) for row in rows}


RULE = Rule(NAME, "a share a month of what has lain still, into the pool", _period, _check, _shares)

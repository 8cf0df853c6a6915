"""Grants for joining: once to each member, by what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, or_, select

from ledger.books.errors import WrongState
from ledger.books.units import k_text
from ledger.community import facts
from ledger.community.asked import Asked, Rule, missing
from ledger.community.plan import Share
from ledger.policy.sections_giving import Grants
from ledger.tables import policy_share, thing, vouch

NAME = "grants"


def grant(rule: Grants, counts: Mapping[str, int]) -> int:
    """What a member for whom so many of each reason speak gets, in rails: the base and the points, at most `most`."""
    points = sum(each.each * min(counts.get(reason, 0), each.most) for reason, each in rule.points.items())
    return min(rule.base + points, rule.most)


def _period(at: Asked) -> str:
    return at.today.isoformat()


def _check(at: Asked, period: str) -> None:
    if period != at.today.isoformat():
        raise WrongState(f"grants are given by the day they are given on: {at.today}, not {period}")


def _shares(at: Asked, period: str) -> list[Share]:
    rule = at.policy.sections.grants
    if rule is None:
        raise missing(at, NAME)
    joined_by, given = at.before(rule.after_days), _given(at)
    vouches, skills, listings = _vouches(at), facts.counts(at.connection, facts.SKILL), _listings(at)
    shares = []
    for each in at.there(rule.kinds):
        who = each.account
        if who.id in given or who.created_at > joined_by:
            continue
        counts = {
            "verified": int(who.tier in rule.verified),
            "vouch": vouches.get(who.id, 0),
            "skill": skills.get(who.id, 0),
            "listing": listings.get(who.id, 0),
        }
        told = ", ".join(f"{number} {reason}" for reason, number in counts.items() if number and reason in rule.points)
        why = f"{k_text(rule.base)} K for joining{' and ' + told if told else ''}, at most {k_text(rule.most)} K"
        shares.append(Share(who.id, grant(rule, counts), rule.source, why))
    return shares


def _given(at: Asked) -> set[str]:
    """Who has had a grant, or has one coming by a run that is not done."""
    query = select(policy_share.c.account).where(
        policy_share.c.rule == NAME, or_(policy_share.c.settled_at.is_(None), policy_share.c.moved != 0)
    )
    return set(at.connection.execute(query).scalars())


def _vouches(at: Asked) -> dict[str, int]:
    """How many members vouch for each member now."""
    query = (
        select(vouch.c.subject, func.count().label("number"))
        .where(vouch.c.withdrawn_at.is_(None))
        .group_by(vouch.c.subject)
    )
    return {row.subject: row.number for row in at.connection.execute(query)}


def _listings(at: Asked) -> dict[str, int]:
    rows = at.connection.execute(select(thing.c.account, func.count().label("number")).group_by(thing.c.account))
    return {row.account: row.number for row in rows}


RULE = Rule(NAME, "once to each new member, by what speaks for it", _period, _check, _shares)

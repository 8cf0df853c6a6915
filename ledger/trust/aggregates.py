"""What may be told of many trades so that no single one shows: of a member to other members, of the community to its
analysts. The figures are coarse on purpose.

Groups of fewer than k members are left out (k-anonymity: L. Sweeney, "k-anonymity: a model for protecting privacy",
2002), and so are those in which one member has too much of the value (the dominance rule of official statistics:
A. Hundepool and others, "Statistical Disclosure Control", 2012, §4.2). No totals are told, from which a group that was
left out could be worked out, and only months that are over. It does not make an attacker who knows most of the trades
blind; differential privacy would, at the price of wrong figures.

Everything here is pure but the two readings at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from ledger.books.units import RAILS_PER_K
from ledger.policy.verification import Privacy
from ledger.tables import leg, trade

# The number of trades is told as "at least" one of these.
STEPS = (2, 5, 10, 25, 50, 100, 250, 1000)
_COARSE_PERCENT = 5
_COARSE_RAILS = 5 * RAILS_PER_K


@dataclass(frozen=True, slots=True)
class Given:
    """What a member gave in one trade that has ended: with whom, whether it was done, rails by kind of leg."""

    partner: str
    done: bool
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """A member as others see it: at least so many trades, about what it gives in one, in rails, the kinds of what it
    gives, and the share of its accepted trades that were done, in per cent."""

    trades_at_least: int
    average: int
    kinds: tuple[str, ...]
    completion_percent: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one member gave in a group, such as a month and a kind, in rails; `trades` are its trades there."""

    group: tuple[str, str]
    member: str
    trades: frozenset[str]
    value: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A group that may be told: month, kind, members, trades, and value in rails rounded."""

    month: str
    kind: str
    members: int
    trades: int
    value: int


def coarse_rails(amount: int) -> int:
    """Rails to two significant digits, and to 5 K where that is coarser, half-even."""
    step = max(_COARSE_RAILS, int(10 ** max(0, len(str(abs(amount))) - 2)))
    return round(Fraction(amount, step)) * step


def coarse_percent(part: int, whole: int) -> int:
    """A share in per cent, to the nearest 5."""
    return round(Fraction(100 * part, whole * _COARSE_PERCENT)) * _COARSE_PERCENT


def member_figures(given: Sequence[Given], rule: Privacy) -> MemberFigures | None:
    """What others see of a member; None where its trades, or its partners, are too few."""
    done = [each for each in given if each.done]
    if len(done) < rule.trades or len({each.partner for each in done}) < rule.partners:
        return None
    with_whom: defaultdict[str, set[str]] = defaultdict(set)
    for each in done:
        for kind in each.kinds:
            with_whom[kind].add(each.partner)
    average = Fraction(sum(sum(each.kinds.values()) for each in done), len(done))
    return MemberFigures(
        trades_at_least=max(step for step in (*STEPS, rule.trades) if step <= len(done)),
        average=coarse_rails(round(average)),
        kinds=tuple(sorted(kind for kind, partners in with_whom.items() if len(partners) >= rule.partners)),
        completion_percent=coarse_percent(len(done), len(given)),
    )


def cells(shares: Iterable[Share], rule: Privacy) -> list[Cell]:
    """The groups that have enough members, none of whom gave too much of it, in their order."""
    groups: defaultdict[tuple[str, str], list[Share]] = defaultdict(list)
    for each in shares:
        groups[each.group].append(each)
    told = []
    for (month, kind), inside in sorted(groups.items()):
        by_member: defaultdict[str, int] = defaultdict(int)
        for each in inside:
            by_member[each.member] += each.value
        total = sum(by_member.values())
        if len(by_member) < rule.group or max(by_member.values()) > rule.largest * total:
            continue
        trades = frozenset().union(*(each.trades for each in inside))
        told.append(Cell(month, kind, len(by_member), len(trades), coarse_rails(total)))
    return told


def given_by(connection: Connection, account: str) -> list[Given]:
    """What a member gave in each of its accepted trades that have ended."""
    partner = case((trade.c.proposer == account, trade.c.counterparty), else_=trade.c.proposer)
    mine = and_(leg.c.trade == trade.c.id, leg.c.offer == trade.c.offer, leg.c.giver == account)
    rows = connection.execute(
        select(trade.c.id, trade.c.state, partner.label("partner"), leg.c.kind, _agreed().label("agreed"))
        .outerjoin(leg, mine)
        .where(or_(trade.c.proposer == account, trade.c.counterparty == account))
        .where(trade.c.state.in_(("done", "cancelled")), trade.c.accepted_at.is_not(None))
    )
    found: dict[str, Given] = {}
    for row in rows:
        each = found.setdefault(row.id, Given(row.partner, row.state == "done", {}))
        if row.kind is not None:
            each.kinds[row.kind] = each.kinds.get(row.kind, 0) + row.agreed
    return list(found.values())


def given_by_all(connection: Connection, before_month: str) -> list[Share]:
    """What every member gave in trades that were done before a month, by month and kind of leg."""
    month = func.substr(trade.c.done_at, 1, 7)
    rows = connection.execute(
        select(month.label("month"), leg.c.kind, leg.c.giver, trade.c.id, func.sum(_agreed()).label("value"))
        .join(leg, and_(leg.c.trade == trade.c.id, leg.c.offer == trade.c.offer))
        .where(trade.c.state == "done", trade.c.done_at < before_month)
        .group_by(month, leg.c.kind, leg.c.giver, trade.c.id)
    )
    return [Share((row.month, row.kind), row.giver, frozenset([row.id]), int(row.value)) for row in rows]


def _agreed() -> ColumnElement[int]:
    # A value that nobody knows and nobody declared counts as nothing.
    return func.coalesce(leg.c.declared, leg.c.fair, 0)

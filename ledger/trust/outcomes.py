"""How a member's trades ended: the one place that reads them for its reputation.

A trade that both confirmed is completed. A no-show counts against who is at fault, a default against who defaulted. A
dispute counts only where the treasurer decided it outright: 100 %, as it was agreed, against who had opened it (the
other has completed a trade), 0 % against the other. One that the parties settled, or that was decided in between,
counts for and against nobody; neither does a cancelled trade. A vouch fails when the one it was given for is expelled
or defaults while it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from ledger.tables import member_level, schedule, trade, trade_step, vouch


@dataclass(frozen=True, slots=True)
class Outcome:
    """One end, by its kind (`ledger.policy.verification.OUTCOMES`): when, with whom, and whether that one has traded
    with anybody else."""

    kind: str
    at: str
    partner: str
    independent: bool = True


def moment(text: str) -> datetime:
    """A moment as the books write it, aware."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def of(connection: Connection, account: str, now: str) -> list[Outcome]:
    """Every outcome of a member up to the moment `now`, in no order."""
    found = [*_trades(connection, account), *_defaults(connection, account), *failed_vouches(connection, account, now)]
    others = _with_others(connection, account)
    return [
        Outcome(each.kind, each.at, each.partner, each.kind != "completed" or each.partner in others)
        for each in found
        if each.at <= now
    ]


def failed_vouches(connection: Connection, voucher: str, now: str) -> list[Outcome]:
    """The vouches of a member that failed: each once, when it first did."""
    given = vouch.c.voucher == voucher
    expelled = select(vouch.c.id, vouch.c.subject, member_level.c.expelled_at.label("at")).join(
        member_level, member_level.c.account == vouch.c.subject
    )
    defaulted = (
        select(vouch.c.id, vouch.c.subject, func.min(schedule.c.ended_at).label("at"))
        .join(schedule, schedule.c.at_fault == vouch.c.subject)
        .where(schedule.c.state == "defaulted")
        .where(*_while_it_stood(schedule.c.ended_at))
        .group_by(vouch.c.id, vouch.c.subject)
    )
    expelled = expelled.where(*_while_it_stood(member_level.c.expelled_at))
    first: dict[str, Outcome] = {}
    for query in (expelled.where(given), defaulted.where(given)):
        for row in connection.execute(query):
            if row.at <= now and (row.id not in first or row.at < first[row.id].at):
                first[row.id] = Outcome("vouch_failed", row.at, row.subject)
    return list(first.values())


def _while_it_stood(at: Any) -> Sequence[Any]:
    # An expulsion ends the vouches for the expelled in the same moment: that counts as standing.
    return at.is_not(None), vouch.c.made_at <= at, or_(vouch.c.withdrawn_at.is_(None), vouch.c.withdrawn_at >= at)


def _trades(connection: Connection, account: str) -> Iterator[Outcome]:
    rows = connection.execute(
        select(trade).where(
            or_(trade.c.proposer == account, trade.c.counterparty == account),
            trade.c.state.in_(("done", "cancelled")),
        )
    ).all()
    steps = _steps(connection, [row.id for row in rows if row.cause == "dispute"])
    for row in rows:
        partner = row.counterparty if row.proposer == account else row.proposer
        at = row.done_at or row.cancelled_at
        kind = _kind(row, account, steps.get(row.id, {}))
        if kind is not None:
            yield Outcome(kind, at, partner)


def _kind(row: Row[Any], account: str, steps: dict[str, Row[Any]]) -> str | None:
    if row.cause == "dispute":
        decided, opened = steps.get("decided"), steps.get("dispute")
        if decided is None or opened is None or 0 < decided.percent < 100:
            return None
        opener_lost = decided.percent == 100
        if (opened.account == account) == opener_lost:
            return "dispute_lost"
        return "completed" if opener_lost else None
    if row.cause == "no_show":
        return "no_show" if row.at_fault == account else None
    return "completed" if row.state == "done" else None


def _steps(connection: Connection, trades: Sequence[str]) -> dict[str, dict[str, Row[Any]]]:
    """The step that opened a dispute, and the one that decided it, by trade."""
    found: dict[str, dict[str, Row[Any]]] = {}
    rows = connection.execute(
        select(trade_step)
        .where(trade_step.c.trade.in_(trades), trade_step.c.step.in_(("dispute", "decided")))
        .order_by(trade_step.c.number)
    )
    for row in rows:
        found.setdefault(row.trade, {})[row.step] = row
    return found


def _defaults(connection: Connection, account: str) -> Iterator[Outcome]:
    rows = connection.execute(select(schedule).where(schedule.c.at_fault == account, schedule.c.state == "defaulted"))
    for row in rows:
        yield Outcome("default", row.ended_at, row.counterparty if row.proposer == account else row.proposer)


def _with_others(connection: Connection, account: str) -> set[str]:
    """Of a member's partners those who have completed a trade with somebody else."""
    done = trade.c.state == "done"
    partners = (
        select(trade.c.counterparty).where(trade.c.proposer == account, done).union(
            select(trade.c.proposer).where(trade.c.counterparty == account, done)
        )
    )  # fmt: skip
    query = (
        select(trade.c.proposer).where(trade.c.proposer.in_(partners), trade.c.counterparty != account, done).union(
            select(trade.c.counterparty).where(trade.c.counterparty.in_(partners), trade.c.proposer != account, done)
        )
    )  # fmt: skip
    return set(connection.execute(query).scalars())

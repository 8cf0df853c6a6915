"""What must hold of runs, credits and the insurance: plans as they were made, a transfer for all that was moved."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.books.links import Fault
from ledger.community import essentials, insurance
from ledger.community.plan import plan_hash
from ledger.community.rules import RULES
from ledger.policy.dated import HOUSE
from ledger.policy.sections_insurance import KIND
from ledger.tables import (
    account,
    audit_entry,
    entry,
    essentials_credit,
    essentials_spending,
    policy_run,
    policy_share,
    trade,
    transfer,
)


def faults(connection: Connection) -> Iterator[Fault]:
    """Everything that does not hold, each named with its place."""
    yield from _runs(connection)
    yield from _spendings(connection)
    yield from _others(connection)
    yield from _insurance(connection)


def _runs(connection: Connection) -> Iterator[Fault]:
    shares: defaultdict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    order = (policy_share.c.rule, policy_share.c.period, policy_share.c.number)
    for row in connection.execute(select(policy_share).order_by(*order)):
        shares[row.rule, row.period].append(row)
    moved = _entries(connection)
    for run in connection.execute(select(policy_run).order_by(policy_run.c.rule, policy_run.c.period)):
        place, own = f"run {run.rule} {run.period}", shares.pop((run.rule, run.period), [])
        told = plan_hash((row.account, row.part, row.house, row.unit, row.planned) for row in own)
        if told != run.plan_sha256:
            yield Fault(place, "its shares do not give the hash of its plan")
        if run.done_at is not None and any(row.settled_at is None for row in own):
            yield Fault(place, "is done, but has shares that are not")
        for row in own:
            yield from _share(f"{place}, share {row.number}", row, moved)
    for rule, period in sorted(shares):
        yield Fault(f"run {rule} {period}", "has shares, but is not there")


def _share(place: str, row: Row[Any], moved: dict[str, dict[tuple[str, str], int]]) -> Iterator[Fault]:
    if row.settled_at is None:
        if row.moved is not None or row.transfer is not None:
            yield Fault(place, "is not settled, but was moved")
        return
    within = min(0, row.planned) <= row.moved <= max(0, row.planned)
    if not within:
        yield Fault(place, f"moved {row.moved} where {row.planned} was planned")
    if row.rule == essentials.NAME:
        return
    expected = {(row.account, row.unit): row.moved, (HOUSE + row.house, row.unit): -row.moved} if row.moved else {}
    if moved.get(row.transfer, {}) != expected:
        yield Fault(place, f"says {row.moved} {row.unit}, its transfer moved something else")


def _entries(connection: Connection) -> dict[str, dict[tuple[str, str], int]]:
    """What the transfers of runs moved, by account and unit; the house's accounts go by their names in the policy."""
    found: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = connection.execute(
        select(entry.c.transfer, entry.c.account, entry.c.unit, entry.c.amount, account.c.tier)
        .join(policy_share, policy_share.c.transfer == entry.c.transfer)
        .join(account, account.c.id == entry.c.account)
    )
    for row in rows:
        who = row.tier if row.tier.startswith(HOUSE) else row.account
        found[row.transfer][who, row.unit] = row.amount
    return dict(found)


def _spendings(connection: Connection) -> Iterator[Fault]:
    spent = dict(
        connection.execute(
            select(essentials_spending.c.credit, func.sum(essentials_spending.c.amount)).group_by(
                essentials_spending.c.credit
            )
        )
        .tuples()
        .all()
    )
    for row in connection.execute(select(essentials_credit).order_by(essentials_credit.c.id)):
        told = int(spent.get(row.id, 0))
        if row.spent != told:
            yield Fault(f"credit {row.id}", f"says {row.spent} rails were spent, its spendings sum to {told}")
    issued = (
        select(essentials_spending.c.transfer, func.sum(essentials_spending.c.amount).label("drawn"))
        .group_by(essentials_spending.c.transfer)
        .subquery()
    )
    paid = (
        select(entry.c.transfer, func.sum(entry.c.amount).label("paid"))
        .join(account, account.c.id == entry.c.account)
        .where(~account.c.tier.startswith(HOUSE, autoescape=True))
        .where(entry.c.transfer.in_(select(essentials_spending.c.transfer)))
        .group_by(entry.c.transfer)
        .subquery()
    )
    rows = connection.execute(
        select(issued.c.transfer, issued.c.drawn, paid.c.paid)
        .outerjoin(paid, paid.c.transfer == issued.c.transfer)
        .where(func.coalesce(paid.c.paid, 0) != issued.c.drawn)
        .order_by(issued.c.transfer)
    )
    for row in rows:
        yield Fault(row.transfer, f"paid {row.paid} rails for essentials, its credits say {row.drawn}")


def _others(connection: Connection) -> Iterator[Fault]:
    """Transfers that say they are a rule's, and belong to no run of it and to no spending."""
    rows = connection.execute(
        select(transfer.c.id, transfer.c.kind)
        .outerjoin(policy_share, policy_share.c.transfer == transfer.c.id)
        .outerjoin(essentials_spending, essentials_spending.c.transfer == transfer.c.id)
        .where(transfer.c.kind.in_(list(RULES)))
        .where(policy_share.c.transfer.is_(None), essentials_spending.c.transfer.is_(None))
        .distinct()
        .order_by(transfer.c.id)
    )
    for row in rows:
        yield Fault(row.id, f"says it is {row.kind}, and no run of the policy has made it")


def _insurance(connection: Connection) -> Iterator[Fault]:
    """Whether what the insurance paid out went to a party of a trade that was disputed, and is in the audit log."""
    logged = {
        json.loads(told).get("transfer")
        for told in connection.execute(
            select(audit_entry.c.details).where(audit_entry.c.action == insurance.ACTION)
        ).scalars()
    }
    lines: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    rows = connection.execute(
        select(entry.c.transfer, entry.c.account, entry.c.amount, account.c.kind)
        .join(transfer, transfer.c.id == entry.c.transfer)
        .join(account, account.c.id == entry.c.account)
        .where(transfer.c.kind == KIND)
        .order_by(entry.c.transfer, entry.c.line)
    )
    for row in rows:
        lines[row.transfer].append(row)
    paid = (
        select(transfer.c.id, trade.c.id.label("trade"), trade.c.cause, trade.c.proposer, trade.c.counterparty)
        .outerjoin(trade, trade.c.id == transfer.c.reference)
        .where(transfer.c.kind == KIND)
        .order_by(transfer.c.id)
    )
    for row in connection.execute(paid):
        if row.trade is None or row.cause != "dispute":
            yield Fault(row.id, "was paid by the insurance, and not for a trade that was disputed")
            continue
        takers = {each.account for each in lines[row.id] if each.amount > 0}
        if {each.kind for each in lines[row.id] if each.amount < 0} != {KIND}:
            yield Fault(row.id, "says that the insurance paid it, and another account did")
        if not takers <= {row.proposer, row.counterparty}:
            yield Fault(row.id, f"was paid by the insurance to somebody who is no party of {row.trade}")
        if row.id not in logged:
            yield Fault(row.id, "was paid by the insurance, and the audit log knows nothing of it")

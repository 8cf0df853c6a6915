"""The community's insurance: what services paid into it, and what the treasurer pays out after a dispute.

Nothing is paid out that is not there, for a trade that was not disputed, before its dispute has ended, or to anybody
but its parties. A payout is a transfer of kind "insurance" that names its trade; its reason is the transfer's memo,
which its receiver reads. It changes nothing of the trade, of its FMV records or of the tax lines that follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, func, select

from ledger.books import accounts, audit_log, standings, transfers
from ledger.books.errors import LimitReached, NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.lines import Line
from ledger.books.store import Ledger, UnitOfWork
from ledger.books.transfers import Transfer, checked_memo
from ledger.books.units import K, k_text
from ledger.policy.dated import HOUSE, Policy
from ledger.policy.sections_insurance import KIND
from ledger.tables import account, balance, entry, trade, transfer
from warehouse.errors import BadInput

ACTION = "insurance.paid"


@dataclass(frozen=True, slots=True)
class Payout:
    """One payment out of the insurance, in rails."""

    transfer: str
    trade: str
    payee: str
    amount: int
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the insurance stands, in rails: what it holds, what accepted trades will bring when they are done, what
    finished ones brought (`trades` of them), what came otherwise, and what was paid out, the newest first."""

    posted: int
    coming: int
    contributed: int
    trades: int
    otherwise: int
    payouts: tuple[Payout, ...]


def pay(
    ledger: Ledger,
    *,
    key: str,
    by: str,
    trade_id: str,
    payee: str,
    amount: int,
    reason: str,
    as_treasurer: bool = False,
) -> Transfer:
    """Pay `amount` rails out of the insurance to `payee` (an id or a name), a party of a trade that was disputed.

    `as_treasurer` says that the caller's right to it was checked; `by` is who decides, an account's id or "operator".
    Raises `NotAllowed` for a party's own trade, `WrongState` where the trade was not disputed or its dispute has not
    ended, `LimitReached` where the insurance holds less, `Unknown`, `BadInput`.
    """
    if not as_treasurer:
        raise NotAllowed("the insurance is paid out by a treasurer of the community")
    text = checked_memo(reason)
    if not text:
        raise BadInput("a payment out of the insurance says why")
    transfers.check_amount(amount, K)
    own = _fund(ledger)
    request = {"operation": "pay insurance", "by": by, "trade": trade_id, "payee": payee, "amount": amount}

    def work(unit: UnitOfWork) -> Transfer:
        row = _disputed(unit, trade_id, by)
        receiver = accounts.named(unit.connection, payee).id
        if receiver not in (row.proposer, row.counterparty):
            raise BadInput("the insurance pays a party of the trade that was disputed, and nobody else")
        # Whatever its floor in the policy: nothing is paid that is not there, or is promised to others.
        stands = standings.locked(unit, {(own, K), (receiver, K)})[own, K]
        there = stands.posted - stands.pending_out
        if amount > there:
            raise LimitReached(f"the insurance holds {k_text(there)} K, less than the {k_text(amount)} K to be paid")
        lines = (Line(account=own, amount=-amount), Line(account=receiver, amount=amount))
        made = transfers.post(
            unit, kind=KIND, made_by=own, lines=lines, memo=text, reference=row.id, terms_sha256=None, daily=False
        )
        audit_log.record(unit, actor=by, action=ACTION, subject=receiver, trade=row.id, transfer=made.id, amount=amount)
        return made

    return once(ledger, account=own, key=key, request={**request, "reason": text}, answer=Transfer, work=work)


def standing(ledger: Ledger) -> Standing:
    """Where the insurance stands, over all accounts of its kind that the community ever had."""
    with ledger.reading() as connection:
        own = select(account.c.id).where(_is_fund())
        posted, coming = connection.execute(
            select(
                func.coalesce(func.sum(balance.c.posted), 0),
                func.coalesce(func.sum(balance.c.pending_in), 0),
            ).where(balance.c.unit == K, balance.c.account.in_(own))
        ).one()
        moved = (
            select(func.coalesce(func.sum(entry.c.amount), 0), func.count(func.distinct(transfer.c.reference)))
            .join(transfer, transfer.c.id == entry.c.transfer)
            .where(entry.c.account.in_(own), entry.c.unit == K)
        )
        contributed, trades = connection.execute(moved.where(transfer.c.kind == "trade")).one()
        paid = connection.execute(
            select(transfer, entry.c.amount, account.c.name)
            .join(entry, entry.c.transfer == transfer.c.id)
            .join(account, account.c.id == entry.c.account)
            .where(transfer.c.kind == KIND, entry.c.amount > 0)
            .order_by(transfer.c.created_at.desc(), transfer.c.id)
        )
        payouts = tuple(_payout(row) for row in paid)
    otherwise = int(posted) - int(contributed) + sum(each.amount for each in payouts)
    return Standing(int(posted), int(coming), int(contributed), int(trades), otherwise, payouts)


def _payout(row: Row[tuple[object, ...]]) -> Payout:
    return Payout(row.id, row.reference, row.name, row.amount, row.memo, row.created_at)


def _is_fund() -> ColumnElement[bool]:
    return account.c.kind == KIND


def _fund(ledger: Ledger) -> str:
    """The id of the account that today's policy pays into, opened where it was never used. Its name stays known where a
    crisis suspends contributions, or the section was taken away: what is there can be paid out."""
    name = _name(ledger.policies.on(ledger.clock().date()))
    with ledger.reading() as connection:
        found = connection.execute(select(account.c.id).where(account.c.tier == HOUSE + name)).scalar_one_or_none()
    return found if found is not None else ledger.transact(lambda unit: accounts.house(unit, name).id)


def _name(policy: Policy) -> str:
    rule = policy.sections.insurance
    return rule.into if rule is not None else KIND


def _disputed(unit: UnitOfWork, trade_id: str, by: str) -> Row[tuple[object, ...]]:
    """The locked row of a trade whose dispute has ended."""
    row = unit.connection.execute(select(trade).where(trade.c.id == trade_id).with_for_update()).one_or_none()
    if row is None:
        raise Unknown(f'there is no trade "{trade_id}" in these books')
    if by in (row.proposer, row.counterparty):
        raise NotAllowed("nobody decides what the insurance pays for a trade of their own")
    if row.state == "disputed":
        raise WrongState("its dispute has not ended: the insurance pays when it is settled or decided")
    if row.cause != "dispute":
        raise WrongState(f"this trade is {row.state} and was not disputed: the insurance pays for those that were")
    return row

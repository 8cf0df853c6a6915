"""Holds: K that is promised and not moved yet. From the moment it is held it counts against both sides' limits."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import insert, select, update

from ledger.books import accounts
from ledger.books.canonical import new_id
from ledger.books.store import UnitOfWork
from ledger.books.transfers import Line, check_limits
from ledger.books.units import K
from ledger.tables import balance, hold


def reserve(unit: UnitOfWork, *, reference: str, payer: str, payee: str, amount: int, asked_by: str) -> None:
    """Hold `amount` rails for what `reference` names. Raises `LimitReached`, naming the side that cannot."""
    assert amount > 0
    standings = accounts.locked(unit, {payer, payee})
    check_limits(standings[payer], -amount, asked_by=asked_by)
    check_limits(standings[payee], amount, asked_by=asked_by)
    unit.connection.execute(
        insert(hold).values(
            id=new_id("hold"),
            reference=reference,
            payer=payer,
            payee=payee,
            unit=K,
            amount=amount,
            state="open",
            created_at=unit.now,
        )
    )
    _move_pending(unit, payer, payee, amount)


def settle(unit: UnitOfWork, *, reference: str, into: Literal["posted", "void"]) -> tuple[Line, Line] | None:
    """End the hold that `reference` names and give the room back; the lines to post, or None where nothing is held.

    "posted": the caller posts the lines in the same unit of work. "void": the promise is off.
    """
    row = unit.connection.execute(
        select(hold).where(hold.c.reference == reference, hold.c.state == "open").with_for_update()
    ).one_or_none()
    if row is None:
        return None
    accounts.locked(unit, {row.payer, row.payee})
    ended = unit.connection.execute(
        update(hold).where(hold.c.id == row.id, hold.c.state == "open").values(state=into, settled_at=unit.now)
    )
    assert ended.rowcount == 1, "a hold ends once"
    _move_pending(unit, row.payer, row.payee, -row.amount)
    return Line(account=row.payer, amount=-row.amount), Line(account=row.payee, amount=row.amount)


def _move_pending(unit: UnitOfWork, payer: str, payee: str, amount: int) -> None:
    for account, column in ((payer, balance.c.pending_out), (payee, balance.c.pending_in)):
        moved = unit.connection.execute(
            update(balance).where(balance.c.account == account, balance.c.unit == K).values({column: column + amount})
        )
        assert moved.rowcount == 1, "the balance was locked above"

"""Signatures of a business on a schedule: its signers sign the schedule's terms once, and all its periods are signed.

What a period moves is held against the tier as a payment is: where the K that leave a business in one transfer are more
than it may pay unsigned, enough of its signers must have signed the schedule's terms before it is accepted, and still
when the transfer is made (policies and signers change).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select

from ledger.books import accounts, signing
from ledger.books.errors import NotAllowed, Unknown, WrongState
from ledger.books.idempotency import once
from ledger.books.lines import Place
from ledger.books.store import Ledger, UnitOfWork
from ledger.tables import schedule
from ledger.trading.delivering import Attested


def sign(ledger: Ledger, *, key: str, by: str, schedule_id: str, terms: str) -> Attested:
    """A signer of a business that is a party signs a schedule's terms. The same key signs once.

    Raises `Unknown`, `NotAllowed` for who signs for neither party, `WrongState` for other terms or a schedule that has
    ended.
    """
    request = {"operation": "sign schedule", "schedule": schedule_id, "terms": terms}

    def work(unit: UnitOfWork) -> Attested:
        query = select(schedule).where(schedule.c.id == schedule_id).with_for_update()
        row = unit.connection.execute(query).one_or_none()
        sides = () if row is None else (row.proposer, row.counterparty)
        mine = [side for side in sides if by in signing.signers(unit.connection, side)]
        if row is None or not (mine or by in sides):
            raise Unknown(f'there is no schedule "{schedule_id}" that waits for your signature')
        if not mine:
            raise NotAllowed("only a signer of a business that is a party signs a schedule")
        if row.state not in ("proposed", "running"):
            raise WrongState(f"this schedule is {row.state}; one can sign one that is proposed or running")
        if terms != row.terms_sha256:
            raise WrongState("these are not the terms of the schedule: read it again, and sign what it says")
        for business in mine:
            signing.sign(unit, row.terms_sha256, business, by)
        return Attested(trade=row.id, by=by, at=unit.now, said=row.terms_sha256)

    return once(ledger, account=by, key=key, request=request, answer=Attested, work=work)


def check(unit: UnitOfWork, row: Row[Any], changes: Mapping[Place, int]) -> None:
    """Raise `WrongState` where what a period changes needs signatures that are missing, `NotAllowed` where a business
    has fewer signers than that."""
    for business, wanted in signing.needed(unit, changes).items():
        there = signing.signed(unit.connection, row.terms_sha256, business)
        if there < wanted:
            name = accounts.one(unit.connection, business).name
            raise WrongState(
                f"this schedule waits for signatures of {name}: {there} of {wanted} signers have signed its terms "
                f"{row.terms_sha256}"
            )


def unsigned_at_most(unit: UnitOfWork, row: Row[Any], payer: str, amount: int) -> int:
    """How much of `amount` rails a party may pay in one transfer by the signatures that are there."""
    tier = unit.policy.tier(accounts.one(unit.connection, payer).tier)
    if tier.signatures <= 1 or signing.signed(unit.connection, row.terms_sha256, payer) >= tier.signatures:
        return amount
    return min(amount, tier.signed_above)

"""One decision about the community's accounts at a time."""

from __future__ import annotations

from sqlalchemy import select

from ledger.books import accounts
from ledger.books.store import UnitOfWork
from ledger.policy.dated import HOUSE
from ledger.tables import account, balance


def take_turn(unit: UnitOfWork) -> None:
    """Lock the balances of all accounts of the house, which are opened where they are not there.

    Whoever gives from one of them waits until this unit of work ends: two runs cannot both count on what is left of a
    cap, and two crises of a kind cannot be declared at once.
    """
    for name in sorted(unit.policy.house):
        accounts.house(unit, name)
    houses = select(account.c.id).where(account.c.tier.startswith(HOUSE, autoescape=True))
    unit.connection.execute(
        select(balance.c.account)
        .where(balance.c.account.in_(houses))
        .order_by(balance.c.account, balance.c.unit)
        .with_for_update()
    ).all()

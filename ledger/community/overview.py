"""Where the community itself stands: its own accounts with their caps, and the runs that are not done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ledger.books import accounts
from ledger.books.store import Ledger, instant_text
from ledger.books.units import UNITS, K
from ledger.community import essentials
from ledger.community.asked import Asked
from ledger.policy.dated import HOUSE
from ledger.tables import policy_run


@dataclass(frozen=True, slots=True)
class HouseStanding:
    """An account of the house in one unit: its balance, what is promised from it, and its floor, which is its cap."""

    name: str
    kind: str
    unit: str
    posted: int
    promised: int
    floor: int | None


def houses(ledger: Ledger) -> list[HouseStanding]:
    """The accounts of the house that today's policy has, in its order; one that was never used stands at zero."""
    there = {
        (each.account.tier, unit): each
        for unit in UNITS
        for each in accounts.listing(ledger, unit)
        if each.account.tier.startswith(HOUSE)
    }
    found = []
    with ledger.reading() as connection:
        at = Asked.at(connection, ledger.policies, instant_text(ledger.clock()))
        for name, house in at.policy.house.items():
            for unit in UNITS:
                each, floor = there.get((HOUSE + name, unit)), house.limits[unit].floor
                posted, pending = (each.posted, each.pending_out) if each is not None else (0, 0)
                if unit == K:
                    pending += essentials.promised(connection, name, at.today.isoformat())
                elif not (posted or pending or floor):
                    continue
                found.append(HouseStanding(name, house.kind, unit, posted, pending, floor))
    return found


def unfinished(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Rule, period and beginning of the runs that were begun and are not done."""
    query = select(policy_run).where(policy_run.c.done_at.is_(None)).order_by(policy_run.c.opened_at)
    with ledger.reading() as connection:
        return [(row.rule, row.period, row.opened_at) for row in connection.execute(query)]


def now(ledger: Ledger) -> Asked:
    """The policy that holds now and the crises that are open; its connection is closed."""
    with ledger.reading() as connection:
        return Asked.at(connection, ledger.policies, instant_text(ledger.clock()))

"""Verifying the books: everything is replayed from the entries, and whatever does not fit is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from ledger.books import audit, audit_log, days, links
from ledger.books.links import Fault
from ledger.books.store import Ledger
from ledger.community import audit as community
from ledger.tables import chain_head
from ledger.trading import audit as trades


@dataclass(frozen=True, slots=True)
class Verification:
    """What a replay of the books found. `faults` begin with the chain's, in its order; sound books have none."""

    entries: int
    head: str
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(ledger: Ledger, hear: Callable[[int], None] = lambda seq: None) -> Verification:
    """Replay everything: the chain, the roots of its days, sums, balances, holds, the frozen values of every trade.

    It sees one state of the books and holds up nobody who writes meanwhile. `hear` is told which entry it has reached.
    """
    with ledger.reading() as connection:
        faults = (
            *links.broken(connection, hear),
            *days.faults(connection),
            *audit.faults(connection),
            *trades.faults(connection),
            *community.faults(connection),
            *(Fault(*each) for each in audit_log.broken(connection)),
        )
        head = connection.execute(select(chain_head.c.seq, chain_head.c.hash)).one()
    return Verification(head.seq, head.hash, faults)

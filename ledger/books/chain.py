"""Verifying the books: everything is replayed from the entries, and whatever does not fit is named."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ledger.books import audit, links
from ledger.books.links import Fault
from ledger.books.store import Ledger
from ledger.tables import chain_head


@dataclass(frozen=True, slots=True)
class Verification:
    """What a replay of the books found. `faults` begin with the chain's, in its order; sound books have none."""

    entries: int
    head: str
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(ledger: Ledger) -> Verification:
    """Replay everything: the chain, each transfer's sum, balances, holds, and the frozen values of every trade.

    It sees one state of the books and holds up nobody who writes meanwhile.
    """
    with ledger.reading() as connection:
        faults = (*links.broken(connection), *audit.faults(connection))
        head = connection.execute(select(chain_head.c.seq, chain_head.c.hash)).one()
    return Verification(head.seq, head.hash, faults)

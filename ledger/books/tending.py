"""What the books need done from time to time by nobody in particular: promises that ran out, roots of days."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.books import days, promises
from ledger.books.days import DayRoot
from ledger.books.store import Ledger


@dataclass(frozen=True, slots=True)
class Tended:
    """How many promises ended, and the days that were closed."""

    expired: int
    closed: tuple[DayRoot, ...]


def tend(ledger: Ledger) -> Tended:
    """Do what is due now. Doing it twice, or from two processes at once, changes nothing."""
    return Tended(promises.expire_due(ledger), tuple(days.close_days(ledger)))

"""The ledger, opened for one command; at the command line the operator acts for an account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from katy.context import settings
from warehouse.errors import BadInput

if TYPE_CHECKING:
    from ledger.books.store import Ledger


@contextmanager
def books() -> Iterator[Ledger]:
    """The books of this installation, closed when the block ends."""
    from ledger.books.store import open_ledger

    ledger = open_ledger(settings().ledger_database, clock=settings().clock, policy_file=settings().policy_file)
    try:
        yield ledger
    finally:
        ledger.close()


def whose(ledger: Ledger, account: str | None) -> str:
    """The id of the account to act for. Raises `BadInput` where none is named and there is not just one."""
    from ledger.books import accounts

    if account is not None:
        return accounts.find(ledger, account).id
    there = accounts.listing(ledger)
    if not there:
        raise BadInput("there is no account yet: `katy account add NAME` makes one")
    if len(there) != 1:
        raise BadInput(f"there are {len(there)} accounts: say for which with --account NAME (katy account list)")
    return there[0].account.id

"""Accounts over HTTP: what a key's own account holds, and any account for the treasurer.

GET /v1/accounts/me             balances in K and minutes, limits, warnings
GET /v1/accounts/me/entries     what came and went, the newest first
GET /v1/accounts/{id}           any account (scope: treasurer)
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from ledger.books import accounts, audit_log, transfers
from ledger.books.standings import Account
from ledger.books.store import Ledger, instant_text
from ledger.books.units import UNITS
from valuation_api import cursors, problems
from valuation_api.accounts_shapes import AccountTold, EntriesTold, EntryTold, Unit
from valuation_api.auth import PERSONAL, LedgerRoute, party

AccountId = Annotated[str, Path(pattern="^acc_[0-9a-f]{20}$", description="An account's id")]
_READS = problems.described(401, 429, 503)


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1/accounts", route_class=LedgerRoute, dependencies=PERSONAL, tags=["accounts"])
    asking = Depends(party(ledger))
    treasurer = Depends(party(ledger, "treasurer"))

    @routes.get("/me", summary="My balances and limits", responses=_READS)
    def me(by: Account = asking) -> AccountTold:
        """The account whose key was sent: where it stands in K and in minutes, and how far it may go."""
        return shown(ledger, by)

    @routes.get("/me/entries", summary="My entries, the newest first", responses=_READS)
    def entries(
        by: Account = asking,
        after: cursors.After = None,
        limit: cursors.Limit = 50,
        unit: Annotated[Unit | None, Query(description="Only entries of this unit")] = None,
    ) -> EntriesTold:
        """What came to this account and went from it; `next` leads to the older ones."""
        return entries_of(ledger, by.id, after=after, limit=limit, units=UNITS if unit is None else (unit,))

    @routes.get("/{id}", summary="Any account, for the treasurer", responses={**_READS, **problems.described(403, 404)})
    def read(id: AccountId, by: Account = treasurer) -> AccountTold:
        """An account and where it stands; its entries are its holder's. Takes a key with the scope treasurer."""
        found = accounts.find(ledger, id)
        audit_log.looked(ledger, by.id, at=found.id, what="balances")
        return shown(ledger, found)

    return routes


def shown(ledger: Ledger, holder: Account) -> AccountTold:
    """An account with its balances, now."""
    stands = [accounts.standing(ledger, holder.id, unit) for unit in UNITS]
    return AccountTold.of(holder, stands, ledger.policy(), instant_text(ledger.clock())[:10])


def entries_of(
    ledger: Ledger, account: str, *, after: str | None, limit: int, units: tuple[str, ...] = UNITS
) -> EntriesTold:
    """A page of an account's entries. Raises `BadInput` for a cursor that is none."""
    before = cursors.number("entry", after)
    found = transfers.movements(ledger, account, before=before, limit=limit + 1, units=units)
    more = len(found) > limit
    return EntriesTold(
        entries=[EntryTold.of(movement) for movement in found[:limit]],
        next=cursors.of_number("entry", found[limit - 1].seq) if more else None,
    )

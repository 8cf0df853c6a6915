"""The community's policy over HTTP: what holds, where the community stands, and what a member got or paid by it.

GET  /v1/policy              what holds on a day, today where none is named
GET  /v1/policy/accounts     the community's own accounts: balances, promises, caps
GET  /v1/policy/shares       what runs gave the asking account, and took from it

Runs are in `valuation_api.policy_runs`, crises in `policy_crises`, credits for essentials in `policy_credits`.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.community import listing, overview
from ledger.community.asked import Asked
from ledger.community.listing import ShareLine
from valuation_api import cursors, policy_credits, policy_crises, policy_runs, problems
from valuation_api.auth import PERSONAL, LedgerRoute, party
from valuation_api.days import MaybeDay
from valuation_api.policy_run_shapes import SharesTold, ShareTold
from valuation_api.policy_shapes import HousesTold, HouseTold, PolicyTold

_READS = problems.described(401, 422, 429, 503)


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`, with those of runs, crises and credits."""
    routes = APIRouter(prefix="/v1/policy", route_class=LedgerRoute, dependencies=PERSONAL, tags=["policy"])
    _add_standing(routes, ledger)
    _add_shares(routes, ledger)
    policy_runs.add_to(routes, ledger)
    policy_crises.add_to(routes, ledger)
    policy_credits.add_to(routes, ledger)
    return routes


def _add_standing(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("", summary="The policy that holds", responses=_READS)
    def policy(
        by: Account = asking,
        on: Annotated[MaybeDay, Query(description="A day (UTC); today where none is named")] = None,
    ) -> PolicyTold:
        """Limits by tier, what a K and an hour are worth, and every rule of the community as it holds on a day, with
        what the crises that are open on it change."""
        day = on or ledger.clock().astimezone(UTC).date()
        with ledger.reading() as connection:
            at = Asked.at(connection, ledger.policies, f"{day}T00:00:00.000000Z")
        return PolicyTold.of(day, at.policy, ledger.policies, at.crises)

    @routes.get("/accounts", summary="Where the community stands", responses=problems.described(401, 429, 503))
    def houses(by: Account = asking) -> HousesTold:
        """The community's own accounts: what the pool holds, what each issuance owes, and how far it may go. These are
        sums; who got what is nobody's but the member's and the treasurer's."""
        return HousesTold(accounts=[HouseTold.of(each) for each in overview.houses(ledger)])


def _add_shares(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("/shares", summary="What I got and paid by the policy", responses=_READS)
    def shares(by: Account = asking, after: cursors.After = None, limit: cursors.Limit = 50) -> SharesTold:
        """One's own shares of the community's runs, the newest run first: demurrage, grants, credits, jubilees."""
        found = listing.shares_of_account(ledger, by.id, after=_own(after), limit=limit + 1)
        return SharesTold(
            shares=[ShareTold.of(each) for each in found[:limit]],
            next=_cursor(found[limit - 1]) if len(found) > limit else None,
        )


def _cursor(share: ShareLine) -> str:
    return cursors.of_text("own-share", f"{share.rule}:{share.period}:{share.number}")


def _own(after: str | None) -> tuple[listing.RunKey, int] | None:
    """The share that a cursor names. Raises `BadInput`."""
    text = cursors.text("own-share", after)
    if text is None:
        return None
    rule, _, rest = text.partition(":")
    period, _, number = rest.rpartition(":")
    if not number.isdigit() or len(number) > 10:
        raise cursors.unknown()
    return (rule, period), int(number)

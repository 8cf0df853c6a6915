"""Members over HTTP: what one may see of another, the community in aggregates, and the audit log.

GET /v1/members/{id}                    aggregates; profile and reputation by consent
GET /v1/members/{id}/at-least/{percent} yes or no, by consent
GET /v1/members/{id}/entries            by consent
GET /v1/members/me/export               everything held under one's own name
GET /v1/community/trades                months in groups (scope: analyst)
GET /v1/audit                           who did what to whom (scope: treasurer or admin)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query

from ledger.books import audit_log
from ledger.books.audit_log import AuditEntry
from ledger.books.errors import NotAllowed
from ledger.books.standings import Account
from ledger.books.store import Ledger
from ledger.trust import leaving, members, privacy
from ledger.trust.privacy import Viewer
from valuation_api import cursors, problems
from valuation_api.accounts import entries_of
from valuation_api.accounts_shapes import EntriesTold
from valuation_api.auth import PERSONAL, Asker, LedgerRoute, asker, party
from valuation_api.trust_shapes import AggregatesTold, AtLeastTold, CellTold, CommunityTold, MemberTold

AccountId = Annotated[str, Path(pattern="^acc_[0-9a-f]{20}$", description="An account's id")]
_OWN = problems.described(401, 429, 503)
_READS = problems.described(401, 403, 404, 422, 429, 503)
_SCOPED = problems.described(401, 403, 422, 429, 503)
Seen = TypeVar("Seen")


def router(ledger: Ledger) -> APIRouter:
    """The routes on `ledger`."""
    routes = APIRouter(prefix="/v1", route_class=LedgerRoute, dependencies=PERSONAL, tags=["members"])
    _add_own(routes, ledger)
    _add_members(routes, ledger)
    _add_overviews(routes, ledger)
    return routes


def _viewer(by: Asker) -> Viewer:
    return Viewer(by.id, by.scopes)


def _add_own(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(party(ledger))

    @routes.get("/members/me/export", summary="Everything held under my name", responses=_OWN)
    def export(by: Account = asking) -> dict[str, list[dict[str, Any]]]:
        """By table: what this account did and what was done to it; without hashes of secrets and sealed numbers."""
        return leaving.export(ledger, by=by.id, account_id=by.id)


def _add_members(routes: APIRouter, ledger: Ledger) -> None:
    asking = Depends(asker(ledger))

    @routes.get("/members/{id}", summary="A member as I may see it", responses=_READS)
    def member(id: AccountId, by: Asker = asking) -> MemberTold:
        """Aggregates, where there are trades enough that no single one shows, and what the member has consented to."""
        # A treasurer's look at more than this is asked for by name, as it is logged.
        viewer, kept = Viewer(by.id), ledger.policy().sections.reputation is not None
        return MemberTold(
            aggregates=AggregatesTold.of(members.aggregates_of(ledger, viewer, id)),
            profile=_or_none(lambda: members.profile_of(ledger, viewer, id)),
            reputation=_or_none(lambda: members.reputation_of(ledger, viewer, id)) if kept else None,
        )

    @routes.get("/members/{id}/at-least/{percent}", summary="Is a reputation at least this?", responses=_READS)
    def at_least(id: AccountId, percent: Annotated[int, Path(ge=0, le=100)], by: Asker = asking) -> AtLeastTold:
        """Yes or no, and nothing else; the member's consent to `at_least` or `reputation` is needed."""
        told = members.at_least(ledger, _viewer(by), id, percent)
        return AtLeastTold(account=id, percent=percent, at_least=told)

    @routes.get("/members/{id}/entries", summary="A member's entries, by its consent", responses=_READS)
    def entries(
        id: AccountId,
        by: Asker = asking,
        after: cursors.After = None,
        limit: cursors.Limit = 50,
    ) -> EntriesTold:
        """What came and went, for whom the member lets see it; a treasurer's look is in the audit log."""
        found = privacy.look(ledger, _viewer(by), id, "entries")
        return entries_of(ledger, found.id, after=after, limit=limit)


def _add_overviews(routes: APIRouter, ledger: Ledger) -> None:
    analyst, keeper = Depends(party(ledger, "analyst", "treasurer")), Depends(party(ledger, "treasurer", "admin"))

    @routes.get("/community/trades", summary="Trades by month and kind", responses=_SCOPED)
    def community(by: Account = analyst) -> CommunityTold:
        """Months that are over, in groups in which nobody shows. Takes a key with the scope analyst or treasurer."""
        return CommunityTold(cells=[CellTold.of(cell) for cell in members.community(ledger)])

    @routes.get("/audit", summary="Who did what to whom", responses=_SCOPED)
    def log(
        by: Account = keeper,
        subject: Annotated[str | None, Query(pattern="^acc_[0-9a-f]{20}$")] = None,
        before: Annotated[int | None, Query(ge=1, le=2**62, description="Entries before this number")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[AuditEntry]:
        """The audit log, the newest first. Takes a key with the scope treasurer or admin."""
        return audit_log.listing(ledger, subject=subject, before=before, limit=limit)


def _or_none(seen: Callable[[], Seen]) -> Seen | None:
    try:
        return seen()
    except NotAllowed:
        return None
